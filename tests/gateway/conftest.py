"""The gateway on a real port, with delivery and consent behind it that remember what they were asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import uvicorn
from google.protobuf.message import Message

from angarium.campaign.v1 import feedback_pb2 as feedback_entity_pb2
from angarium.campaign.v1 import feedback_service_pb2 as feedback_pb2
from angarium.campaign.v1 import feedback_service_pb2_grpc
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import consent_pb2 as consent_entity_pb2
from angarium.consent.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    ledger_service_pb2,
    ledger_service_pb2_grpc,
    preference_service_pb2_grpc,
    suppression_service_pb2,
    suppression_service_pb2_grpc,
)
from angarium.consent.v1 import preference_service_pb2 as consent_pb2
from angarium.delivery.v1 import (
    media_service_pb2,
    media_service_pb2_grpc,
    receipt_service_pb2_grpc,
    wallet_service_pb2,
    wallet_service_pb2_grpc,
)
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.app import build
from gateway.console.streams import Streams
from gateway.pages import preference_form
from gateway.server import DrainingServer, configured
from gateway.settings import GatewaySettings
from services.common.clock import FixedClock
from services.common.errors import ServiceError, exhausted, invalid, not_found, unavailable
from services.common.rpc.server import start_server
from services.common.service import Registration, Service
from services.common.settings import CommonSettings, read
from tests.common.given import COMPLETE, ReadyDatabase
from tests.ports import free_port

FIELDS = set(GatewaySettings.model_fields)
ACCOUNT = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b5"
TENANT = "0192f0c1-2a3b-7c4d-8e5f-60718293a4b6"


def _opened() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Delivery(
    receipt_service_pb2_grpc.ReceiptServiceServicer,
    media_service_pb2_grpc.MediaServiceServicer,
    wallet_service_pb2_grpc.WalletServiceServicer,
):
    """Receipts and engagement, as delivery answers them; it has no pictures and no passes."""

    public_key: str = ""
    shared_secret: str = ""
    tolerance_seconds: int = 300
    unreadable: set[str] = field(default_factory=set)
    more: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    targets: dict[str, str] = field(default_factory=dict)
    asked: list[Message] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=_opened)
    """Delivery answers who asks for an account while this is set."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the first who asks for one."""

    def of(self, kind: type[Any]) -> list[Any]:
        return [request for request in self.asked if isinstance(request, kind)]

    def _take(self, request: Message) -> None:
        if self.is_down:
            raise unavailable("database")
        self.asked.append(request)

    async def ResolveWebhookAccount(self, request: Any, context: Any) -> Any:
        self.arrived.set()
        await self.gate.wait()
        self._take(request)
        if request.account_token != "known":
            raise not_found("account", "?")
        return delivery_pb2.ResolveWebhookAccountResponse(
            provider_account_id=ACCOUNT,
            tenant_id=TENANT,
            provider=request.provider,
            verification=delivery_pb2.VerificationMaterial(
                public_key=self.public_key,
                shared_secret=self.shared_secret,
                tolerance_seconds=self.tolerance_seconds,
                **self.more,
            ),
        )

    async def ReadMedia(self, request: Any, context: Any) -> Any:
        raise not_found("media", "?")
        yield

    async def GetWalletPass(self, request: Any, context: Any) -> Any:
        raise not_found("pass", "?")

    async def RecordInboundMessage(self, request: Any, context: Any) -> Any:
        self._take(request)
        if request.text in self.unreadable:
            raise ServiceError("VALIDATION_FAILED", "the text cannot be read")
        return delivery_pb2.RecordInboundMessageResponse(action="stopped")

    async def RecordReceipts(self, request: Any, context: Any) -> Any:
        self._take(request)
        if request.envelope_recipient.startswith("forged"):
            raise ServiceError("INVALID_TOKEN", "no such return path")
        return delivery_pb2.RecordReceiptsResponse(stored_count=1)

    async def RecordEngagement(self, request: Any, context: Any) -> Any:
        self._take(request)
        return delivery_pb2.RecordEngagementResponse(
            results=[
                delivery_pb2.EngagementResult(
                    target_url=self.targets.get(hit.token, ""), is_genuine=hit.token in self.targets
                )
                for hit in request.hits
            ]
        )


def everything_allowed() -> consent_pb2.Preferences:
    """The preferences of somebody who never said anything."""
    known = consent_pb2.Preferences(etag="1")
    for channel in preference_form.CHANNELS.values():
        known.channels.add(channel=channel, is_enabled=True, frequency=consent_pb2.FREQUENCY_IMMEDIATE)
        for group in preference_form.GROUPS.values():
            known.categories.add(group=group, channel=channel, is_enabled=True)
    return known


