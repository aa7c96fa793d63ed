from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from angarium.delivery.v1 import message_service_pb2 as pb
from tests.delivery.dispatch.test_crashes import FAST, kill
from tests.delivery.kit import House, later, open_house, recipient
from tests.delivery.outside import event, open_outside
from tests.fakes.carrier import Carrier
from tests.fakes.neighbours import ALLOW, deny

SMS, WHATSAPP, EMAIL = enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP, enums_pb2.CHANNEL_EMAIL
LOST = """SELECT count(*) FROM message m JOIN message f ON f.message_id = m.fallback_message_id
    AND f.fallback_of = m.message_id"""


@pytest.fixture
async def live_house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    """Delivery that reads what real providers post."""
    async with open_house(clone_database(["delivery"]), redis_url, provider_mode="live") as opened:
        yield opened


async def channels(house: House, refusal: dict[str, Any] | None = None) -> None:
    """A tenant whose WhatsApp account refuses and whose text account takes everything."""
    rules = [{"result": "permanent", "code": "content_refused", **(refusal or {})}]
    await house.add_account(config={"channel": "whatsapp", "rules": rules})
    await house.add_account(config={"channel": "sms"})
    ids = await house.rows("SELECT account_id FROM provider_account ORDER BY created_at")
    for (id,), channel in zip(ids, (3, 2), strict=True):
        await house.rows("UPDATE provider_account SET channel = %s WHERE account_id = %s", channel, id)


def whatsapp(house: House, **more: Any) -> pb.MessageContent:
    """A WhatsApp message that a text may replace; both templates are called the same."""
    fields = {"channel": WHATSAPP, "fallback_channel": SMS, **more}
    house.template(channel=SMS, name="both")
    return house.content(house.template(channel=WHATSAPP, name="both"), **fields)


def person(number: int = 0, **more: Any) -> pb.Recipient:
    return recipient(number, address=f"+1415555{number:04}", **more)


async def of_both(house: House) -> list[tuple[Any, ...]]:
    return await house.rows(
        "SELECT m.channel, m.state, m.reason, m.fallback_of IS NOT NULL, m.fallback_message_id IS NOT NULL, m.attempt_count"
        " FROM message m ORDER BY m.message_id"
    )


@pytest.mark.req("DEL-84", "DEL-141")
async def test_a_refused_message_is_sent_once_more_on_its_fallback_channel(house: House) -> None:
    await channels(house)
    content = whatsapp(house)
    async with house.worker():
        contact = str(uuid4())
        sent = await house.send_one(content, person(contact_id=contact))
        await house.until_states({"failed": 1, "sent": 1})
    assert await of_both(house) == [
        (3, 11, "content_refused", False, True, 1),
        (2, 7, None, True, False, 1),
    ]
    assert await house.value(LOST) == 1
    found = (
        await house.messages.GetMessage(
            pb.GetMessageRequest(message_id=sent.message_id), metadata=house.as_person()
        )
    ).message
    other = await house.messages.GetMessage(
        pb.GetMessageRequest(message_id=found.fallback_message_id), metadata=house.as_person()
    )
    assert (other.message.fallback_of, other.message.channel, other.message.contact_id) == (
        sent.message_id, SMS, contact,
    )  # fmt: skip
    assert "fallback_of" in [entry.type for entry in other.log]
    # It was decided on its own: as a text, with the usage of texts.
    asked = [
        request.context.channel
        for request in house.neighbours.consent.requests
        if request.context.purpose == consent_pb.EVALUATION_PURPOSE_SEND
    ]
    assert asked == [WHATSAPP, SMS]
    assert await house.rows("SELECT channel FROM send_slot") == [(2,)]
    assert [type for type, _ in await house.events()] == [
        "message.accepted", "message.dead_lettered", "message.failed", "message.accepted", "message.sent",
    ]  # fmt: skip


