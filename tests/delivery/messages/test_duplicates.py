"""The same content reaches a person once a day, and one event causes one message, also under concurrency."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.partitions import uuid7_floor
from services.common.ids import uuid7
from services.delivery.messages.domain import (
    Category,
    Channel,
    Content,
    Lane,
    Origin,
    default_expiry,
)
from services.delivery.messages.duplicates import CAUSES_KEPT, MARKETING_WINDOW, RUNS_APART, window_of
from services.delivery.messages.duplicates import forget as forget_marks
from tests.delivery.kit import House
from tests.delivery.messages.calls import (
    OFFER,
    S,
    cancel,
    person,
    refused,
    rows,
    send,
    send_many,
    show,
    states,
    stopped,
    struct,
    told,
)
from tests.fakes.neighbours import deny

pytestmark = pytest.mark.asyncio(loop_scope="module")


def offer(house: House, **more: Any) -> pb.MessageContent:
    return house.content(house.template(category=OFFER), category=OFFER, **more)


def to(contact: str, **variables: Any) -> pb.Recipient:
    return person(
        contact_id=contact, address="anna@example.com", variables=struct(**{"name": "Anna", **variables})
    )


@pytest.mark.req("DEL-59")
async def test_the_same_marketing_to_the_same_contact_within_a_day_is_skipped(office: House) -> None:
    content, contact = offer(office), str(uuid4())
    first = await send(office, content=content, recipient=to(contact))
    again = await send(office, content=content, recipient=to(contact))
    assert (first.state, again.state, again.reason) == (
        S.STATE_PENDING,
        S.STATE_SKIPPED,
        "duplicate_content",
    )
    assert await states(office) == {"pending": 1, "skipped": 1}
    assert await stopped(office, "skipped") == [(again.message_id, "duplicate_content")]
    assert await rows(office, "SELECT message_count FROM dispatch_block WHERE tenant_id = %s") == [(1,)]
    different = [
        (offer(office), to(contact)),
        (content, to(contact, discount=5)),
        (content, to(str(uuid4()))),
        (pb.MessageContent(**_fields(content), subject_override="Other"), to(contact)),
    ]
    for other, recipient in different:
        assert (await send(office, content=other, recipient=recipient)).state == S.STATE_PENDING


def _fields(content: pb.MessageContent) -> dict[str, Any]:
    return {
        "channel": content.channel,
        "category": content.category,
        "template_version_id": content.template_version_id,
    }


@pytest.mark.req("DEL-59")
async def test_transactional_messages_may_repeat_unless_their_caller_sets_a_window(office: House) -> None:
    content, contact = office.content(), str(uuid4())
    for _ in range(2):
        assert (await send(office, content=content, recipient=to(contact))).state == S.STATE_PENDING
    content.duplicate_window.CopyFrom(Duration(seconds=3600))
    assert (await send(office, content=content, recipient=to(contact))).state == S.STATE_PENDING
    assert (await send(office, content=content, recipient=to(contact))).reason == "duplicate_content"
    for seconds in (0, 59, 30 * 86400 + 1):
        content.duplicate_window.CopyFrom(Duration(seconds=seconds))
        found = await refused(send(office, content=content, recipient=to(contact)))
        assert found == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "VALIDATION_FAILED",
            "MARKETING_063",
            ["content.duplicate_window"],
        )


@pytest.mark.req("DEL-59")
async def test_a_message_that_never_left_does_not_stand_in_the_way_of_the_next(office: House) -> None:
    content, contact = offer(office), str(uuid4())
    office.neighbours.consent.rule = lambda *_: deny(consent_pb.DECISION_REASON_NO_CONSENT)
    assert (await send(office, content=content, recipient=to(contact))).reason == "no_consent"
    office.neighbours.consent.rule = lambda *_: (consent_pb.OUTCOME_ALLOW, 0, None)
    first = await send(office, content=content, recipient=to(contact))
    assert first.state == S.STATE_PENDING
    assert await cancel(office, message_id=first.message_id) == 1
    second = await send(office, content=content, recipient=to(contact))
    assert second.state == S.STATE_PENDING
    assert (await send(office, content=content, recipient=to(contact))).reason == "duplicate_content"


@pytest.mark.req("DEL-59")
async def test_duplicates_within_a_block_and_of_former_blocks_are_skipped_by_one_statement(
    office: House,
) -> None:
    content = offer(office)
    contacts = [str(uuid4()) for _ in range(300)]
    first = await send_many(office, content=content, recipients=[to(one) for one in contacts[:200]])
    assert list(first.stopped) == []
    again = await send_many(
        office, content=content, recipients=[to(one) for one in [*contacts[100:], contacts[299]]]
    )
    assert again.accepted_count == 201
    assert {(one.state, one.reason) for one in again.stopped} == {(S.STATE_SKIPPED, "duplicate_content")}
    assert [one.index for one in again.stopped] == [*range(100), 200]
    assert await states(office) == {"pending": 300, "skipped": 101}
    assert await rows(office, "SELECT count(*) FROM message_mark WHERE tenant_id = %s") == [(300,)]


async def test_marks_of_a_content_stand_in_their_index_as_its_contacts_were_made(office: House) -> None:
    start = datetime(2026, 1, 2, tzinfo=UTC)
    made = [
        str(UUID(int=uuid7_floor(start + timedelta(seconds=n)).int | int.from_bytes(os.urandom(7), "big")))
        for n in range(50)
    ]
    for content in (offer(office), offer(office)):
        answer = await send_many(office, content=content, recipients=[to(one) for one in reversed(made)])
        assert answer.accepted_count == 50
    found = await rows(
        office,
        "SELECT m.contact_id::text FROM message_mark k JOIN message m USING (tenant_id, message_id)"
        " WHERE tenant_id = %s ORDER BY k.mark_id",
    )
    assert [contact for (contact,) in found] == [*made, *made]


@pytest.mark.req("DEL-59")
async def test_a_block_that_comes_twice_by_its_ids_is_no_duplicate_of_itself(office: House) -> None:
    content = office.campaign_content()
    people = [
        person(message_id=str(uuid7()), contact_id=str(uuid4()), address="a@example.com") for _ in range(20)
    ]
    first = await send_many(office, as_service="campaign", content=content, recipients=people)
    again = await send_many(office, as_service="campaign", content=content, recipients=[*people, people[0]])
    assert (first.accepted_count, again.accepted_count, again.duplicate_count) == (20, 0, 21)
    assert await states(office) == {"pending": 20}


@pytest.mark.req("DEL-59")
async def test_one_event_causes_one_message_per_rule_recipient_and_channel(office: House) -> None:
    contact = str(uuid4())
    cause = pb.Cause(event_id="order-7", rule="order-confirmed")
    content = office.content(cause=cause)
    first = await send(office, as_service="campaign", content=content, recipient=to(contact))
    again = await send(office, as_service="campaign", content=content, recipient=to(contact))
    assert (again.message_id, again.deduplicated) == (first.message_id, True)
    assert again.messages[0].is_repeat
    assert await states(office) == {"pending": 1}
    assert await told(office) == [("message.accepted", 1)]
    shown = (await show(office, first.message_id)).message
    assert (shown.event_id, shown.rule) == ("order-7", "order-confirmed")
    sms = office.content(
        office.template(channel=enums_pb2.CHANNEL_SMS), channel=enums_pb2.CHANNEL_SMS, cause=cause
    )
    others = [
        (office.content(cause=pb.Cause(event_id="order-8", rule="order-confirmed")), to(contact)),
        (office.content(cause=pb.Cause(event_id="order-7", rule="other")), to(contact)),
        (content, to(str(uuid4()))),
        (sms, person(contact_id=contact, address="+491711234567")),
    ]
    for other, recipient in others:
        answer = await send(office, as_service="campaign", content=other, recipient=recipient)
        assert not answer.deduplicated
    block = await send_many(
        office, as_service="campaign", content=content, recipients=[to(str(uuid4())), to(contact)]
    )
    assert (block.accepted_count, block.duplicate_count) == (1, 1)
    assert block.message_ids[1] == first.message_id
    [(until,)] = await rows(
        office,
        "SELECT expires_at FROM message_mark WHERE tenant_id = %s AND message_id = %s AND kind = 2",
        UUID(first.message_id),
    )
    assert abs(until - datetime.now(UTC) - CAUSES_KEPT) < timedelta(minutes=1)


@pytest.mark.req("DEL-59")
async def test_marks_are_forgotten_when_their_time_is_over_and_then_the_content_may_go_again(
    office: House,
) -> None:
    content, contact = offer(office), str(uuid4())
    await send(office, content=content, recipient=to(contact))
    await rows(
        office, "UPDATE message_mark SET expires_at = now() - interval '1 second' WHERE tenant_id = %s"
    )
    assert (await send(office, content=content, recipient=to(contact))).state == S.STATE_PENDING
    await rows(
        office, "UPDATE message_mark SET expires_at = now() - interval '1 second' WHERE tenant_id = %s"
    )
    async with office.service.database.system() as uow:
        assert await forget_marks(uow, datetime.now(UTC), 500) >= 1
    assert await rows(office, "SELECT count(*) FROM message_mark WHERE tenant_id = %s") == [(0,)]


@pytest.mark.req("DEL-59", "GEN-29")
async def test_processes_that_send_the_same_at_once_accept_it_once(office: House) -> None:
    template = office.template(category=OFFER)
    contact, key = str(uuid4()), f"key-{uuid4()}"
    environment = {
        **os.environ,
        "TOKEN": dict(office.as_service("campaign"))["authorization"],
        "TENANT": str(office.tenant_id),
        "TEMPLATE": str(template),
        "CONTACT": contact,
        "KEY": key,
    }
    script = Path(__file__).with_name("sending_at_once.py")
    servers = [await office.start_serving_process() for _ in range(2)]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            str(script),
            env={**environment, "ADDRESS": servers[number % 2]},
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        for number in range(3)
    ]
    outputs = await asyncio.gather(*(one.communicate() for one in processes))
    answers = [line.split() for out, _ in outputs for line in out.decode().splitlines()]
    keyed = {line[1] for line in answers if line[0] == "keyed"}
    caused = {line[1] for line in answers if line[0] == "caused"}
    marketing = [line[2] for line in answers if line[0] == "marketing"]
    assert len(keyed) == 1
    assert len(caused) == 1
    pending = str(int(message_pb2.Message.STATE_PENDING))
    assert (marketing.count(pending), len(marketing)) == (1, 3 * 8)
    assert await states(office) == {"pending": 3, "skipped": 23}


# The arithmetic


FIRST, LAST = datetime.fromisoformat("2024-01-01"), datetime.fromisoformat("2035-01-01")
INSTANTS = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def content_of(
    category: Category, origin: Origin, window: timedelta | None, *, is_staff: bool = False
) -> Content:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Content(
        uuid7().bytes, Channel.EMAIL, category, Lane.NORMAL, origin, uuid4(), at, at + timedelta(1), False,
        duplicate_window=window, is_staff=is_staff,
    )  # fmt: skip


@pytest.mark.req("DEL-59")
@given(
    st.sampled_from(Category),
    st.sampled_from(Origin),
    st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
)
async def test_a_window_is_the_callers_else_a_day_for_marketing_else_none(
    category: Category, origin: Origin, window: timedelta | None
) -> None:
    content = content_of(category, origin, window)
    found = window_of(content)
    if origin in (Origin.TEST, Origin.REPLY, Origin.DIGEST):
        assert found is None
    elif window is not None:
        assert found == window
    elif not content.is_marketing:
        assert found is None
    else:
        assert found == (RUNS_APART if origin is Origin.CAMPAIGN else MARKETING_WINDOW)
        # A late run, then one on time, on a day two hours shorter.
        assert timedelta(hours=20) < RUNS_APART < timedelta(hours=21)
    assert window_of(content_of(category, origin, window, is_staff=True)) is None


@pytest.mark.req("DEL-1")
@given(st.sampled_from(Lane), INSTANTS)
async def test_a_default_expiry_counts_from_when_a_message_is_due(lane: Lane, due_at: datetime) -> None:
    hours = {Lane.CRITICAL: 1, Lane.HIGH: 6, Lane.NORMAL: 24, Lane.LOW: 72}
    assert default_expiry(lane, due_at) == due_at + timedelta(hours=hours[lane])
