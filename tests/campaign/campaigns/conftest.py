"""A campaign service between a consent and a delivery that tests direct."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_pb2, contact_pb2, contact_service_pb2, settings_service_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from angarium.delivery.v1 import message_pb2
from services.campaign import events
from services.campaign.bootstrap import build
from services.campaign.campaigns import wiring
from services.campaign.ledger import reading as ledger
from services.campaign.ledger.domain import RecipientState
from services.campaign.runs.worker import RunWorker
from services.campaign.settings import CampaignSettings
from services.campaign.tallies import store as tallies
from services.common.clock import FixedClock
from services.common.db.database import Database
from services.common.ids import uuid7
from services.common.jobs import JobCounts, JobRunner
from services.common.rpc.client import Channels
from tests.campaign.conftest import create_tenant
from tests.campaign.templates.given import active_template, content, version
from tests.common.given import settings as given_settings
from tests.fakes.delivery import FakeDelivery, start_delivery
from tests.fakes.neighbours import FakeConsent, start_neighbours
from tests.house import Served, serving, settings_for

CALM = content(
    subject="Our spring letter", body_html="<p>Hello {{ contact.first_name }}, spring is here.</p>"
)


@dataclass
class Stage:
    """The service, its neighbours, and what tests do with them."""

    served: Served
    settings: CampaignSettings
    owner_url: str
    consent: FakeConsent
    delivery: FakeDelivery
    channels: Channels
    clock: FixedClock

    @property
    def database(self) -> Database:
        return self.served.service.database

    @property
    def stub(self) -> CampaignServiceStub:
        """Who makes campaigns."""
        return self.served.person(CampaignServiceStub)

    @property
    def approver(self) -> CampaignServiceStub:
        """Somebody else."""
        return self.served.person(CampaignServiceStub, subject="berta")

    def worker(self, **changes: Any) -> RunWorker:
        settings = self.settings.model_copy(update=changes)
        return wiring.worker(self.database, self.channels, settings)

    async def configure(self, **fields: Any) -> None:
        stub = self.served.person(SettingsServiceStub)
        read = await stub.GetMarketingSettings(settings_service_pb2.GetMarketingSettingsRequest())
        await stub.UpdateMarketingSettings(
            settings_service_pb2.UpdateMarketingSettingsRequest(
                settings=settings_service_pb2.MarketingSettings(**fields, etag=read.settings.etag),
                update_mask=FieldMask(paths=list(fields)),
            )
        )

    async def branch(self, name: str = "Harbour") -> str:
        """Adds a branch and returns its id."""
        wanted = settings_service_pb2.BranchSettings(branch_id=str(uuid4()), name=name)
        stub = self.served.person(SettingsServiceStub)
        made = await stub.CreateBranch(settings_service_pb2.CreateBranchRequest(branch=wanted))
        return made.branch.branch_id

    async def contacts(self, count: int, **fields: Any) -> list[str]:
        """Makes contacts with e-mail addresses; returns their ids."""
        blocks = []
        for start in range(0, count, 1000):
            rows = [
                contact_pb2.Contact(
                    **{
                        "external_id": f"x{fields.get('tag', '')}{number}",
                        "first_name": f"First{number}",
                        "last_name": "Last",
                        "email": f"reader{fields.get('tag', '')}{number}@example.com",
                        **{name: value for name, value in fields.items() if name != "tag"},
                    }
                )
                for number in range(start, min(start + 1000, count))
            ]
            blocks.append(contact_service_pb2.BatchUpsertContactsRequest(contacts=rows))

        async def stream() -> AsyncIterator[Any]:
            for block in blocks:
                yield block

        stub = self.served.person(ContactServiceStub)
        ids: list[str] = []
        async for answer in stub.BatchUpsertContacts(stream()):
            ids += answer.contact_ids
        return ids

    async def draft(self, **changes: Any) -> campaign_pb2.Campaign:
        """Creates a draft to all contacts."""
        return (await self.create(**changes)).campaign

    async def create(self, **changes: Any) -> pb.CreateCampaignResponse:
        if "template_id" not in changes:
            template = await self.template()
            changes["template_id"] = template
        fields = {
            "name": "Spring",
            "channel": enums_pb2.CHANNEL_EMAIL,
            "target_all_contacts": "segment_id" not in changes,
            **changes,
        }
        return await self.stub.CreateCampaign(
            pb.CreateCampaignRequest(campaign=campaign_pb2.Campaign(**fields))
        )

    async def template(self, name: str = "", **changes: Any) -> str:
        drafted = changes.pop("version", None) or version(CALM, variables=[])
        made = await active_template(self.served, name or f"t{uuid7().hex}", version=drafted, **changes)
        return made.template_id

    async def approved(self, **changes: Any) -> campaign_pb2.Campaign:
        """Creates, submits and where needed approves a campaign."""
        return await self.approve((await self.draft(**changes)).campaign_id)

    async def approve(self, campaign_id: str) -> campaign_pb2.Campaign:
        submitted = await self.stub.SubmitCampaign(pb.SubmitCampaignRequest(campaign_id=campaign_id))
        if submitted.campaign.state == campaign_pb2.Campaign.STATE_APPROVED:
            return submitted.campaign
        done = await self.approver.ApproveCampaign(pb.ApproveCampaignRequest(campaign_id=campaign_id))
        return done.campaign

    async def send(self, **changes: Any) -> pb.SendCampaignResponse:
        """Creates, approves and launches a campaign."""
        campaign = await self.approved(**changes)
        return await self.stub.SendCampaign(pb.SendCampaignRequest(campaign_id=campaign.campaign_id))

    async def get(self, campaign_id: str) -> campaign_pb2.Campaign:
        return (await self.stub.GetCampaign(pb.GetCampaignRequest(campaign_id=campaign_id))).campaign

    async def recipients(self, campaign_id: str, **fields: Any) -> list[campaign_pb2.CampaignRecipient]:
        found: list[campaign_pb2.CampaignRecipient] = []
        token = ""
        while True:
            page = await self.stub.ListCampaignRecipients(
                pb.ListCampaignRecipientsRequest(
                    campaign_id=campaign_id, page_size=200, page_token=token, **fields
                )
            )
            found += page.recipients
            token = page.next_page_token
            if not token:
                return found

    async def apply(self, kind: str, payload: Message, *, event_id: UUID | None = None) -> None:
        """Applies an event of delivery as the consumer does, in a transaction of its own."""
        envelope = EventEnvelope(
            event_id=str(event_id or uuid7()),
            type=kind,
            tenant_id=str(self.served.tenant_id),
            source="delivery",
        )
        async with self.database.tenant(self.served.tenant_id) as uow:
            await events.HANDLERS[kind](uow, envelope, payload)

    async def outbox(self, kind: str) -> list[EventEnvelope]:
        async with self.database.tenant(self.served.tenant_id) as uow:
            rows = await uow.fetch_all("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", (kind,))
        return [EventEnvelope.FromString(envelope) for (envelope,) in rows]

    async def job(self, name: str) -> JobCounts | None:
        """Runs a job once, as its time had come."""
        jobs = wiring.jobs(self.database, self.channels)
        return await JobRunner(self.database, jobs, self.clock).run_now(name)

    async def runs(self, campaign_id: str) -> list[campaign_pb2.CampaignRun]:
        """The runs of a campaign, oldest first."""
        found = await self.stub.ListCampaignRuns(pb.ListCampaignRunsRequest(campaign_id=campaign_id))
        return list(reversed(found.runs))

    async def deliver(self, campaign_id: str, run_id: str, **failed: str) -> None:
        """Has delivery send all messages of a run, but those that fail, by contact and reason."""
        gone = self.delivery.of_run(run_id)
        broken = {
            key: failed[one.recipient.contact_id]
            for key, one in gone.items()
            if one.recipient.contact_id in failed
        }
        sent = events_pb2.MessagesSent(campaign_id=campaign_id)
        stopped = events_pb2.MessagesStopped()
        for key, one in gone.items():
            if key in broken:
                one.state, one.reason = message_pb2.Message.STATE_FAILED, broken[key]
                stopped.messages.add(message_id=key, campaign_id=campaign_id, reason=broken[key])
            else:
                one.state = message_pb2.Message.STATE_SENT
                sent.messages.add(message_id=key).send_time.FromDatetime(self.clock.now())
        await self.apply("message.sent", sent)
        if broken:
            await self.apply("message.failed", stopped)
        await self.worker().run_until_idle()

    async def audited(self) -> list[str]:
        async with self.database.tenant(self.served.tenant_id) as uow:
            rows = await uow.fetch_all(
                "SELECT action FROM audit WHERE resource_type = 'campaign' ORDER BY audit_id"
            )
        return [action for (action,) in rows]

    async def assert_tally_equals_lines(self, run_id: str) -> dict[str, int]:
        """The ledger's sums are those of its lines; returns them."""
        async with self.database.tenant(self.served.tenant_id) as uow:
            lines = await ledger.fold(uow, UUID(run_id))
            tally = (await tallies.of_runs(uow, [UUID(run_id)]))[UUID(run_id)]
        found = {state.name.lower(): lines[state] for state in RecipientState if lines[state]}
        assert found == {
            state.name.lower(): tally.counts[state] for state in RecipientState if tally.counts[state]
        }
        return found


