"""Consent and campaign side by side, with a delivery that tests look into."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_events_pb2, consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1.consent_service_pb2_grpc import ConsentServiceStub
from services.campaign.bootstrap import build as build_campaign
from services.campaign.consent_links import handlers
from services.campaign.consent_links.worker import ConsentLinkWorker
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.rpc.client import Channels
from services.consent.bootstrap import build as build_consent
from services.consent.settings import ConsentSettings
from tests.campaign.campaigns.conftest import Ticking
from tests.campaign.conftest import create_tenant
from tests.common.given import settings as given_settings
from tests.fakes.delivery import Accepted, FakeDelivery, start_delivery
from tests.house import Served, serving, settings_for

EMAIL = enums_pb2.CHANNEL_EMAIL


@dataclass
class Pair:
    """Consent and campaign, with a delivery that tests look into."""

    consent: Served
    campaign: Served
    delivery: FakeDelivery
    worker: ConsentLinkWorker
    clock: FixedClock

    async def upsert(self, **fields: Any) -> str:
        """A contact campaign knows."""
        stub = self.campaign.person(ContactServiceStub)
        row = contact_pb2.Contact(
            **{
                "external_id": "x1",
                "first_name": "Ada",
                "email": "ada@example.com",
                "name": "Ada L",
                **fields,
            }
        )
        made = await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=row))
        contact_id: str = made.contact.contact_id
        return contact_id

    async def contact(self, **fields: Any) -> str:
        """A contact both services know; their loops run."""
        contact_id = await self.upsert(**fields)

        async def known() -> bool:
            async with self.consent.service.database.system() as uow:
                return bool(
                    await uow.fetch_value("SELECT count(*) FROM contact WHERE contact_id = %s", (contact_id,))
                )

        await until(known)
        return contact_id

    async def grant(self, channel: int = EMAIL, **subject: str) -> consent_pb2.Consent:
        stub = self.consent.caller(ConsentServiceStub, "campaign", tenant_id=self.campaign.tenant_id)
        request = pb.GrantConsentRequest(
            subject=consent_pb2.Subject(**subject),
            channel=channel,  # type: ignore[arg-type]
            message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
            source=consent_pb2.CONSENT_SOURCE_WEB_FORM,
            double_opt_in=True,
        )
        return (await stub.GrantConsent(request)).consent

    async def confirm(self, message: Accepted) -> consent_pb2.Consent:
        url = message.recipient.variables["confirmation_url"]
        stub = self.consent.caller(ConsentServiceStub, "gateway")
        request = pb.ConfirmConsentRequest(token=url.rpartition("/")[2])
        return (await stub.ConfirmConsent(request)).consent

    async def announce(self, consent_id: str, count: int, *, times: int = 1) -> None:
        """Applies the event of an asking, as the consumer does."""
        payload = consent_events_pb2.ConsentConfirmationRequested(
            consent_id=consent_id, confirmation_count=count
        )
        payload.expire_time.FromDatetime(self.clock.now() + timedelta(hours=72))
        for _ in range(times):
            async with self.campaign.service.database.tenant(self.campaign.tenant_id) as uow:
                await handlers.confirmation_requested(uow, None, payload)  # type: ignore[arg-type]

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.campaign.service.database.system() as uow:
            rows = await uow.fetch_all("SELECT state, reason FROM confirmation ORDER BY message_id")
        return [(state, reason) for state, reason in rows]


@pytest.fixture
async def make_pair(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Any
) -> AsyncIterator[Callable[..., Awaitable[Pair]]]:
    async with AsyncExitStack() as stack:

        async def make(*, loops: bool) -> Pair:
            url = clone_database(["consent", "campaign"])
            server, delivery = await start_delivery(given_settings())
            stack.push_async_callback(server.stop)
            clock = Ticking()
            consent = await stack.enter_async_context(
                serving(
                    build_consent,
                    settings_for(ConsentSettings, url, redis_url, "consent"),
                    clock=clock,
                    loops=loops,
                )
            )
            settings = settings_for(
                CampaignSettings,
                url,
                redis_url,
                "campaign",
                consent_address=consent.address,
                delivery_address=delivery.address,
            )
            campaign = await stack.enter_async_context(
                serving(build_campaign, settings, clock=clock, loops=loops)
            )
            await create_tenant(campaign)
            channels = await stack.enter_async_context(Channels(settings, name="campaign"))
            worker = ConsentLinkWorker(campaign.service.database, channels)
            return Pair(consent, campaign, delivery, worker, clock)

        yield make


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - what happens in other loops offers no event
            await asyncio.sleep(0.05)
