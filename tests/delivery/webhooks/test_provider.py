"""What every adapter must do, proved for the one whose messages go to subscriptions; it has no wire that could break."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.delivery.providers import (
    MalformedReceiptError,
    Outcome,
    Outgoing,
    Presence,
    ReceiptKind,
    Result,
)
from services.delivery.webhooks.messages import parse
from tests.delivery.providers.blocks import CONTENT, block, message
from tests.delivery.webhooks.kit import Stand


async def hand_over(stand: Stand, outgoing: list[Outgoing]) -> list[Outcome]:
    made = replace(block(outgoing), tenant_id=str(stand.tenant_id))
    return [one async for lot in stand.parts.provider.send(made) for one in lot]


@pytest.mark.req("DEL-95", "DEL-109")
async def test_each_message_waits_once_with_its_own_words(stand: Stand) -> None:
    id = (await stand.create("campaign.*")).webhook_subscription.webhook_subscription_id
    sent = [message(id, name=f'R{n} "<&>" é', note=f"line {n}\n.dot\n\nFrom x") for n in range(257)]
    results = await hand_over(stand, sent)
    again = await hand_over(stand, sent)
    assert {one.result for one in (*results, *again)} == {Result.ACCEPTED}
    assert [one.provider_message_id for one in results] == [str(one.message_id) for one in sent]
    assert await stand.send() == 257
    told = {body["id"]: body["data"]["content"] for body in stand.partner.bodies}
    assert told == {str(one.message_id): CONTENT.parts["text"].join(one.slots) for one in sent}


@pytest.mark.req("DEL-82", "DEL-95")
async def test_what_is_no_subscription_of_the_tenant_is_refused_for_good(stand: Stand) -> None:
    id = (await stand.create()).webhook_subscription.webhook_subscription_id
    strange = ["nobody", "https://free.example/hook", "0199a0a0-0000-7000-8000-000000000001", ""]
    *bad, good = await hand_over(stand, [message(address) for address in (*strange, id)])
    assert good.result is Result.ACCEPTED
    assert {(one.result, one.code, one.provider_fault) for one in bad} == {
        (Result.PERMANENT, "unknown_subscription", False)
    }
    assert await stand.send() == 1


@pytest.mark.req("DEL-80", "DEL-36")
async def test_nothing_is_unknown_for_a_repeat_has_no_effect_and_verifying_sends_nothing(
    stand: Stand,
) -> None:
    sent = message("x")
    found = await stand.parts.provider.look_up([sent.message_id])
    assert found[sent.message_id].presence is Presence.NOT_FOUND
    assert (await stand.parts.provider.verify()).ok
    assert await hand_over(stand, []) == []
    assert stand.partner.calls == []


def test_a_body_that_is_no_receipt_gives_none() -> None:
    for raw in (b"", b"\xff\x00", b"{", b'{"a": 1}', b"Subject: x\r\n\r\ny", b'[{"id": "1"}, 2, null]'):
        try:
            receipts = parse(raw)
        except MalformedReceiptError:
            continue
        assert all(receipt.kind is ReceiptKind.IGNORED for receipt in receipts)
