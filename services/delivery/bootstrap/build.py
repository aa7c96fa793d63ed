"""The service as a whole: what it opens, what answers, what loops."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from redis.asyncio import Redis

from services.common import job_servicer
from services.common.clock import Clock, SystemClock
from services.common.contact_data import servicer as contact_data
from services.common.db.database import Database
from services.common.events.relay import Relay
from services.common.housekeeping import cleanup_job
from services.common.jobs import JobRunner
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from services.common.security.tokens import TokenSigner
from services.common.service import Loop, Service
from services.delivery import events, retention
from services.delivery.accounts.adapters import RECORDING, Adapters
from services.delivery.accounts.circuits import Circuits, HealthJob
from services.delivery.accounts.given import GivenAccounts
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.internal import INBOX, WEBHOOKS
from services.delivery.accounts.webhooks import WebhookTokens
from services.delivery.bootstrap import dispatch, registrations
from services.delivery.compliance.client import Compliance, ConsentCompliance
from services.delivery.contact_data import ContactRecords
from services.delivery.costs.cards import RateCards
from services.delivery.devices import handlers as devices
from services.delivery.digests.handlers import Digests
from services.delivery.directory.client import Directory, RemoteDirectory
from services.delivery.dispatch.reconcile import Reconciler
from services.delivery.engagement.settling import Settler, reclassify_job
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.inbound.consent import ConsentTexts, TextReader
from services.delivery.inbound.handlers import TYPE as INBOUND_TEXT
from services.delivery.inbound.handlers import InboundTexts
from services.delivery.inbound.replies import Replies
from services.delivery.inbox.provider import InboxProvider
from services.delivery.lanes.handlers import Lanes, LaneWatch
from services.delivery.limits import volume
from services.delivery.limits.callers import CallLimits
from services.delivery.limits.gate import Limits
from services.delivery.limits.handlers import LimitCases
from services.delivery.limits.ledger import HandoverLedger
from services.delivery.limits.rates import RateLimits
from services.delivery.limits.rules import Rules
from services.delivery.media.assets import Assets
from services.delivery.media.fetching import Fetcher
from services.delivery.merges import Merges
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.media import Media
from services.delivery.receipts import applying
from services.delivery.receipts.applier import Applier
from services.delivery.receipts.polling import StatusPolls
from services.delivery.sent.frames import Tracks
from services.delivery.settings import DeliverySettings
from services.delivery.templates.cache import TemplateCache
from services.delivery.templates.source import CampaignTemplates, TemplateSource
from services.delivery.wallet import handlers as wallet
from services.delivery.webhooks.assembly import assemble

NAME: Final = "delivery"
CONSUMERS: Final = ("consent", "campaign", "analytics", "delivery")
"""Services that consume what delivery tells."""


MAX_REQUEST: Final = 12 * 1024 * 1024
"""Files of a message are 10 MB together at most; what else a call holds is small beside them."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What delivery asks of the two services it asks."""

    compliance: Compliance
    templates: TemplateSource
    texts: TextReader
    directory: Directory


