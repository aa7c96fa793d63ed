"""Analytics as its callers meet it, and what the other services tell it, by IngestEvents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from google.protobuf.message import Message
from google.type.money_pb2 import Money as MoneyProto

from angarium.analytics.v1 import (
    analytics_events_pb2,
    figures_pb2,
    ingest_service_pb2,
    ingest_service_pb2_grpc,
    metrics_service_pb2_grpc,
    report_service_pb2_grpc,
)
from angarium.campaign.v1 import campaign_events_pb2, campaign_pb2, settings_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from angarium.delivery.v1 import delivery_events_pb2, message_pb2, receipt_service_pb2
from services.common.clock import FixedClock
from services.common.ids import uuid7
from services.common.money import Money
from services.common.security.jwt import issue_person
from tests.house import Served

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday."""
EMAIL, SMS, WHATSAPP, PUSH = 1, 2, 3, 4
HUMAN, PROXY, PREFETCH, SCANNER = 1, 2, 3, 4
OPEN, CLICK = receipt_service_pb2.ENGAGEMENT_KIND_OPEN, receipt_service_pb2.ENGAGEMENT_KIND_CLICK
PURCHASE = ingest_service_pb2.CONVERSION_TYPE_PURCHASE


@dataclass
class Desk:
    """One tenant at a served analytics."""

    served: Served
    clock: FixedClock
    tenant_id: UUID = field(default_factory=uuid4)

    @property
    def database(self) -> Any:
        return self.served.service.database

    def metrics(self, *roles: str, branches: Sequence[UUID] = ()) -> Any:
        return self._person(metrics_service_pb2_grpc.MetricsServiceStub, roles, branches)

    def reports(self, *roles: str, branches: Sequence[UUID] = ()) -> Any:
        return self._person(report_service_pb2_grpc.ReportServiceStub, roles, branches)

    def ingest(self, name: str = "campaign") -> Any:
        return self.served.caller(ingest_service_pb2_grpc.IngestServiceStub, name, tenant_id=self.tenant_id)

    def _person(self, stub: Any, roles: Sequence[str], branches: Sequence[UUID]) -> Any:
        token = issue_person(
            self.served.settings,
            self.tenant_id,
            "anna",
            list(roles or ("super_owner",)),
            [str(one) for one in branches],
        )
        return self.served._stub(stub, token, None)

    async def tell(self, kind: str, payload: Message, at: datetime = NOW) -> None:
        answer = await self.ingest().IngestEvents(
            ingest_service_pb2.IngestEventsRequest(events=[self.envelope(kind, payload, at)])
        )
        assert answer.accepted_count == 1, answer.results

    def envelope(self, kind: str, payload: Message, at: datetime = NOW) -> EventEnvelope:
        envelope = EventEnvelope(event_id=str(uuid7()), type=kind, tenant_id=str(self.tenant_id))
        envelope.occur_time.FromDatetime(at)
        envelope.payload.Pack(payload)
        return envelope

    async def tenant(self, zone: str = "UTC", currency: str = "EUR", limit: int | None = None) -> None:
        tenant = settings_service_pb2.Tenant(
            tenant_id=str(self.tenant_id), name="Bazaar", currency_code=currency, default_time_zone=zone
        )
        payload = campaign_events_pb2.MarketingSettingsUpdated(tenant=tenant)
        if limit is not None:
            payload.settings.monthly_budget_limit.CopyFrom(euros(limit, currency))
        await self.tell("marketing_settings.updated", payload)

    async def campaign(
        self, *variants: str, name: str = "Spring", channel: int = EMAIL, at: datetime = NOW
    ) -> Campaign:
        found = Campaign(self, channel=channel)
        payload = campaign_events_pb2.CampaignLaunched(
            campaign_id=str(found.campaign_id), run_id=str(found.run_id), name=name, channel=channel
        )
        for key in variants:
            payload.variants.add(key=key)
        await self.tell("campaign.sent", payload, at)
        return found

    async def accepted(
        self, count: int = 1, *, at: datetime = NOW, contacts: Sequence[UUID] = (), **shared: Any
    ) -> list[UUID]:
        """Accepted messages of some dimensions; those not named are an e-mail newsletter's."""
        payload = delivery_events_pb2.MessagesAccepted()
        for name, value in {
            "channel": EMAIL,
            "message_class": enums_pb2.MESSAGE_CLASS_MARKETING,
            "category": enums_pb2.CATEGORY_NEWSLETTER,
            "origin": message_pb2.ORIGIN_CAMPAIGN,
            "template_name": "news",
            **shared,
        }.items():
            setattr(payload.dimensions, name, str(value) if isinstance(value, UUID) else value)
        ids = [uuid7() for _ in range(count)]
        people = list(contacts) or [uuid7() for _ in range(count)]
        for message_id, contact_id in zip(ids, people, strict=True):
            payload.messages.add(message_id=str(message_id), contact_id=str(contact_id), language_code="en")
        await self.tell("message.accepted", payload, at)
        return ids

    async def sent(self, messages: Iterable[UUID], *, at: datetime = NOW, provider: str = "sendgrid") -> None:
        payload = delivery_events_pb2.MessagesSent(provider=provider, provider_account_id=str(uuid7()))
        for message_id in messages:
            payload.messages.add(message_id=str(message_id), attempt=1).send_time.FromDatetime(at)
        await self.tell("message.sent", payload, at)

    async def cost(
        self,
        messages: Iterable[UUID],
        amount: str,
        *,
        currency: str = "EUR",
        attempt: int = 1,
        period: str = "2026-11",
        provider: str = "sendgrid",
        at: datetime = NOW,
        budgeted: bool = True,
        platforms: bool = False,
    ) -> None:
        payload = delivery_events_pb2.CostsRecorded(provider=provider)
        for message_id in messages:
            item = payload.costs.add(message_id=str(message_id), attempt=attempt, billing_period=period)
            item.is_budgeted, item.is_platform_cost = budgeted, platforms
            item.cost.CopyFrom(euros(amount, currency))
        await self.tell("message.cost_recorded", payload, at)

    async def reached(self, kind: str, messages: Iterable[UUID], *, at: datetime = NOW) -> None:
        payload = delivery_events_pb2.MessagesReached()
        for message_id in messages:
            payload.messages.add(message_id=str(message_id)).occur_time.FromDatetime(at)
        await self.tell(f"message.{kind}", payload, at)

    async def stopped(
        self, kind: str, messages: Iterable[UUID], reason: str = "", *, at: datetime = NOW
    ) -> None:
        payload = delivery_events_pb2.MessagesStopped()
        for message_id in messages:
            payload.messages.add(message_id=str(message_id), reason=reason).occur_time.FromDatetime(at)
        await self.tell(f"message.{kind}", payload, at)

    async def tried_again(self, messages: Iterable[UUID], attempt: int = 1, *, at: datetime = NOW) -> None:
        payload = delivery_events_pb2.AttemptsFailed()
        for message_id in messages:
            payload.messages.add(message_id=str(message_id), attempt=attempt).occur_time.FromDatetime(at)
        await self.tell("message.retry_scheduled", payload, at)

    async def reported(
        self, kind: str, messages: Iterable[UUID], *, bounce: int = 1, at: datetime = NOW
    ) -> None:
        payload = delivery_events_pb2.RecipientsReported()
        for message_id in messages:
            item = payload.reports.add(message_id=str(message_id), bounce_type=bounce)
            item.occur_time.FromDatetime(at)
        await self.tell(f"message.{kind}", payload, at)

    async def engaged(
        self,
        messages: Iterable[UUID],
        kind: int = OPEN,
        by: int = HUMAN,
        *,
        at: datetime = NOW,
        link: UUID | None = None,
        url: str = "https://shop.example/a",
    ) -> None:
        payload = delivery_events_pb2.MessagesEngaged()
        for message_id in messages:
            item = payload.hits.add(
                engagement_id=str(uuid7()),
                message_id=str(message_id),
                kind=kind,
                engagement_class=by,
                link_id=str(link or "") if kind == CLICK else "",
                url=url if kind == CLICK else "",
                judgement=1,
            )
            item.occur_time.FromDatetime(at)
        await self.tell("message.engaged", payload, at)

    async def unsubscribed(
        self,
        message_id: UUID | None,
        *,
        source: int = 2,
        method: int = 1,
        contact: UUID | None = None,
        at: datetime = NOW,
    ) -> None:
        payload = consent_events_pb2.ContactOptedOut(
            message_id=str(message_id or ""), source=source, method=method, contact_id=str(contact or "")
        )
        payload.opt_out_time.FromDatetime(at)
        await self.tell("consent.opted_out", payload, at)

    async def delivered(self, count: int, *, at: datetime = NOW, **shared: Any) -> list[UUID]:
        """Messages that were accepted, sent and delivered at one moment."""
        ids = await self.accepted(count, at=at, **shared)
        await self.sent(ids, at=at)
        await self.reached("delivered", ids, at=at)
        return ids

    async def converted(self, **given: Any) -> Any:
        request = {
            "contact_id": str(uuid7()),
            "conversion_type": PURCHASE,
            "order_ref": uuid4().hex,
            **given,
        }
        at = request.pop("at", NOW)
        message = ingest_service_pb2.RecordConversionRequest(
            **{name: str(value) if isinstance(value, UUID) else value for name, value in request.items()}
        )
        message.occur_time.FromDatetime(at)
        return await self.ingest().RecordConversion(message)

    async def refunded(
        self, order_ref: str, amount: str | None = None, *, currency: str = "EUR", ref: str = "r1"
    ) -> None:
        payload = analytics_events_pb2.ConversionsReversed()
        item = payload.reversals.add(order_ref=order_ref, reversal_ref=ref)
        if amount is not None:
            item.value.CopyFrom(euros(amount, currency))
        await self.tell("refund.completed", payload)