@dataclass
class Consent(
    preference_service_pb2_grpc.PreferenceServiceServicer,
    consent_service_pb2_grpc.ConsentServiceServicer,
    ledger_service_pb2_grpc.LedgerServiceServicer,
    suppression_service_pb2_grpc.SuppressionServiceServicer,
):
    """Links, as consent answers them."""

    unsubscribed: list[Any] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    fresh: list[Any] = field(default_factory=list)
    """Askings for fresh links."""
    too_often: set[str] = field(default_factory=set)
    """Addresses that were asked for too often."""
    confirmed: list[Any] = field(default_factory=list)
    state: int = consent_entity_pb2.Consent.STATE_PENDING
    """Where the consent of a confirmation link stands."""
    is_newest: bool = True
    receipt_keys: list[str] = field(default_factory=list)
    language: str = "en"
    tenant_name: str = "Bazaar & <Sons>"

    def _check(self, token: str) -> None:
        if token == "expired":
            raise ServiceError("TOKEN_EXPIRED", "expired")
        if token != "good":
            raise ServiceError("INVALID_TOKEN", "not a token")

    async def ResolveStopLink(self, request: Any, context: Any) -> Any:
        self._check(request.token)
        return suppression_service_pb2.ResolveStopLinkResponse(
            masked_address="m***@example.com",
            tenant_name=self.tenant_name,
            language_code=self.language,
            is_stopped=request.token in self.stopped,
        )

    async def FollowStopLink(self, request: Any, context: Any) -> Any:
        self._check(request.token)
        already = request.token in self.stopped
        self.stopped.append(request.token)
        return suppression_service_pb2.FollowStopLinkResponse(already_stopped=already)

    async def ResolveToken(self, request: Any, context: Any) -> Any:
        if request.token == "confirmable":
            return consent_pb2.ResolveTokenResponse(
                purpose=consent_pb2.TOKEN_PURPOSE_CONFIRM,
                masked_address="a***@example.com",
                channel=enums_pb2.CHANNEL_EMAIL,
                tenant_name=self.tenant_name,
                language_code=self.language,
                consent_state=self.state,
            )
        if request.token == "preferable":
            return consent_pb2.ResolveTokenResponse(
                purpose=consent_pb2.TOKEN_PURPOSE_PREFERENCES,
                masked_address="a***@example.com",
                tenant_name=self.tenant_name,
                language_code=self.language,
                preferences=everything_allowed(),
            )
        self._check(request.token)
        return consent_pb2.ResolveTokenResponse(
            purpose=consent_pb2.TOKEN_PURPOSE_UNSUBSCRIBE,
            masked_address="a***@example.com",
            channel=enums_pb2.CHANNEL_EMAIL,
            tenant_name=self.tenant_name,
            language_code=self.language,
            branding=consent_pb2.Branding(logo_url='https://x"onerror=1', primary_color="red;}"),
        )

    async def ConfirmConsent(self, request: Any, context: Any) -> Any:
        self.confirmed.append(request)
        already = self.state == consent_entity_pb2.Consent.STATE_GRANTED
        if self.is_newest and self.state == consent_entity_pb2.Consent.STATE_PENDING:
            self.state = consent_entity_pb2.Consent.STATE_GRANTED
        return consent_service_pb2.ConfirmConsentResponse(
            consent=consent_entity_pb2.Consent(state=self.state), already_confirmed=already
        )

    async def ListReceiptKeys(self, request: Any, context: Any) -> Any:
        if not self.receipt_keys:
            raise ServiceError("DEPENDENCY_UNAVAILABLE", "away")
        return ledger_service_pb2.ListReceiptKeysResponse(
            keys=[ledger_service_pb2.ReceiptKey(key_id="k", jwk=jwk) for jwk in self.receipt_keys]
        )

    async def RequestFreshLink(self, request: Any, context: Any) -> Any:
        if request.token not in ("good", "expired", "preferable"):
            raise ServiceError("INVALID_TOKEN", "not a token")
        if request.address in self.too_often:
            raise exhausted("RATE_LIMITED", "too many", timedelta(minutes=55))
        if "@" not in request.address:
            raise invalid("address", "is not a valid address", "INVALID_RECIPIENT")
        self.fresh.append(request)
        return consent_pb2.RequestFreshLinkResponse()

    async def Unsubscribe(self, request: Any, context: Any) -> Any:
        self._check(request.token)
        self.unsubscribed.append(request)
        return consent_pb2.UnsubscribeResponse()


@dataclass
class Campaign(feedback_service_pb2_grpc.FeedbackServiceServicer):
    """Links that ask for feedback, as campaign answers them."""

    known: feedback_pb2.ResolveFeedbackTokenResponse = field(
        default_factory=lambda: feedback_pb2.ResolveFeedbackTokenResponse(
            tenant_name="Bazaar & <Sons>",
            visit_date="2026-11-20",
            branch_name="Harbour Row",
            language_code="en",
            is_open=True,
        )
    )
    submitted: list[feedback_pb2.SubmitFeedbackRequest] = field(default_factory=list)
    used: bool = False
    """Whether somebody else answers between the page and the post, long enough ago."""

    def _check(self, token: str) -> None:
        if token == "expired":
            raise ServiceError("TOKEN_EXPIRED", "expired")
        if token != "good":
            raise ServiceError("INVALID_TOKEN", "not a token")

    async def ResolveFeedbackToken(self, request: Any, context: Any) -> Any:
        self._check(request.token)
        return self.known

    async def SubmitFeedback(self, request: Any, context: Any) -> Any:
        self._check(request.token)
        if self.used:
            raise ServiceError("INVALID_TOKEN", "used")
        self.submitted.append(request)
        self.known.feedback.CopyFrom(
            feedback_entity_pb2.Feedback(
                rating=self.known.feedback.rating or request.rating, comment=request.comment
            )
        )
        return feedback_pb2.SubmitFeedbackResponse(feedback=self.known.feedback)


