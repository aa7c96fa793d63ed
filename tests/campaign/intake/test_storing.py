"""Events are stored before they are answered, each once, and nobody reads in them what is nobody's business."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from services.campaign.intake import store
from services.campaign.intake.keeping import InboundEvents, forget_old
from services.common.contact_data.person import Person
from services.common.errors import ServiceError
from services.common.ids import uuid7
from tests.campaign.intake.kit import ACCEPTED, DUPLICATE, REJECTED, Recorder, Stand

RESET = {
    "user_id": "u-1",
    "email": "a@example.com",
    "reset_token": "tok",
    "expires_at": "2026-01-15T13:00:00Z",
}


@pytest.mark.req("CAM-71", "EVT-3", "EVT-5", "GEN-31")
async def test_each_event_of_a_block_is_answered_for_itself(stand: Stand) -> None:
    good, unknown = stand.envelope(), stand.envelope("lottery.drawn", data={"number": 4})
    bad = stand.envelope("payment.succeeded", data={"order_id": "o"})
    foreign = stand.envelope(tenant_id=str(uuid4()))
    answer = await stand.tell(good, good, bad, unknown, foreign, stand.envelope("aml.alert"))
    assert [one.state for one in answer.results] == [
        ACCEPTED,
        DUPLICATE,
        REJECTED,
        ACCEPTED,
        REJECTED,
        REJECTED,
    ]
    assert [one.reason for one in answer.results] == ["", "", "invalid", "", "tenant_mismatch", "restricted"]
    assert {wrong.field for wrong in answer.results[2].violations} >= {"data.person", "data.amount"}
    assert [one.index for one in answer.results] == list(range(6))
    assert (answer.accepted_count, answer.duplicate_count, answer.rejected_count) == (2, 1, 3)
    # What was answered is stored, and nothing else.
    assert set(await stand.states()) == {good["event_id"], unknown["event_id"]}


@pytest.mark.req("EVT-3")
async def test_an_event_that_was_stored_is_a_duplicate_and_has_no_effect(
    stand: Stand, recorder: Recorder
) -> None:
    given = stand.envelope()
    await stand.tell(given)
    await stand.worker().run_until_idle()
    changed = {**given, "type": "order.delivered", "data": {}}
    assert (await stand.tell(given)).duplicate_count == 1
    assert (await stand.tell(changed)).rejected_count == 1
    await stand.worker().run_until_idle()
    assert recorder.ids() == [UUID(given["event_id"])]


@pytest.mark.req("EVT-3")
async def test_callers_who_tell_the_same_events_at_once_store_each_once(stand: Stand) -> None:
    block = [stand.envelope(aggregate_id=f"o-{number % 7}") for number in range(60)]
    orders = [block, block[::-1], block[30:] + block[:30], block[10:50]]
    answers = await asyncio.gather(*(stand.tell(*order) for order in orders))
    assert sum(answer.accepted_count for answer in answers) == 60
    assert sum(answer.duplicate_count for answer in answers) == 160
    assert len(await stand.states()) == 60


@pytest.mark.req("EVT-1")
async def test_the_same_id_of_two_tenants_is_two_events(stand: Stand) -> None:
    other, event_id = uuid4(), str(uuid4())
    await stand.tell(stand.envelope(event_id=event_id))
    answer = await stand.neighbour(tenant_id=other).IngestEvents(
        pb.IngestEventsRequest(
            events_json=orjson.dumps(stand.envelope(event_id=event_id, tenant_id=str(other)))
        )
    )
    assert answer.accepted_count == 1
    assert len(await stand.rows("SELECT 1 FROM campaign.inbound_event")) == 2
    with pytest.raises(ServiceError, match="not found"):
        await stand.owner(tenant_id=uuid4()).GetInboundEvent(pb.GetInboundEventRequest(event_id=event_id))


@pytest.mark.req("CAM-71", "EVT-1")
async def test_typed_envelopes_mean_what_their_json_means(stand: Stand, recorder: Recorder) -> None:
    data = Struct()
    data.update({"person": {"user_id": "u-1"}, "order_id": "o-1", "reason": "late", "cancelled_by": "shop"})
    typed = pb.InboundEnvelope(
        event_id=str(uuid4()),
        type="order.cancelled",
        tenant_id=str(stand.tenant_id),
        source="orders",
        occur_time=Timestamp(seconds=1768478340),
        aggregate_id="o-1",
        sequence=1,
        data=data,
    )
    spelled = pb.InboundEnvelope()
    spelled.CopyFrom(typed)
    spelled.event_id, spelled.sequence = str(uuid4()), 2
    spelled.data_json = orjson.dumps(
        {"customerId": "u-1", "orderId": "o-1", "reason": "late", "cancelledBy": "shop"}
    )
    bad = pb.InboundEnvelope(event_id=str(uuid4()), type="order.cancelled", data_json=b"{")
    answer = await stand.neighbour().IngestEvents(pb.IngestEventsRequest(events=[typed, spelled, bad]))
    assert [one.state for one in answer.results] == [ACCEPTED, ACCEPTED, REJECTED]
    await stand.worker().run_until_idle()
    first, second = recorder.seen
    assert first.data == second.data
    assert first.person == second.person
    assert first.occurred_at.isoformat() == "2026-01-15T11:59:00+00:00"
    assert (first.aggregate_type, first.sequence, second.sequence) == ("order", 1, 2)


@pytest.mark.req("CAM-71")
async def test_a_request_in_no_form_or_too_large_is_refused_as_a_whole(stand: Stand) -> None:
    many = orjson.dumps([stand.envelope() for _ in range(501)])
    requests = [
        pb.IngestEventsRequest(),
        pb.IngestEventsRequest(events=[pb.InboundEnvelope()], events_json=b"{}"),
        pb.IngestEventsRequest(events_json=b"{"),
        pb.IngestEventsRequest(events_json=b"[]"),
        pb.IngestEventsRequest(events_json=many),
        pb.IngestEventsRequest(events=[pb.InboundEnvelope()] * 501),
    ]
    for request in requests:
        with pytest.raises(ServiceError) as refusal:
            await stand.neighbour().IngestEvents(request)
        assert refusal.value.reason == "VALIDATION_FAILED"
    assert await stand.states() == {}


@pytest.mark.req("CAM-71")
async def test_a_stream_of_blocks_is_answered_block_by_block(stand: Stand) -> None:
    blocks = [[stand.envelope() for _ in range(3)] for _ in range(4)]

    def typed(given: dict[str, object]) -> pb.InboundEnvelope:
        return pb.InboundEnvelope(
            **{name: given[name] for name in ("event_id", "type", "tenant_id", "source", "aggregate_id")},
            occur_time=Timestamp(seconds=1768478340),
            data_json=orjson.dumps(given["data"]),
        )

    async def given() -> object:
        for number, block in enumerate([*blocks, blocks[0], []], 1):
            yield pb.StreamEventsRequest(block_number=number, events=[typed(one) for one in block])

    answers = [one async for one in stand.neighbour().StreamEvents(given())]
    assert [one.block_number for one in answers] == [1, 2, 3, 4, 5, 6]
    assert [one.result.accepted_count for one in answers] == [3, 3, 3, 3, 0, 0]
    assert answers[4].result.duplicate_count == 3
    assert answers[5].error.message
    assert len(await stand.states()) == 12


@pytest.mark.req("EVT-7", "EVT-5")
async def test_work_orders_are_ignored_whatever_steps_there_are(stand: Stand, recorder: Recorder) -> None:
    order, unknown = stand.envelope("minting.requested"), stand.envelope("lottery.drawn")
    await stand.tell(order, unknown)
    await stand.worker().run_until_idle()
    # A step that wants every type sees the unknown one, and never the work order.
    assert recorder.ids() == [UUID(unknown["event_id"])]
    assert set((await stand.states()).values()) == {pb.InboundEvent.STATE_IGNORED}


@pytest.mark.req("EVT-132", "GEN-35", "GEN-36")
async def test_what_an_event_says_of_people_is_sealed_and_shown_masked(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    given = stand.envelope(
        "user.password_reset",
        data={
            "user_id": "u-1",
            "email": "anna.quill@example.com",
            "phone": "+4915112345678",
            "reset_token": "tok-3f9a",
            "expires_at": "2026-01-15T13:00:00Z",
        },
    )
    await stand.tell(given)
    kept = await stand.rows("SELECT inbound_event::text, payload FROM campaign.inbound_event")
    for secret in ("anna.quill", "4915112345678", "tok-3f9a"):
        assert secret not in kept[0][0]
        assert secret.encode() not in kept[0][1]
        assert secret not in caplog.text
    found = await stand.owner().GetInboundEvent(pb.GetInboundEventRequest(event_id=given["event_id"]))
    assert orjson.loads(found.inbound_event.data_json) == {
        "person": {"user_id": "u-1", "email": "a***@example.com", "phone": "+491****78"},
        "expires_at": "2026-01-15T13:00:00Z",
    }


@pytest.mark.req("GEN-35")
async def test_what_looks_like_a_secret_in_an_unknown_event_is_not_shown(stand: Stand) -> None:
    data = {"win": 4, "accessToken": "tok-1", "deep": [{"password": "tok-2", "workEmail": "a.b@example.com"}]}
    told = stand.envelope("lottery.drawn", data=data)
    await stand.tell(told)
    found = await stand.owner().GetInboundEvent(pb.GetInboundEventRequest(event_id=told["event_id"]))
    assert orjson.loads(found.inbound_event.data_json) == {
        "win": 4,
        "deep": [{"workEmail": "a***@example.com"}],
    }


@pytest.mark.req("EVT-47", "EVT-46")
async def test_a_token_is_given_to_the_steps_and_then_gone_from_storage(
    stand: Stand, recorder: Recorder
) -> None:
    reset = stand.envelope("user.password_reset", data=RESET)
    await stand.tell(reset)
    await stand.worker().run_until_idle()
    assert recorder.seen[0].data["reset_token"] == "tok"
    async with stand.database.tenant(stand.tenant_id) as uow:
        found = await store.by_id(uow, UUID(reset["event_id"]))
        assert found is not None
        assert found[1] is not None
        vault = stand.intake._vault
        [opened] = await vault.open(uow, [UUID(reset["event_id"])], [found[1]])
    assert "reset_token" not in orjson.loads(opened)


@pytest.mark.req("EVT-47", "GEN-47")
async def test_a_token_in_an_event_that_could_not_be_handled_is_gone_after_a_day(
    stand: Stand, recorder: Recorder
) -> None:
    reset = stand.envelope("user.password_reset", data=RESET)
    recorder.fails = lambda event: RuntimeError()
    await stand.tell(reset)
    for _ in range(5):
        await stand.worker().run_until_idle()
        stand.clock.advance(timedelta(seconds=30))
    assert set((await stand.states()).values()) == {pb.InboundEvent.STATE_DEAD}
    async with stand.database.system() as uow:
        assert await forget_old(uow, uow.now(), 100) == 0
    stand.clock.advance(timedelta(days=1))
    async with stand.database.system() as uow:
        assert await forget_old(uow, uow.now(), 100) == 1
    assert await stand.rows("SELECT payload FROM campaign.inbound_event") == [(None,)]
    with pytest.raises(ServiceError) as refusal:
        await stand.owner().ReplayInboundEvent(pb.ReplayInboundEventRequest(event_id=reset["event_id"]))
    assert refusal.value.reason == "VALIDATION_FAILED"


@pytest.mark.req("CAM-72", "GEN-26")
async def test_events_are_listed_newest_first_by_what_is_asked(stand: Stand) -> None:
    for number in range(5):
        await stand.tell(stand.envelope(aggregate_id=f"o-{number}"), stand.envelope("lottery.drawn"))
        stand.clock.advance(timedelta(seconds=1))
    owner = stand.owner()
    seen: list[pb.InboundEvent] = []
    token = ""
    while True:
        page = await owner.ListInboundEvents(pb.ListInboundEventsRequest(page_size=3, page_token=token))
        seen += page.inbound_events
        token = page.next_page_token
        if not token:
            break
    assert len({one.event_id for one in seen}) == 10
    times = [one.receive_time.ToNanoseconds() for one in seen]
    assert times == sorted(times, reverse=True)
    assert not any(one.data_json for one in seen)

    async def count(**asked: object) -> int:
        return len((await owner.ListInboundEvents(pb.ListInboundEventsRequest(**asked))).inbound_events)

    assert await count(type="order.expired") == 5
    assert await count(state=pb.InboundEvent.STATE_RECEIVED) == 10
    assert await count(state=pb.InboundEvent.STATE_DEAD) == 0
    assert await count(aggregate_type="order", aggregate_id="o-3") == 1
    assert await count(source="payments") == 0
    with pytest.raises(ServiceError):
        await owner.ListInboundEvents(pb.ListInboundEventsRequest(page_token="nonsense"))


@pytest.mark.req("CAM-17", "GEN-47", "JOB-38")
async def test_events_are_kept_a_month_and_open_ones_until_they_are_done(stand: Stand) -> None:
    done, waiting = stand.envelope(), stand.envelope(aggregate_id="o-2")
    await stand.tell(done)
    await stand.worker().run_until_idle()
    await stand.tell(waiting)
    stand.clock.advance(timedelta(days=30, seconds=1))
    async with stand.database.system() as uow:
        assert await forget_old(uow, uow.now(), 100) == 1
    assert set(await stand.states()) == {waiting["event_id"]}


async def contact(stand: Stand, **fields: str) -> UUID:
    """A contact's row, as little of it as is needed."""
    contact_id = uuid7()
    await stand.rows(
        "INSERT INTO campaign.contact (tenant_id, contact_id, external_id, email, email_canonical, tags, attributes,"
        " visit_count, purchase_count, total_spend_minor, loyalty_points, state, version, created_at, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, '{}', '{}', 0, 0, 0, 0, 1, 1, now(), now())",
        stand.tenant_id,
        contact_id,
        fields["external_id"],
        fields["email"],
        fields["email"],
    )
    return contact_id