@asynccontextmanager
async def build(
    settings: DeliverySettings, *, clock: Clock | None = None, neighbours: Neighbours | None = None
) -> AsyncIterator[Service]:
    """Yields the service; what it opened is closed afterwards."""
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = await Database.open(settings, NAME, clock=clock, wait=False)
        stack.push_async_callback(database.close)
        redis: Redis = Redis.from_url(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        channels = await stack.enter_async_context(Channels(settings, name=NAME))
        if neighbours is None:
            neighbours = Neighbours(
                ConsentCompliance(channels),
                CampaignTemplates(channels),
                ConsentTexts(channels),
                RemoteDirectory(channels),
            )
        envelope = Envelope(settings.encryption_keys)
        fetcher = Fetcher(settings.outbound_guard)
        stack.push_async_callback(fetcher.close)
        assets = Assets(database, TokenSigner(settings.token_keys), fetcher, clock, settings.public_base_url)
        templates = TemplateCache(neighbours.templates, clock, settings.template_cache_ttl)
        rates = RateLimits(
            redis,
            settings.global_per_minute,
            enabled=settings.enable_rate_limiting,
            ledger=HandoverLedger(database),
        )
        limits = Limits(
            Rules(database, clock), rates, settings.hourly_per_contact, settings.rate_limit_per_second
        )
        calls = CallLimits(rates, settings.rate_limit_send_per_min, enabled=settings.enable_rate_limiting)
        acceptance = Acceptance(
            database,
            templates,
            neighbours.compliance,
            envelope,
            clock,
            calls,
            settings.hash_keys,
            neighbours.directory,
            Media(assets, assets),
        )
        webhooks = assemble(database, envelope, settings.outbound_guard, clock, settings.hash_keys)
        stack.push_async_callback(webhooks.outbound.close)
        adapters = Adapters(
            database,
            envelope,
            mode=settings.provider_mode,
            production=settings.production,
            internal={
                INBOX.provider: InboxProvider(database, envelope, settings.hash_keys, settings.content_kept),
                WEBHOOKS.provider: webhooks.provider,
            },
            public_base_url=settings.public_base_url,
            guard=settings.outbound_guard,
        )
        stack.push_async_callback(adapters.close)
        cards = RateCards(database, clock)
        circuits = Circuits(database, clock)
        accounts = Accounts(
            database,
            envelope,
            WebhookTokens(settings.hash_keys),
            adapters,
            circuits,
            settings.production,
            settings.provider_mode == RECORDING,
        )
        worker = dispatch.worker(settings, limits, acceptance, accounts, cards)
        reconciler = Reconciler(
            database, adapters, cards, clock, dispatch.patience(settings), settings.default_zone
        )
        lanes = Lanes(database, clock)
        texts = InboundTexts(database, envelope, Replies(neighbours.texts, neighbours.templates, acceptance))
        applying_tools = applying.Tools(
            envelope, settings.hash_keys, cards, settings.default_zone, Fallbacks(acceptance)
        )
        applier = Applier(
            database,
            adapters,
            applying_tools,
            clock,
            {INBOUND_TEXT: texts.apply},
        )
        stack.push_async_callback(applier.close)
        push = devices.Devices(database, envelope, settings.hash_keys, settings.outbound_guard, clock)
        tracks = Tracks(settings.public_base_url)
        relay = Relay(database, redis, NAME, groups=CONSUMERS)
        consumer = events.consumer(
            database,
            redis,
            [
                webhooks.fanout.handlers(),
                volume.HANDLERS,
                Merges(database, envelope, settings.hash_keys).handlers(),
            ],
            webhooks.fanout.joint(),
            webhooks.fanout.wanted(),
        )
        jobs = JobRunner(
            database,
            [
                cleanup_job(retention.steps(settings.content_kept), partitioned=retention.PARTITIONED),
                HealthJob(database, adapters, circuits, clock).job(),
                reclassify_job(),
                StatusPolls(database, adapters, applying_tools).job(),
                devices.forgetting_job(),
                wallet.expiring_job(),
                Digests(acceptance, settings.default_zone).job(),
            ],
            clock,
            disabled=settings.switched_off_jobs,
        )
        yield Service(
            NAME,
            database,
            [
                *registrations.of_messages(database, acceptance, lanes, tracks, settings.default_zone),
                registrations.of_inboxes(database, envelope),
                registrations.of_media(settings, database, assets),
                registrations.of_wallets(settings, clock, database, envelope, channels),
                *registrations.of_the_outside(settings, clock, accounts, cards, applier, texts),
                registrations.of_devices(push),
                webhooks.registration,
                registrations.of_limits(LimitCases(database, limits, clock)),
                registrations.of_costs(database),
                job_servicer.registration(database, jobs),
                contact_data.registration(
                    database, settings.hash_keys, ContactRecords(envelope, tracks).data()
                ),
            ],
            [
                Loop("dispatch", worker.loop),
                Loop("reconcile", reconciler.loop),
                Loop("receipts", applier.loop),
                Loop("engagement", Settler(database, clock).loop),
                Loop("relay", relay.loop),
                Loop("consumer", consumer.loop),
                Loop("webhooks", webhooks.sender.loop),
                Loop("jobs", jobs.loop),
                Loop("lanes", LaneWatch(lanes).loop),
                Loop("accounts", GivenAccounts(accounts, settings.platform_accounts()).loop),
            ],
            notes=jobs.notes,
            max_message_bytes=MAX_REQUEST,
        )
