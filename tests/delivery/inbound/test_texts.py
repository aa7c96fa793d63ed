"""Texts of people are stored, understood by consent and answered by system messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as compliance_pb
from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.errors import ServiceError
from services.common.rpc.status import from_rpc_error
from tests.delivery.kit import House, open_house, recipient
from tests.delivery.outside import Outside
from tests.fakes.neighbours import ALLOW, deny

PERSON = "+12025550143"
NUMBER = "+12025550100"


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    """Delivery with a recording account for texts and the templates of replies."""
    async with open_house(clone_database(["delivery"]), redis_url) as opened:
        for name in ("sms-stopped", "sms-started", "sms-help"):
            opened.template(
                name=name,
                channel=enums_pb2.CHANNEL_SMS,
                category=enums_pb2.CATEGORY_ACCOUNT,
                text=f"Salon: {name}",
                required=False,
            )
        texts = opened.neighbours.texts

        def rule(context: Any, item: Any) -> Any:
            if item.address in texts.stopped:
                return deny(compliance_pb.DECISION_REASON_SUPPRESSED)
            return ALLOW

        opened.neighbours.consent.rule = rule
        yield opened


@pytest.fixture
async def outside(house: House) -> Outside:
    account_id = await house.add_account(config={"channel": "sms"})
    await house.rows("UPDATE provider_account SET channel = 2")
    return Outside(house, account_id)


async def text(outside: Outside, words: str, id: str = "SM1", **fields: Any) -> Any:
    options = {"tenant_id": fields.pop("tenant_id", None)}
    request = pb.RecordInboundMessageRequest(
        provider_account_id=str(outside.account_id),
        channel=enums_pb2.CHANNEL_SMS,
        from_address=fields.pop("from_address", PERSON),
        to_address=NUMBER,
        text=words,
        provider_message_id=id,
        **fields,
    )
    return await outside.receipts.RecordInboundMessage(request, metadata=outside.as_gateway(**options))


async def sent(house: House) -> list[tuple[int, str]]:
    rows = await house.rows(
        "SELECT m.state, c.template_name FROM message m JOIN content c USING (tenant_id, content_id) ORDER BY 2"
    )
    return [(state, name) for state, name in rows]


@pytest.mark.req("DEL-33", "CON-61")
async def test_a_stop_word_is_confirmed_once_although_the_number_is_closed_by_then(
    house: House, outside: Outside
) -> None:
    async with house.worker():
        first = await text(outside, "STOP")
        assert first.action == "stopped"
        assert first.reply_message_id
        await house.until_states({"sent": 1})
        assert (await text(outside, "STOP", "SM2")).reply_message_id == ""
        order = house.content(house.template(channel=enums_pb2.CHANNEL_SMS), channel=enums_pb2.CHANNEL_SMS)
        skipped = await house.send_one(order, recipient(1, address=PERSON))
        assert (skipped.state, skipped.reason) == (message_pb2.Message.STATE_SKIPPED, "suppressed")
    assert (await sent(house))[-1] == (7, "sms-stopped")
    assert [one.provider_message_id for one in house.neighbours.texts.asked] == ["SM1", "SM2"]


@pytest.mark.req("DEL-33")
@pytest.mark.parametrize(
    ("words", "action", "template"),
    [("START", "started", "sms-started"), ("HELP", "help", "sms-help"), ("Thanks!", "none", "")],
)
async def test_other_words_are_answered_as_consent_says(
    house: House, outside: Outside, words: str, action: str, template: str
) -> None:
    async with house.worker():
        answer = await text(outside, words)
        assert (answer.action, bool(answer.reply_message_id)) == (action, bool(template))
        if template:
            await house.until_states({"sent": 1})
    assert await sent(house) == ([(7, template)] if template else [])


@pytest.mark.req("DEL-33")
async def test_a_repeat_is_neither_read_nor_answered_again(house: House, outside: Outside) -> None:
    await text(outside, "HELP")
    assert (await text(outside, "HELP")).reply_message_id == ""
    assert len(house.neighbours.texts.asked) == 1
    assert await house.value("SELECT count(*) FROM message") == 1


async def test_whom_the_provider_has_answered_nobody_else_answers(house: House, outside: Outside) -> None:
    assert (await text(outside, "STOP", is_answered=True)).action == "stopped"
    assert await house.value("SELECT count(*) FROM message") == 0


@pytest.mark.req("DEL-33", "GAT-28")
async def test_a_text_is_kept_while_consent_is_away_and_its_words_are_forgotten_afterwards(
    house: House, outside: Outside
) -> None:
    house.neighbours.texts.is_down = True
    assert (await text(outside, "STOP")).action == ""
    assert await house.value("SELECT octet_length(body) > 0 FROM receipt_batch")
    house.neighbours.texts.is_down = False
    stop = asyncio.Event()
    [loop] = [one for one in house.service.loops if one.name == "receipts"]
    task: asyncio.Task[None] = asyncio.create_task(loop.run(stop))  # type: ignore[arg-type]
    try:
        await house.until(lambda: _is_read(house), seconds=15)
    finally:
        stop.set()
        await task
    assert await house.rows("SELECT state, octet_length(body) FROM receipt_batch") == [(2, 0)]
    assert await house.value("SELECT count(*) FROM message") == 1


async def _is_read(house: House) -> bool:
    return bool(house.neighbours.texts.asked) and await house.value("SELECT state = 2 FROM receipt_batch")


@pytest.mark.req("DEL-33", "SEC-1")
async def test_a_text_to_an_account_of_somebody_else_is_refused(outside: Outside) -> None:
    import grpc

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await text(outside, "STOP", tenant_id=uuid4())
    assert from_rpc_error(caught.value, "delivery").reason == "NOT_FOUND"


async def test_nobody_else_makes_replies(house: House) -> None:
    import grpc

    content = house.content(origin=message_pb2.ORIGIN_REPLY)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await house.send_block(content, [recipient(1)])
    found = from_rpc_error(caught.value, "delivery")
    assert isinstance(found, ServiceError)
    assert [one.field for one in found.violations] == ["content.origin"]
