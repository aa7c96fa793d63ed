"""SendMessage to several channels and several people: which channel, which address, one message for each."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.kit import House, later
from tests.delivery.messages.calls import (
    EMAIL,
    IN_APP,
    ORDER,
    PUSH,
    SMS,
    WHATSAPP,
    S,
    listed,
    person,
    refused,
    rows,
    send,
    show,
    states,
    struct,
    told,
)
from tests.fakes.neighbours import ALLOW, defer, deny

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST, PREFERRED, ALL = (
    pb.CHANNEL_STRATEGY_FIRST_AVAILABLE,
    pb.CHANNEL_STRATEGY_PREFERRED,
    pb.CHANNEL_STRATEGY_ALL,
)
INVALID = grpc.StatusCode.INVALID_ARGUMENT


def named(house: House, *channels: Any, name: str = "ticket", **options: Any) -> pb.MessageContent:
    """A content by the name of a template that has these channels."""
    for channel in channels:
        house.template(name=name, channel=channel, **options)
    return pb.MessageContent(template_name=name, category=ORDER)


def only(*allowed: Any) -> Any:
    """A rule of consent that denies all but some channels."""
    denied = deny(consent_pb.DECISION_REASON_CHANNEL_OFF)
    return lambda context, item: ALLOW if context.channel in allowed else denied


@pytest.mark.req("DEL-20", "DEL-57", "DEL-148")
async def test_several_channels_are_a_message_each_with_a_decision_of_its_own(office: House) -> None:
    contact = office.neighbours.people.add(email="anna@example.com", phone="+491711234567")
    office.neighbours.consent.rule = only(EMAIL)
    content = named(office, EMAIL, SMS)
    answer = await send(office, content=content, recipient=person(contact_id=contact), channels=[SMS, EMAIL])
    assert [(one.channel, one.state, one.reason) for one in answer.messages] == [
        (SMS, S.STATE_SKIPPED, "channel_off"),
        (EMAIL, S.STATE_PENDING, ""),
    ]
    assert answer.message_id == answer.messages[0].message_id
    assert await states(office) == {"pending": 1, "skipped": 1}
    assert await told(office) == [("message.accepted", 1), ("message.skipped", 1), ("message.accepted", 1)]
    shown = [(await show(office, one.message_id)).message.masked_address for one in answer.messages]
    assert shown == ["+491****67", "a***@example.com"]


@pytest.mark.req("DEL-58")
@pytest.mark.parametrize(
    ("prefers", "allowed", "chosen"),
    [
        (SMS, (WHATSAPP, SMS, EMAIL), SMS),
        (SMS, (WHATSAPP, EMAIL), WHATSAPP),
        (PUSH, (EMAIL,), EMAIL),
    ],
)
async def test_the_preferred_channel_is_taken_if_it_is_offered_and_allowed(
    office: House, prefers: Any, allowed: tuple[Any, ...], chosen: Any
) -> None:
    contact = office.neighbours.people.add(prefers=prefers)
    office.neighbours.consent.rule = only(*allowed)
    content = named(office, EMAIL, SMS, WHATSAPP)
    answer = await send(office, content=content, recipient=person(contact_id=contact), strategy=PREFERRED)
    assert [(one.channel, one.state) for one in answer.messages] == [(chosen, S.STATE_PENDING)]
    assert await states(office) == {"pending": 1}


@pytest.mark.req("DEL-58", "DEL-57")
async def test_when_nothing_is_allowed_one_skipped_message_says_why(office: House) -> None:
    contact = office.neighbours.people.add(prefers=SMS)
    office.neighbours.consent.rule = only()
    content = named(office, EMAIL, SMS)
    answer = await send(office, content=content, recipient=person(contact_id=contact), strategy=PREFERRED)
    assert [(one.channel, one.state, one.reason) for one in answer.messages] == [
        (SMS, S.STATE_SKIPPED, "channel_off")
    ]
    assert await states(office) == {"skipped": 1}


@pytest.mark.req("DEL-58")
async def test_the_first_available_channel_goes_by_the_order_of_the_house_or_of_the_caller(
    office: House,
) -> None:
    contact = office.neighbours.people.add()
    content = named(office, EMAIL, SMS, IN_APP)
    house_order = await send(office, content=content, recipient=person(contact_id=contact), strategy=FIRST)
    assert house_order.messages[0].channel == SMS
    callers = await send(
        office,
        content=content,
        recipient=person(contact_id=contact),
        strategy=FIRST,
        channels=[IN_APP, EMAIL, SMS],
    )
    assert callers.messages[0].channel == IN_APP
    until = later(hours=1)
    later_by_sms = defer(consent_pb.DECISION_REASON_QUIET_HOURS, until)
    office.neighbours.consent.rule = lambda context, item: ALLOW if context.channel == EMAIL else later_by_sms
    now = await send(office, content=content, recipient=person(contact_id=contact), strategy=FIRST)
    assert (now.messages[0].channel, now.messages[0].state) == (EMAIL, S.STATE_PENDING)


@pytest.mark.req("DEL-58", "DEL-73", "DEL-147")
async def test_all_means_each_channel_that_leads_to_the_person_and_no_address_is_made_up(
    office: House,
) -> None:
    contact = office.neighbours.people.add(phone="")
    content = named(office, EMAIL, SMS, IN_APP)
    answer = await send(office, content=content, recipient=person(contact_id=contact), strategy=ALL)
    assert {one.channel for one in answer.messages} == {EMAIL, IN_APP}
    nowhere = office.neighbours.people.add(phone="", email="")
    mail = await send(
        office, content=content, recipient=person(contact_id=nowhere), channels=[EMAIL], strategy=ALL
    )
    assert [(one.state, one.reason) for one in mail.messages] == [(S.STATE_SKIPPED, "no_address")]
    assert (await show(office, mail.message_id)).message.masked_address == ""
    assert await states(office) == {"pending": 2, "skipped": 1}


@pytest.mark.req("DEL-58", "DEL-110")
async def test_a_bare_address_is_written_to_where_it_leads_and_nowhere_is_an_error(office: House) -> None:
    content = named(office, EMAIL, SMS, IN_APP)
    for strategy in (FIRST, PREFERRED, ALL):
        answer = await send(
            office, content=content, recipient=person(email="a@example.com"), strategy=strategy
        )
        assert [one.channel for one in answer.messages] == [EMAIL]
    nowhere = await refused(
        send(office, content=content, recipient=person(), strategy=FIRST, channels=[EMAIL, SMS])
    )
    assert nowhere == (INVALID, "INVALID_RECIPIENT", "MARKETING_059", ["recipient.address"])
    both = await refused(
        send(office, content=content, recipient=person(email="a@example.com"), channels=[EMAIL, SMS])
    )
    assert both == (INVALID, "INVALID_RECIPIENT", "MARKETING_059", ["recipient.address"])
    assert await states(office) == {"pending": 3}


@pytest.mark.req("DEL-57")
async def test_a_contact_brings_its_address_name_language_and_zone(office: House) -> None:
    people = office.neighbours.people
    contact = people.add(email="anna@example.com", language_code="de", time_zone="Europe/Berlin")
    template = office.template(text="Dear {{ contact.first_name }}, {{ name }}.")
    answer = await send(
        office, content=office.content(template), recipient=person(contact_id=contact.upper())
    )
    shown = (await show(office, answer.message_id)).message
    assert (shown.masked_address, shown.language_code) == ("a***@example.com", "de")
    assert (shown.contact_id, shown.recipient_kind) == (contact, message_pb2.RECIPIENT_KIND_CONTACT)
    assert people.asked[-1].contact_ids == [contact]
    asked = len(people.asked)
    await send(
        office,
        content=office.content(template),
        recipient=person(contact_id=contact, address="b@example.com"),
    )
    assert len(people.asked) == asked


@pytest.mark.req("DEL-57", "DEL-20")
async def test_calls_of_one_moment_ask_for_their_contacts_together(office: House) -> None:
    import asyncio

    people = office.neighbours.people
    contacts = [people.add() for _ in range(40)]
    content = office.content()
    await asyncio.gather(
        *(send(office, content=content, recipient=person(contact_id=one)) for one in contacts)
    )
    assert await states(office) == {"pending": 40}
    assert sum(len(one.contact_ids) for one in people.asked) == 40
    assert len(people.asked) < 20


@pytest.mark.req("DEL-20", "DEL-1")
async def test_staff_are_written_to_at_their_own_address_and_never_with_marketing(office: House) -> None:
    office.neighbours.people.add_staff("ada", email="ada@bazaar.example")
    template = office.template(category=enums_pb2.CATEGORY_STAFF_ALERT)
    content = office.content(template, category=enums_pb2.CATEGORY_STAFF_ALERT, is_staff=True)
    answer = await send(office, content=content, recipient=person(staff_id="ada"))
    shown = (await show(office, answer.message_id)).message
    assert (shown.masked_address, shown.contact_id) == ("a***@bazaar.example", "")
    assert shown.recipient_kind == message_pb2.RECIPIENT_KIND_STAFF
    found = await refused(send(office, content=content, recipient=person(staff_id="nobody")))
    assert found[:3] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", "MARKETING_060")
    found = await refused(send(office, content=office.content(), recipient=person(staff_id="ada")))
    assert (found[0], found[3]) == (INVALID, ["recipient.staff_id"])
    offer = office.template(category=enums_pb2.CATEGORY_OFFER)
    marketing = office.content(offer, category=enums_pb2.CATEGORY_OFFER, is_staff=True)
    assert (await refused(send(office, content=marketing, recipient=person(staff_id="ada"))))[2] == (
        "MARKETING_063"
    )


@pytest.mark.req("DEL-20", "DEL-57")
async def test_several_people_and_channels_are_at_most_a_hundred_messages(office: House) -> None:
    contacts = [office.neighbours.people.add() for _ in range(34)]
    content = named(office, EMAIL, SMS, WHATSAPP)
    everybody = [person(contact_id=one) for one in contacts]
    over = await refused(send(office, content=content, recipients=everybody, channels=[EMAIL, SMS, WHATSAPP]))
    assert over[:3] == (INVALID, "VALIDATION_FAILED", "MARKETING_063")
    assert await states(office) == {}
    answer = await send(office, content=content, recipients=everybody[:33], channels=[EMAIL, SMS, WHATSAPP])
    assert len(answer.messages) == 99
    assert [one.recipient_index for one in answer.messages] == [n for n in range(33) for _ in range(3)]
    assert await states(office) == {"pending": 99}
    assert sorted(await told(office)) == [("message.accepted", 33)] * 3
    assert len({request.context.channel for request in office.neighbours.consent.requests}) == 3
    assert len(office.neighbours.consent.requests) == 3


@pytest.mark.req("GEN-29", "DEL-113")
async def test_a_repeat_of_several_messages_gives_the_same_ids_and_another_strategy_is_refused(
    office: House,
) -> None:
    contact = office.neighbours.people.add()
    content = named(office, EMAIL, SMS)
    fields: dict[str, Any] = {"content": content, "recipient": person(contact_id=contact)}
    first = await send(office, key="ticket-7", **fields, channels=[SMS, EMAIL])
    again = await send(office, key="ticket-7", **fields, channels=[SMS, EMAIL])
    assert again.deduplicated
    assert not first.deduplicated
    assert [one.message_id for one in again.messages] == [one.message_id for one in first.messages]
    conflict = await refused(send(office, key="ticket-7", **fields, strategy=ALL))
    assert conflict[:3] == (INVALID, "IDEMPOTENCY_CONFLICT", "MARKETING_055")
    assert await states(office) == {"pending": 2}


@pytest.mark.req("DEL-57", "DEL-112")
async def test_a_template_is_found_by_version_by_id_and_by_name_and_its_version_is_fixed(
    office: House,
) -> None:
    version = office.template(name="welcome")
    known = office.neighbours.templates.versions[office.tenant_id, str(version)]
    to = person(address="a@example.com")
    by_name = pb.MessageContent(channel=EMAIL, category=ORDER, template_name="welcome")
    by_id = pb.MessageContent(channel=EMAIL, category=ORDER, template_id=known.template.template_id)
    for content in (by_name, by_id, office.content(version)):
        answer = await send(office, content=content, recipient=to)
        shown = (await show(office, answer.message_id)).message
        assert (shown.template_version_id, shown.template_name) == (str(version), "welcome")
    unknown = pb.MessageContent(channel=EMAIL, category=ORDER, template_name="nothing")
    assert (await refused(send(office, content=unknown, recipient=to)))[:3] == (
        grpc.StatusCode.NOT_FOUND,
        "NOT_FOUND",
        "MARKETING_060",
    )
    both = pb.MessageContent(
        channel=EMAIL, category=ORDER, template_name="welcome", template_version_id=str(version)
    )
    assert (await refused(send(office, content=both, recipient=to)))[3] == ["content.template_version_id"]
    sms = pb.MessageContent(category=ORDER, template_name="welcome")
    assert (await refused(send(office, content=sms, recipient=to, channels=[SMS])))[1] == "NOT_FOUND"
    missing = pb.Recipient(address="a@example.com")
    assert (await refused(send(office, content=by_name, recipient=missing)))[:3] == (
        INVALID,
        "MISSING_VARIABLES",
        "MARKETING_075",
    )


@pytest.mark.req("DEL-110", "DEL-111", "DEL-132")
@pytest.mark.parametrize(
    ("fields", "reason", "number", "path"),
    [
        ({}, "VALIDATION_FAILED", "MARKETING_063", "recipient"),
        (
            {"recipient": person(address="a@example.com"), "recipients": [person(address="b@example.com")]},
            "VALIDATION_FAILED",
            "MARKETING_063",
            "recipient",
        ),
        ({"recipient": person()}, "INVALID_RECIPIENT", "MARKETING_059", "recipient.address"),
        (
            {"recipient": person(address="not an address")},
            "INVALID_RECIPIENT",
            "MARKETING_059",
            "recipient.address",
        ),
        (
            {"recipients": [person(address="a@example.com"), person(address="b@@example.com")]},
            "INVALID_RECIPIENT",
            "MARKETING_059",
            "recipients[1].address",
        ),
        (
            {"recipient": person(contact_id=str(uuid4()), email="a@example.com")},
            "VALIDATION_FAILED",
            "MARKETING_063",
            "recipient.contact_id",
        ),
        (
            {"recipient": person(address="a@example.com"), "strategy": ALL},
            "VALIDATION_FAILED",
            "MARKETING_063",
            "content.channel",
        ),
        (
            {"recipient": person(address="a@example.com"), "channels": [SMS]},
            "VALIDATION_FAILED",
            "MARKETING_063",
            "content.channel",
        ),
        (
            {"recipient": person(address="a@example.com"), "channels": [99]},
            "VALIDATION_FAILED",
            "MARKETING_063",
            "channels[0]",
        ),
    ],
)
async def test_neither_or_several_recipients_bad_addresses_and_unknown_channels_are_refused(
    office: House, fields: dict[str, Any], reason: str, number: str, path: str
) -> None:
    found = await refused(send(office, content=office.content(), **fields))
    assert found == (INVALID, reason, number, [path])
    assert await states(office) == {}
    assert await told(office) == []


@pytest.mark.req("DEL-132")
async def test_a_bare_number_of_ten_digits_is_nobodys(office: House) -> None:
    template = office.template(channel=SMS)
    content = office.content(template, channel=SMS)
    found = await refused(send(office, content=content, recipient=person(address="2025550123")))
    assert found == (INVALID, "INVALID_RECIPIENT", "MARKETING_059", ["recipient.address"])


@pytest.mark.req("DEL-111")
async def test_marketing_to_a_bare_address_without_consent_is_stored_as_skipped(office: House) -> None:
    office.neighbours.consent.rule = lambda *_: deny(consent_pb.DECISION_REASON_NO_CONSENT)
    content = named(office, EMAIL, SMS, category=enums_pb2.CATEGORY_OFFER)
    content.category = enums_pb2.CATEGORY_OFFER
    bare = person(email="a@example.com", phone="+491711234567", name="A")
    answer = await send(office, content=content, recipient=bare, channels=[EMAIL, SMS])
    assert {(one.state, one.reason) for one in answer.messages} == {(S.STATE_SKIPPED, "no_consent")}
    assert await states(office) == {"skipped": 2}
    kinds = {one.recipient_kind for one in (await listed(office)).messages}
    assert kinds == {message_pb2.RECIPIENT_KIND_ADDRESS}


@pytest.mark.req("DEL-57", "DEL-126")
async def test_a_contact_nobody_knows_is_an_error_and_a_directory_that_is_away_is_unavailable(
    office: House,
) -> None:
    unknown = person(contact_id=str(uuid4()))
    found = await refused(send(office, content=office.content(), recipient=unknown))
    assert found[:3] == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", "MARKETING_060")
    office.neighbours.people.is_down = True
    away = await refused(send(office, content=office.content(), recipient=unknown))
    assert away[:2] == (grpc.StatusCode.UNAVAILABLE, "DEPENDENCY_UNAVAILABLE")
    assert await rows(office, "SELECT 1 FROM message WHERE tenant_id = %s") == []


@pytest.mark.req("DEL-1", "DEL-24", "DEL-20")
async def test_what_a_caller_notes_is_kept_shown_and_listed_by(office: House) -> None:
    content = office.content(
        correlation_key="visit-9",
        correlation_id="c-1",
        source="till",
        metadata=struct(table="12", guests=3),
        reply_to="desk@bazaar.example",
    )
    answer = await send(office, content=content, recipient=person(address="a@example.com"))
    await send(office, content=office.content(source="web"), recipient=person(address="b@example.com"))
    shown = (await show(office, answer.message_id)).message
    assert (shown.correlation_key, shown.correlation_id, shown.source) == ("visit-9", "c-1", "till")
    assert shown.created_by == "person-1"
    assert dict(shown.metadata) == {"table": "12", "guests": 3}
    stored = await rows(office, "SELECT sealed FROM content WHERE tenant_id = %s AND sealed IS NOT NULL")
    assert all(b"guests" not in sealed and b"desk@" not in sealed for (sealed,) in stored)
    for wanted in ({"correlation_key": "visit-9"}, {"source": "till"}):
        page = await listed(office, **wanted)
        assert [one.message_id for one in page.messages] == [answer.message_id]
    assert not (await listed(office, correlation_key="visit-10")).messages


@pytest.mark.req("DEL-116", "DEL-1")
async def test_variables_over_64_kb_and_notes_over_4_kb_are_refused(office: House) -> None:
    content = office.content()
    just = person(address="a@example.com", variables=struct(name="x" * (64 * 1024 - 12)))
    assert (await send(office, content=content, recipient=just)).state == S.STATE_PENDING
    over = person(address="a@example.com", variables=struct(name="x" * (64 * 1024 + 1)))
    assert await refused(send(office, content=content, recipient=over)) == (
        INVALID, "VALIDATION_FAILED", "MARKETING_063", ["recipient.variables"],
    )  # fmt: skip
    content.metadata.CopyFrom(struct(note="x" * 4097))
    assert await refused(send(office, content=content, recipient=person(address="a@example.com"))) == (
        INVALID, "VALIDATION_FAILED", "MARKETING_063", ["content.metadata"],
    )  # fmt: skip
