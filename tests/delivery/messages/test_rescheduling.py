"""A message that waits is given another time, and one that went cannot be (DEL-27, DEL-61)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.ids import uuid7
from services.delivery.messages.domain import Lane, default_expiry
from services.delivery.messages.rescheduling import _Waiting, expiry_after
from tests.delivery.kit import House, later
from tests.delivery.messages.calls import (
    S,
    cancel,
    person,
    refused,
    rows,
    scheduled,
    send,
    send_many,
    show,
    states,
)
from tests.fakes.carrier import Carrier
from tests.fakes.neighbours import defer

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVALID = grpc.StatusCode.INVALID_ARGUMENT
TO = person(address="anna@example.com")


async def move(
    house: House, message_id: str, at: datetime, key: str = "", **more: Any
) -> pb.RescheduleMessageResponse:
    request = pb.RescheduleMessageRequest(message_id=message_id, idempotency_key=key)
    request.schedule_time.FromDatetime(at)
    return await house.messages.RescheduleMessage(request, metadata=house.as_person(**more))


@pytest.mark.req("DEL-27", "DEL-3")
async def test_one_message_of_a_block_is_moved_alone_and_its_history_says_by_whom(office: House) -> None:
    content = office.content()
    people = [person(contact_id=str(uuid4()), address=f"p{n}@example.com") for n in range(3)]
    made = await send_many(office, content=content, recipients=people)
    at = later(days=2)
    moved = (await move(office, made.message_ids[1], at)).message
    assert (moved.state, moved.due_time.ToDatetime(tzinfo=UTC)) == (S.STATE_SCHEDULED, at)
    assert moved.expire_time.ToDatetime(tzinfo=UTC) == at + timedelta(hours=24)
    assert await states(office) == {"pending": 2, "scheduled": 1}
    blocks = await rows(
        office, "SELECT message_count, status, due_at FROM dispatch_block WHERE tenant_id = %s ORDER BY 1"
    )
    assert [row[:2] for row in blocks] == [(1, 0), (2, 1)]
    assert blocks[0][2] == at
    assert await scheduled(office) == [made.message_ids[1]]
    found = await show(office, made.message_ids[1])
    assert [(one.type, one.actor) for one in found.log] == [
        ("accepted", "person-1"),
        ("rescheduled", "person-1"),
    ]
    assert found.log[1].detail == f"for {at.isoformat()}"
    assert (await show(office, made.message_ids[0])).message.state == S.STATE_PENDING
    await office.assert_every_waiting_message_stands_in_one_place()


@pytest.mark.req("DEL-27")
async def test_deferred_and_scheduled_messages_are_moved_from_where_they_wait_also_to_now(
    office: House,
) -> None:
    until = later(hours=3)
    office.neighbours.consent.rule = lambda *_: defer(consent_pb.DECISION_REASON_QUIET_HOURS, until)
    deferred = await send(office, content=office.content(), recipient=TO)
    assert deferred.state == S.STATE_DEFERRED
    moved = (await move(office, deferred.message_id, later(seconds=-0.5))).message
    assert (moved.state, moved.reason, moved.HasField("defer_time")) == (S.STATE_PENDING, "", False)
    assert await rows(office, "SELECT count(*) FROM message_wait WHERE tenant_id = %s") == [(0,)]
    again = (await move(office, deferred.message_id, later(days=1))).message
    assert again.state == S.STATE_SCHEDULED
    assert (await move(office, deferred.message_id, later(days=3))).message.state == S.STATE_SCHEDULED
    assert await rows(office, "SELECT message_count FROM dispatch_block WHERE tenant_id = %s") == [(1,)]
    await office.assert_every_waiting_message_stands_in_one_place()


@pytest.mark.req("DEL-61", "DEL-110", "DEL-125")
async def test_times_in_the_past_too_far_or_after_the_expiry_are_refused(office: House) -> None:
    for field, at in (
        ("schedule_time", later(minutes=-1)),
        ("schedule_time", later(days=367)),
    ):
        content = office.content()
        getattr(content, field).FromDatetime(at)
        found = await refused(send(office, content=content, recipient=TO))
        assert found == (INVALID, "VALIDATION_FAILED", "MARKETING_063", [f"content.{field}"])
    expiring = office.content()
    expiring.schedule_time.FromDatetime(later(hours=2))
    expiring.expire_time.FromDatetime(later(hours=1))
    assert (await refused(send(office, content=expiring, recipient=TO)))[3] == ["content.expire_time"]
    own = office.content()
    own.expire_time.FromDatetime(later(hours=5))
    answer = await send(office, content=own, recipient=TO)
    for at in (later(minutes=-1), later(days=367), later(hours=6)):
        found = await refused(move(office, answer.message_id, at))
        assert found[:3] == (INVALID, "VALIDATION_FAILED", "MARKETING_063")
        assert set(found[3]) == {"schedule_time"}
    shown = (await show(office, answer.message_id)).message
    assert shown.state == S.STATE_PENDING
    kept = (await move(office, answer.message_id, later(hours=4))).message
    assert kept.expire_time == own.expire_time


@pytest.mark.req("DEL-27")
async def test_what_was_cancelled_or_is_unknown_or_anothers_is_not_moved(office: House) -> None:
    answer = await send(office, content=office.content(), recipient=TO)
    foreign = await refused(move(office, answer.message_id, later(days=1), tenant_id=uuid4()))
    assert foreign[:2] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert (await refused(move(office, str(uuid7()), later(days=1))))[1] == "NOT_FOUND"
    await cancel(office, message_id=answer.message_id)
    found = await refused(move(office, answer.message_id, later(days=1)))
    assert found == (INVALID, "VALIDATION_FAILED", "MARKETING_063", ["message_id"])
    assert await states(office) == {"cancelled": 1}


@pytest.mark.req("DEL-27", "GEN-29")
async def test_a_repeated_move_is_answered_as_the_first_and_moves_nothing(office: House) -> None:
    answer = await send(office, content=office.content(), recipient=TO)
    at = later(days=1)
    first = await move(office, answer.message_id, at, "key")
    await move(office, answer.message_id, later(days=2), "other")
    again = await move(office, answer.message_id, at, "key")
    assert (again.deduplicated, again.message) == (True, first.message)
    assert (await show(office, answer.message_id)).message.due_time.ToDatetime(tzinfo=UTC) > later(days=1.5)


@pytest.mark.req("DEL-27", "DEL-61")
async def test_a_message_in_hand_is_not_moved_and_a_moved_one_leaves_at_its_new_time(
    house_of_its_own: House,
) -> None:
    house = house_of_its_own
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        soon = house.content()
        soon.schedule_time.FromDatetime(later(days=30))
        waiting = await send(house, content=soon, recipient=person(address="b@example.com"))
        carrier.gate.clear()
        leaving = await send(house, content=house.content(), recipient=TO)
        async with house.worker(provider_mode="live"):
            await asyncio.wait_for(carrier.arrived.wait(), 20)
            found = await refused(move(house, leaving.message_id, later(days=1)))
            assert found == (INVALID, "VALIDATION_FAILED", "MARKETING_063", ["message_id"])
            await move(house, waiting.message_id, later(seconds=0.3))
            carrier.gate.set()
            await house.until_states({"sent": 2})
        found = await refused(move(house, leaving.message_id, later(days=1)))
        assert found[3] == ["message_id"]
        assert carrier.taken[leaving.message_id] == carrier.taken[waiting.message_id] == 1


@pytest.mark.req("DEL-26", "DEL-61")
async def test_a_held_message_shows_since_when_and_why_and_its_history_keeps_it(office: House) -> None:
    offer = office.template(category=enums_pb2.CATEGORY_OFFER)
    content = office.campaign_content(offer)
    contact = person(contact_id=str(uuid4()), address="a@example.com")
    made = await send_many(office, as_service="campaign", content=content, recipients=[contact])
    order = await send(office, content=office.content(), recipient=TO)
    for selector in (
        {"campaign_id": content.campaign_id},
        {"run_id": content.run_id},
        {"tenant_marketing": True},
    ):
        held = await office.messages.HoldMessages(
            pb.HoldMessagesRequest(selector=pb.MessageSelector(**selector), reason="wrong prices"),
            metadata=office.as_service(),
        )
        assert held.held_count == 1
        again = await office.messages.HoldMessages(
            pb.HoldMessagesRequest(selector=pb.MessageSelector(**selector), reason="once more"),
            metadata=office.as_service(),
        )
        assert again.held_count == 1
        shown = (await show(office, made.message_ids[0])).message
        assert (shown.state, shown.hold_reason) == (S.STATE_PENDING, "wrong prices")
        assert shown.hold_time.seconds >= shown.create_time.seconds
        assert not (await show(office, order.message_id)).message.HasField("hold_time")
        released = await office.messages.ReleaseMessages(
            pb.ReleaseMessagesRequest(selector=pb.MessageSelector(**selector)), metadata=office.as_service()
        )
        assert released.released_count == 1
        assert not (await show(office, made.message_ids[0])).message.HasField("hold_time")
    log = [(one.type, one.detail, one.actor) for one in (await show(office, made.message_ids[0])).log]
    assert log == [
        ("accepted", "", "campaign"),
        *[("held", "wrong prices", "campaign"), ("released", "", "campaign")] * 3,
    ]
    assert [one.type for one in (await show(office, order.message_id)).log] == ["accepted"]


# The arithmetic


@pytest.mark.req("DEL-1", "DEL-27")
@given(st.sampled_from(Lane), st.timedeltas(timedelta(minutes=-1), timedelta(days=366)), st.booleans())
async def test_a_default_expiry_moves_along_and_an_own_one_stays(
    lane: Lane, away: timedelta, has_own: bool
) -> None:
    now = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    one = _Waiting(1, lane, 1, None, None, 1, uuid4(), now + timedelta(hours=3), has_own, False)
    found = expiry_after(one, now + away)
    assert found == (one.expire_at if has_own else default_expiry(lane, now + away))
