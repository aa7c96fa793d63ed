from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.rpc import error_details_pb2

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import delivery_events_pb2, message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.ids import uuid7
from services.common.reasons import REASONS
from tests.delivery.kit import House, later, recipient
from tests.delivery.messages.calls import fields_refused, told_by
from tests.fakes.neighbours import ALLOW, defer, deny

S = message_pb2.Message


@pytest.mark.req("DEL-57")
async def test_an_accepted_message_is_stored_with_its_work_and_its_event_and_nothing_readable(
    house: House,
) -> None:
    answer = await house.send_one(house.content(), recipient(7))
    assert answer.state == S.STATE_PENDING
    assert await house.states() == {"pending": 1}
    assert await house.value("SELECT message_count FROM dispatch_block WHERE status = 1") == 1
    assert await house.events() == [("message.accepted", 1)]
    stored = await house.value("SELECT sealed FROM message_content")
    assert b"person7@example.com" not in stored
    assert b"Person 7" not in stored
    envelope = await house.value("SELECT envelope FROM outbox")
    assert b"person7" not in envelope


@pytest.mark.req("REL-1")
async def test_an_accepted_message_its_work_and_its_event_are_of_one_transaction(house: House) -> None:
    await house.send_one(house.content(), recipient())
    tables = ("message", "message_content", "dispatch_block", "outbox", "idempotency")
    written = {table: await house.rows(f"SELECT DISTINCT xmin::text FROM {table}") for table in tables}
    assert [len(found) for found in written.values()] == [1] * len(tables)
    assert len({found[0] for found in written.values()}) == 1


@pytest.mark.req("DEL-57", "DEL-126", "CON-123")
async def test_a_denied_message_is_stored_as_skipped_and_answered_with_its_reason(house: House) -> None:
    house.neighbours.consent.rule = lambda *_: deny(consent_pb.DECISION_REASON_SUPPRESSED)
    answer = await house.send_one(house.content(), recipient())
    assert (answer.state, answer.reason) == (S.STATE_SKIPPED, "suppressed")
    assert await house.states() == {"skipped": 1}
    assert await house.value("SELECT count(*) FROM dispatch_block") == 0
    assert await house.events() == [("message.accepted", 1), ("message.skipped", 1)]


@pytest.mark.req("SEC-56", "SEC-57", "SEC-58", "SEC-59", "SEC-60", "SEC-93", "SEC-98", "SEC-123")
async def test_a_denial_is_answered_with_the_code_that_an_error_of_its_reason_bears(house: House) -> None:
    """A refusal is no error of the call (DEL-57); its row of the table of errors is told all the same."""
    precondition, exhausted = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.RESOURCE_EXHAUSTED
    rows = {
        consent_pb.DECISION_REASON_NO_CONSENT: ("NO_CONSENT", "MARKETING_010", precondition),
        consent_pb.DECISION_REASON_CONSENT_EXPIRED: ("NO_CONSENT", "MARKETING_010", precondition),
        consent_pb.DECISION_REASON_OPTED_OUT: ("OPTED_OUT", "MARKETING_011", precondition),
        consent_pb.DECISION_REASON_DND_REGISTERED: ("DND_REGISTERED", "MARKETING_012", precondition),
        consent_pb.DECISION_REASON_SUPPRESSED: ("SUPPRESSED", "MARKETING_013", precondition),
        consent_pb.DECISION_REASON_CHANNEL_OFF: ("PREFERENCE_DISABLED", "MARKETING_014", precondition),
        consent_pb.DECISION_REASON_CATEGORY_OFF: ("PREFERENCE_DISABLED", "MARKETING_014", precondition),
        consent_pb.DECISION_REASON_DAILY_CAP_REACHED: ("THROTTLE_LIMIT", "MARKETING_051", exhausted),
        consent_pb.DECISION_REASON_NO_ADDRESS: ("RECIPIENT_UNREACHABLE", "MARKETING_056", precondition),
    }
    for decision, (reason, code, status) in rows.items():
        house.neighbours.consent.rule = lambda *_, said=decision: deny(said)
        answer = await house.send_one(house.content(), recipient(decision))
        assert (answer.state, answer.code, answer.messages[0].code) == (S.STATE_SKIPPED, code, code)
        assert (REASONS[reason].code, REASONS[reason].status) == (code, status)
    batch = pb.SendBatchRequest(content=house.content(), recipients=[recipient(99)], idempotency_key="batch")
    answered = await house.messages.SendBatch(batch, metadata=house.as_person())
    assert [one.code for one in answered.stopped] == ["MARKETING_056"]