@dataclass
class Campaign:
    """A launched campaign."""

    desk: Desk
    campaign_id: UUID = field(default_factory=uuid7)
    run_id: UUID = field(default_factory=uuid7)
    channel: int = EMAIL

    async def delivered(self, count: int, **shared: Any) -> list[UUID]:
        """Its messages, accepted, sent and delivered."""
        return await self.desk.delivered(count, **{**self.dimensions, **shared})

    @property
    def dimensions(self) -> dict[str, Any]:
        return {"campaign_id": self.campaign_id, "run_id": self.run_id, "channel": self.channel}


def euros(amount: int | str, currency: str = "EUR") -> MoneyProto:
    return Money(currency, Decimal(amount)).to_proto()


def amounts(costs: Iterable[MoneyProto]) -> dict[str, Decimal]:
    """Amounts of an answer, by currency."""
    return {one.currency_code: Money.from_proto(one).amount.normalize() for one in costs}


def days(first: str, last: str = "", zone: str = "") -> figures_pb2.TimeRange:
    return figures_pb2.TimeRange(start_date=first, end_date=last or first, time_zone=zone)


def between(start: datetime, end: datetime) -> figures_pb2.TimeRange:
    found = figures_pb2.TimeRange()
    found.start_time.FromDatetime(start)
    found.end_time.FromDatetime(end)
    return found


TODAY = days("2026-11-20")
LATER = NOW + timedelta(minutes=10)
CAMPAIGN = campaign_pb2
