"""Every event is taken through its steps once, in the order of its aggregate, whatever fails or dies on the way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from prometheus_client import REGISTRY

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from services.campaign.intake.domain import gap_ends
from services.campaign.intake.steps import InboundEvent
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.rpc.context import correlation_id, current_caller
from tests.campaign.intake.kit import Recorder, Stand

RECEIVED, FAILED, PROCESSED, IGNORED, DEAD = range(1, 6)


def ids(*envelopes: dict[str, Any]) -> list[UUID]:
    return [UUID(one["event_id"]) for one in envelopes]


async def state(stand: Stand, one: dict[str, Any]) -> pb.InboundEvent:
    answer = await stand.owner().GetInboundEvent(pb.GetInboundEventRequest(event_id=one["event_id"]))
    found: pb.InboundEvent = answer.inbound_event
    return found


@pytest.mark.req("EVT-3", "JOB-24")
async def test_steps_run_in_their_order_and_only_those_that_want_the_type(stand: Stand) -> None:
    heard: list[tuple[str, str, str, str]] = []

    async def hear(name: str, event: InboundEvent) -> None:
        heard.append((name, event.type, current_caller().subject, correlation_id()))

    def step(name: str, *types: str) -> Recorder:
        return Recorder(name, frozenset(types), before=lambda _, event: hear(name, event))

    given = stand.envelope(correlation_id="cause-1")
    await stand.tell(given, stand.envelope("order.delivered", aggregate_id="o-9", data=DELIVERED))
    await stand.worker(
        step("first", "order.expired"), step("other", "order.delivered"), step("last", "*")
    ).run_until_idle()
    assert [one for one in heard if one[1] == "order.expired"] == [
        ("first", "order.expired", "orders", "cause-1"),
        ("last", "order.expired", "orders", "cause-1"),
    ]
    assert [name for name, kind, *_ in heard if kind == "order.delivered"] == ["other", "last"]
    found = await state(stand, given)
    assert (found.state, list(found.steps), found.attempts) == (PROCESSED, ["first", "last"], 0)


DELIVERED = {"user_id": "u", "order_id": "o", "delivered_at": "2026-01-15T11:00:00Z"}


@pytest.mark.req("EVT-3", "W2")
async def test_what_died_on_its_way_repeats_only_the_steps_that_are_missing(stand: Stand) -> None:
    given = stand.envelope()
    await stand.tell(given)
    first = Recorder("first")
    second = Recorder("second", before=lambda *_: asyncio.sleep(60))
    dying = asyncio.create_task(stand.worker(first, second).step())
    await second.began.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert len(first.seen) == 1
    # Nobody else touches it until the lease of the dead one ends.
    third = Recorder("second")
    await stand.worker(first, third).run_until_idle()
    assert third.tries == 0
    stand.clock.advance(timedelta(seconds=61))
    await stand.worker(first, third).run_until_idle()
    assert (len(first.seen), len(third.seen)) == (1, 1)
    assert (await state(stand, given)).state == PROCESSED


@pytest.mark.req("EVT-3")
async def test_who_took_too_long_changes_nothing_once_another_has_the_event(stand: Stand) -> None:
    await stand.tell(stand.envelope())
    slow = Recorder("step")
    fast = Recorder("step")

    async def be_overtaken(uow: UnitOfWork, event: InboundEvent) -> None:
        await uow.execute("SELECT 1")
        stand.clock.advance(timedelta(seconds=61))

    preparing = Recorder("preparing", before=be_overtaken)
    worker = stand.worker(preparing, slow)
    await worker.step()
    # The lease ended in the first step; the second finds that out before it does anything.
    assert (slow.tries, fast.tries) == (0, 0)
    await stand.worker(Recorder("preparing"), fast).run_until_idle()
    assert len(fast.seen) == 1


@pytest.mark.req("EVT-3", "JOB-24")
async def test_many_workers_handle_every_event_once(stand: Stand, recorder: Recorder) -> None:
    block = [
        stand.envelope(aggregate_id=f"o-{number % 25}", sequence=number // 25 + 1) for number in range(150)
    ]
    await stand.tell(*block)
    await asyncio.gather(*(stand.worker().run_until_idle() for _ in range(4)))
    await stand.worker().run_until_idle()
    assert sorted(recorder.ids()) == sorted(ids(*block))
    assert set((await stand.states()).values()) == {PROCESSED}
    assert await stand.rows("SELECT 1 FROM campaign.inbound_aggregate") == []
    for aggregate in {one.aggregate_id for one in recorder.seen}:
        numbers = [one.sequence for one in recorder.seen if one.aggregate_id == aggregate]
        assert numbers == [1, 2, 3, 4, 5, 6]


@pytest.mark.req("EVT-4")
async def test_events_of_an_aggregate_follow_their_sequence_and_else_their_times(
    stand: Stand, recorder: Recorder
) -> None:
    late = stand.envelope(aggregate_id="a", sequence=2)
    early = stand.envelope(aggregate_id="a", sequence=1)
    times = [
        stand.envelope(aggregate_id="b", occurred_at=f"2026-01-15T11:0{minute}:00Z") for minute in (3, 1, 2)
    ]
    await stand.tell(late, times[0], times[1], early, times[2])
    await stand.worker().run_until_idle()
    seen = recorder.ids()
    assert [one for one in seen if one in ids(early, late)] == ids(early, late)
    assert [one for one in seen if one in ids(*times)] == ids(times[1], times[2], times[0])


@pytest.mark.req("EVT-4")
async def test_a_gap_in_a_sequence_waits_for_what_is_missing(stand: Stand, recorder: Recorder) -> None:
    first, second, third = (stand.envelope(sequence=number) for number in (1, 2, 3))
    await stand.tell(first, third)
    await stand.worker().run_until_idle()
    assert recorder.ids() == ids(first)
    stand.clock.advance(timedelta(seconds=20))
    await stand.tell(second)
    await stand.worker().run_until_idle()
    assert recorder.ids() == ids(first, second, third)


@pytest.mark.req("EVT-4")
async def test_a_gap_is_waited_for_a_minute_and_no_longer(stand: Stand, recorder: Recorder) -> None:
    first, second, third = (stand.envelope(sequence=number) for number in (1, 2, 3))
    await stand.tell(first, third)
    await stand.worker().run_until_idle()
    stand.clock.advance(timedelta(seconds=59))
    await stand.worker().run_until_idle()
    assert recorder.ids() == ids(first)
    stand.clock.advance(timedelta(seconds=1))
    await stand.worker().run_until_idle()
    assert recorder.ids() == ids(first, third)
    # What comes late is still handled, at once.
    await stand.tell(second)
    await stand.worker().run_until_idle()
    assert recorder.ids() == ids(first, third, second)


def test_only_a_number_that_is_too_high_waits() -> None:
    at = datetime(2026, 1, 15, tzinfo=UTC)
    assert gap_ends(None, 4, at) is None
    assert gap_ends(0, None, at) is None
    assert gap_ends(1, None, at) is None
    assert gap_ends(5, 4, at) is None
    assert gap_ends(3, 4, at) is None
    assert gap_ends(6, 4, at) == at + timedelta(seconds=60)
    assert gap_ends(2, None, at) == at + timedelta(seconds=60)


@pytest.mark.req("EVT-3", "EVT-10", "EVT-124")
async def test_a_failing_event_is_tried_five_times_ever_later_and_then_dead(
    stand: Stand, recorder: Recorder
) -> None:
    given, behind = stand.envelope(sequence=1), stand.envelope(sequence=2)
    other = stand.envelope(aggregate_id="o-2")
    recorder.fails = lambda event: ValueError("anna@example.com") if event.sequence == 1 else None
    await stand.tell(given, behind, other)
    pauses = []
    for attempt in range(1, 6):
        await stand.worker().run_until_idle()
        assert recorder.tries >= attempt
        found = await state(stand, given)
        if attempt < 5:
            assert (found.state, found.attempts) == (FAILED, attempt)
            pauses.append(found.next_attempt_time.ToDatetime() - stand.clock.now().replace(tzinfo=None))
            # Neither at once, nor a little too early.
            await stand.worker().run_until_idle()
            stand.clock.advance(pauses[-1] - timedelta(milliseconds=1))
            await stand.worker().run_until_idle()
            assert (await state(stand, given)).attempts == attempt
            stand.clock.advance(timedelta(milliseconds=1))
    for pause, least in zip(pauses, (1, 2, 4, 8), strict=True):
        assert timedelta(seconds=least) <= pause <= timedelta(seconds=least * 1.3)
    dead = await state(stand, given)
    assert (dead.state, dead.attempts) == (DEAD, 5)
    # Its class and place, not its text.
    assert dead.error.startswith("ValueError at ")
    assert "anna" not in dead.error
    # The other aggregate did not wait; what stood behind goes on once nothing more comes of the one before.
    assert recorder.ids()[0] == UUID(other["event_id"])
    assert recorder.ids()[1] == UUID(behind["event_id"])


@pytest.mark.req("CAM-72", "EVT-3")
async def test_a_dead_event_is_replayed_without_what_is_done(stand: Stand) -> None:
    given = stand.envelope()
    await stand.tell(given)
    first, broken, mended = Recorder("first"), Recorder("second"), Recorder("second")
    broken.fails = lambda event: RuntimeError()
    for _ in range(5):
        await stand.worker(first, broken).run_until_idle()
        stand.clock.advance(timedelta(seconds=30))
    assert (await state(stand, given)).state == DEAD
    listed = await stand.owner().ListInboundEvents(
        pb.ListInboundEventsRequest(state=pb.InboundEvent.STATE_DEAD)
    )
    assert [one.event_id for one in listed.inbound_events] == [given["event_id"]]
    request = pb.ReplayInboundEventRequest(event_id=given["event_id"], idempotency_key="again")
    answer = await stand.owner().ReplayInboundEvent(request)
    assert (answer.inbound_event.state, answer.inbound_event.attempts) == (RECEIVED, 0)
    assert (await stand.owner().ReplayInboundEvent(request)).deduplicated
    await stand.worker(first, mended).run_until_idle()
    assert (len(first.seen), len(mended.seen)) == (1, 1)
    assert (await state(stand, given)).state == PROCESSED
    with pytest.raises(ServiceError) as refusal:
        await stand.owner().ReplayInboundEvent(pb.ReplayInboundEventRequest(event_id=given["event_id"]))
    assert refusal.value.reason == "VALIDATION_FAILED"
    with pytest.raises(ServiceError, match="not found"):
        await stand.owner().ReplayInboundEvent(pb.ReplayInboundEventRequest(event_id=str(uuid4())))
    audited = await stand.rows("SELECT count(*) FROM campaign.audit WHERE action = 'inbound_event.replay'")
    assert audited == [(1,)]


@pytest.mark.req("EVT-3")
async def test_the_effects_of_a_step_that_fails_are_undone_with_it(stand: Stand) -> None:
    async def note(uow: UnitOfWork, event: InboundEvent) -> None:
        await uow.execute(
            "INSERT INTO intake_nonce (tenant_id, key_id, nonce, expires_at) VALUES (%s, 'step', %s, %s)",
            (uow.tenant_id, event.event_id, uow.now()),
        )

    step = Recorder("step", before=note)
    step.fails = lambda event: RuntimeError() if step.tries == 1 else None
    await stand.tell(stand.envelope())
    await stand.worker(step).run_until_idle()
    assert await stand.rows("SELECT count(*) FROM campaign.intake_nonce") == [(0,)]
    stand.clock.advance(timedelta(seconds=2))
    await stand.worker(step).run_until_idle()
    assert await stand.rows("SELECT count(*) FROM campaign.intake_nonce") == [(1,)]


@pytest.mark.req("JOB-24")
async def test_the_flood_of_one_tenant_does_not_hold_up_another(stand: Stand, recorder: Recorder) -> None:
    await stand.tell(*(stand.envelope(aggregate_id=f"o-{number}") for number in range(400)))
    stand.clock.advance(timedelta(seconds=1))
    other = uuid4()
    given = stand.envelope(tenant_id=str(other))
    await stand.neighbour(tenant_id=other).IngestEvents(
        pb.IngestEventsRequest(events_json=orjson.dumps(given))
    )
    for _ in range(8):
        await stand.worker().step()
        if UUID(given["event_id"]) in recorder.ids():
            break
    assert UUID(given["event_id"]) in recorder.ids()


@pytest.mark.req("JOB-24")
async def test_the_loop_wakes_when_an_event_is_stored_and_stops_when_it_is_told(
    stand: Stand, recorder: Recorder
) -> None:
    stop = asyncio.Event()
    loop = asyncio.create_task(stand.worker().loop(stop))
    await asyncio.sleep(0.05)
    began = asyncio.get_running_loop().time()
    await stand.tell(stand.envelope())
    await recorder.done.wait()
    assert asyncio.get_running_loop().time() - began < 0.9
    stop.set()
    await asyncio.wait_for(loop, 2)


@pytest.mark.req("GEN-45")
async def test_what_waits_is_measured(stand: Stand) -> None:
    await stand.tell(stand.envelope(), stand.envelope(aggregate_id="o-2"))
    stand.clock.advance(timedelta(seconds=5))
    worker = stand.worker()
    await worker._look_at_backlog()
    found = {
        one.name: one.samples[0].value
        for one in REGISTRY.collect()
        if one.name in ("angarium_inbound_waiting", "angarium_inbound_oldest_seconds")
    }
    assert found == {"angarium_inbound_waiting": 2, "angarium_inbound_oldest_seconds": 5}


async def test_steps_without_a_name_of_their_own_do_not_start(stand: Stand) -> None:
    with pytest.raises(ValueError, match="names"):
        stand.worker(Recorder("same"), Recorder("same"))
