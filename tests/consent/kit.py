"""A running consent service with everything a scenario needs to say about tenants, contacts and callers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import grpc.aio
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2, settings_service_pb2
from angarium.common.v1 import enums_pb2 as common
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import (
    compliance_service_pb2,
    compliance_service_pb2_grpc,
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    dnd_service_pb2_grpc,
    ledger_service_pb2_grpc,
    preference_service_pb2_grpc,
    suppression_service_pb2,
    suppression_service_pb2_grpc,
)
from services.common.clock import FixedClock
from services.common.db.database import Database
from services.common.ids import uuid7
from services.common.rpc.context import Caller, bind
from services.common.rpc.server import RunningServer
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import issue_contact, issue_person, issue_service
from services.common.security.tokens import TokenSigner
from services.consent.addresses import Hasher
from services.consent.decisions.facts import ContactState
from services.consent.directory.domain import KnownContact
from services.consent.events import Events
from services.consent.privacy.handlers import Privacy
from services.consent.proofs import Proof, opened
from services.consent.settings import ConsentSettings

EMAIL, SMS, WHATSAPP, PUSH = (
    common.CHANNEL_EMAIL,
    common.CHANNEL_SMS,
    common.CHANNEL_WHATSAPP,
    common.CHANNEL_PUSH,
)
MARKETING, TRANSACTIONAL = common.MESSAGE_CLASS_MARKETING, common.MESSAGE_CLASS_TRANSACTIONAL
ALLOW, DENY, DEFER = (
    compliance_service_pb2.OUTCOME_ALLOW,
    compliance_service_pb2.OUTCOME_DENY,
    compliance_service_pb2.OUTCOME_DEFER,
)
SEND = compliance_service_pb2.EVALUATION_PURPOSE_SEND
PREVIEW = compliance_service_pb2.EVALUATION_PURPOSE_PREVIEW


class FakeCampaign:
    """Stands for campaign: knows the contacts a test told it, and counts how often it is asked."""

    def __init__(self) -> None:
        self.contacts: dict[UUID, KnownContact] = {}
        self.asked: list[list[UUID]] = []
        self.fails = False

    async def resolve(self, tenant_id: UUID, contact_ids: Sequence[UUID]) -> list[KnownContact]:
        self.asked.append(list(contact_ids))
        if self.fails:
            raise ConnectionError("campaign does not answer")
        return [self.contacts[one] for one in contact_ids if one in self.contacts]


@dataclass
class Tenant:
    """A tenant of a test."""

    consent: RunningConsent
    tenant_id: UUID = field(default_factory=uuid4)

    def address(self, contact_id: UUID) -> str:
        return f"{contact_id.hex[-16:]}@example.com"

    def phone(self, contact_id: UUID) -> str:
        return f"+49{contact_id.int % 10**10:010d}"

    async def settle(self, at: datetime | None = None, **changes: Any) -> None:
        """Tells the service the tenant's settings: marketing on everywhere, wide windows, no double opt-in."""
        tenant = settings_service_pb2.Tenant(
            tenant_id=str(self.tenant_id),
            name="Salon",
            currency_code="EUR",
            region_code="DE",
            default_time_zone="Europe/Berlin",
            state=changes.pop("state", settings_service_pb2.Tenant.STATE_ACTIVE),
        )
        settings = settings_service_pb2.MarketingSettings(
            **{
                "marketing_enabled": True,
                "enabled_channels": [EMAIL, SMS, WHATSAPP, PUSH],
                "send_window_start": "09:00",
                "send_window_end": "21:00",
                "sms_window_start": "08:00",
                "sms_window_end": "21:00",
                "daily_message_limit_per_contact": 2,
                "weekly_message_limit_per_contact": 5,
                "dnd_channels": [SMS],
                "logo_url": "https://example.com/logo.png",
                **changes,
            }
        )
        updated = campaign_events_pb2.MarketingSettingsUpdated(settings=settings, tenant=tenant)
        await self.apply("marketing_settings.updated", updated, at=at)

    async def contact(self, *, state: ContactState = "active", **changes: Any) -> UUID:
        """Tells the service of a contact with an e-mail address and a phone number."""
        contact_id = changes.pop("contact_id", None) or uuid7()
        await self.apply(
            "contact.created",
            campaign_events_pb2.ContactsChanged(contacts=[self.reference(contact_id, state, **changes)]),
        )
        return contact_id

    def reference(
        self, contact_id: UUID, state: ContactState = "active", **changes: Any
    ) -> contact_pb2.ContactReference:
        states = {"active": 1, "blocked": 2, "erased": 3}
        hasher = self.consent.hasher
        addresses = {
            EMAIL: self.address(contact_id),
            SMS: self.phone(contact_id),
            WHATSAPP: self.phone(contact_id),
        }
        words = {EMAIL: "email", SMS: "sms", WHATSAPP: "whatsapp"}
        return contact_pb2.ContactReference(
            contact_id=str(contact_id),
            state=states[state],
            address_hashes=[
                contact_pb2.AddressHash(
                    channel=channel,
                    hash=hasher.one(self.tenant_id, words[channel], address),
                    key_id=hasher.key_id,
                    hint="x***",
                )
                for channel, address in addresses.items()
            ],
            **changes,
        )

    async def apply(
        self, kind: str, payload: Message, at: datetime | None = None, source: str = "campaign"
    ) -> None:
        """Applies an event's effect, as the consumer does."""
        envelope = self.envelope(kind, payload, at, source)
        handler = self.consent.events.handlers()[kind]
        with bind(Caller.of_service(source, self.tenant_id)):
            async with self.consent.database.tenant(self.tenant_id) as uow:
                await handler(uow, envelope, payload)

    def envelope(
        self, kind: str, payload: Message, at: datetime | None = None, source: str = "campaign"
    ) -> EventEnvelope:
        envelope = EventEnvelope(
            event_id=str(uuid7()),
            type=kind,
            version=1,
            tenant_id=str(self.tenant_id),
            source=source,
            aggregate_type="contact",
            aggregate_id="1",
            item_count=1,
        )
        envelope.occur_time.FromDatetime(at or self.consent.clock.now())
        envelope.payload.Pack(payload)
        return envelope

    def staff(self, *roles: str) -> Calls:
        token = issue_person(self.consent.settings, self.tenant_id, "anna", roles or ("super_owner",))
        return Calls(self.consent.channel, (("authorization", f"Bearer {token}"),))

    def service(self, name: str = "delivery") -> Calls:
        token = issue_service(self.consent.settings, name)
        return Calls(
            self.consent.channel,
            (("authorization", f"Bearer {token}"), ("x-tenant-id", str(self.tenant_id))),
        )

    def as_contact(self, contact_id: UUID) -> Calls:
        token = issue_contact(self.consent.settings, self.tenant_id, contact_id)
        return Calls(self.consent.channel, (("authorization", f"Bearer {token}"),))

    async def grant(self, contact_id: UUID, channel: int = EMAIL, **changes: Any) -> consent_pb2.Consent:
        """Grants marketing by the contact's own act."""
        request = grant_request(contact_id, channel, **changes)
        return (await self.service("campaign").grant(request)).consent

    async def decide(self, contact_id: UUID, **changes: Any) -> compliance_service_pb2.Decision:
        """Asks delivery's question about one contact."""
        response = await self.service().evaluate(question(self, contact_id, **changes))
        return response.decision


