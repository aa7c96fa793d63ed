"""The history of a message, and what of it may not be kept: codes that one person may see once (DEL-1, DEL-3)."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_pb2
from tests.delivery.kit import House, later
from tests.delivery.messages.calls import SMS, S, cancel, person, rows, send, show, states, struct
from tests.fakes.neighbours import defer

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECURITY = enums_pb2.CATEGORY_ACCOUNT_SECURITY


def code(house: House, **more: Any) -> Any:
    template = house.template(category=SECURITY, text="Your code is {{ name }}", subject="Code")
    return house.content(template, category=SECURITY, **more)


async def kept(house: House) -> int:
    [(count,)] = await rows(house, "SELECT count(*) FROM message_secret WHERE tenant_id = %s")
    return int(count)


def lines(found: Any) -> list[tuple[str, str]]:
    return [(one.type, one.actor.split()[0]) for one in found.log]


@pytest.mark.req("DEL-3", "DEL-2")
async def test_every_step_of_a_message_is_in_its_history_with_who_did_it(house_of_its_own: House) -> None:
    house = house_of_its_own
    await house.add_account(
        config={"rules": [{"result": "retryable", "code": "unavailable", "reason": "try later", "times": 1}]}
    )
    content = house.content()
    content.schedule_time.FromDatetime(later(seconds=0.6))
    answer = await send(
        house, content=content, recipient=person(contact_id=str(uuid4()), address="a@example.com")
    )
    assert answer.state == S.STATE_SCHEDULED
    async with house.worker(retry_delay_ms=20):
        await house.until_states({"sent": 1})
    message_id = UUID(answer.message_id)
    await house.rows(
        "UPDATE message SET state = 10, delivered_at = now(), bounced_at = now(), failure_code = 'hard' WHERE message_id = %s",
        message_id,
    )
    found = await show(house, answer.message_id)
    assert lines(found) == [
        ("accepted", "person-1"),
        ("scheduled", "person-1"),
        ("sending", "worker"),
        ("retrying", "worker"),
        ("sending", "worker"),
        ("sent", "worker"),
        ("delivered", "provider"),
        ("bounced", "provider"),
    ]
    assert [one.detail for one in found.log][3] == "unavailable try later"
    instants = [one.occur_time.ToDatetime(tzinfo=UTC) for one in found.log]
    assert instants == sorted(instants)
    tries = [(one.number, one.outcome) for one in found.attempts]
    assert tries == [
        (1, message_pb2.ATTEMPT_OUTCOME_RETRYABLE),
        (2, message_pb2.ATTEMPT_OUTCOME_ACCEPTED),
    ]
    assert found.message.last_attempt_time.seconds > 0
    # One row of its own for the one thing that happens to few; the rest is seen from rows of many.
    assert await house.value("SELECT count(*) FROM message_log") == 0


@pytest.mark.req("DEL-3")
async def test_skips_deferrals_and_cancellations_name_their_reason_and_their_author(office: House) -> None:
    office.neighbours.consent.rule = lambda *_: defer(consent_pb.DECISION_REASON_QUIET_HOURS, later(hours=1))
    to = person(contact_id=str(uuid4()), address="a@example.com")
    deferred = await send(office, content=office.content(correlation_key="visit-1"), recipient=to)
    assert lines(await show(office, deferred.message_id)) == [
        ("accepted", "person-1"),
        ("deferred", "person-1"),
    ]
    await cancel(office, correlation_key="visit-1")
    found = await show(office, deferred.message_id)
    assert [(one.type, one.detail, one.actor) for one in found.log] == [
        ("accepted", "", "person-1"),
        ("cancelled", "cancelled", "person-1"),
    ]
    office.neighbours.consent.rule = lambda *_: (
        consent_pb.OUTCOME_DENY,
        consent_pb.DECISION_REASON_SUPPRESSED,
        None,
    )
    skipped = await send(office, content=office.content(), recipient=to)
    found = await show(office, skipped.message_id)
    assert [(one.type, one.detail, one.actor) for one in found.log] == [
        ("accepted", "", "person-1"),
        ("skipped", "suppressed", "person-1"),
    ]


@pytest.mark.req("DEL-1")
async def test_a_code_is_sent_and_then_nowhere_to_be_found(house_of_its_own: House) -> None:
    house = house_of_its_own
    await house.add_account()
    to = person(contact_id=str(uuid4()), address="a@example.com", variables=struct(name="739182"))
    answer = await send(house, content=code(house), recipient=to)
    assert await kept(house) == 1
    stored = [
        *await house.rows("SELECT sealed FROM message_secret"),
        *await house.rows("SELECT sealed FROM message_content"),
    ]
    assert all(b"739182" not in sealed for (sealed,) in stored)
    async with house.worker():
        await house.until_states({"sent": 1})
    assert await kept(house) == 0
    shown = (await show(house, answer.message_id)).message
    assert (shown.masked_address, shown.category) == ("a***@example.com", SECURITY)


@pytest.mark.req("DEL-1")
async def test_a_code_is_gone_with_every_way_of_ending_and_stays_while_its_message_waits(
    office: House,
) -> None:
    to = person(contact_id=str(uuid4()), address="a@example.com", variables=struct(name="739182"))
    cancelled = await send(office, content=code(office), recipient=to)
    await send(office, content=code(office), recipient=to)
    assert await kept(office) == 2
    await cancel(office, message_id=cancelled.message_id)
    assert await kept(office) == 1
    for state in (6, 15, 3):
        await rows(office, f"UPDATE message SET state = {state} WHERE tenant_id = %s AND state <> 14")
        assert await kept(office) == 1
    await rows(office, "UPDATE message SET state = 13 WHERE tenant_id = %s AND state <> 14")
    assert await kept(office) == 0
    office.neighbours.consent.rule = lambda *_: (
        consent_pb.OUTCOME_DENY,
        consent_pb.DECISION_REASON_SUPPRESSED,
        None,
    )
    await send(office, content=code(office), recipient=to)
    assert await kept(office) == 0


@pytest.mark.req("DEL-1", "DEL-84")
async def test_a_code_stays_for_a_fallback_until_that_is_made(office: House) -> None:
    to = person(contact_id=str(uuid4()), address="a@example.com", variables=struct(name="739182"))
    answer = await send(office, content=code(office), recipient=to)
    await rows(office, "UPDATE content SET fallback_channel = 2 WHERE tenant_id = %s")
    await rows(office, "UPDATE message SET state = 11 WHERE tenant_id = %s")
    assert await kept(office) == 1
    await rows(office, "UPDATE message SET fallback_message_id = gen_random_uuid() WHERE tenant_id = %s")
    assert await kept(office) == 0
    assert answer.state == S.STATE_PENDING


@pytest.mark.req("DEL-1")
async def test_a_message_whose_code_is_gone_fails_instead_of_leaving_without_it(
    house_of_its_own: House,
) -> None:
    house = house_of_its_own
    await house.add_account()
    answer = await send(
        house, content=code(house), recipient=person(address="a@example.com", variables=struct(name="739182"))
    )
    await house.rows("DELETE FROM message_secret")
    async with house.worker():
        await house.until_states({"failed": 1})
    assert (await show(house, answer.message_id)).message.reason == "content_removed"


@pytest.mark.req("DEL-1")
async def test_other_variables_stay_with_their_message(office: House) -> None:
    template = office.template(channel=SMS)
    await send(
        office, content=office.content(template, channel=SMS), recipient=person(address="+491711234567")
    )
    assert await kept(office) == 0
    assert await states(office) == {"pending": 1}
