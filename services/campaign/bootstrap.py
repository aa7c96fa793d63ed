"""Builds campaign: the only place where its parts are constructed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from redis.asyncio import Redis

from angarium.common.v1 import audit_pb2, audit_pb2_grpc, events_pb2, events_pb2_grpc
from services.campaign import events, reactions
from services.campaign.approvals import wiring as approvals
from services.campaign.automations import sending as automation_sending
from services.campaign.automations import wiring as automations
from services.campaign.campaigns import store as campaign_store
from services.campaign.campaigns import wiring as campaigns
from services.campaign.consent_links import handlers as consent_links
from services.campaign.consent_links.worker import ConsentLinkWorker
from services.campaign.contact_data import data
from services.campaign.contacts import wiring as contacts
from services.campaign.coupons import wiring as coupons
from services.campaign.feedback import wiring as feedback
from services.campaign.followups import wiring as followups
from services.campaign.intake import wiring as intake
from services.campaign.notices import wiring as notice_wiring
from services.campaign.notices.domain import Listener, Source
from services.campaign.passes import wiring as passes
from services.campaign.referrals import wiring as referrals
from services.campaign.rules import wiring as rules
from services.campaign.segments import handlers as segments
from services.campaign.segments import wiring as segment_wiring
from services.campaign.settings import CampaignSettings
from services.campaign.template_users import user_of
from services.campaign.templates import wiring as templates
from services.campaign.tenants import wiring as tenants
from services.campaign.triggers import outcomes as trigger_outcomes
from services.campaign.triggers import wiring as triggers
from services.common import job_servicer
from services.common.audit_servicer import AuditServicer
from services.common.clock import Clock, SystemClock
from services.common.contact_data import servicer as contact_data
from services.common.db.database import Database
from services.common.events.consumer import Consumer
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.housekeeping import cleanup_job
from services.common.jobs import JobRunner
from services.common.rpc.client import Channels
from services.common.service import Loop, Registration, Service

NAME = "campaign"
LISTENERS: Final[Mapping[Source, Listener]] = {
    Source.TRIGGER: trigger_outcomes.LISTENER,
    Source.AUTOMATION: automation_sending.LISTENER,
}
"""Who is told what became of notices."""


@asynccontextmanager
async def build(settings: CampaignSettings, *, clock: Clock | None = None) -> AsyncIterator[Service]:
    """Yields the service, ready to be served; closes what it opened."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as opened:
        database = await Database.open(settings, NAME, clock=clock, wait=False)
        opened.push_async_callback(database.close)
        redis = Redis.from_url(settings.redis_url)
        opened.push_async_callback(redis.aclose)
        channels = Channels(settings, name=NAME)
        opened.push_async_callback(channels.close)
        relay = Relay(database, redis, NAME)
        inbound = intake.parts(database, settings, reactions.steps(settings))
        consumer = Consumer(database, redis, NAME, events.SOURCES, events.handlers(settings))
        jobs = JobRunner(
            database,
            [
                *campaigns.jobs(database, channels),
                segment_wiring.refresh_job(),
                *contacts.jobs(database),
                *coupons.jobs(),
                *triggers.jobs(settings),
                *automations.jobs(settings),
                *referrals.jobs(),
                followups.job(settings),
                *tenants.jobs(),
                approvals.job(channels, campaign_store.senders_by),
                cleanup_job(
                    [
                        campaigns.keep_ledger,
                        contacts.keep,
                        segment_wiring.keep,
                        feedback.keep,
                        referrals.keep,
                        followups.keep,
                        consent_links.forget_old,
                        intake.forget_old,
                        rules.forget_old,
                        notice_wiring.forget_old,
                        passes.forget_old,
                        *tenants.CLEANED,
                        *triggers.CLEANED,
                        *automations.CLEANED,
                    ],
                    partitioned=(*campaigns.PARTITIONED, *segment_wiring.PARTITIONED),
                ),
            ],
            clock,
            disabled=settings.switched_off_jobs,
        )
        yield Service(
            NAME,
            database,
            registrations=[
                *registrations(database, channels, settings),
                *coupons.registrations(database, channels, redis, settings),
                *referrals.registrations(database, redis, settings),
                followups.registration(database, settings),
                *inbound.registrations,
                job_servicer.registration(database, jobs),
            ],
            loops=[
                Loop("relay", relay.loop),
                Loop("consumer", consumer.loop),
                Loop("jobs", jobs.loop),
                Loop("consent-links", ConsentLinkWorker(database, channels).loop),
                *campaigns.loops(database, channels, settings),
                *inbound.loops,
                *notice_wiring.loops(database, channels, notice_wiring.of(settings), LISTENERS),
                passes.loop(database, channels),
                *automations.loops(database, channels, settings),
                *tenants.loops(database, channels),
            ],
            notes=jobs.notes,
            max_message_bytes=intake.MAX_REQUEST,
        )


def registrations(database: Database, channels: Channels, settings: CampaignSettings) -> list[Registration]:
    """Returns the RPC services of the areas."""
    return [
        *tenants.registrations(database, channels, settings, [segments.seed, triggers.seed]),
        contacts.registration(database, settings),
        segment_wiring.registration(database, channels),
        feedback.registration(database, settings),
        Registration(
            events_pb2.DESCRIPTOR.services_by_name["EventService"],
            events_pb2_grpc.add_EventServiceServicer_to_server,
            EventServicer(database, NAME),
        ),
        *campaigns.registrations(database, channels, settings),
        *templates.registrations(database, channels, user_of, settings),
        approvals.registration(database, channels, campaign_store.senders_by),
        rules.registration(database),
        triggers.registration(database, channels, settings),
        *automations.registrations(database, settings),
        notice_wiring.registration(database),
        Registration(
            audit_pb2.DESCRIPTOR.services_by_name["AuditService"],
            audit_pb2_grpc.add_AuditServiceServicer_to_server,
            AuditServicer(database),
        ),
        contact_data.registration(database, settings.hash_keys, data(settings)),
    ]