class Calls:
    """The stubs of every service of consent, for one caller; errors come as ServiceError."""

    def __init__(self, channel: grpc.aio.Channel, metadata: tuple[tuple[str, str], ...]) -> None:
        self.metadata = metadata
        self.consents = consent_service_pb2_grpc.ConsentServiceStub(channel)
        self.compliance = compliance_service_pb2_grpc.ComplianceServiceStub(channel)
        self.suppressions = suppression_service_pb2_grpc.SuppressionServiceStub(channel)
        self.preferences = preference_service_pb2_grpc.PreferenceServiceStub(channel)
        self.ledger = ledger_service_pb2_grpc.LedgerServiceStub(channel)
        self.dnd = dnd_service_pb2_grpc.DndServiceStub(channel)

    async def call(self, method: Any, request: Message) -> Any:
        try:
            return await method(request, metadata=self.metadata, timeout=20)
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error, "consent") from None

    async def stream(self, method: Any, requests: Sequence[Message]) -> list[Any]:
        async def send() -> Any:
            for request in requests:
                yield request

        try:
            return [one async for one in method(send(), metadata=self.metadata, timeout=20)]
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error, "consent") from None

    async def grant(
        self, request: consent_service_pb2.GrantConsentRequest
    ) -> consent_service_pb2.GrantConsentResponse:
        return await self.call(self.consents.GrantConsent, request)

    async def evaluate(
        self, request: compliance_service_pb2.EvaluateSendRequest
    ) -> compliance_service_pb2.EvaluateSendResponse:
        return await self.call(self.compliance.EvaluateSend, request)

    async def evaluate_batch(
        self, request: compliance_service_pb2.EvaluateSendBatchRequest
    ) -> compliance_service_pb2.EvaluateSendBatchResponse:
        return await self.call(self.compliance.EvaluateSendBatch, request)

    async def suppress(
        self, address: str, channel: int = 0, **changes: Any
    ) -> suppression_service_pb2.Suppression:
        request = suppression_service_pb2.AddSuppressionRequest(
            **{
                "address": address,
                "channel": channel,
                "reason": suppression_service_pb2.SUPPRESSION_REASON_MANUAL,
                **changes,
            }
        )
        return (await self.call(self.suppressions.AddSuppression, request)).suppression


