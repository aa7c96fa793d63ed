"""A day of a venue, told by two neighbours out of order and in repeats, ends with exactly the messages it owes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1 import event_intake_service_pb2 as intake_pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.common.v1 import enums_pb2
from examples.neighbours.day import PEOPLE, Day, batches
from examples.neighbours.disorder import shuffled
from examples.neighbours.intakes import GrpcIntake, SignedIntake
from examples.neighbours.journal import Event
from examples.neighbours.people import crowd
from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.rpc.client import Channels
from services.common.security.jwt import issue_person
from tests.campaign.conftest import create_tenant
from tests.common.given import settings as given_settings
from tests.e2e.owed import CS_TEAM, STAFF, Message, Owed
from tests.fakes.delivery import Accepted, FakeDelivery, start_delivery
from tests.gateway.conftest import open_door
from tests.house import Served, serving, settings_for

NINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
STEP, QUIET = timedelta(seconds=30), timedelta(minutes=12)
WORDS = {
    enums_pb2.CHANNEL_EMAIL: "email",
    enums_pb2.CHANNEL_SMS: "sms",
    enums_pb2.CHANNEL_PUSH: "push",
    enums_pb2.CHANNEL_IN_APP: "in_app",
}


@dataclass
class Venue:
    """A tenant, its two neighbours' ways in, and a delivery that keeps what it is given."""

    served: Served
    settings: CampaignSettings
    delivery: FakeDelivery
    clock: FixedClock
    payments: SignedIntake
    ticketing: GrpcIntake

    async def live(self, events: list[Event], seed: int) -> Counter[str]:
        """Lets the day pass: what is told arrives half a minute by half a minute, and what is due is done."""
        counts: Counter[str] = Counter()
        for batch in batches(events, STEP):
            # Nothing happens in the meantime that was not planned before.
            await self.pass_until(batch[0].occurred_at)
            self.clock.set(max(self.clock.now(), batch[-1].occurred_at))
            for neighbour in (self.payments, self.ticketing):
                source = "payments" if neighbour is self.payments else "ticketing"
                told = [event for event in shuffled(batch, seed) if event.source == source]
                if told:
                    counts += (await asyncio.to_thread(neighbour.send, told)).counts
            await self.work()
        await self.pass_until(events[-1].occurred_at + QUIET)
        return counts

    async def pass_until(self, moment: datetime) -> None:
        """Lets time pass: in small steps as long as something may be due, then at once."""
        quiet_from = self.clock.now() + QUIET
        while self.clock.now() + STEP <= min(moment, quiet_from):
            self.clock.advance(STEP)
            await self.work()
        self.clock.set(max(self.clock.now(), moment))

    async def work(self) -> None:
        """Runs what follows events until nothing is left to do."""
        loops = {loop.name: loop.run for loop in self.served.service.loops}
        for name in ("inbound", "notices", "staff-alerts"):
            stop = asyncio.Event()
            task = asyncio.create_task(loops[name](stop))
            await self._until_idle(name)
            stop.set()
            await task

    async def _until_idle(self, name: str) -> None:
        busy = {
            "inbound": "SELECT EXISTS (SELECT FROM inbound_event WHERE state <= 2 AND due_at <= %s)",
            "notices": "SELECT EXISTS (SELECT FROM notice WHERE state = 'waiting' AND next_try_at <= %s)",
            "staff-alerts": "SELECT EXISTS (SELECT FROM staff_alert WHERE state = 'waiting' AND due_at <= %s)",
        }[name]
        async with asyncio.timeout(60):
            while True:
                async with self.served.service.database.system() as uow:
                    if not await uow.fetch_value(busy, (self.clock.now(),)):
                        return
                await asyncio.sleep(0.01)

    async def messages(self) -> Counter[Message]:
        """Everything that delivery was given, by template, channel and reader."""
        async with self.served.service.database.tenant(self.served.tenant_id) as uow:
            rows = await uow.fetch_all(
                "SELECT contact_id::text, external_id, email, phone FROM contact WHERE tenant_id = %s",
                (uow.tenant_id,),
            )
        # Members of groups need not be contacts.
        known = {
            address: one.user_id for one in crowd(PEOPLE) for address in (one.email, one.phone) if address
        }
        known |= {
            key: user for contact_id, user, email, phone in rows for key in (contact_id, email, phone) if key
        }
        return Counter(
            Message(one.content.template_name, WORDS[one.content.channel], _reader(one, known))
            for one in self.delivery.messages.values()
        )


def _reader(one: Accepted, known: dict[str, str]) -> str:
    recipient = one.recipient
    if recipient.staff_id:
        return STAFF
    if recipient.address.startswith("disputes@"):
        return CS_TEAM
    return known[recipient.contact_id or recipient.address]


@pytest.fixture
async def venue(clone_database: Callable[[Iterable[str]], str], redis_url: str) -> AsyncIterator[Venue]:
    clock = FixedClock(NINE)
    async with AsyncExitStack() as stack:
        server, delivery = await start_delivery(given_settings())
        stack.push_async_callback(server.stop)
        settings = settings_for(
            CampaignSettings,
            clone_database(["campaign"]),
            redis_url,
            "campaign",
            delivery_address=delivery.address,
            cs_team_email="disputes@bazaar.example",
        )
        served = await stack.enter_async_context(serving(build, settings, clock=clock))
        await stack.enter_async_context(Channels(settings, name="campaign"))
        await create_tenant(served)
        await _employ(served)
        url, _ = await stack.enter_async_context(
            open_door(clock, campaign_address=served.address, redis_url=redis_url)
        )
        keys = served.person(EventIntakeServiceStub)
        made = await keys.CreateIntakeKey(intake_pb.CreateIntakeKeyRequest(source="payments"))
        tenant = str(served.tenant_id)
        token = issue_person(settings, served.tenant_id, "ticketing", ["service"], [])
        yield Venue(
            served,
            settings,
            delivery,
            clock,
            SignedIntake(url, made.intake_key.key_id, made.secret, tenant, lambda: clock.now().timestamp()),
            GrpcIntake(served.address, token, tenant),
        )


async def _employ(served: Served) -> None:
    """One person has every role that rules tell."""
    member = contact_pb2.StaffMember(
        staff_id="ada",
        name="Ada",
        roles=["super_owner", "branch_manager"],
        email="ada@bazaar.example",
        is_email_verified=True,
    )
    stub = served.person(ContactServiceStub)
    await stub.UpsertStaffMember(contact_service_pb2.UpsertStaffMemberRequest(staff_member=member))


@pytest.mark.req("EVT-6", "EVT-121", "EVT-123", "EVT-127")
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_day_of_the_venue_ends_with_exactly_the_messages_it_owes(venue: Venue, seed: int) -> None:
    events = Day(NINE).events()
    counts = await venue.live(events, seed)
    assert counts["accepted"] == len(events)
    assert counts["duplicate"] > 20
    assert counts["rejected"] == 0
    found, owed = await venue.messages(), Owed(events).messages
    assert {"missing": owed - found, "unasked": found - owed} == {"missing": Counter(), "unasked": Counter()}
    assert len(owed) > 100
    async with venue.served.service.database.tenant(venue.served.tenant_id) as uow:
        dead = await uow.fetch_value("SELECT count(*) FROM inbound_event WHERE state = 5")
    assert dead == 0