async def test_a_message_that_may_go_later_is_stored_as_deferred(house: House) -> None:
    until = later(hours=2)
    house.neighbours.consent.rule = lambda *_: defer(consent_pb.DECISION_REASON_QUIET_HOURS, until)
    answer = await house.send_one(house.content(), recipient())
    assert (answer.state, answer.reason, answer.code) == (S.STATE_DEFERRED, "quiet_hours", "")
    assert await house.value("SELECT due_at FROM message_wait") == until
    await house.assert_every_waiting_message_stands_in_one_place()


async def test_a_message_is_accepted_while_consent_cannot_be_asked(house: House) -> None:
    house.neighbours.consent.is_down = True
    answer = await house.send_one(house.content(), recipient())
    assert answer.state == S.STATE_PENDING


async def test_a_campaign_is_not_judged_a_second_time_at_acceptance(house: House) -> None:
    await house.send_block(house.campaign_content(), [recipient()])
    assert house.neighbours.consent.asked["preview"] == 0


@pytest.mark.req("GEN-29", "DEL-113", "REL-2", "API-16")
async def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(house: House) -> None:
    content, person = house.content(), recipient()
    first = await house.send_one(content, person, "key")
    again = await house.send_one(content, person, "key")
    assert (again.message_id, again.deduplicated, first.deduplicated) == (first.message_id, True, False)
    assert await fields_refused(house.send_one(content, recipient(2), "key")) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "IDEMPOTENCY_CONFLICT",
        ["idempotency_key"],
    )
    assert await house.states() == {"pending": 1}


@pytest.mark.req("GEN-29", "REL-2")
async def test_twenty_calls_at_once_with_one_key_accept_one_message(house: House) -> None:
    content, person = house.content(), recipient()

    async def call() -> str:
        while True:
            try:
                return (await house.send_one(content, person, "key")).message_id
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.ABORTED:
                    raise
                await asyncio.sleep(0.01)

    ids = await asyncio.gather(*(call() for _ in range(20)))
    assert len(set(ids)) == 1
    assert await house.states() == {"pending": 1}
    assert await house.events() == [("message.accepted", 1)]


async def test_a_repeated_call_is_answered_as_the_first_was_although_its_schedule_has_passed(
    house: House,
) -> None:
    content, person = house.content(), recipient()
    content.schedule_time.FromDatetime(later(seconds=0.5))
    first = await house.send_one(content, person, "key")
    assert first.state == S.STATE_SCHEDULED
    await asyncio.sleep(1.7)
    again = await house.send_one(content, person, "key")
    assert (again.message_id, again.deduplicated) == (first.message_id, True)
    assert (await fields_refused(house.send_one(content, person, "another")))[1] == "VALIDATION_FAILED"


async def test_ids_of_the_caller_make_a_repeated_block_harmless(house: House) -> None:
    content = house.campaign_content()
    people = [recipient(n, message_id=str(uuid7())) for n in range(10)]
    first = await house.send_block(content, people)
    assert (first.accepted_count, first.duplicate_count, list(first.message_ids)) == (10, 0, [])
    more = [*people[5:], *(recipient(n, message_id=str(uuid7())) for n in range(3)), people[0]]
    second = await house.send_block(content, [*more, more[5]])
    assert (second.accepted_count, second.duplicate_count) == (3, 7)
    assert await house.states() == {"pending": 13}
    assert await house.value("SELECT sum(message_count) FROM dispatch_block") == 13
    assert await house.events() == [("message.accepted", 10), ("message.accepted", 3)]
    await house.assert_every_waiting_message_stands_in_one_place()


