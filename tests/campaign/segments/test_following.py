"""Members follow what happens: changed contacts at once, passing days every six hours, whatever comes first."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from angarium.campaign.v1 import campaign_events_pb2, contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.consent.v1 import consent_events_pb2
from angarium.delivery.v1 import delivery_events_pb2, receipt_service_pb2
from services.campaign import events
from services.campaign.activities import store as activities
from services.campaign.activities.steps import NoteActivity
from services.campaign.bootstrap import build
from services.campaign.contacts.projections import ContactStep
from services.campaign.intake.steps import InboundEvent
from services.campaign.intake.steps import Person as Somebody
from services.campaign.ledger.domain import recipient_id_of
from services.campaign.segments import handlers, store, wiring
from services.campaign.segments.audience import of_segment
from services.campaign.segments.catalogue import Channel, Op
from services.campaign.segments.domain import Activity, Behaviour, Condition, Join, Rule, Segment
from services.campaign.segments.incremental import contacts_changed, follow
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.ids import uuid7
from services.common.jobs import JobCounts, JobRunner
from tests.campaign.conftest import create_tenant
from tests.campaign.segments.conftest import Surrounded
from tests.campaign.segments.drawing import Drawing
from tests.campaign.segments.given import Person, crowd, person, put
from tests.house import Served, serving, settings_for

HUMAN, SCANNER = (
    receipt_service_pb2.ENGAGEMENT_CLASS_HUMAN,
    receipt_service_pb2.ENGAGEMENT_CLASS_SCANNER,
)


async def members_of(served: Served, segment_id: UUID) -> set[UUID]:
    async with served.service.database.tenant(served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT contact_id FROM segment_member WHERE segment_id = %s", (segment_id,)
        )
    return {contact_id for (contact_id,) in rows}


async def made(served: Served, name: str, *rules: Rule, people: list[Person] | None = None) -> list[Segment]:
    async with served.service.database.tenant(served.tenant_id) as uow:
        await put(uow, people or [])
        return [
            await handlers.create(uow, Segment(uuid7(), f"{name} {number}", rule))
            for number, rule in enumerate(rules)
        ]


async def told(served: Served, kind: str) -> int:
    async with served.service.database.tenant(served.tenant_id) as uow:
        return int(await uow.fetch_value("SELECT count(*) FROM outbox WHERE type = %s", (kind,)))


@pytest.mark.req("CAM-8", "CAM-38", "EVT-117")
async def test_changed_contacts_enter_and_leave_at_once_and_it_is_told(campaign: Served) -> None:
    people = [person(visit_count=number) for number in range(4)]
    often = Rule(Join.AND, (Condition("visit_count", Op.GTE, 2),))
    [segment] = await made(campaign, "Often", often, people=people)
    assert await members_of(campaign, segment.segment_id) == {people[2].contact_id, people[3].contact_id}
    database = campaign.service.database
    before = await told(campaign, "segment.refreshed")
    async with database.tenant(campaign.tenant_id) as uow:
        await uow.execute("UPDATE contact SET visit_count = 3 - visit_count")
        changed = campaign_events_pb2.ContactsChanged(
            contacts=[contact_pb2.ContactReference(contact_id=str(one.contact_id)) for one in people]
        )
        await contacts_changed(uow, EventEnvelope(), changed)
    assert await members_of(campaign, segment.segment_id) == {people[0].contact_id, people[1].contact_id}
    # The segment of this test, and those of the system that ask for visits too.
    assert await told(campaign, "segment.refreshed") - before >= 1
    async with database.tenant(campaign.tenant_id) as uow:
        await follow(uow, [one.contact_id for one in people])
        found = await store.by_id(uow, segment.segment_id)
    assert found is not None
    assert found.contact_count == 2


@pytest.mark.req("CAM-38", "CAM-87")
async def test_members_are_those_of_the_rule_after_any_series_of_changes(
    campaign: Served, clock: FixedClock
) -> None:
    draw = random.Random(4)
    now = clock.now()
    people = crowd(now, 60, 3, [now - timedelta(days=days) for days in range(5)])
    drawing = Drawing(11)
    segments = await made(campaign, "Any", *(drawing.rule() for _ in range(25)), people=people)
    database = campaign.service.database
    for _ in range(8):
        touched = draw.sample(people, 15)
        ids = [one.contact_id for one in touched]
        async with database.tenant(campaign.tenant_id) as uow:
            await uow.execute(
                "UPDATE contact SET visit_count = %s, tags = %s, state = %s, last_visit_at = %s, name = %s"
                " WHERE contact_id = ANY(%s)",
                (
                    draw.randint(0, 4),
                    draw.sample(["alpha", "beta", "a b"], 2),
                    draw.choice([1, 1, 2]),
                    draw.choice([None, now - timedelta(days=draw.randint(0, 40))]),
                    draw.choice([None, "alpha", "Straße"]),
                    ids,
                ),
            )
            await follow(uow, ids)
        async with database.tenant(campaign.tenant_id) as uow:
            for segment in segments:
                found = await of_segment(uow, segment)
                rows = await uow.fetch_all(
                    f"SELECT c.contact_id FROM contact c WHERE {found.where}", found.params, prepare=False
                )
                kept = await store.by_id(uow, segment.segment_id)
                assert {contact_id for (contact_id,) in rows} == await members_of(
                    campaign, segment.segment_id
                )
                assert kept is not None
                assert kept.contact_count == len(rows)
    asked = people[0].contact_id
    async with database.tenant(campaign.tenant_id) as uow:
        is_member = await handlers.memberships(uow, asked, segments)
    assert is_member == [asked in await members_of(campaign, one.segment_id) for one in segments]


@pytest.mark.req("JOB-15", "CAM-38", "CAM-87")
async def test_days_that_pass_are_found_every_six_hours(campaign: Served, clock: FixedClock) -> None:
    fresh = person(last_visit_at=(clock.now() - timedelta(days=30)).isoformat())
    lately = Rule(Join.AND, (Condition("last_visit_days", Op.LTE, 30),))
    [segment] = await made(campaign, "Lately", lately, people=[fresh])
    assert await members_of(campaign, segment.segment_id) == {fresh.contact_id}
    clock.advance(timedelta(days=1))
    database = campaign.service.database
    job = wiring.refresh_job()
    assert job.period == timedelta(hours=6)
    counts = await JobRunner(database, [job], clock).run_now("refresh-segments")
    assert counts == JobCounts(seen=8, done=8)
    assert await members_of(campaign, segment.segment_id) == set()
    async with database.tenant(campaign.tenant_id) as uow:
        refreshed = await store.by_id(uow, segment.segment_id)
    assert refreshed is not None
    assert (refreshed.contact_count, refreshed.refreshed_at) == (0, clock.now())


def hit(contact_id: UUID, kind: int, at: datetime, judged: int, judgement: int = 1, id: str = "") -> object:
    found = delivery_events_pb2.MessageEngaged(
        engagement_id=id or str(uuid7()),
        contact_id=str(contact_id),
        campaign_id=str(UUID(int=7)),
        kind=kind,
        engagement_class=judged,
        judgement=judgement,
    )
    found.occur_time.FromDatetime(at)
    return found


@pytest.mark.req("CAM-82")
async def test_opens_and_clicks_of_people_count_and_the_last_verdict_holds(
    campaign: Served, clock: FixedClock
) -> None:
    one, machine, late = people = [person(), person(), person()]
    opened = Rule(Join.AND, behaviours=(Behaviour(Activity.OPEN, 7, 2, reference=str(UUID(int=7))),))
    silent = Rule(Join.AND, behaviours=(Behaviour(Activity.OPEN, 7, is_negated=True),))
    lively = Rule(Join.AND, (Condition("last_activity_days", Op.LTE, 7),))
    did, did_not, alive = await made(campaign, "Open", opened, silent, lively, people=people)
    assert await members_of(campaign, did_not.segment_id) == {each.contact_id for each in people}
    now, open_ = clock.now(), receipt_service_pb2.ENGAGEMENT_KIND_OPEN
    judged = str(uuid7())
    blocks = [
        [hit(one.contact_id, open_, now - timedelta(days=days), HUMAN) for days in (1, 2)],
        [hit(machine.contact_id, open_, now, SCANNER) for _ in range(3)],
        # A machine, as was found later and told before.
        [hit(late.contact_id, open_, now, SCANNER, 2, judged)],
        [hit(late.contact_id, open_, now, HUMAN, 1, judged)],
        [hit(late.contact_id, open_, now - timedelta(days=800), HUMAN), hit(uuid4(), open_, now, HUMAN)],
    ]
    for block in blocks * 2:
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            await events.engaged(uow, EventEnvelope(), delivery_events_pb2.MessagesEngaged(hits=block))
    assert await members_of(campaign, did.segment_id) == {one.contact_id}
    assert await members_of(campaign, did_not.segment_id) == {machine.contact_id, late.contact_id}
    assert one.contact_id in await members_of(campaign, alive.segment_id)
    assert machine.contact_id not in await members_of(campaign, alive.segment_id)


def inbound(kind: str, who: str, at: datetime, **data: object) -> InboundEvent:
    return InboundEvent(
        uuid4(), uuid4(), kind, "shop", at, at, "x", "1", data, fact=str(uuid4()), person=Somebody(who)
    )


@pytest.mark.req("CAM-82")
async def test_inbound_events_tell_what_contacts_did_each_fact_once(
    campaign: Served, clock: FixedClock
) -> None:
    people = [person(external_id="u1"), person(external_id="u2")]
    twice = Rule(Join.AND, behaviours=(Behaviour(Activity.PURCHASE, 30, 2),))
    looked = Rule(Join.AND, behaviours=(Behaviour(Activity.VIEW, 30, reference="ev-1"),))
    bought, viewed = await made(campaign, "Did", twice, looked, people=people)
    now, step = clock.now(), NoteActivity()
    events = [
        inbound("payment.succeeded", "u1", now, order_id="o1", event_ref="ev-1"),
        # The same order, told by itself a second later.
        inbound("order.paid", "u1", now + timedelta(seconds=1), order_id="o1"),
        inbound("invoice.finalized", "u2", now, invoice_id="i1", finalized_at="2026-01-10T10:00:00Z"),
        inbound("payment.succeeded", "u2", now, order_id="o2"),
        inbound("event.viewed", "u2", now, event_ref="ev-1"),
        inbound("event.viewed", "u1", now, event_ref="ev-2"),
        inbound("event.viewed", "stranger", now, event_ref="ev-1"),
        inbound("ticket.admitted", "u1", now - timedelta(days=500), event_ref="ev-1"),
    ]
    for event in events + events:
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            await step.run(uow, event)
    assert await members_of(campaign, bought.segment_id) == {people[1].contact_id}
    assert await members_of(campaign, viewed.segment_id) == {people[1].contact_id}
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        assert await uow.fetch_value("SELECT count(*) FROM contact_activity") == 5
        assert await activities.erase(uow, people[1].contact_id) == 3


@pytest.mark.req("CAM-82")
async def test_a_visit_counts_while_its_latest_word_is_that_it_took_place(
    campaign: Served, clock: FixedClock
) -> None:
    who = person(external_id="u1")
    came = Rule(Join.AND, behaviours=(Behaviour(Activity.VISIT, 30, reference="harbour"),))
    [segment] = await made(campaign, "Came", came, people=[who])
    keys = campaign.settings.hash_keys
    steps = (ContactStep(keys), NoteActivity())
    completed = inbound("visit.completed", "u1", clock.now() - timedelta(hours=2), visit_id="v1")
    completed = replace(completed, branch_ref="harbour", tenant_id=campaign.tenant_id)
    cancelled = inbound("visit.cancelled", "u1", clock.now() - timedelta(hours=1), visit_id="v1")
    cancelled = replace(cancelled, tenant_id=campaign.tenant_id)
    for event, is_there in ((completed, True), (completed, True), (cancelled, False), (completed, False)):
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            for step in steps:
                await step.run(uow, event)
        assert await members_of(campaign, segment.segment_id) == ({who.contact_id} if is_there else set())


@pytest.mark.req("CAM-82")
async def test_what_consent_tells_changes_segments_that_ask_who_opted_in(campaign: Served) -> None:
    who = person()
    agreed = Rule(Join.AND, (Condition("opted_in", Op.EQ, True, Channel.SMS),))
    [segment] = await made(campaign, "Agreed", agreed, people=[who])
    said = consent_events_pb2.ConsentsUpdated()
    said.consents.add(
        contact_id=str(who.contact_id),
        channel=enums_pb2.CHANNEL_SMS,
        message_class=enums_pb2.MESSAGE_CLASS_MARKETING,
        new_value="granted",
    )
    left = consent_events_pb2.ContactOptedOut(contact_id=str(who.contact_id))
    for kind, payload, wanted in (
        ("consent.updated", said, {who.contact_id}),
        ("consent.opted_out", left, set()),
    ):
        async with campaign.service.database.tenant(campaign.tenant_id) as uow:
            await events.HANDLERS[kind](uow, EventEnvelope(), payload)
        assert await members_of(campaign, segment.segment_id) == wanted


@pytest.mark.req("CAM-38", "EVT-11")
async def test_an_imported_contact_is_in_its_segments_a_moment_later(
    clone_database: Callable[[Iterable[str]], str], redis_url: str
) -> None:
    settings = settings_for(CampaignSettings, clone_database(["campaign"]), redis_url, "campaign")
    async with serving(build, settings, loops=True) as served:
        await create_tenant(served)
        [segment] = await made(served, "Often", Rule(Join.AND, (Condition("visit_count", Op.GTE, 2),)))

        async def block() -> AsyncIterator[contact_service_pb2.BatchUpsertContactsRequest]:
            rows = [contact_pb2.Contact(external_id=f"p{n}", visit_count=n) for n in range(5)]
            yield contact_service_pb2.BatchUpsertContactsRequest(block_number=1, contacts=rows)

        stub = served.person(ContactServiceStub)
        assert [one.created_count async for one in stub.BatchUpsertContacts(block())] == [5]
        async with asyncio.timeout(20):
            while len(await members_of(served, segment.segment_id)) < 3:  # noqa: ASYNC110 - another process of work
                await asyncio.sleep(0.05)


@pytest.mark.req("CAM-82")
async def test_who_received_a_campaign_is_read_from_the_ledger(
    surrounded: Surrounded, clock: FixedClock
) -> None:
    clock.set(datetime.now(UTC))
    campaign = surrounded.served
    people = [person(), person(), person()]
    first, second, third = (one.contact_id for one in people)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, people)
    spring, summer = (uuid7(), uuid7()), (uuid7(), uuid7())
    with psycopg.connect(surrounded.owner_url, autocommit=True) as owner:
        # Runs and lines alone: how a campaign makes them is not what is asked here.
        owner.execute("SET session_replication_role = replica")
        for campaign_id, run_id in (spring, summer):
            write_run(owner, campaign.tenant_id, campaign_id, run_id, clock.now())
        for contact_id, run_id, days in (
            (first, spring[1], 0),
            (first, summer[1], 0),
            (second, summer[1], 2),
            (third, summer[1], 20),
        ):
            write_line(owner, campaign.tenant_id, run_id, contact_id, clock.now() - timedelta(days=days))
    received = Activity.RECEIVED
    asked = (
        Behaviour(received, 7),
        Behaviour(received, 7, 2),
        Behaviour(received, 7, is_negated=True, reference=str(spring[0])),
    )
    segments = await made(campaign, "Got", *(Rule(behaviours=(one,)) for one in asked))
    wanted = [{first, second}, {first}, {second, third}]
    assert [await members_of(campaign, one.segment_id) for one in segments] == wanted
    # One contact is looked up otherwise than all of them.
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        for contact_id in (first, second, third):
            found = await handlers.memberships(uow, contact_id, segments)
            assert found == [contact_id in one for one in wanted]


def write_run(
    owner: psycopg.Connection, tenant_id: UUID, campaign_id: UUID, run_id: UUID, at: datetime
) -> None:
    columns = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'campaign'"
        " AND table_name = 'campaign_run' AND is_nullable = 'NO' AND column_default IS NULL"
    ).fetchall()
    known = {"tenant_id": tenant_id, "run_id": run_id, "campaign_id": campaign_id, "run_number": 1}
    blank = {"text": "", "timestamp with time zone": at}
    values = {name: known.get(name, blank.get(kind, 1)) for name, kind in columns}
    owner.execute(
        f"INSERT INTO campaign.campaign_run ({', '.join(values)}) VALUES ({', '.join(['%s'] * len(values))})",
        list(values.values()),
    )


def write_line(
    owner: psycopg.Connection, tenant_id: UUID, run_id: UUID, contact_id: UUID, sent_at: datetime
) -> None:
    owner.execute(
        "INSERT INTO campaign.campaign_recipient (tenant_id, recipient_id, run_id, contact_id, sent_at, block_no,"
        " variant, state, complained) VALUES (%s, %s, %s, %s, %s, 1, 0, 4, false)",
        (tenant_id, recipient_id_of(run_id, contact_id), run_id, contact_id, sent_at),
    )