@pytest.mark.req("DEL-84")
async def test_a_fallback_is_judged_refused_and_never_followed_by_another(house: House) -> None:
    await channels(house)
    await house.rows("UPDATE provider_account SET config = jsonb_set(config, '{rules}', %s::jsonb) WHERE channel = 2",
                     '[{"result": "permanent", "code": "content_refused"}]')  # fmt: skip
    content = whatsapp(house)
    async with house.worker():
        await house.send_one(content, person())
        await house.until_states({"failed": 2})
        house.neighbours.consent.rule = lambda context, item: (
            deny(consent_pb.DECISION_REASON_CHANNEL_OFF) if context.channel == SMS else ALLOW
        )
        await house.send_one(content, person(1))
        await house.until_states({"failed": 3, "skipped": 1})
    assert await house.rows("SELECT channel, reason FROM message WHERE state = 12") == [(2, "channel_off")]
    assert await house.value("SELECT count(*) FROM message WHERE fallback_of IS NOT NULL") == 2


@pytest.mark.req("DEL-84")
async def test_nothing_takes_the_place_of_what_the_law_stopped_or_the_tenant_does_not_want(
    house: House,
) -> None:
    await channels(house)
    content = whatsapp(house)
    house.neighbours.templates.sms_fallback_enabled = False
    unwanted = whatsapp(house)
    house.neighbours.templates.sms_fallback_enabled = True
    async with house.worker():
        await house.send_one(unwanted, person())
        await house.until_states({"failed": 1})
        house.neighbours.consent.rule = lambda context, item: deny(consent_pb.DECISION_REASON_OPTED_OUT)
        await house.send_one(content, person(1))
        house.neighbours.consent.rule = lambda context, item: ALLOW
        # Of the same name on the other channel there is none, so there is no fallback.
        alone = house.content(
            house.template(channel=WHATSAPP, name="alone"), channel=WHATSAPP, fallback_channel=SMS
        )
        await house.send_one(alone, person(2))
        # Nobody knows whether it arrived.
        await house.rows(
            "UPDATE provider_account SET config = jsonb_set(config, '{rules}', %s::jsonb) WHERE channel = 3",
            '[{"result": "unknown", "code": "timeout", "address": "+14155550003"}]',
        )
        await house.until_states({"failed": 2, "skipped": 1})
    assert await house.value("SELECT count(*) FROM message WHERE channel = 2") == 0


@pytest.mark.req("DEL-84")
async def test_a_tenant_that_changed_its_mind_gets_no_text(house: House) -> None:
    await channels(house)
    content = whatsapp(house)
    await house.send_one(content, person())
    for answer in house.neighbours.templates.versions.values():
        answer.sender.sms_fallback_enabled = False
    async with house.worker():
        await house.until_states({"failed": 1, "skipped": 1})
    assert await house.rows("SELECT channel, reason FROM message WHERE state = 12") == [
        (2, "fallback_disabled")
    ]


@pytest.mark.req("DEL-84", "DEL-110", "DEL-112")
async def test_what_cannot_be_a_fallback_is_refused_by_name(house: House) -> None:
    plain = house.template()
    house.template(channel=SMS, name="code", category=enums_pb2.CATEGORY_ACCOUNT_SECURITY)
    wrong = {
        "content.fallback_channel": house.content(plain, fallback_channel=EMAIL),
        "content.fallback_template": house.content(plain, fallback_template="x"),
        "codes": house.content(plain, fallback_channel=SMS, category=enums_pb2.CATEGORY_ACCOUNT_SECURITY),
        "NOT_FOUND": house.content(plain, fallback_channel=SMS, fallback_template="nowhere"),
    }
    for word, content in wrong.items():
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await house.send_one(content, recipient())
        details = dict(refused.value.trailing_metadata() or ())["grpc-status-details-bin"]
        assert word in details.decode("utf-8", "replace")
    content = house.content(plain, fallback_channel=SMS, fallback_template="code")
    with pytest.raises(grpc.aio.AioRpcError) as bad:
        await house.send_one(content, recipient(fallback_address="call me"))
    assert "fallback_address" in dict(bad.value.trailing_metadata() or ())["grpc-status-details-bin"].decode(
        "utf-8", "replace"
    )
    assert await house.value("SELECT count(*) FROM message") == 0


