"""Statements that travel together: they fail, are prepared and are cancelled as if they had travelled alone."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import psycopg
import pytest
from prometheus_client import REGISTRY
from psycopg.pq import TransactionStatus
from psycopg.types.json import Jsonb

from services.common.errors import already_exists

INSERT = "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, %s, %s, now())"


@pytest.fixture
async def single(open_database, owner_url):
    """A database with one connection, so that what one transaction leaves behind meets the next."""
    return await open_database(owner_url, "sample", pool_min=1, pool_max=1)


async def count(database, tenant) -> int:
    async with database.tenant(tenant) as uow:
        return await uow.fetch_value("SELECT count(*) FROM thing")


async def test_statements_that_travel_together_see_each_other_and_answer_each(single):
    tenant = uuid4()
    async with single.tenant(tenant) as uow:
        first, second, third = await uow.run_together(
            (INSERT, (tenant, uuid4(), "a")),
            ("SELECT name FROM thing", ()),
            ("UPDATE thing SET name = %(new)s", {"new": "b"}),
        )
    assert (first.rowcount, second.rows, third.rowcount) == (1, [("a",)], 1)


async def test_the_first_failure_of_statements_that_travel_together_is_raised_and_ends_them(single):
    tenant = uuid4()
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with single.tenant(tenant) as uow:
            await uow.run_together(
                (INSERT, (tenant, uuid4(), "a")), ("SELECT 1 / 0", ()), ("SELECT broken", ())
            )
    assert await count(single, tenant) == 0


async def test_a_deferred_statement_that_fails_leaves_nothing_committed_and_the_connection_of_use(single):
    tenant, same = uuid4(), uuid4()
    for _ in range(3):
        with pytest.raises(psycopg.errors.UniqueViolation):  # noqa: PT012 - the transaction is what ends by it
            async with single.tenant(tenant) as uow:
                uow.defer(INSERT, (tenant, same, "a"))
                uow.defer(INSERT, (tenant, same, "b"))
    assert await count(single, tenant) == 0


async def test_deferred_statements_alone_are_committed_in_their_order(single):
    tenant, thing = uuid4(), uuid4()
    async with single.tenant(tenant) as uow:
        uow.defer(INSERT, (tenant, thing, "a"))
        uow.defer("UPDATE thing SET name = 'b' WHERE thing_id = %(id)s", {"id": thing})
    async with single.tenant(tenant) as uow:
        assert await uow.fetch_all("SELECT name FROM thing") == [("b",)]


async def test_a_named_constraint_is_told_as_the_error_of_its_meaning(single):
    tenant, same = uuid4(), uuid4()
    for deferred in (True, False):
        with pytest.raises(Exception, match="thing already exists"):  # noqa: PT012 - the transaction is what ends by it
            async with single.tenant(tenant) as uow:
                uow.on_violation("pk_thing", lambda: already_exists("thing", same))
                for _ in range(2):
                    if deferred:
                        uow.defer(INSERT, (tenant, same, "a"))
                    else:
                        await uow.execute(INSERT, (tenant, same, "a"))


async def test_a_statement_works_however_often_it_ran_and_whatever_failed_in_between(single):
    tenant = uuid4()
    for round_number in range(12):
        async with single.tenant(tenant) as uow:
            await uow.execute(INSERT, (tenant, uuid4(), "a"))
            assert (
                await uow.fetch_value("SELECT count(*) FROM thing WHERE name = %s", ("a",))
                == round_number + 1
            )
        with pytest.raises(psycopg.errors.NotNullViolation):
            async with single.tenant(tenant) as uow:
                await uow.execute(INSERT, (tenant, uuid4(), None))
        async with single.tenant(tenant) as uow:
            with pytest.raises(psycopg.errors.UndefinedColumn):
                async with uow.savepoint():
                    await uow.execute("SELECT missing FROM thing", prepare=True)


async def test_a_prepared_statement_survives_a_change_of_its_table(single, owner_url):
    tenant = uuid4()
    for _ in range(4):
        async with single.tenant(tenant) as uow:
            await uow.fetch_all("SELECT * FROM thing")
    with psycopg.connect(owner_url) as owner:
        owner.execute("ALTER TABLE sample.thing ADD COLUMN extra int")
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        async with single.tenant(tenant) as uow:
            await uow.fetch_all("SELECT * FROM thing")
    async with single.tenant(tenant) as uow:
        assert await uow.fetch_all("SELECT * FROM thing") == []


async def test_parameters_of_changing_types_find_their_own_plan(single):
    async with single.tenant(uuid4()) as uow:
        for value in (1, "text", None, 2**40, Decimal("1.5"), 3, "more") * 3:
            assert await uow.fetch_value("SELECT %s::text", (value,)) == (
                None if value is None else str(value)
            )


async def test_values_come_back_as_they_went(single):
    values = [
        uuid4(),
        datetime(2026, 1, 15, 12, 30, 0, 123456, tzinfo=UTC),
        date(2026, 2, 28),
        time(9, 15),
        timedelta(days=1, seconds=5),
        Decimal("12345.678900"),
        b"\x00\xff",
        "ünïcode \U0001f600",
        True,
        -(2**62),
        ["a", None, "c"],
        [1, 2, 3],
    ]
    types = [
        "uuid",
        "timestamptz",
        "date",
        "time",
        "interval",
        "numeric",
        "bytea",
        "text",
        "bool",
        "int8",
        "text[]",
        "int4[]",
    ]
    async with single.tenant(uuid4()) as uow:
        shown = ", ".join(f"%s::{kind}" for kind in types)
        assert await uow.fetch_one(f"SELECT {shown}", values) == tuple(values)
        assert await uow.fetch_value("SELECT %s::jsonb", (Jsonb({"a": [1, None]}),)) == {"a": [1, None]}
        assert await uow.fetch_value("SELECT 'a'::name, 'x'::char(3)") == "a"


async def test_a_cancelled_round_trip_ends_at_the_server_too(single):
    tenant = uuid4()
    with pytest.raises(TimeoutError):  # noqa: PT012 - the transaction is what ends by it
        async with asyncio.timeout(0.3):
            async with single.tenant(tenant) as uow:
                await uow.run_together((INSERT, (tenant, uuid4(), "a")), ("SELECT pg_sleep(20)", ()))
    async with asyncio.timeout(5):
        assert await count(single, tenant) == 0
    async with single.system() as uow:
        running = (
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%pg_sleep(20)' AND state = 'active'"
        )
        assert await uow.fetch_value(running) == 0


async def test_a_large_parameter_and_a_large_answer_pass_each_other(single):
    async with single.tenant(uuid4()) as uow:
        text = "x" * 3_000_000
        results = await uow.run_together(*[("SELECT %s::text || 'y'", (text,))] * 4)
    assert [len(result.rows[0][0]) for result in results] == [3_000_001] * 4


async def test_a_block_that_does_nothing_sends_nothing(single):
    async with single.tenant(uuid4()) as uow:
        status = uow.connection.pgconn.transaction_status
    assert status == psycopg.pq.TransactionStatus.IDLE


async def test_notices_of_the_server_do_not_disturb(single):
    async with single.tenant(uuid4()) as uow:
        await uow.execute("SET LOCAL client_min_messages = notice")
        await uow.execute("DO $$ BEGIN RAISE NOTICE 'hello'; END $$")
        assert await uow.fetch_value("SELECT 1") == 1


@pytest.mark.req("GEN-45")
async def test_slow_round_trips_and_the_use_of_the_pool_are_measured_without_values(single, caplog):
    async with single.tenant(uuid4()) as uow:
        await uow.fetch_value("SELECT pg_sleep(1.1), %s::text", ("secret value",))
        measured = REGISTRY.get_sample_value(
            "angarium_database_connections", {"schema": "sample", "state": "open"}
        )
    assert measured == 1
    labels = {"application": "angarium-sample"}
    assert (REGISTRY.get_sample_value("angarium_database_slow_round_trips_total", labels) or 0) >= 1
    assert "pg_sleep" in caplog.text
    assert "secret value" not in caplog.text


async def test_the_last_statements_are_answered_and_committed_with_what_was_deferred(single):
    tenant = uuid4()
    async with single.tenant(tenant) as uow:
        uow.defer(INSERT, (tenant, uuid4(), "deferred"))
        inserted, seen = await uow.finish((INSERT, (tenant, uuid4(), "last")), ("SELECT name FROM thing", ()))
        assert uow.connection.info.transaction_status == TransactionStatus.IDLE
    assert (inserted.rowcount, seen.rows) == (1, [("last",)])
    assert await count(single, tenant) == 2


async def test_what_is_said_after_the_end_of_a_transaction_is_refused_and_not_forgotten(single):
    tenant = uuid4()
    with pytest.raises(RuntimeError, match="finished"):  # noqa: PT012 - the transaction is what ends by it
        async with single.tenant(tenant) as uow:
            await uow.finish((INSERT, (tenant, uuid4(), "first")))
            uow.defer(INSERT, (tenant, uuid4(), "second"))
    assert await count(single, tenant) == 1


async def test_a_statement_after_the_end_of_a_transaction_is_undone_and_told(single):
    tenant = uuid4()
    with pytest.raises(RuntimeError, match="finished"):  # noqa: PT012 - the transaction is what ends by it
        async with single.tenant(tenant) as uow:
            await uow.finish((INSERT, (tenant, uuid4(), "first")))
            await uow.execute(INSERT, (tenant, uuid4(), "second"))
    assert await count(single, tenant) == 1


async def test_a_last_statement_that_fails_takes_the_transaction_with_it(single):
    tenant = uuid4()
    with pytest.raises(psycopg.errors.DivisionByZero):  # noqa: PT012 - the transaction is what ends by it
        async with single.tenant(tenant) as uow:
            await uow.execute(INSERT, (tenant, uuid4(), "first"))
            await uow.finish(("SELECT 1 / 0", ()))
    assert await count(single, tenant) == 0
