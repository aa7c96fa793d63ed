import asyncio
import time
from collections.abc import Collection
from uuid import UUID, uuid4

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from prometheus_client import REGISTRY
from redis.exceptions import ResponseError

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.events import parked
from services.common.events.consumer import Consumer
from services.common.events.event import Event
from services.common.events.outbox import delete_relayed
from services.common.events.relay import Relay
from services.common.events.stream import EventStream
from services.common.ids import uuid7
from tests.common.events.conftest import Seen, emit, positions, stream_positions, until


def sample_value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.req("EVT-10", "GEN-32", "ARC-10")
async def test_events_are_applied_once_each_in_the_order_of_their_commits(sample, other, redis, run, seen):
    run(Relay(sample, redis, "sample", groups=["other"]).loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    names = [f"{n:03}" for n in range(200)]
    for name in names:
        await emit(sample, tenant, name)
    assert await seen.until(200) == names
    assert seen.calls == names


@pytest.mark.req("EVT-10", "ARC-10")
async def test_concurrent_commits_get_gapless_positions_that_are_the_ids_of_the_stream(sample, redis, run):
    run(Relay(sample, redis, "sample").loop)

    async def writer(number: int) -> None:
        for n in range(20):
            await emit(sample, uuid7(), f"{number}-{n}", aggregate=str(number))

    await asyncio.gather(*(writer(number) for number in range(10)))
    await until(lambda: stream_positions(redis, "sample"), list(range(1, 201)))
    assert await positions(sample) == list(range(1, 201))


@pytest.mark.req("EVT-10", "JOB-37")
async def test_an_idle_relay_publishes_within_100_ms_of_the_commit(
    sample, redis, run, open_database, owner_url
):
    run(Relay(sample, redis, "sample").loop)
    writer = await open_database(owner_url, "sample")
    tenant, waits = uuid7(), []
    await emit(writer, tenant, "first")
    await until(lambda: stream_positions(redis, "sample"), [1])
    for n in range(10):
        await asyncio.sleep(0.15)
        await emit(writer, tenant, str(n))
        committed = time.monotonic()
        await until(lambda n=n: stream_positions(redis, "sample"), list(range(1, n + 3)), pause=0.002)
        waits.append(time.monotonic() - committed)
    assert sorted(waits)[len(waits) // 2] < 0.1


@pytest.mark.req("EVT-10")
async def test_two_relays_at_once_publish_each_event_once(sample, redis, run, open_database, owner_url):
    second = await open_database(owner_url, "sample")
    first_relay, second_relay = Relay(sample, redis, "sample"), Relay(second, redis, "sample")
    stop = asyncio.Event()

    # Without their lease, as after a pause in which both believed to hold it.
    class Held:
        held = True

    works = [asyncio.create_task(relay._work(Held(), stop)) for relay in (first_relay, second_relay)]
    tenant = uuid7()
    await asyncio.gather(*(emit(sample, tenant, str(n)) for n in range(300)))
    await until(lambda: stream_positions(redis, "sample"), list(range(1, 301)))
    stop.set()
    await asyncio.gather(*works)
    assert await positions(sample) == list(range(1, 301))
    ids = [
        EventEnvelope.FromString(fields[b"e"]).event_id
        for _, fields in await redis.xrange("angarium:events:sample")
    ]
    assert len(set(ids)) == 300


async def test_a_second_relay_takes_over_from_one_that_stops(sample, redis, run, open_database, owner_url):
    second = await open_database(owner_url, "sample")
    stop = run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, "a")
    await until(lambda: stream_positions(redis, "sample"), [1])
    run(Relay(second, redis, "sample").loop)
    stop.set()
    await emit(sample, tenant, "b")
    await until(lambda: stream_positions(redis, "sample"), [1, 2])


async def test_the_envelope_in_the_stream_is_the_bytes_of_the_outbox(sample, redis, run):
    run(Relay(sample, redis, "sample").loop)
    await emit(sample, uuid7(), "x")
    await until(lambda: stream_positions(redis, "sample"), [1])
    [(_, fields)] = await redis.xrange("angarium:events:sample")
    async with sample.system() as uow:
        assert fields[b"e"] == await uow.fetch_value("SELECT envelope FROM outbox")


async def test_a_trace_and_its_cause_travel_with_the_event(sample, other, redis, run, seen):
    run(Relay(sample, redis, "sample").loop)
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    found: list[str] = []

    async def look() -> None:
        found.append(telemetry.current_traceparent())

    seen.before_commit = look
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    with telemetry.span("test", parent=trace):
        await emit(sample, uuid7(), "x")
    await seen.until(1)
    assert seen.envelopes[0].traceparent.split("-")[1] == trace.split("-")[1]
    assert found[0].split("-")[1] == trace.split("-")[1]


async def test_events_that_a_tenant_wants_none_of_are_passed_over_and_leave_no_trace(
    sample, other, redis, run, seen
):
    eager, idle = uuid7(), uuid7()
    asked: set[UUID] = set()

    async def wanting(uow: UnitOfWork, tenants: Collection[UUID]) -> Collection[UUID]:
        asked.update(tenants)
        return {eager}

    await emit(sample, idle, "dropped", "dropped as well")
    await emit(sample, idle, "for all", type="thing.kept")
    await emit(sample, eager, "wanted")
    run(Relay(sample, redis, "sample", groups=["other"]).loop)
    handlers = {"thing.made": seen, "thing.kept": seen}
    run(Consumer(other, redis, "other", ["sample"], handlers, wanted=({"thing.made"}, wanting)).loop)
    assert sorted(await seen.until(2)) == ["for all", "wanted"]
    assert asked == {eager, idle}
    async with other.system() as uow:
        rows = await uow.fetch_all("SELECT tenant_id, type FROM inbox")
    assert set(rows) == {(idle, "thing.kept"), (eager, "thing.made")}
    assert len(rows) == 2


async def test_events_emitted_by_a_handler_name_the_event_that_caused_them(sample, other, redis, run):
    async def answer(uow, envelope, payload) -> None:
        uow.emit(Event("thing.answered", "thing", "a", payload))

    run(Relay(sample, redis, "sample").loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": answer}).loop)
    await emit(sample, uuid7(), "x")

    async def outbox() -> int:
        async with other.system() as uow:
            return await uow.fetch_value("SELECT count(*) FROM outbox")

    await until(outbox, 1)
    async with other.system() as uow:
        effect = EventEnvelope.FromString(await uow.fetch_value("SELECT envelope FROM outbox"))
    async with sample.system() as uow:
        cause = EventEnvelope.FromString(await uow.fetch_value("SELECT envelope FROM outbox"))
    assert (effect.causation_id, effect.correlation_id) == (cause.event_id, cause.event_id)
    assert effect.actor == "sample"


@pytest.mark.req("EVT-10")
async def test_an_unknown_type_is_acknowledged_and_counted_but_never_noted_as_applied(
    sample, other, redis, run, seen
):
    labels = {"consumer": "other", "source": "sample"}
    before = sample_value("angarium_events_unknown_total", **labels)
    run(Relay(sample, redis, "sample", groups=["other"]).loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    await emit(sample, tenant, "strange", type="thing.unheard")
    await emit(sample, tenant, "known")
    assert await seen.until(1) == ["known"]
    async with other.system() as uow:
        assert await uow.fetch_all("SELECT type FROM inbox") == [("thing.made",)]
    assert sample_value("angarium_events_unknown_total", **labels) == before + 1
    assert (await redis.xpending("angarium:events:sample", "other"))["pending"] == 0


@pytest.mark.req("EVT-10")
async def test_an_event_in_backoff_holds_back_its_aggregate_and_no_other(sample, other, redis, run, seen):
    run(Relay(sample, redis, "sample").loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    seen.fail = lambda name: name == "a1"
    await emit(sample, tenant, "a1", aggregate="a")
    await emit(sample, tenant, "a2", aggregate="a")
    await emit(sample, tenant, "b1", aggregate="b")
    await emit(sample, tenant, "a3", aggregate="a")
    assert await seen.until(1) == ["b1"]
    seen.fail = lambda _: False
    assert await seen.until(4) == ["b1", "a1", "a2", "a3"]
    async with other.system() as uow:
        assert await uow.fetch_value("SELECT count(*) FROM parked_event") == 0


async def test_one_bad_event_of_a_batch_does_not_undo_the_others(sample, other, redis, run, seen):
    tenant = uuid7()
    seen.fail = lambda name: name == "7"
    for n in range(20):
        await emit(sample, tenant, str(n), aggregate=str(n))
    run(Relay(sample, redis, "sample").loop)
    await until(lambda: stream_positions(redis, "sample"), list(range(1, 21)))
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    effects = await seen.until(19)
    assert sorted(effects, key=int) == [str(n) for n in range(20) if n != 7]


@pytest.mark.req("EVT-10")
async def test_after_ten_failures_an_event_is_dead_listed_and_can_be_requeued(
    sample, redis, run, open_database, owner_url, clock
):
    other = await open_database(owner_url, "other", clock=clock)
    seen = Seen(other)
    run(Relay(sample, redis, "sample").loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    seen.fail = lambda name: name == "bad"
    await emit(sample, tenant, "bad")
    await emit(sample, tenant, "after")

    async def attempts() -> list[int]:
        async with other.system() as uow:
            return [n for (n,) in await uow.fetch_all("SELECT attempts FROM parked_event ORDER BY position")]

    pauses = []
    for failures in range(1, parked.MAX_ATTEMPTS):
        await until(attempts, [failures, 0])
        async with other.system() as uow:
            due = await uow.fetch_value("SELECT min(next_attempt_at) FROM parked_event WHERE attempts > 0")
        pauses.append((due - clock.now()).total_seconds())
        clock.set(due)
    assert await seen.until(1) == ["after"]
    doubled = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(base <= pause <= base * 1.3 for base, pause in zip(doubled, pauses, strict=True))
    # A try together with the other event, before each is tried on its own, is no attempt.
    assert seen.calls.count("bad") - parked.MAX_ATTEMPTS in (0, 1)
    async with other.tenant(tenant) as uow:
        [dead] = await parked.list_dead(uow)
    assert (dead.type, dead.source, dead.attempts, dead.error) == ("thing.made", "sample", 10, "ValueError")
    async with other.tenant(uuid4()) as uow:
        assert await parked.list_dead(uow) == []
        assert await parked.requeue(uow, [dead.event_id]) == 0
    seen.fail = lambda _: False
    async with other.tenant(tenant) as uow:
        assert await parked.requeue(uow, [dead.event_id]) == 1
    assert sorted(await seen.until(2)) == ["after", "bad"]
    async with other.system() as uow:
        assert await parked.list_dead(uow) == []


async def test_an_event_that_cannot_be_read_is_kept_among_the_dead(sample, other, redis, run, seen):
    await redis.xadd("angarium:events:sample", {"t": "thing.made", "e": b"\xff\xff no envelope"}, id="1-0")
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)

    async def dead() -> int:
        async with other.system() as uow:
            return len(await parked.list_dead(uow))

    await until(dead, 1)


async def test_an_effect_whose_acknowledgement_was_lost_is_not_repeated(sample, other, redis, run, seen):
    tenant = uuid7()
    await emit(sample, tenant, "x", "y")
    relay_stop = run(Relay(sample, redis, "sample").loop)
    await until(lambda: stream_positions(redis, "sample"), [1, 2])
    relay_stop.set()
    consumer = Consumer(other, redis, "other", ["sample"], {"thing.made": seen})
    stream = consumer._streams["sample"]
    acknowledge = stream.acknowledge

    async def lost(group, positions) -> None:
        if positions:
            raise ConnectionAbortedError

    stream.acknowledge = lost
    with pytest.raises(ExceptionGroup):
        await consumer.loop(asyncio.Event())
    assert await seen.effects() == ["x", "y"]
    stream.acknowledge = acknowledge
    run(consumer.loop)

    async def pending() -> int:
        return (await redis.xpending("angarium:events:sample", "other"))["pending"]

    await until(pending, 0)
    assert await seen.effects() == ["x", "y"]
    assert seen.calls == ["x", "y"]


async def test_two_consumers_of_one_service_share_without_repeating(
    sample, other, redis, run, seen, open_database, owner_url
):
    second = await open_database(owner_url, "other")
    run(Relay(sample, redis, "sample").loop)
    stop = run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    run(Consumer(second, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    names = [f"{n:03}" for n in range(100)]
    for name in names[:50]:
        await emit(sample, tenant, name)
    stop.set()
    for name in names[50:]:
        await emit(sample, tenant, name)
    assert await seen.until(100) == names


async def test_a_block_of_a_thousand_items_is_one_row_and_one_entry(sample, redis, run):
    run(Relay(sample, redis, "sample").loop)
    async with sample.tenant(uuid7()) as uow:
        uow.emit(Event("thing.made", "thing", "a", StringValue(value="x" * 100_000), count=1000))
    await until(lambda: stream_positions(redis, "sample"), [1])
    [(_, fields)] = await redis.xrange("angarium:events:sample")
    assert EventEnvelope.FromString(fields[b"e"]).item_count == 1000


@pytest.mark.req("EVT-10")
async def test_the_stream_is_trimmed_only_up_to_what_every_known_group_has(sample, other, redis, run, seen):
    run(Relay(sample, redis, "sample", groups=["other", "absent"]).loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    await emit(sample, tenant, "a", "b", "c")
    await seen.until(3)
    await asyncio.sleep(1.5)
    assert await stream_positions(redis, "sample") == [1, 2, 3]
    absent = EventStream(redis, "sample")
    await absent.join("absent")
    entries = await absent.read("absent", 2, 100)
    assert [entry.position for entry in entries] == [1, 2]
    await absent.acknowledge("absent", [1])
    await until(lambda: stream_positions(redis, "sample"), [2, 3])
    await absent.acknowledge("absent", [2])
    await until(lambda: stream_positions(redis, "sample"), [3])


@pytest.mark.req("EVT-10")
async def test_a_full_stream_passes_over_a_sleeping_group_and_is_rebuilt_when_it_is_back(
    sample, other, redis, run, seen
):
    run(Relay(sample, redis, "sample", groups=["other", "sleeper"], window_bytes=20_000).loop)
    run(Consumer(other, redis, "other", ["sample"], {"thing.made": seen}).loop)
    tenant = uuid7()
    for n in range(40):
        await emit(sample, tenant, f"{n:03}" + "x" * 2000)
    await seen.until(40)
    assert len(seen.calls) == 40
    async with asyncio.timeout(5):
        while 1 in await stream_positions(redis, "sample"):  # noqa: ASYNC110 - the relay sets no event of ours
            await asyncio.sleep(0.05)
    sleeper, got = EventStream(redis, "sample"), []
    async with asyncio.timeout(20):
        while len(got) < 40:
            await sleeper.join("sleeper")
            try:
                entries = await sleeper.read("sleeper", 10, 100)
            except ResponseError:
                # The stream is being rebuilt; a consumer makes its group again.
                continue
            await sleeper.acknowledge("sleeper", [entry.position for entry in entries])
            got = sorted({*got, *(entry.position for entry in entries)})
    assert got == list(range(1, 41))
    assert len(await seen.effects()) == 40


async def test_relayed_rows_are_removed_in_batches_and_pending_ones_never(sample, redis, run, clock):
    stop = run(Relay(sample, redis, "sample").loop)
    await emit(sample, uuid7(), *"abcde")
    await until(lambda: stream_positions(redis, "sample"), [1, 2, 3, 4, 5])
    stop.set()
    await asyncio.sleep(0.7)
    async with sample.system() as uow:
        await uow.execute("UPDATE outbox SET position = NULL WHERE position = 5")
        later = uow.now().replace(year=2100)
        assert await delete_relayed(uow, later, 3) == 3
        assert await delete_relayed(uow, later, 3) == 1
        assert await delete_relayed(uow, later, 3) == 0
