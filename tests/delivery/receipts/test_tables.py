"""Every table of delivery that has a tenant is guarded, and led by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from services.common.db.testing import unguarded_tables


@pytest.mark.req("GEN-8")
def test_every_table_of_a_tenant_is_guarded_by_forced_policies(
    clone_database: Callable[[Iterable[str]], str],
) -> None:
    assert unguarded_tables(clone_database(["delivery"]), "delivery") == []
