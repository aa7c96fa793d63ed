"""The schema of analytics is what its tables say, and every tenant's rows are guarded."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import pytest

from services.analytics import retention
from services.analytics.tables import META
from services.common.db.database import Database
from services.common.db.partitions import ensure_month_partitions
from services.common.db.testing import assert_migrations_equal_metadata, unguarded_tables


@pytest.mark.req("GEN-8", "GEN-10")
def test_migrations_make_the_tables_that_queries_name(clone_database: Callable[[Iterable[str]], str]) -> None:
    url = clone_database(["analytics"])
    assert_migrations_equal_metadata(url, META)
    assert unguarded_tables(url, "analytics") == []


@pytest.mark.req("GEN-46", "GEN-47", "ANA-2")
async def test_months_of_facts_are_dropped_when_their_time_is_over(
    clone_database: Callable[[Iterable[str]], str], open_database: Callable[..., Awaitable[Database]]
) -> None:
    database = await open_database(clone_database(["analytics"]), "analytics")
    now = datetime.now(UTC)
    async with database.system() as uow:
        await ensure_month_partitions(uow, "message_fact")
        query = "SELECT count(*) FROM pg_inherits WHERE inhparent = %s::regclass"
        before = await uow.fetch_value(query, ("analytics.engagement_event",))
        await retention.partitions(uow, now + timedelta(days=500), 0)
        assert await uow.fetch_value(query, ("analytics.engagement_event",)) < before
        assert await uow.fetch_value(query, ("analytics.message_fact",)) > 0
