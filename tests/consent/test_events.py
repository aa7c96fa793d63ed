"""What the service learns from others, through the stream and its inbox, and the jobs that follow time."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from angarium.campaign.v1 import campaign_events_pb2
from angarium.common.v1 import enums_pb2 as common
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as delivery
from services.common.events.consumer import Consumer
from services.common.events.stream import Entry, EventStream
from services.common.ids import uuid7
from services.common.jobs import JobRunner
from services.consent.events import SOURCES
from services.consent.jobs import jobs
from tests.consent.kit import DAY, EMAIL, HOUR, SEND, SMS, RunningConsent, Tenant, reason, stamp

HARD, SOFT, BLOCK = (delivery.BOUNCE_TYPE_HARD, delivery.BOUNCE_TYPE_SOFT, delivery.BOUNCE_TYPE_BLOCK)


def report(tenant: Tenant, contact: UUID, channel: int = EMAIL, **changes: Any) -> delivery.RecipientReported:
    hasher = tenant.consent.hasher
    word, address = ("email", tenant.address(contact)) if channel == EMAIL else ("sms", tenant.phone(contact))
    return delivery.RecipientReported(
        **{
            "message_id": str(uuid7()),
            "contact_id": str(contact),
            "channel": channel,
            "address_hash": hasher.one(tenant.tenant_id, word, address),
            "hash_key_id": hasher.key_id,
            "address_hint": "x***",
            "occur_time": stamp(tenant.consent.clock.now()),
            **changes,
        }
    )


async def tell(tenant: Tenant, kind: str, *reports: delivery.RecipientReported) -> None:
    await tenant.apply(kind, delivery.RecipientsReported(reports=reports), source="delivery")


class Feed:
    """The streams of other services, and this service's consumer of them."""

    def __init__(self, consent: RunningConsent, redis: Redis) -> None:
        handlers = consent.events.handlers()
        self.consumer = Consumer(consent.database, redis, "consent", SOURCES, handlers)
        self.streams = {source: EventStream(redis, source) for source in SOURCES}
        self.consent = consent
        self.position = dict.fromkeys(SOURCES, 0)

    async def publish(self, source: str, *envelopes: EventEnvelope) -> None:
        entries = []
        for envelope in envelopes:
            self.position[source] += 1
            entries.append(Entry(self.position[source], envelope.type, envelope.SerializeToString()))
        await self.streams[source].publish(entries, may_start=True)

    async def run(self, until: str) -> None:
        """Consumes until a query finds something."""
        stop = asyncio.Event()
        task = asyncio.create_task(self.consumer.loop(stop))
        async with asyncio.timeout(20):
            while not await self.consent.rows(until):  # noqa: ASYNC110 - the database says when
                await asyncio.sleep(0.05)
        stop.set()
        await task


@pytest.fixture
def feed(consent: RunningConsent, redis: Redis) -> Feed:
    return Feed(consent, redis)


@pytest.mark.req("GEN-32", "EVT-10", "CON-13")
async def test_an_event_that_comes_twice_is_applied_once(salon: Tenant, feed: Feed) -> None:
    contact = await salon.contact()
    bounced = delivery.RecipientsReported(reports=[report(salon, contact, bounce_type=SOFT)])
    first = salon.envelope("message.bounced", bounced, source="delivery")
    contacts = campaign_events_pb2.ContactsChanged(contacts=[salon.reference(contact, "blocked")])
    await feed.publish("delivery", first, first)
    await feed.publish("campaign", salon.envelope("contact.updated", contacts))
    last = salon.envelope("message.complained", delivery.RecipientsReported(), source="delivery")
    await feed.publish("delivery", last)
    await feed.run("SELECT WHERE (SELECT count(*) FROM inbox) = 3")
    assert await salon.consent.rows("SELECT count(*) FROM soft_bounce") == [(1,)]
    assert await salon.consent.rows("SELECT state FROM contact") == [("blocked",)]


@pytest.mark.req("CON-66", "CON-67")
async def test_a_hard_bounce_and_an_invalid_address_stop_every_message_for_ever(salon: Tenant) -> None:
    one, other = await salon.contact(), await salon.contact()
    await tell(salon, "message.bounced", report(salon, one, bounce_type=HARD))
    await tell(salon, "recipient.invalid", report(salon, other, SMS))
    salon.consent.clock.advance(3650 * DAY)
    security = common.CATEGORY_ACCOUNT_SECURITY
    assert reason(await salon.decide(one, category=security)) == "suppressed"
    assert reason(await salon.decide(other, channel=SMS, category=security)) == "suppressed"
    assert reason(await salon.decide(other, category=security)) == "allow"
    rows = await salon.consent.rows("SELECT reason, scope, expires_at FROM suppression ORDER BY reason")
    assert rows == [("hard_bounce", "all", None), ("invalid_address", "all", None)]


