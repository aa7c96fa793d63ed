import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import psycopg
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from sqlalchemy import ARRAY, Column, DateTime, MetaData, Table, Text, Uuid, func, select

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.db import sets
from services.common.errors import ServiceError
from services.common.events.event import Event
from services.common.rpc.context import Caller, bind

INSERT = "INSERT INTO thing (tenant_id, thing_id, name, created_at) VALUES (%s, %s, %s, now())"
COLUMNS = ("tenant_id", "thing_id", "name", "tags", "created_at")
TYPES = ("uuid", "uuid", "text", "text[]", "timestamptz")

thing = Table(
    "thing",
    MetaData(),
    Column("tenant_id", Uuid, primary_key=True),
    Column("thing_id", Uuid, primary_key=True),
    Column("name", Text),
    Column("tags", ARRAY(Text)),
    Column("created_at", DateTime(timezone=True)),
)


async def names(database, tenant) -> list[str]:
    async with database.tenant(tenant) as uow:
        return [name for (name,) in await uow.fetch_all("SELECT name FROM thing ORDER BY name")]


async def outbox(database) -> list[tuple]:
    async with database.system() as uow:
        return await uow.fetch_all("SELECT envelope, type, item_count FROM outbox ORDER BY id")


async def test_a_normal_end_commits_once_and_an_exception_leaves_no_trace(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:
        await uow.execute(INSERT, (tenant, uuid4(), "kept"))
        uow.emit(Event("thing.made", "thing", "1", StringValue(value="kept")))
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what ends by it
        async with database.tenant(tenant) as uow:
            await uow.execute(INSERT, (tenant, uuid4(), "undone"))
            uow.emit(Event("thing.made", "thing", "1", StringValue(value="undone")))
            uow.defer(INSERT, (tenant, uuid4(), "deferred"))
            raise ZeroDivisionError
    assert await names(database, tenant) == ["kept"]
    assert len(await outbox(database)) == 1


@pytest.mark.req("GEN-32")
async def test_an_event_is_a_row_of_its_transaction_with_everything_a_consumer_needs(database, clock):
    tenant = uuid4()
    event = Event("thing.made", "thing", "1", StringValue(value="x"), count=7)
    with bind(Caller("person", "ada", tenant, frozenset()), request_id="request", correlation_id="cause"):
        async with database.tenant(tenant) as uow:
            uow.emit(event)
    [(encoded, kind, count)] = await outbox(database)
    envelope = EventEnvelope.FromString(encoded)
    payload = StringValue()
    assert envelope.payload.Unpack(payload)
    assert (kind, count, payload.value) == ("thing.made", 7, "x")
    assert envelope.event_id == str(event.event_id)
    assert (envelope.tenant_id, envelope.source) == (str(tenant), "sample")
    assert (envelope.actor, envelope.correlation_id) == ("ada", "cause")
    assert envelope.occur_time.ToDatetime(tzinfo=clock.now().tzinfo) == clock.now()
    assert (envelope.version, envelope.item_count) == (1, 7)


async def test_events_of_one_transaction_keep_their_order(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:
        for n in range(50):
            uow.emit(Event("thing.made", "thing", "1", StringValue(value=str(n))))
    found = []
    for encoded, _, _ in await outbox(database):
        payload = StringValue()
        EventEnvelope.FromString(encoded).payload.Unpack(payload)
        found.append(int(payload.value))
    assert found == list(range(50))


async def test_an_event_across_tenants_must_name_its_tenant(database):
    with pytest.raises(ValueError, match="needs a tenant"):
        async with database.system() as uow:
            uow.emit(Event("thing.made", "thing", "1", StringValue()))
    async with database.system() as uow:
        uow.emit(Event("thing.made", "thing", "1", StringValue(), tenant_id=uuid4()))
    assert len(await outbox(database)) == 1


def test_a_block_holds_at_most_a_thousand_items():
    with pytest.raises(ValueError, match="1000"):
        Event("thing.made", "thing", "1", StringValue(), count=1001)


async def test_callbacks_run_after_the_commit_and_never_after_a_rollback(database):
    tenant, ran = uuid4(), []

    async def look() -> None:
        ran.append(await names(database, tenant))

    async with database.tenant(tenant) as uow:
        await uow.execute(INSERT, (tenant, uuid4(), "seen"))
        uow.after_commit(look)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what ends by it
        async with database.tenant(tenant) as uow:
            uow.after_commit(lambda: ran.append(["never"]))
            raise ZeroDivisionError
    assert ran == [["seen"]]


async def test_a_savepoint_undoes_its_block_with_events_and_deferred_statements(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:
        await uow.execute(INSERT, (tenant, uuid4(), "outer"))
        with pytest.raises(psycopg.errors.NotNullViolation):  # noqa: PT012 - the transaction is what ends by it
            async with uow.savepoint():
                uow.emit(Event("thing.made", "thing", "1", StringValue()))
                uow.defer(INSERT, (tenant, uuid4(), "deferred"))
                await uow.execute(INSERT, (tenant, uuid4(), None))
        async with uow.savepoint():
            await uow.execute(INSERT, (tenant, uuid4(), "inner"))
    assert await names(database, tenant) == ["inner", "outer"]
    assert await outbox(database) == []


async def test_a_transaction_whose_failed_statement_was_swallowed_says_so_instead_of_committing_nothing(
    database,
):
    tenant = uuid4()
    with pytest.raises(RuntimeError, match="failed"):  # noqa: PT012 - the transaction is what ends by it
        async with database.tenant(tenant) as uow:
            await uow.execute(INSERT, (tenant, uuid4(), "lost"))
            with contextlib.suppress(psycopg.errors.DivisionByZero):
                await uow.execute("SELECT 1 / 0")
    assert await names(database, tenant) == []


@pytest.mark.req("API-20")
async def test_a_deadlock_is_told_as_a_lost_race(database):
    tenant, first, second = uuid4(), uuid4(), uuid4()
    async with database.tenant(tenant) as uow:
        await uow.execute(INSERT, (tenant, first, "first"))
        await uow.execute(INSERT, (tenant, second, "second"))
    both = asyncio.Barrier(2)

    async def change(one, other) -> None:
        async with database.tenant(tenant) as uow:
            await uow.execute("UPDATE thing SET name = 'x' WHERE thing_id = %s", (one,))
            await both.wait()
            await uow.execute("UPDATE thing SET name = 'x' WHERE thing_id = %s", (other,))

    results = await asyncio.gather(change(first, second), change(second, first), return_exceptions=True)
    [error] = [result for result in results if result is not None]
    assert isinstance(error, ServiceError)
    assert error.reason == "VERSION_CONFLICT"


async def test_a_lock_that_is_not_to_be_had_is_told_as_a_lost_race(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:
        await uow.execute(INSERT, (tenant, uuid4(), "one"))
    async with database.tenant(tenant) as holder:
        await holder.execute("UPDATE thing SET name = 'held'")
        with pytest.raises(ServiceError) as caught:
            async with database.tenant(tenant) as uow:
                await uow.fetch_all("SELECT * FROM thing FOR UPDATE NOWAIT")
    assert caught.value.reason == "VERSION_CONFLICT"


async def test_a_cancelled_block_rolls_back_and_its_connection_stays_of_use(open_database, owner_url):
    database = await open_database(owner_url, "sample", pool_min=1, pool_max=1)
    tenant = uuid4()
    with pytest.raises(TimeoutError):  # noqa: PT012 - the transaction is what ends by it
        async with asyncio.timeout(0.2):
            async with database.tenant(tenant) as uow:
                await uow.execute(INSERT, (tenant, uuid4(), "lost"))
                await uow.execute("SELECT pg_sleep(10)")
    assert await names(database, tenant) == []


async def test_statements_end_after_thirty_seconds(database):
    async with database.tenant(uuid4()) as uow:
        assert await uow.fetch_value("SHOW statement_timeout") == "30s"
        assert await uow.fetch_value("SHOW TimeZone") == "UTC"


async def test_a_core_statement_runs_with_its_parameters(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:
        made = thing.insert().values(
            tenant_id=tenant, thing_id=uuid4(), name="core", tags=["a", "b"], created_at=func.now()
        )
        assert await uow.execute(made) == 1
        wanted = select(thing.c.name, thing.c.tags).where(thing.c.name.in_(["core", "other"]))
        assert await uow.fetch_all(wanted) == [("core", ["a", "b"])]


async def test_copied_rows_go_through_the_policies_and_may_meet_known_ones(database):
    tenant, ids = uuid4(), [uuid4() for _ in range(2500)]
    async with database.tenant(tenant) as uow:
        rows = [(tenant, made, f"n{n}", ["x", "ü"], uow.now()) for n, made in enumerate(ids)]
        assert await uow.copy_in("thing", COLUMNS, TYPES, rows) == 2500
        ignore = "ON CONFLICT DO NOTHING"
        extra = [(tenant, uuid4(), "new", None, uow.now())]
        assert await uow.copy_in("thing", COLUMNS, TYPES, rows + extra, on_conflict=ignore) == 1
    async with database.tenant(tenant) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM thing") == 2501
        assert await uow.fetch_value("SELECT tags FROM thing WHERE thing_id = %s", (ids[7],)) == ["x", "ü"]


async def test_a_copy_may_fill_one_table_in_the_roles_of_tenant_and_system_on_one_connection(
    open_database, owner_url
):
    database = await open_database(owner_url, "sample", pool_min=1, pool_max=1)
    tenant = uuid4()
    for transaction in (
        database.tenant(tenant),
        database.system(),
        database.tenant(tenant),
        database.system(),
    ):
        async with transaction as uow:
            await uow.copy_in("thing", COLUMNS, TYPES, [(tenant, uuid4(), "x", None, uow.now())])
    assert len(await names(database, tenant)) == 4


async def test_text_blocks_are_copied_too(database):
    tenant = uuid4()

    async def blocks() -> AsyncIterator[bytes]:
        for n in range(3):
            yield f"{tenant}\t{uuid4()}\tn{n}\t\\N\t2026-01-01\n".encode()

    async with database.tenant(tenant) as uow:
        assert await uow.copy_text("thing", COLUMNS, blocks()) == 3
    assert await names(database, tenant) == ["n0", "n1", "n2"]


async def test_many_rows_travel_as_one_parameter_per_column(database):
    tenant, made = uuid4(), [uuid4() for _ in range(3)]
    fields = {"tenant_id": "uuid", "thing_id": "uuid", "name": "text", "created_at": "timestamptz"}
    insert = sets.insert("thing", fields, on_conflict="ON CONFLICT DO NOTHING")
    async with database.tenant(tenant) as uow:
        rows = [(tenant, one, str(n), uow.now()) for n, one in enumerate(made)]
        assert await uow.execute(insert, sets.columns(rows, len(fields))) == 3
        assert await uow.execute(insert, sets.columns(rows, len(fields))) == 0
        assert await uow.execute(insert, sets.columns([], len(fields))) == 0
        joined = f"SELECT new.n FROM {sets.named_unnest({'id': 'uuid', 'n': 'int4'}, 'new')} JOIN thing ON thing_id = new.id"
        found = await uow.fetch_all(f"{joined} ORDER BY 1", {"id": made[:2], "n": [10, 20]})
    assert found == [(10,), (20,)]


async def test_a_large_result_comes_in_blocks(database):
    tenant = uuid4()
    async with database.tenant(tenant) as uow:
        sizes = [len(rows) async for rows in uow.stream("SELECT generate_series(1, %s)", (2500,), size=1000)]
    assert sizes == [1000, 1000, 500]