@dataclass
class RunningConsent:
    """The service as a test sees it."""

    settings: ConsentSettings
    server: RunningServer
    database: Database
    owner_url: str
    channel: grpc.aio.Channel
    clock: FixedClock
    campaign: FakeCampaign

    @property
    def hasher(self) -> Hasher:
        return Hasher(self.settings.hash_keys)

    @property
    def events(self) -> Events:
        """What the service learns from others; its events ask nobody and open no archive."""
        return Events(self.hasher, Privacy(self.database, cast("Any", self.campaign), cast("Any", None)))

    @property
    def signer(self) -> TokenSigner:
        return TokenSigner(self.settings.token_keys)

    async def tenant(self, **settings: Any) -> Tenant:
        """A new tenant whose settings have arrived."""
        tenant = Tenant(self)
        await tenant.settle(**settings)
        return tenant

    async def proofs(self, tenant_id: UUID, table: str, where: str = "true") -> list[Proof | None]:
        """The sealed proofs of a table's rows, opened."""
        async with self.database.tenant(tenant_id) as uow:
            rows = await uow.fetch_all(f"SELECT contact_id, sealed_proof FROM {table} WHERE {where}")
            return await opened(uow, rows)

    async def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        """What a query finds across tenants."""
        async with self.database.system() as uow:
            return await uow.fetch_all(query, params)


def grant_request(
    contact_id: UUID | str, channel: int = EMAIL, **changes: Any
) -> consent_service_pb2.GrantConsentRequest:
    subject = (
        consent_pb2.Subject(contact_id=str(contact_id))
        if isinstance(contact_id, UUID)
        else consent_pb2.Subject(address=contact_id)
    )
    return consent_service_pb2.GrantConsentRequest(
        **{
            "subject": subject,
            "channel": channel,
            "message_class": MARKETING,
            "source": consent_pb2.CONSENT_SOURCE_WEB_FORM,
            **changes,
        }
    )


def question(
    tenant: Tenant, contact_id: UUID | None, **changes: Any
) -> compliance_service_pb2.EvaluateSendRequest:
    """The question about one contact at its own address; what is not said is an offer by e-mail."""
    channel = changes.pop("channel", EMAIL)
    address = changes.pop("address", None)
    if address is None and contact_id is not None:
        address = tenant.address(contact_id) if channel == EMAIL else tenant.phone(contact_id)
    usage = changes.pop("usage", None)
    message_id = changes.pop("message_id", "")
    subject = (
        consent_pb2.Subject(contact_id=str(contact_id))
        if contact_id
        else consent_pb2.Subject(address=address)
    )
    context = compliance_service_pb2.EvaluationContext(
        **{
            "channel": channel,
            "category": common.CATEGORY_OFFER,
            "purpose": PREVIEW,
            "explain": True,
            **changes,
        }
    )
    return compliance_service_pb2.EvaluateSendRequest(
        subject=subject,
        address=address if contact_id else "",
        context=context,
        message_id=message_id,
        usage=compliance_service_pb2.Usage(**usage) if usage else None,
    )


def stamp(instant: datetime) -> Timestamp:
    found = Timestamp()
    found.FromDatetime(instant)
    return found


def evidence(**fields: Any) -> Struct:
    found = Struct()
    found.update(fields or {"form": "counter", "wording": "v3"})
    return found


def reason(decision: compliance_service_pb2.Decision) -> str:
    """The reason of a decision as a word; `allow` when there is none."""
    if decision.outcome == ALLOW:
        return "allow"
    return (
        compliance_service_pb2.DecisionReason.Name(decision.reason).removeprefix("DECISION_REASON_").lower()
    )


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