async def test_blocks_with_the_same_ids_at_once_accept_each_message_once(house: House) -> None:
    content = house.campaign_content()
    people = [recipient(n, message_id=str(uuid7())) for n in range(200)]
    answers = await asyncio.gather(*(house.send_block(content, people) for _ in range(6)))
    assert sum(answer.accepted_count for answer in answers) == 200
    assert await house.states() == {"pending": 200}
    await house.assert_every_waiting_message_stands_in_one_place()


@pytest.mark.req("DEL-110", "GEN-31")
async def test_bad_recipients_are_refused_one_by_one_and_the_others_accepted(house: House) -> None:
    people = [
        recipient(0),
        recipient(1, address="not an address"),
        recipient(2, contact=False, address=""),
        recipient(3, contact_id="seven"),
        recipient(4, time_zone="Mars/Olympus"),
        recipient(5, message_id=str(uuid4())),
        recipient(6, name="two\nlines"),
        recipient(7, variables=None),
    ]
    answer = await house.send_block(house.campaign_content(), people)
    assert answer.accepted_count == 1
    found = {}
    for error in answer.errors:
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        for detail in error.status.details:
            detail.Unpack(info)
            detail.Unpack(bad)
        found[error.index] = (info.reason, bad.field_violations[0].field)
    assert found == {
        1: ("INVALID_RECIPIENT", "recipients[1].address"),
        2: ("INVALID_RECIPIENT", "recipients[2].address"),
        3: ("VALIDATION_FAILED", "recipients[3].contact_id"),
        4: ("VALIDATION_FAILED", "recipients[4].time_zone"),
        5: ("VALIDATION_FAILED", "recipients[5].message_id"),
        6: ("VALIDATION_FAILED", "recipients[6].name"),
        7: ("MISSING_VARIABLES", "recipients[7].variables"),
    }
    assert len(answer.message_ids) == 8
    assert [bool(id) for id in answer.message_ids] == [True] + [False] * 7


@pytest.mark.req("DEL-61", "DEL-110")
async def test_times_that_cannot_be_told_are_refused_item_by_item(house: House) -> None:
    good, no_time, endless = (pb.BatchItem(content=house.content(), recipient=recipient(n)) for n in range(3))
    no_time.content.schedule_time.seconds = 2**62
    # The last instant of all: nothing can expire behind it.
    endless.content.schedule_time.seconds = 253_402_300_799
    answer = await house.messages.SendBatch(
        pb.SendBatchRequest(items=[good, no_time, endless], idempotency_key="key"),
        metadata=house.as_service(),
    )
    assert (answer.accepted_count, [error.index for error in answer.errors]) == (1, [1, 2])
    fields = []
    for error in answer.errors:
        bad = error_details_pb2.BadRequest()
        [detail.Unpack(bad) for detail in error.status.details if detail.Is(bad.DESCRIPTOR)]
        fields.append(bad.field_violations[0].field)
    assert fields == [f"items[{n}].content.schedule_time" for n in (1, 2)]


