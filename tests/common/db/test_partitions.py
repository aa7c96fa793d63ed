from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import psycopg
import pytest

from services.common.db.common_schema import sample_lightly
from services.common.db.partitions import (
    drop_partitions_before,
    ensure_month_partitions,
    in_month_of,
    uuid7_floor,
)


async def partitions(owner_url: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(owner_url) as owner:
        cursor = await owner.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid"
            " WHERE inhparent = 'sample.audit'::regclass ORDER BY relname"
        )
        return [name for (name,) in await cursor.fetchall()]


@pytest.mark.req("GEN-46")
async def test_the_months_ahead_are_made_once_and_old_ones_dropped_whole(database, owner_url, clock):
    clock.advance(timedelta(days=365 * 40))
    async with database.system() as uow:
        assert await ensure_month_partitions(uow, "audit", months_ahead=2) == 3
        assert await ensure_month_partitions(uow, "audit", months_ahead=2) == 0
    made = (await partitions(owner_url))[-3:]
    assert made == ["audit_y2066m01", "audit_y2066m02", "audit_y2066m03"]
    async with database.system() as uow:
        before_last = clock.now() + timedelta(days=60)
        await drop_partitions_before(uow, "audit", before_last)
    assert await partitions(owner_url) == ["audit_y2066m03"]


async def test_a_row_lands_in_the_month_its_id_was_made_in(database, owner_url, clock):
    clock.advance(timedelta(days=365 * 40))
    month = clock.now().replace(day=1, hour=0)
    async with database.system() as uow:
        await ensure_month_partitions(uow, "audit")
        for instant in (month, month + timedelta(days=31) - timedelta(milliseconds=1)):
            await uow.execute(
                "INSERT INTO audit VALUES (gen_random_uuid(), %s, 'a', '{}', 'b', 'c', 'd', NULL, NULL, '', now())",
                (uuid7_floor(instant),),
            )
    async with await psycopg.AsyncConnection.connect(owner_url) as owner:
        cursor = await owner.execute("SELECT DISTINCT tableoid::regclass::text FROM sample.audit")
        assert await cursor.fetchall() == [("sample.audit_y2066m01",)]


@pytest.mark.parametrize("table", ["thing", "missing", "audit; DROP TABLE thing"])
async def test_only_partitioned_tables_of_the_schema_get_partitions(database, table):
    with pytest.raises(psycopg.errors.RaiseException):
        async with database.system() as uow:
            await ensure_month_partitions(uow, table)


@pytest.mark.parametrize("day", [datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2027, 12, 1, tzinfo=UTC)])
async def test_the_month_of_an_id_is_that_of_its_partition(database, day):
    first = day.replace(day=1, hour=0)
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    ids = [uuid7_floor(first), uuid7_floor(day), UUID(int=uuid7_floor(following).int - 1)]
    others = [UUID(int=uuid7_floor(first).int - 1), uuid7_floor(following)]
    async with database.system() as uow:
        found = await uow.fetch_all(
            f"SELECT id FROM unnest(%s::uuid[]) AS made (id) WHERE {in_month_of(uuid7_floor(day), 'id')}",
            ([*ids, *others],),
        )
    assert [id for (id,) in found] == ids


async def test_a_month_is_sampled_as_its_table_is(database, owner_url, clock):
    clock.advance(timedelta(days=365 * 40))
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as owner:
        steps: list[str] = []
        sample_lightly(SimpleNamespace(execute=steps.append), "sample", ("audit", "thing"))
        for step in steps:
            await owner.execute(step)
        async with database.system() as uow:
            await ensure_month_partitions(uow, "audit", months_ahead=0)
        cursor = await owner.execute(
            "SELECT c.relname, min(a.attstattarget), count(*) FILTER (WHERE a.attstattarget >= 0) = count(*)"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.relname IN ('thing', 'audit', 'audit_y2066m01') AND a.attnum > 0 GROUP BY 1 ORDER BY 1"
        )
        assert await cursor.fetchall() == [
            ("audit", 20, True),
            ("audit_y2066m01", 20, True),
            ("thing", 20, True),
        ]