@pytest.mark.req("CON-51", "CON-50", "EVT-132")
async def test_a_person_is_told_what_events_say_of_them_and_is_cut_out_of_them(stand: Stand) -> None:
    anna = await contact(stand, external_id="u-anna", email="anna@example.com")
    alone = stand.envelope(
        "user.deleted", aggregate_type="user", aggregate_id="u-anna", data={"user_id": "u-anna"}
    )
    shared = stand.envelope(
        "event.cancelled",
        data={
            "event_ref": "e-1",
            "event_name": "Concert",
            "event_date": "2026-05-01T18:00:00Z",
            "reason": "rain",
            "refund_available": True,
            "affected_tickets": [
                {"ticket_ref": "t-1", "user_id": "u-anna", "email": "anna@example.com"},
                {"ticket_ref": "t-2", "user_id": "u-bert", "email": "bert@example.com"},
            ],
        },
    )
    await stand.tell(alone, shared, stand.envelope(data={"user_id": "u-bert", "order_id": "o"}))
    await stand.worker().run_until_idle()
    inbound = InboundEvents(stand.settings.encryption_keys, stand.settings.hash_keys)
    async with stand.database.tenant(stand.tenant_id) as uow:
        told = [orjson.loads(one) async for block in inbound.read(uow, anna) for one in block]
    by_type = {one["type"]: one["data"] for one in told}
    assert by_type == {
        "user.deleted": {"person": {"user_id": "u-anna"}},
        "event.cancelled": [{"ticket_ref": "t-1", "user_id": "u-anna", "email": "anna@example.com"}],
    }
    person = Person(anna, uuid4(), {})
    async with stand.database.tenant(stand.tenant_id) as uow:
        erased = await inbound.erase(uow, person)
    assert erased.anonymized == 2
    async with stand.database.tenant(stand.tenant_id) as uow:
        _, first = await stand.intake.get(uow, UUID(alone["event_id"]))
        kept, second = await stand.intake.get(uow, UUID(shared["event_id"]))
    assert first == ""
    assert orjson.loads(second)["affected_tickets"][0] == {}
    assert orjson.loads(second)["affected_tickets"][1]["user_id"] == "u-bert"
    rows = await stand.rows("SELECT inbound_event::text FROM campaign.inbound_event")
    assert not any("u-anna" in text for (text,) in rows)
    # The event itself stays known.
    assert (await stand.tell(alone)).duplicate_count == 1
    assert kept.state.name == "PROCESSED"