@pytest.mark.req("DEL-110")
@pytest.mark.parametrize("field", ["correlation_key", "correlation_id", "source"])
async def test_a_text_that_cannot_be_stored_is_refused_by_its_field(house: House, field: str) -> None:
    content = house.content()
    setattr(content, field, "a\0b")
    refusal = await fields_refused(house.send_one(content, recipient()))
    assert refusal == (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_FAILED", [f"content.{field}"])
    items = [
        pb.BatchItem(content=one, recipient=recipient(n)) for n, one in enumerate([house.content(), content])
    ]
    answer = await house.messages.SendBatch(
        pb.SendBatchRequest(items=items, idempotency_key="key"), metadata=house.as_service()
    )
    assert (answer.accepted_count, [error.index for error in answer.errors]) == (1, [1])


@pytest.mark.req("DEL-110", "DEL-116")
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("size", [1, 20_000])
async def test_numbers_that_json_does_not_know_are_refused_and_the_others_of_their_block_accepted(
    house: House, number: float, size: int
) -> None:
    odd = recipient(1)
    odd.variables.update({"text": "x" * size, "deep": {"list": [1, number]}})
    # What only looks like such a number is a text.
    good = recipient(0)
    good.variables["note"] = "\x11      \xf0\x7f \x11\x00\x00\x00\x00\x00\x00\x7f\x7f"
    answer = await house.send_block(house.content(), [good, odd, recipient(2)])
    assert (answer.accepted_count, [error.index for error in answer.errors]) == (2, [1])
    refusal = await fields_refused(house.send_one(house.content(), odd))
    assert refusal[1:] == ("VALIDATION_FAILED", ["recipient.variables"])
    content = house.content()
    content.metadata.update({"text": "x" * size, "number": number})
    assert (await fields_refused(house.send_one(content, recipient(3))))[2][-1] == "content.metadata"
    assert await house.states() == {"pending": 2}


@pytest.mark.req("DEL-61", "DEL-110")
async def test_times_that_cannot_be_kept_are_refused(house: House) -> None:
    template = house.template()
    for field, instant in (
        ("schedule_time", later(hours=-1)),
        ("schedule_time", later(days=400)),
        ("expire_time", later(hours=-1)),
    ):
        content = house.content(template)
        getattr(content, field).FromDatetime(instant)
        code, reason, fields = await fields_refused(house.send_one(content, recipient()))
        assert (code, reason) == (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_FAILED")
        assert f"content.{field}" in fields


@pytest.mark.req("DEL-112")
async def test_an_unknown_template_and_missing_variables_are_refused(house: House) -> None:
    code, reason, _ = await fields_refused(house.send_one(house.content(uuid4()), recipient()))
    assert (code, reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    code, reason, fields = await fields_refused(house.send_one(house.content(), recipient(variables=None)))
    assert (code, reason, fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "MISSING_VARIABLES",
        ["recipient.variables"],
    )
    assert await house.states() == {}


@pytest.mark.req("GEN-42", "DEL-111")
async def test_a_marketing_template_cannot_travel_as_transactional(house: House) -> None:
    template = house.template(category=enums_pb2.CATEGORY_OFFER)
    _, reason, fields = await fields_refused(house.send_one(house.content(template), recipient()))
    assert (reason, fields) == ("VALIDATION_FAILED", ["content.category"])
    staff = house.content(category=enums_pb2.CATEGORY_STAFF_ALERT)
    _, reason, fields = await fields_refused(house.send_one(staff, recipient()))
    assert (reason, fields) == ("VALIDATION_FAILED", ["content.category"])


async def test_people_may_not_set_what_belongs_to_campaigns(house: House) -> None:
    content = house.content(campaign_id=str(uuid4()), origin=message_pb2.ORIGIN_CAMPAIGN)
    _, reason, fields = await fields_refused(house.send_one(content, recipient()))
    assert (reason, fields) == ("VALIDATION_FAILED", ["content.origin", "content.campaign_id"])
    _, _, fields = await fields_refused(house.send_one(house.content(), recipient(message_id=str(uuid7()))))
    assert fields == ["recipient.message_id"]


async def test_a_stream_answers_each_block_in_order_and_goes_on_after_a_bad_one(house: House) -> None:
    content = house.campaign_content()
    bad = house.campaign_content(uuid4())

    async def blocks() -> AsyncIterator[pb.StreamMessagesRequest]:
        for number, one in enumerate((content, bad, content)):
            yield pb.StreamMessagesRequest(
                batch=pb.SendBatchRequest(
                    content=one,
                    recipients=[recipient(n) for n in range(3)],
                    idempotency_key=f"block-{number}",
                )
            )

    answers = [
        answer async for answer in house.messages.StreamMessages(blocks(), metadata=house.as_service())
    ]
    assert [answer.idempotency_key for answer in answers] == ["block-0", "block-1", "block-2"]
    assert [answer.result.accepted_count for answer in answers] == [3, 0, 3]
    assert answers[1].error.code == grpc.StatusCode.NOT_FOUND.value[0]


@pytest.mark.req("DEL-117")
async def test_a_person_who_calls_too_often_is_told_when_to_come_back(house: House) -> None:
    from redis.asyncio import Redis

    from services.common.errors import ServiceError
    from services.common.rpc.context import Caller
    from services.delivery.limits.callers import CallLimits
    from services.delivery.limits.rates import RateLimits

    redis: Any = Redis.from_url(house.settings.redis_url)
    limits = CallLimits(RateLimits(redis, {}), 3, enabled=True)
    person = Caller("person", "person-1", house.tenant_id)
    for _ in range(3):
        await limits.check(person, "SendMessage")
    with pytest.raises(ServiceError) as caught:
        await limits.check(person, "SendMessage")
    assert caught.value.reason == "RATE_LIMITED"
    assert caught.value.retry_after is not None
    for _ in range(10):
        await limits.check(Caller.of_service("campaign", house.tenant_id), "SendMessage")
    await redis.aclose()


@pytest.mark.req("EVT-93")
async def test_the_event_of_a_block_tells_dimensions_once_and_ids_for_each(house: House) -> None:
    content = house.campaign_content(variant_key="b")
    await house.send_block(content, [recipient(n, language_code="de") for n in range(3)])
    from angarium.common.v1 import events_pb2

    envelope = events_pb2.EventEnvelope.FromString(await house.value("SELECT envelope FROM outbox"))
    payload = delivery_events_pb2.MessagesAccepted()
    envelope.payload.Unpack(payload)
    assert (envelope.aggregate_type, envelope.aggregate_id) == ("campaign", content.campaign_id)
    assert payload.dimensions.variant_key == "b"
    assert payload.dimensions.template_name == "hello"
    assert payload.dimensions.message_class == enums_pb2.MESSAGE_CLASS_MARKETING
    assert {one.language_code for one in payload.messages} == {"de"}
    assert len({one.message_id for one in payload.messages}) == 3


async def test_rules_of_consent_apply_to_each_of_a_block(house: House) -> None:
    house.neighbours.consent.rule = lambda _, item: (
        deny(consent_pb.DECISION_REASON_NO_CONSENT) if item.address.startswith("person1") else ALLOW
    )
    answer = await house.messages.SendBatch(
        pb.SendBatchRequest(
            content=house.content(), recipients=[recipient(n) for n in range(10)], idempotency_key="k"
        ),
        metadata=house.as_person(),
    )
    assert answer.accepted_count == 10
    assert await house.states() == {"pending": 9, "skipped": 1}


async def test_calls_of_one_moment_share_their_work_and_are_answered_one_by_one(house: House) -> None:
    template = house.template()
    content = house.content(template)
    house.neighbours.consent.rule = lambda _, item: (
        deny(consent_pb.DECISION_REASON_SUPPRESSED) if item.address.startswith("person3@") else ALLOW
    )
    calls = [house.send_one(content, recipient(n)) for n in range(40)]
    calls += [
        house.send_one(house.content(template, correlation_id=f"order-{n}"), recipient(50 + n))
        for n in range(5)
    ]
    bad = house.send_one(content, recipient(99, address="nobody"))
    *answers, error = await asyncio.gather(*calls, bad, return_exceptions=True)
    assert isinstance(error, grpc.aio.AioRpcError)
    assert told_by(error) == ("INVALID_RECIPIENT", ["recipient.address"])
    assert len({answer.message_id for answer in answers}) == 45
    assert [answer.reason for answer in answers] == ["", "", "", "suppressed", *[""] * 41]
    assert await house.states() == {"pending": 44, "skipped": 1}
    assert await house.value("SELECT count(*) FROM content") < 25
    assert await house.value("SELECT count(*) FROM content WHERE correlation_id <> ''") == 5
    assert sum(count for type, count in await house.events() if type == "message.accepted") == 45
    await house.assert_every_waiting_message_stands_in_one_place()


async def test_a_call_that_spoils_its_group_fails_alone(house: House) -> None:
    content, taken = house.content(), str(uuid7())
    request = pb.SendMessageRequest(
        content=house.content(priority=enums_pb2.PRIORITY_HIGH),
        recipient=recipient(1, message_id=taken),
        idempotency_key="a",
    )
    metadata = house.as_service("consent")
    await house.messages.SendMessage(request, metadata=metadata)
    request.idempotency_key = "b"
    again, *others = await asyncio.gather(
        house.messages.SendMessage(request, metadata=metadata),
        *(house.send_one(content, recipient(n)) for n in range(10)),
    )
    assert (again.message_id, again.deduplicated) == (taken, True)
    assert len({one.message_id for one in others}) == 10
    assert await house.states() == {"pending": 11}
