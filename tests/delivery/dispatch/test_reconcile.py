from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from services.delivery.dispatch.reconcile import Fact, Patience, conclude
from services.delivery.messages.domain import MessageClass, State
from services.delivery.providers import Lookup, Presence
from tests.delivery.kit import House, recipient
from tests.fakes.carrier import Carrier

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def fact(**changes: Any) -> Fact:
    fields: dict[str, Any] = {
        "message_id": b"", "state": State.UNKNOWN, "attempts": 1, "campaign_id": None,
        "message_class": MessageClass.MARKETING, "expire_at": NOW + timedelta(hours=1), "cancelled_at": None,
        "unknown_tries": 1, "provider": "sendgrid", "account_id": uuid4(), "channel": 1,
    }  # fmt: skip
    return Fact(**{**fields, **changes})


@pytest.mark.req("DEL-78")
def test_what_is_concluded_depends_on_what_the_provider_says_and_on_the_class() -> None:
    patience = Patience(timedelta(seconds=30), timedelta(minutes=10), timedelta(minutes=15))
    found, absent, silent = (
        Lookup(Presence.FOUND, "x"), Lookup(Presence.NOT_FOUND), Lookup(Presence.UNKNOWABLE),
    )  # fmt: skip

    def after(minutes: float, answer: Lookup, **changes: Any) -> str:
        return conclude(fact(**changes), answer, NOW - timedelta(minutes=minutes), NOW, patience)

    transaction = {"message_class": MessageClass.TRANSACTIONAL}
    assert after(0.1, found) == "sent"
    assert [after(1, absent), after(11, absent)] == ["wait", "again"]
    assert after(11, absent, expire_at=NOW) == "closed"
    assert after(11, absent, cancelled_at=NOW) == "closed"
    assert [after(1, silent), after(14, silent), after(15, silent)] == ["wait", "wait", "closed"]
    assert after(1, silent, **transaction) == "once_more"
    assert after(1, silent, **transaction, unknown_tries=2) == "closed"
    assert after(1, silent, **transaction, expire_at=NOW) == "closed"


@pytest.mark.req("DEL-78", "DEL-79")
async def test_an_unknown_outcome_is_asked_for_at_the_provider(house: House) -> None:
    await house.add_account(
        config={"rules": [{"result": "unknown", "code": "timeout", "address": "person1@*"}]}
    )
    async with house.worker(unknown_recheck_seconds=1):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"sent": 2, "unknown": 1})
        await house.assert_every_waiting_message_stands_in_one_place()
        # It may have been received: it keeps its place under the caps.
        assert await house.value("SELECT count(*) FROM send_slot") == 3
        await house.until_states({"sent": 3})
    assert await house.value("SELECT count(*) FROM message_wait") == 0
    assert [type for type, _ in await house.events()] == [
        "message.accepted", "message.sent", "message.unknown", "message.sent",
    ]  # fmt: skip
    assert await house.value("SELECT count(*) FROM message WHERE provider_message_id IS NULL") == 0


@pytest.mark.req("DEL-88", "DEL-78")
async def test_what_a_provider_turns_out_to_have_taken_costs_what_the_others_do(house: House) -> None:
    await house.rows(
        "INSERT INTO rate_card (tenant_id, rate_card_id, provider, channel, unit, cost, currency, valid_from)"
        " VALUES (%s, %s, 'recording', 1, 1, 0.000100, 'USD', now() - interval '1 day')",
        house.tenant_id,
        uuid4(),
    )
    await house.add_account(
        config={"rules": [{"result": "unknown", "code": "timeout", "address": "person1@*"}]}
    )
    async with house.worker(unknown_recheck_seconds=1):
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(3)])
        await house.until_states({"sent": 3})
    assert await house.rows("SELECT DISTINCT cost, currency FROM message") == [(Decimal("0.000100"), "USD")]
    told = [count for type, count in await house.events() if type == "message.cost_recorded"]
    assert sum(told) == 3


async def test_a_receipt_that_settles_a_message_ends_its_reconciliation(house: House) -> None:
    await house.add_account(config={"rules": [{"result": "unknown", "code": "timeout"}]})
    async with house.worker(unknown_recheck_seconds=2):
        await house.send_one(house.content(), recipient())
        await house.until_states({"unknown": 1})
        await house.rows("UPDATE message SET state = 8, delivered_at = now()")
        await house.until(lambda: house.rows("SELECT 1 WHERE NOT EXISTS (SELECT FROM message_wait)"))
    assert await house.states() == {"delivered": 1}


@pytest.mark.req("DEL-85", "DEL-102")
async def test_receipts_that_overtake_the_record_of_their_hand_over_keep_what_they_told(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        carrier.gate.clear()
        async with house.worker(provider_mode="live"):
            await house.send_block(house.campaign_content(), [recipient(n) for n in range(2)])
            await asyncio.wait_for(carrier.arrived.wait(), 30)
            await house.rows(
                "UPDATE message SET state = v.state, reason = v.reason, failed_at = v.at FROM (VALUES "
                "(0, 11::int2, 'dropped', now()), (1, 10::int2, 'bounce_hard', NULL)) AS v (position, state, reason, at) "
                "WHERE message.position = v.position"
            )
            carrier.gate.set()
            await house.until(lambda: house.rows("SELECT 1 FROM handover WHERE finished_at IS NOT NULL"))
    assert await house.rows("SELECT state, reason, sent_at IS NOT NULL FROM message ORDER BY position") == [
        (11, "dropped", True),
        (10, "bounce_hard", True),
    ]
