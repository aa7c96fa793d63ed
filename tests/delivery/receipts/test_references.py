"""Receipts that bear their provider's name of a message only."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import provider_service_pb2
from services.common.ids import uuid7
from services.delivery.accounts.domain import PLATFORM
from services.delivery.providers import Receipt, ReceiptKind
from services.delivery.receipts import parsed, references
from services.delivery.receipts.parsed import Row
from services.delivery.receipts.references import Named
from services.delivery.retention import REFERENCES_KEPT, steps
from tests.delivery.kit import State
from tests.delivery.outside import Outside, struct


@pytest.fixture
async def account_id(outside: Outside) -> UUID:
    """An account of Gupshup, which echoes nothing of ours."""
    account = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_WHATSAPP,
        provider="gupshup",
        name="whatsapp",
        config=struct(**{"from": "+917834811114", "app_name": "Salon"}),
    )
    made = await outside.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=account, credentials={"api_key": "key"}
        ),
        metadata=outside.house.as_person(),
    )
    return UUID(made.provider_account.provider_account_id)


def told(word: str, own: str | None, other: str = "wa-1") -> bytes:
    payload = {
        "id": other,
        "gsId": own,
        "type": word,
        "destination": "1",
        "payload": {"ts": int(time.time())},
    }
    return orjson.dumps({"type": "message-event", "timestamp": 1, "payload": payload})


async def name(outside: Outside, account_id: UUID, message_id: UUID, *names: str) -> None:
    tenant_id = outside.house.tenant_id
    async with outside.house.service.database.tenant(tenant_id) as uow:
        references.add(uow, account_id, [Named(tenant_id, message_id.bytes, one) for one in names])


@pytest.mark.req("DEL-85")
async def test_a_message_is_found_by_its_providers_name_and_later_by_another(
    outside: Outside, account_id: UUID
) -> None:
    [message_id] = await outside.left()
    await name(outside, account_id, message_id, "gs-1")
    await outside.post(told("delivered", "gs-1"), account_id=account_id)
    await outside.applied()
    assert await outside.message(message_id, "state") == (State.STATE_DELIVERED,)
    # A week later only WhatsApp's own name is told; it was learned with the first event.
    await outside.post(told("read", None), account_id=account_id)
    await outside.applied()
    assert await outside.message(message_id, "state") == (State.STATE_READ,)


@pytest.mark.req("DEL-85", "GAT-41")
async def test_a_receipt_that_overtakes_our_own_record_waits_for_it(
    outside: Outside, account_id: UUID
) -> None:
    [message_id] = await outside.left()
    answer = await outside.post(told("delivered", "gs-1"), account_id=account_id)
    assert answer.stored_count == 1
    await outside.applied()
    assert await outside.message(message_id, "state") == (State.STATE_SENT,)
    await name(outside, account_id, message_id, "gs-1")
    await match(outside)
    assert await outside.message(message_id, "state") == (State.STATE_DELIVERED,)
    # The same event in another call, and another look at what waits, change nothing.
    await outside.post(told("delivered", "gs-1", "wa-2"), account_id=account_id)
    await match(outside)
    assert await outside.house.events() == [("message.delivered", 1)]


@pytest.mark.req("DEL-85", "GEN-8")
async def test_a_name_of_another_account_or_tenant_is_nobodys(outside: Outside, account_id: UUID) -> None:
    [message_id] = await outside.left()
    await name(outside, outside.account_id, message_id, "gs-1")
    await outside.post(told("delivered", "gs-1"), account_id=account_id)
    await match(outside)
    assert await outside.message(message_id, "state") == (State.STATE_SENT,)
    async with outside.house.service.database.system() as uow:
        stranger = UUID(int=99)
        references.add(uow, account_id, [Named(stranger, message_id.bytes, "gs-2")])
    await outside.post(told("delivered", "gs-2"), account_id=account_id)
    await match(outside)
    assert await outside.message(message_id, "state") == (State.STATE_SENT,)


@pytest.mark.req("DEL-85")
async def test_a_name_tells_whose_message_an_account_of_the_platform_carried(outside: Outside) -> None:
    [message_id] = await outside.left()
    tenant_id, account_id = outside.house.tenant_id, outside.account_id
    await name(outside, account_id, message_id, "gs-1")
    async with outside.house.service.database.system() as uow:
        found = await references.resolve(uow, account_id, PLATFORM, [_row("gs-1"), _row("gs-9")])
    assert [(one.message_id, one.tenant_id) for one in found] == [
        (message_id.bytes, tenant_id),
        (bytes(16), None),
    ]


@pytest.mark.req("DEL-85")
@pytest.mark.parametrize("named", [True, False])
async def test_what_the_platform_heard_too_early_moves_to_whose_it_is(
    outside: Outside, *, named: bool
) -> None:
    [message_id] = await outside.left()
    tenant_id, account_id = outside.house.tenant_id, outside.account_id
    await outside.house.rows(
        """INSERT INTO receipt (tenant_id, message_id, receipt_id, batch_id, account_id, provider_event_id,
            provider_message_id, kind, bounce_type, code, reason, suppression, link_url, is_machine, occurred_at,
            received_at, state)
        VALUES (%s, %s, %s, %s, %s, 'e', 'gs-1', 2, 0, '', '', '', '', false, now(), now(), 2)""",
        PLATFORM,
        message_id if named else PLATFORM,
        uuid7(),
        uuid7(),
        account_id,
    )
    await match(outside)
    assert await outside.message(message_id, "state") == (State.STATE_SENT,)
    await name(outside, account_id, message_id, "gs-1")
    await match(outside)
    assert await outside.message(message_id, "state") == (State.STATE_DELIVERED,)
    assert await outside.house.rows("SELECT tenant_id, message_id, state FROM receipt") == [
        (tenant_id, message_id, 1)
    ]


@pytest.mark.req("GEN-47")
async def test_names_are_forgotten_after_a_month(outside: Outside, account_id: UUID) -> None:
    [message_id] = await outside.left()
    await name(outside, account_id, message_id, "gs-1", "gs-2")
    await outside.house.rows(
        "UPDATE provider_reference SET created_at = created_at - %s WHERE provider_message_id = 'gs-1'",
        REFERENCES_KEPT,
    )
    async with outside.house.service.database.system() as uow:
        for step in steps(REFERENCES_KEPT):
            await step(uow, datetime.now(UTC), 10)
    assert await outside.house.rows("SELECT provider_message_id FROM provider_reference") == [("gs-2",)]


def _row(provider_message_id: str) -> Row:
    now = datetime.now(UTC)
    receipt = Receipt(provider_message_id, ReceiptKind.SENT, now, None, provider_message_id)
    [row] = parsed.rows([receipt], UUID(int=1), now)
    return row


async def match(outside: Outside) -> None:
    """What the loop does every quarter of a minute."""
    await outside.applied()
    loop = next(one for one in outside.house.service.loops if one.name == "receipts")
    await loop.run.__self__.match_waiting()  # type: ignore[attr-defined]
