"""Blocks by MSG91, Meta, Gupshup and WATI from acceptance to the person and back: real services, and people who answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from angarium.campaign.v1 import template_service_pb2, template_service_pb2_grpc
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2, provider_service_pb2
from services.common.rpc.client import as_tenant
from tests.e2e.city import City
from tests.sandbox import webhook_faults

FLOW = "0123456789abcdef01234567"
GUPSHUP_TEMPLATE = "c6aecef6-bcb0-4fb1-8100-28c094e3bc6b"
PASSWORD = "user:password"
ACCOUNTS: dict[str, tuple[dict[str, Any], dict[str, str], str]] = {
    "msg91": (
        {"templates": {"sms-help": FLOW}, "currency": "INR"},
        {"auth_key": "key", "webhook_secret": PASSWORD},
        "",
    ),
    "meta": (
        {"phone_number_id": "27681414235104944", "templates": {"sms-help": "help_v1:en"}},
        {"access_token": "token", "app_secret": "app secret", "verify_token": "our token"},
        "/v24.0",
    ),
    "gupshup": (
        {"from": "+917834811114", "app_name": "Salon", "templates": {"sms-help": GUPSHUP_TEMPLATE}},
        {"api_key": "key", "webhook_secret": PASSWORD},
        "",
    ),
    "wati": (
        {"templates": {"sms-help": "help_v1"}},
        {"access_token": "token", "webhook_secret": PASSWORD},
        "",
    ),
}


async def add_account(city: City, provider: str, channel: int) -> Any:
    """An account whose emulator tells of it: the first calls forged, twice, late and in another order."""
    config, credentials, path = ACCOUNTS[provider]
    account = provider_service_pb2.ProviderAccount(
        channel=channel, provider=provider, name=provider, rate_per_second=100, priority=1
    )  # type: ignore[arg-type]
    account.config.update({**config, "base_url": city.sandbox_url + path})
    made = await city.cast.ada.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=account, credentials=credentials, idempotency_key=str(uuid4())
        )
    )
    door = city.base_url
    if "webhook_secret" in credentials:
        door = door.replace("://", f"://{credentials['webhook_secret']}@")
    settings = {
        "provider": provider,
        "webhook_url": door + made.provider_account.webhook_path,
        "webhook_secret": credentials.get("app_secret", ""),
    }
    async with city.session.post(f"{city.sandbox_url}/admin/settings", json=settings) as answer:
        assert answer.status == 200, await answer.text()
    await webhook_faults.order(city.session, city.sandbox_url)
    return made.provider_account


async def disable(city: City, account: Any) -> None:
    account.is_disabled = True
    await city.cast.ada.providers.UpdateProviderAccount(
        provider_service_pb2.UpdateProviderAccountRequest(
            provider_account=account, update_mask={"paths": ["is_disabled"]}
        )
    )


async def send_block(city: City, channel: int, numbers: Sequence[str]) -> None:
    """A block that no window holds back."""
    stub: Any = city.delivery.stub(template_service_pb2_grpc.TemplateServiceStub, "campaign")
    with as_tenant(city.cast.tenant_id):
        found = await stub.ResolveTemplate(
            template_service_pb2.ResolveTemplateRequest(name="sms-help", channel=channel)
        )
    content = message_service_pb2.MessageContent(
        channel=channel,
        category=enums_pb2.CATEGORY_ACCOUNT_SECURITY,
        template_version_id=found.version.template_version_id,
    )  # type: ignore[arg-type]
    await city.cast.ada.messages.SendBatch(
        message_service_pb2.SendBatchRequest(
            content=content,
            recipients=[message_service_pb2.Recipient(address=number) for number in numbers],
            idempotency_key=str(uuid4()),
        )
    )


async def until(city: City, provider: str, wanted: list[tuple[str, str, str]], seconds: float = 25.0) -> None:
    """Waits until an account's messages stand so; whoever read has got it."""

    async def standing() -> list[tuple[str, str, str]]:
        rows = await city.rows(
            "SELECT c.template_name, m.state, coalesce(m.failure_code, '') FROM delivery.message m"
            " JOIN delivery.content c USING (tenant_id, content_id) WHERE m.provider = %s",
            provider,
        )
        words = {8: "arrived", 9: "arrived", 10: "bounced", 11: "failed"}
        return sorted((name, words.get(state, str(state)), code) for name, state, code in rows)

    try:
        async with asyncio.timeout(seconds):
            while await standing() != sorted(wanted):  # noqa: ASYNC110 - a database offers no event
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"messages are {await standing()}, not {sorted(wanted)}") from None


