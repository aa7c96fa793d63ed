"""One campaign service with a consent and a delivery that tests direct; each test is a salon of its own in it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2, contact_service_pb2, trigger_pb2
from angarium.campaign.v1 import trigger_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.trigger_service_pb2_grpc import TriggerServiceStub
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.bootstrap import build
from services.campaign.intake.steps import InboundEvent
from services.campaign.notices import wiring as notices
from services.campaign.notices.domain import Source
from services.campaign.notices.worker import NoticeWorker
from services.campaign.reactions import steps
from services.campaign.settings import CampaignSettings
from services.campaign.triggers import calendar, outcomes, wiring
from services.campaign.triggers.domain import DEFINITIONS, TriggerType
from services.campaign.triggers.firing import Triggers
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from services.common.jobs import JobContext, JobCounts
from services.common.rpc.client import Channels
from services.common.rpc.context import Caller, bind
from tests.campaign.conftest import create_tenant
from tests.campaign.orders.given import event
from tests.campaign.templates.given import active_template, content, version
from tests.common.given import settings as given_settings
from tests.fakes.delivery import Accepted, FakeDelivery, start_delivery
from tests.fakes.neighbours import ALLOW, FakeConsent, start_neighbours
from tests.house import Served, serving, settings_for

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""Thirteen o'clock in Berlin."""
SMS, WHATSAPP, EMAIL = enums_pb2.CHANNEL_SMS, enums_pb2.CHANNEL_WHATSAPP, enums_pb2.CHANNEL_EMAIL