@pytest.mark.req("CON-66")
async def test_a_block_of_the_sender_says_nothing_of_the_address(salon: Tenant) -> None:
    contact = await salon.contact()
    for _ in range(4):
        await tell(salon, "message.bounced", report(salon, contact, bounce_type=BLOCK))
    assert not await salon.consent.rows("SELECT FROM suppression")


@pytest.mark.req("CON-66")
async def test_a_complaint_suppresses_for_ever_and_opts_out_of_email(salon: Tenant) -> None:
    contact, campaign = await salon.contact(), str(uuid7())
    await salon.grant(contact)
    await tell(salon, "message.complained", report(salon, contact, campaign_id=campaign))
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "suppressed"
    assert await salon.consent.rows("SELECT status, source FROM consent") == [("revoked", "complaint")]
    assert len(await salon.consent.rows("SELECT FROM outbox WHERE type = 'consent.opted_out'")) == 1
    await tell(salon, "message.complained", report(salon, contact))
    assert len(await salon.consent.rows("SELECT FROM outbox WHERE type = 'consent.opted_out'")) == 1


@pytest.mark.req("CON-66", "CON-61")
async def test_a_number_the_provider_opted_out_gets_no_text_at_all(salon: Tenant) -> None:
    contact = await salon.contact()
    await tell(salon, "recipient.opted_out", report(salon, contact, SMS))
    assert reason(await salon.decide(contact, channel=SMS, category=common.CATEGORY_PAYMENT)) == "suppressed"
    rows = await salon.consent.rows("SELECT scope, reason FROM suppression ORDER BY scope")
    assert rows == [("all", "sms_stop"), ("marketing", "customer_unsubscribe")]


