"""The schema of analytics is what its tables say, and every tenant's rows are guarded."""

from collections.abc import Callable, Iterable

import pytest

from services.analytics.tables import META
from services.common.db.testing import assert_migrations_equal_metadata, unguarded_tables


@pytest.mark.req("GEN-8", "GEN-10")
def test_migrations_make_the_tables_that_queries_name(clone_database: Callable[[Iterable[str]], str]) -> None:
    url = clone_database(["analytics"])
    assert_migrations_equal_metadata(url, META)
    assert unguarded_tables(url, "analytics") == []