def people(area: str) -> list[str]:
    """One who thanks, one who writes STOP, one whom nothing reaches, one who opted out in WhatsApp."""
    return [f"+1{area}555{digits}" for digits in ("0101", "0102", "0105", "0112")]


FATES = [
    ("sms-help", "arrived", ""),
    ("sms-help", "arrived", ""),
    ("sms-help", "failed", "undeliverable"),
    ("sms-help", "failed", "opted_out"),
    # The confirmation is a text without a template: the person has just written.
    ("sms-stopped", "arrived", ""),
]
STOPPED = "SELECT count(*) FROM consent.suppression WHERE reason = 'sms_stop' AND channel = 'whatsapp'"


@pytest.mark.req("DEL-33", "DEL-86", "DEL-87", "DEL-105", "DEL-134", "GAT-24", "REL-13")
async def test_a_block_by_meta_is_told_of_and_its_people_are_heard(city: City) -> None:
    account = await add_account(city, "meta", enums_pb2.CHANNEL_WHATSAPP)
    await send_block(city, enums_pb2.CHANNEL_WHATSAPP, people("202"))
    await until(city, "meta", FATES)
    await city.until_value(STOPPED, 2)
    query = {"hub.mode": "subscribe", "hub.verify_token": "our token", "hub.challenge": "42"}
    async with city.session.get(city.base_url + account.webhook_path, params=query) as answer:
        assert (answer.status, await answer.text()) == (200, "42")
    await webhook_faults.all_struck_and_no_forgery_was_taken(city.session, city.sandbox_url)


@pytest.mark.req(
    "DEL-33", "DEL-85", "DEL-86", "DEL-87", "DEL-88", "DEL-104", "DEL-105", "DEL-136", "GAT-24", "REL-13"
)
async def test_blocks_by_those_who_echo_nothing_find_their_messages_by_name(city: City) -> None:
    await add_account(city, "msg91", enums_pb2.CHANNEL_SMS)
    gupshup = await add_account(city, "gupshup", enums_pb2.CHANNEL_WHATSAPP)
    texts = [f"+1505555{digits}" for digits in ("0101", "0105", "0110", "0111")]
    await send_block(city, enums_pb2.CHANNEL_SMS, texts)
    await send_block(city, enums_pb2.CHANNEL_WHATSAPP, people("303"))
    await until(
        city,
        "msg91",
        [
            ("sms-help", "arrived", ""),
            ("sms-help", "bounced", "failed"),
            ("sms-help", "failed", "rejected"),
            ("sms-help", "failed", "invalid_recipient"),
        ],
    )
    # What reports say of cost counts, although no rate is known.
    priced = (
        "SELECT count(*) FROM delivery.message WHERE cost = 0.2 AND currency = 'INR' AND provider = 'msg91'"
    )
    await city.until_value(priced, 3)
    await until(city, "gupshup", FATES)
    await city.until_value(STOPPED, 2)
    await disable(city, gupshup)
    await add_account(city, "wati", enums_pb2.CHANNEL_WHATSAPP)
    await send_block(city, enums_pb2.CHANNEL_WHATSAPP, people("404"))
    await until(city, "wati", FATES)
    await city.until_value(STOPPED, 4)
    await webhook_faults.all_struck_and_no_forgery_was_taken(city.session, city.sandbox_url)