@pytest.mark.req("DEL-84", "DEL-73")
async def test_a_text_that_replaces_a_letter_goes_to_the_address_given_for_it(house: House) -> None:
    await house.add_account(config={"rules": [{"result": "permanent", "code": "content_refused"}]})
    await house.add_account(config={"channel": "sms"})
    await house.rows(
        "UPDATE provider_account SET channel = 2 WHERE config ->> 'channel' = 'sms'",
    )
    house.template(channel=SMS, name="hello")
    content = house.content(house.template(), fallback_channel=SMS, expire_time=later(minutes=5))
    async with house.worker():
        await house.send_one(content, recipient(0, fallback_address="+14155550100"))
        await house.send_one(content, recipient(1))
        await house.until_states({"failed": 2, "sent": 1, "skipped": 1})
    # A deadline set by the caller is the fallback's too.
    assert await house.value("SELECT count(DISTINCT expire_at) FROM content") == 1
    assert await house.rows("SELECT channel, reason FROM message WHERE state = 12") == [(2, "no_address")]


@pytest.mark.req("DEL-84", "DEL-86")
async def test_a_receipt_that_fails_a_message_before_delivery_makes_one_fallback_and_a_late_bounce_none(
    live_house: House,
) -> None:
    house = live_house
    outside = await open_outside(house)
    house.template(channel=SMS, name="hello")
    answer = await house.send_block(
        house.content(house.template(), fallback_channel=SMS),
        [recipient(n, fallback_address=f"+1415555010{n}") for n in range(3)],
    )
    dropped, bounced, arrived = (UUID(id) for id in answer.message_ids)
    await house.rows(
        "UPDATE message SET state = 7, sent_at = now() - interval '1 minute', attempt_count = 1, provider = 'sendgrid',"
        " account_id = %s",
        outside.account_id,
    )
    await house.rows("DELETE FROM dispatch_block")
    told = [
        event(dropped, "dropped", reason="Invalid"),
        event(bounced, "bounce"),
        event(arrived, "delivered"),
    ]
    await outside.post(told)
    await outside.applied()
    await outside.post([*told, event(arrived, "bounce")])
    await outside.applied()
    assert await house.rows(
        "SELECT channel, state, fallback_of FROM message WHERE channel = 2 ORDER BY fallback_of"
    ) == [(2, 1, id) for id in sorted((dropped, bounced))]
    await house.assert_every_waiting_message_stands_in_one_place()
    assert await house.rows("SELECT state FROM message WHERE message_id = %s", arrived) == [(10,)]


@pytest.mark.req("DEL-84")
async def test_a_worker_killed_while_messages_fail_leaves_each_with_one_fallback(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.refuse = 400
        carrier.gate.clear()
        house.template(channel=SMS, name="hello")
        content = house.content(house.template(), fallback_channel=SMS)
        await house.send_block(
            content, [recipient(n, fallback_address=f"+14155550{n:03}") for n in range(60)]
        )
        first = await house.start_worker_process(**FAST)
        await asyncio.wait_for(carrier.arrived.wait(), 30)
        carrier.gate.set()
        await house.until(
            lambda: house.rows("SELECT 1 FROM message WHERE state IN (11, 15) LIMIT 1"), every=0.001
        )
        await kill(first)
        await house.start_worker_process(**FAST)

        async def over() -> bool:
            states = await house.rows("SELECT count(*) FROM message WHERE channel = 1 AND state IN (7, 11)")
            return bool(states[0][0] == 60)

        await house.until(over, seconds=40)
    failed = await house.value(
        "SELECT count(*) FROM message WHERE channel = 1 AND state = 11 AND reason <> 'outcome_unknown'"
    )
    assert failed
    assert await house.value(LOST) == failed
    assert await house.value("SELECT count(*) FROM message WHERE channel = 2") == failed
    assert await house.value("SELECT count(DISTINCT fallback_of) FROM message WHERE channel = 2") == failed
    await house.assert_every_waiting_message_stands_in_one_place()