@pytest.mark.req("CON-66")
async def test_an_unsubscribe_reported_for_email_stops_marketing_only(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    await tell(salon, "recipient.opted_out", report(salon, contact))
    assert reason(await salon.decide(contact)) == "suppressed"
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "allow"


@pytest.mark.req("CON-66")
async def test_the_third_soft_bounce_in_seven_days_pauses_the_address_for_thirty(salon: Tenant) -> None:
    clock = salon.consent.clock
    contact, slow = await salon.contact(), await salon.contact()
    for _ in range(2):
        await tell(
            salon, "message.bounced", *(report(salon, one, bounce_type=SOFT) for one in (contact, slow))
        )
        clock.advance(DAY)
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "allow"
    await tell(salon, "message.bounced", report(salon, contact, bounce_type=SOFT))
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "suppressed"
    clock.advance(6 * DAY)
    await tell(salon, "message.bounced", report(salon, slow, bounce_type=SOFT))
    assert reason(await salon.decide(slow, category=common.CATEGORY_PAYMENT)) == "allow"
    clock.advance(24 * DAY)
    assert reason(await salon.decide(contact, category=common.CATEGORY_PAYMENT)) == "allow"


@pytest.mark.req("CON-66")
async def test_a_delivery_between_soft_bounces_starts_the_count_anew(salon: Tenant) -> None:
    clock, contact = salon.consent.clock, await salon.contact()
    for _ in range(2):
        await tell(salon, "message.bounced", report(salon, contact, bounce_type=SOFT))
    clock.advance(HOUR)
    message = str(uuid7())
    await salon.decide(contact, category=common.CATEGORY_PAYMENT, purpose=SEND, message_id=message)
    reached = delivery.MessagesReached(messages=[delivery.MessageReached(message_id=message)])
    await salon.apply("message.delivered", reached, source="delivery")
    for _ in range(2):
        await tell(salon, "message.bounced", report(salon, contact, bounce_type=SOFT))
    assert not await salon.consent.rows("SELECT FROM suppression")
    await tell(salon, "message.bounced", report(salon, contact, bounce_type=SOFT))
    assert await salon.consent.rows("SELECT reason FROM suppression") == [("soft_bounce_limit",)]


@pytest.mark.req("CON-13")
async def test_the_directory_keeps_the_newest_and_erasure_is_final(salon: Tenant) -> None:
    clock, contact = salon.consent.clock, await salon.contact(language_code="de")
    late = campaign_events_pb2.ContactsChanged(contacts=[salon.reference(contact, language_code="fr")])
    await salon.apply("contact.updated", late, at=clock.now() - HOUR)
    assert await salon.consent.rows("SELECT language FROM contact") == [("de",)]
    await salon.apply("contact.updated", late, at=clock.now() + HOUR)
    assert await salon.consent.rows("SELECT language FROM contact") == [("fr",)]
    await salon.apply(
        "contact.updated",
        campaign_events_pb2.ContactsChanged(contacts=[salon.reference(contact, "erased")]),
        at=clock.now() + 2 * HOUR,
    )
    await salon.apply("contact.updated", late, at=clock.now() + 3 * HOUR)
    assert await salon.consent.rows("SELECT state FROM contact") == [("erased",)]


@pytest.mark.req("CON-12")
async def test_late_settings_do_not_overrule_newer_ones(salon: Tenant) -> None:
    contact = await salon.contact()
    await salon.grant(contact)
    await salon.settle(at=salon.consent.clock.now() - HOUR, marketing_enabled=False)
    assert reason(await salon.decide(contact)) == "allow"


@pytest.mark.req("JOB-31")
async def test_the_hourly_job_ends_what_is_past_its_time_and_tells(salon: Tenant) -> None:
    consent, clock = salon.consent, salon.consent.clock
    one, other = await salon.contact(), await salon.contact()
    await salon.grant(one, expire_time=stamp(clock.now() + HOUR))
    await salon.grant(other, double_opt_in=True)
    for _ in range(3):
        await tell(salon, "message.bounced", report(salon, other, SMS, bounce_type=SOFT))
    runner = JobRunner(consent.database, jobs(), clock)
    assert (await runner.run_now("consent_expiry")).done == 0  # type: ignore[union-attr]
    clock.advance(31 * DAY)
    counts = await runner.run_now("consent_expiry")
    assert counts is not None
    assert (counts.done, counts.failed) == (3, 0)
    assert await consent.rows("SELECT DISTINCT status FROM consent") == [("expired",)]
    assert not await consent.rows("SELECT FROM suppression")
    trail = await consent.rows("SELECT old_value FROM consent_audit WHERE new_value = 'expired' ORDER BY 1")
    assert trail == [("granted",), ("pending",)]
    assert len(await consent.rows("SELECT FROM outbox WHERE type = 'suppression.removed'")) == 1
    assert (await runner.run_now("consent_expiry")).done == 0  # type: ignore[union-attr]


@pytest.mark.req("JOB-38", "GEN-47", "CON-9")
async def test_cleanup_keeps_decisions_for_ninety_days_and_opens_the_next_months(salon: Tenant) -> None:
    consent, contact = salon.consent, await salon.contact()
    await salon.decide(contact, purpose=SEND)
    # Ids carry the time of the machine, so the clock is set by it.
    from services.common.clock import SystemClock

    consent.clock.set(SystemClock().now() + timedelta(days=89))
    runner = JobRunner(consent.database, jobs(), consent.clock)
    await runner.run_now("cleanup")
    assert len(await consent.rows("SELECT FROM decision")) == 1
    consent.clock.set(SystemClock().now() + timedelta(days=91))
    counts = await runner.run_now("cleanup")
    assert counts is not None
    assert counts.failed == 0
    assert not await consent.rows("SELECT FROM decision")
    ahead = consent.clock.now() + timedelta(days=40)
    partition = f"decision_y{ahead:%Y}m{ahead:%m}"
    assert await consent.rows("SELECT to_regclass(%s) IS NOT NULL", partition) == [(True,)]


@pytest.mark.req("CAM-20", "CON-73", "CON-12")
async def test_a_branch_that_does_not_market_holds_marketing_back_and_an_archived_one_everything(
    salon: Tenant,
) -> None:
    from angarium.campaign.v1 import settings_service_pb2

    branch, contact = uuid7(), await salon.contact()
    await salon.grant(contact)
    clock = salon.consent.clock

    async def tell_branch(**fields: Any) -> None:
        settings = settings_service_pb2.BranchSettings(
            **{"branch_id": str(branch), "name": "North", "marketing_enabled": True, "state": 1, **fields}
        )
        clock.advance(timedelta(seconds=1))
        await salon.apply(
            "branch_settings.updated", campaign_events_pb2.BranchSettingsUpdated(branch=settings)
        )

    async def decided(category: int) -> str:
        return reason(await salon.decide(contact, branch_id=str(branch), category=category))

    newsletter, payment = common.CATEGORY_NEWSLETTER, common.CATEGORY_PAYMENT
    await tell_branch()
    assert [await decided(newsletter), await decided(payment)] == ["allow", "allow"]
    await tell_branch(marketing_enabled=False)
    assert [await decided(newsletter), await decided(payment)] == ["marketing_disabled", "allow"]
    await tell_branch(state=2)
    assert [await decided(newsletter), await decided(payment)] == ["channel_disabled", "channel_disabled"]
    # What was known before does not come back.
    late = settings_service_pb2.BranchSettings(
        branch_id=str(branch), name="North", marketing_enabled=True, state=1
    )
    payload = campaign_events_pb2.BranchSettingsUpdated(branch=late)
    await salon.apply("branch_settings.updated", payload, at=clock.now() - timedelta(hours=1))
    assert await decided(payment) == "channel_disabled"