StageMaker = Callable[..., Any]


@pytest.fixture
async def stage(clone_database: Callable[[Iterable[str]], str], redis_url: str) -> AsyncIterator[Stage]:
    """A campaign service with one tenant that may send mail."""
    async with AsyncExitStack() as stack:
        neighbours = await start_neighbours(given_settings())
        stack.push_async_callback(neighbours.server.stop)
        server, delivery = await start_delivery(given_settings())
        stack.push_async_callback(server.stop)
        owner_url = clone_database(["campaign"])
        settings = settings_for(
            CampaignSettings,
            owner_url,
            redis_url,
            "campaign",
            consent_address=neighbours.address,
            delivery_address=delivery.address,
            rate_limit_per_second=10_000_000,
        )
        clock = Ticking()
        served = await stack.enter_async_context(serving(build, settings, clock=clock))
        channels = await stack.enter_async_context(Channels(settings, name="campaign"))
        await create_tenant(served)
        stage = Stage(served, settings, owner_url, neighbours.consent, delivery, channels, clock)
        await stage.configure(
            enabled_channels=[enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_SMS],
            postal_address="Bazaar, Lindenallee 1, Berlin",
        )
        yield stage


class Ticking(FixedClock):
    """A clock that goes on by itself and can be moved forward."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        self._ahead += by


def keys_of(messages: Sequence[Any]) -> list[str]:
    return [one.variant_key for one in messages]