@dataclass
class Salon:
    """A tenant in Berlin whose triggers fire when a test says so."""

    served: Served
    delivery: FakeDelivery
    consent: FakeConsent
    worker: NoticeWorker
    triggers: Triggers
    clock: FixedClock
    contacts: dict[str, UUID] = field(default_factory=dict)

    @property
    def tenant_id(self) -> UUID:
        return self.served.tenant_id

    @property
    def database(self) -> Any:
        return self.served.service.database

    @property
    def stub(self) -> TriggerServiceStub:
        return self.served.person(TriggerServiceStub)

    def at(self, **later: float) -> datetime:
        """Moves the clock to some time after noon."""
        self.clock.set(NOON + timedelta(**later))
        return self.clock.now()

    async def contact(self, name: str = "anna", **fields: Any) -> UUID:
        phone = fields.pop("phone", f"+4915{uuid4().int % 10**9:09d}")
        wanted = contact_pb2.Contact(external_id=name, phone=phone, **fields)
        stub = self.served.person(ContactServiceStub)
        answer = await stub.UpsertContact(contact_service_pb2.UpsertContactRequest(contact=wanted))
        self.contacts[name] = UUID(answer.contact.contact_id)
        return self.contacts[name]

    async def set(self, contact_id: UUID, **columns: Any) -> None:
        """Writes what imports and events say of a contact."""
        assigned = ", ".join(f"{name} = %({name})s" for name in columns)
        async with self.database.tenant(self.tenant_id) as uow:
            await uow.execute(
                f"UPDATE contact SET {assigned} WHERE tenant_id = %(tenant)s AND contact_id = %(contact)s",
                {**columns, "tenant": self.tenant_id, "contact": contact_id},
            )

    async def use(self, *kinds: TriggerType, channel: int = SMS) -> None:
        """Turns triggers on an hour before noon, with a template of the tenant's own."""
        now = self.clock.now()
        self.clock.set(NOON - timedelta(hours=1))
        for kind in kinds:
            await self.template(kind, channel)
            await self.enable(kind)
        self.clock.set(now)

    async def template(self, kind: TriggerType, channel: int = SMS, name: str = "") -> str:
        """Makes the tenant's own template of a trigger, which shows nothing that could lack."""
        known = DEFINITIONS[kind]
        words = {"subject": "Hello"} if channel == EMAIL else {}
        body = {"body_html": "<p>Hello</p>"} if channel == EMAIL else {"body_html": ""}
        written = content(**{"subject": "", "body_text": "Hello from us", **body, **words})
        made = await active_template(
            self.served,
            name or known.template_name,
            channel=channel,
            template_type=3,
            category=known.category,
            version=version(written, variables=[]),
        )
        return str(made.template_id)

    async def tell(self, kind: str, *, at: datetime | None = None, **data: Any) -> None:
        """Takes an event through all steps, each in a transaction of its own."""
        said = event(self.served, kind, **{name: value for name, value in data.items() if name != "branch"})
        told = dataclasses.replace(
            said, occurred_at=at or self.clock.now(), event_id=uuid4(), data=data, fact=uuid4().hex
        )
        await self.take(told)

    async def take(self, said: InboundEvent) -> None:
        with bind(Caller.of_service("neighbour", self.tenant_id)):
            for step in steps(self.served.settings):  # type: ignore[arg-type]  # campaign's own settings
                if said.type in step.types or "*" in step.types:
                    async with self.database.tenant(self.tenant_id) as uow:
                        await step.run(uow, said)

    async def visit(
        self, name: str = "anna", visit: str = "v1", at: datetime | None = None, **data: Any
    ) -> None:
        """A visit that was completed now, or then."""
        done = at or self.clock.now()
        said = {"staff": {"name": "Mia"}, "services": ["Cut"], "categories": [], "branch": "", **data}
        person = {"user_id": name}
        await self.tell(
            "visit.completed", at=done, visit_id=visit, person=person, completed_at=done.isoformat(), **said
        )

    async def look(self, *, hand_over: bool = True) -> JobCounts:
        """Looks at everything that is due, and hands over what was enqueued."""
        total = JobCounts()
        while (counts := await self.triggers.block(self.database, self.tenant_id)).seen:
            total = total.plus(counts)
        if hand_over:
            await self.hand_over()
        return total

    def context(self) -> JobContext:
        """What a run of a job is given."""
        held: Any = SimpleNamespace(held=True)
        now = self.clock.now()
        return JobContext(self.database, self.clock, "triggers", uuid4(), now, None, held, asyncio.Event())

    async def hand_over(self) -> None:
        while await self.worker.step():
            pass

    async def make(self) -> JobCounts:
        """Makes the anchors of dates as the job does when the tenant's day begins."""
        return await calendar.make(self.database, self.tenant_id, self.clock.now().date())

    async def pass_days(self, days: int, *, hour: int = 12) -> None:
        """Lets days pass with their jobs: dates in the night, and what is due every few hours."""
        start = self.clock.now()
        for day in range(1, days + 1):
            self.clock.set(start.replace(hour=0, minute=0) + timedelta(days=day))
            await self.make()
            for each in (8, 12, 18):
                self.clock.set(self.clock.now().replace(hour=each))
                await self.look()
        self.clock.set(self.clock.now().replace(hour=hour))

    def sent(self, kind: TriggerType | None = None) -> list[Accepted]:
        """What delivery accepted, of one trigger or all."""
        return [
            one
            for one in self.delivery.messages.values()
            if kind is None or one.content.trigger_type == kind.word
        ]

    async def history(self) -> list[tuple[str, str, str]]:
        """Trigger, state and reason of what happened, oldest first."""
        answer = await self.stub.ListTriggerHistory(pb.ListTriggerHistoryRequest())
        return [
            (
                TriggerType(one.trigger_type).word,
                trigger_pb2.TriggerHistoryEntry.State.Name(one.state).removeprefix("STATE_").lower(),
                one.skip_reason,
            )
            for one in reversed(answer.entries)
        ]

    async def waiting(self) -> list[tuple[str, str, datetime]]:
        """Trigger, reference and time of what waits."""
        async with self.database.tenant(self.tenant_id) as uow:
            rows = await uow.fetch_all(
                "SELECT trigger_type, reference_id, due_at FROM trigger_anchor WHERE tenant_id = %s AND state = 1"
                " ORDER BY due_at, trigger_type, reference_id",
                (self.tenant_id,),
            )
        return [(TriggerType(kind).word, reference, due_at) for kind, reference, due_at in rows]

    async def told(self) -> list[tuple[str, str, str]]:
        """Event, trigger and reason of what others were told, in its order."""
        async with self.database.tenant(self.tenant_id) as uow:
            rows = await uow.fetch_all(
                "SELECT type, envelope FROM outbox WHERE tenant_id = %s AND type LIKE 'trigger.%%' ORDER BY id",
                (self.tenant_id,),
            )
        found = []
        for kind, envelope in rows:
            payload = campaign_events_pb2.TriggersSettled()
            EventEnvelope.FromString(envelope).payload.Unpack(payload)
            found += [(kind, TriggerType(one.trigger_type).word, one.skip_reason) for one in payload.entries]
        return found

    async def config(self, kind: TriggerType) -> trigger_pb2.TriggerConfig:
        return (await self.stub.GetTriggerConfig(pb.GetTriggerConfigRequest(trigger_type=kind))).config

    async def change(self, kind: TriggerType, **fields: Any) -> trigger_pb2.TriggerConfig:
        """Changes fields of a trigger."""
        known = await self.config(kind)
        wanted = trigger_pb2.TriggerConfig(trigger_type=kind, etag=known.etag, **fields)
        request = pb.UpdateTriggerConfigRequest(config=wanted)
        request.update_mask.paths.extend(fields)
        return (await self.stub.UpdateTriggerConfig(request)).config

    async def enable(self, kind: TriggerType) -> trigger_pb2.TriggerConfig:
        return (await self.stub.EnableTrigger(pb.EnableTriggerRequest(trigger_type=kind))).config


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[Salon]:
    url = templates.clone(["campaign"])
    async with AsyncExitStack() as stack:
        server, delivery = await start_delivery(given_settings())
        stack.push_async_callback(server.stop)
        neighbours = await start_neighbours(given_settings())
        stack.push_async_callback(neighbours.server.stop)
        settings = settings_for(
            CampaignSettings,
            url,
            redis_url,
            "campaign",
            delivery_address=delivery.address,
            consent_address=neighbours.address,
        )
        clock = FixedClock(NOON)
        served = await stack.enter_async_context(serving(build, settings, clock=clock))
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        worker = NoticeWorker(
            served.service.database, channels, notices.of(settings), {Source.TRIGGER: outcomes.LISTENER}
        )
        yield Salon(served, delivery, neighbours.consent, worker, wiring.firing(settings), clock)
    templates.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def salon(building: Salon) -> Salon:
    """The service as a new tenant sees it; delivery has nothing yet."""
    building.served.tenant_id = uuid4()
    building.contacts.clear()
    for kept in (building.delivery.messages, building.delivery.keys, building.delivery.stopped):
        kept.clear()
    building.delivery.error = None
    building.consent.rule = lambda _context, _item: ALLOW
    building.clock.set(NOON - timedelta(hours=1))
    async with building.database.system() as uow:
        await uow.execute("DELETE FROM notice")
        await uow.execute("DELETE FROM trigger_anchor")
    await create_tenant(building.served)
    # Tests turn on what they look at.
    async with building.database.tenant(building.tenant_id) as uow:
        await uow.execute(
            "UPDATE trigger_config SET is_enabled = false, enabled_at = NULL WHERE tenant_id = %s",
            (building.tenant_id,),
        )
    building.clock.set(NOON)
    return building