@dataclass
class Gateway:
    """A running gateway and what stands behind it."""

    url: str
    session: aiohttp.ClientSession
    delivery: Delivery
    consent: Consent
    clock: FixedClock
    campaign: Campaign = field(default_factory=Campaign)
    bounce_port: int = 0
    behind: dict[str, Any] = field(default_factory=dict)
    """What another door to the same neighbours needs."""

    def get(self, path: str, **named: Any) -> Any:
        return self.session.get(self.url + path, allow_redirects=False, **named)

    def post(self, path: str, **named: Any) -> Any:
        return self.session.post(self.url + path, allow_redirects=False, **named)


@pytest.fixture
async def gateway(redis_url: str, redis: Any, clock: FixedClock) -> AsyncIterator[Gateway]:
    """A gateway whose neighbours are small real servers; its Redis is empty."""
    async with opened(redis_url, clock) as door:
        yield door


@contextlib.asynccontextmanager
async def opened(redis_url: str, clock: FixedClock, **more: Any) -> AsyncIterator[Gateway]:
    """A gateway with its neighbours, with settings that differ."""
    delivery, consent, campaign = Delivery(), Consent(), Campaign()
    bounce_port = free_port()
    async with contextlib.AsyncExitStack() as stack:
        addresses = {
            "delivery_address": await _serve(
                stack,
                "delivery",
                delivery,
                (receipt_service_pb2_grpc, delivery_pb2, "ReceiptService"),
                (media_service_pb2_grpc, media_service_pb2, "MediaService"),
                (wallet_service_pb2_grpc, wallet_service_pb2, "WalletService"),
            ),
            "consent_address": await _serve(
                stack,
                "consent",
                consent,
                (preference_service_pb2_grpc, consent_pb2, "PreferenceService"),
                (consent_service_pb2_grpc, consent_service_pb2, "ConsentService"),
                (suppression_service_pb2_grpc, suppression_service_pb2, "SuppressionService"),
                (ledger_service_pb2_grpc, ledger_service_pb2, "LedgerService"),
            ),
            "campaign_address": await _serve(
                stack, "campaign", campaign, (feedback_service_pb2_grpc, feedback_pb2, "FeedbackService")
            ),
        }
        changes = {**addresses, "bounce_address": f"127.0.0.1:{bounce_port}", "redis_url": redis_url, **more}
        url, session = await stack.enter_async_context(open_door(clock, **changes))
        behind = {**addresses, "redis_url": redis_url}
        yield Gateway(url, session, delivery, consent, clock, campaign, bounce_port, behind)
        # What delivery did not take is told it before the door closes.
        delivery.is_down = False
        delivery.gate.set()


@contextlib.asynccontextmanager
async def open_door(
    clock: FixedClock, *, streams: Streams | None = None, **changes: Any
) -> AsyncIterator[tuple[str, aiohttp.ClientSession]]:
    """A gateway on a port of its own, with a client that has its address."""
    async with running(clock, streams, **changes) as (_, url), aiohttp.ClientSession() as session:
        yield url, session


@contextlib.asynccontextmanager
async def running(
    clock: FixedClock, streams: Streams | None = None, **changes: Any
) -> AsyncIterator[tuple[uvicorn.Server, str]]:
    """A gateway as it is served, and its address."""
    port = free_port()
    known = {name: value for name, value in COMPLETE.items() if name in FIELDS}
    place = {"bind_address": f"127.0.0.1:{port}", "public_base_url": f"http://127.0.0.1:{port}"}
    more = {"service_name": "gateway", "rate_limit_max_requests": 1000}
    settings = read(GatewaySettings, **{**known, **place, **more, **changes})
    live = streams or Streams()
    app = build(settings, clock=clock, streams=live)
    server = DrainingServer(configured(settings, app), live.drain)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)
    try:
        yield server, settings.public_base_url
    finally:
        server.should_exit = True
        await serving


async def _serve(
    stack: contextlib.AsyncExitStack, name: str, servicer: Any, *services: tuple[Any, Any, str]
) -> str:
    settings = read(CommonSettings, **{**COMPLETE, "service_name": name})
    registrations = [
        Registration(
            messages.DESCRIPTOR.services_by_name[service],
            getattr(grpc_module, f"add_{service}Servicer_to_server"),
            servicer,
        )
        for grpc_module, messages, service in services
    ]
    running = await start_server(Service(name, ReadyDatabase(), registrations), settings)  # type: ignore[arg-type]
    stack.push_async_callback(running.stop)
    return f"127.0.0.1:{running.port}"


def netloc(url: str) -> SimpleNamespace:
    parts = urlsplit(url)
    return SimpleNamespace(host=parts.hostname, port=parts.port)
