"""Puts delivery together; the only place of the service that constructs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from redis.asyncio import Redis

from angarium.common.v1 import events_pb2, events_pb2_grpc
from angarium.delivery.v1 import (
    cost_service_pb2,
    cost_service_pb2_grpc,
    dead_letter_service_pb2,
    dead_letter_service_pb2_grpc,
    device_service_pb2,
    device_service_pb2_grpc,
    explain_service_pb2,
    explain_service_pb2_grpc,
    inbox_service_pb2,
    inbox_service_pb2_grpc,
    lane_service_pb2,
    lane_service_pb2_grpc,
    limit_service_pb2,
    limit_service_pb2_grpc,
    media_service_pb2,
    media_service_pb2_grpc,
    message_service_pb2,
    message_service_pb2_grpc,
    provider_service_pb2,
    provider_service_pb2_grpc,
    receipt_service_pb2,
    receipt_service_pb2_grpc,
    wallet_service_pb2,
    wallet_service_pb2_grpc,
)
from services.common import job_servicer
from services.common.clock import Clock, SystemClock
from services.common.contact_data import servicer as contact_data
from services.common.db.database import Database
from services.common.events.feeds import Feeds
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.housekeeping import cleanup_job
from services.common.jobs import JobRunner
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from services.common.security.tokens import TokenSigner
from services.common.service import Loop, Registration, Service
from services.delivery import events, retention
from services.delivery.accounts.adapters import RECORDING, Adapters
from services.delivery.accounts.circuits import Circuits, HealthJob
from services.delivery.accounts.handlers import Accounts
from services.delivery.accounts.internal import INBOX, WEBHOOKS
from services.delivery.accounts.prices import Prices
from services.delivery.accounts.servicer import ProviderServicer
from services.delivery.accounts.webhooks import WebhookTokens
from services.delivery.compliance.client import Compliance, ConsentCompliance
from services.delivery.contact_data import ContactRecords
from services.delivery.costs.cards import RateCards
from services.delivery.costs.servicer import CostServicer
from services.delivery.costs.zones import BillingZones
from services.delivery.deadletters.handlers import DeadLetters
from services.delivery.deadletters.servicer import DeadLetterServicer
from services.delivery.devices import handlers as devices
from services.delivery.devices.servicer import DeviceServicer
from services.delivery.digests.handlers import Digests
from services.delivery.directory.client import Directory, RemoteDirectory
from services.delivery.dispatch.domain import RetryPolicy
from services.delivery.dispatch.leases import Leases
from services.delivery.dispatch.passes import Deps
from services.delivery.dispatch.reconcile import Patience, Reconciler
from services.delivery.dispatch.recorder import Recorder
from services.delivery.dispatch.rendering import Renderer
from services.delivery.dispatch.sending import Sending, Tools
from services.delivery.dispatch.trails import PublicUrls
from services.delivery.dispatch.worker import Worker
from services.delivery.engagement.handlers import Engagement
from services.delivery.engagement.links import Links, Tracking
from services.delivery.engagement.settling import Settler, reclassify_job
from services.delivery.explain.handlers import Explanations
from services.delivery.explain.servicer import ExplainServicer
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.inbound.consent import ConsentTexts, TextReader
from services.delivery.inbound.handlers import TYPE as INBOUND_TEXT
from services.delivery.inbound.handlers import InboundTexts
from services.delivery.inbound.replies import Replies
from services.delivery.inbox.handlers import Inboxes
from services.delivery.inbox.hub import Hub
from services.delivery.inbox.provider import InboxProvider
from services.delivery.inbox.servicer import InboxServicer
from services.delivery.lanes.handlers import Lanes, LaneWatch
from services.delivery.lanes.servicer import LaneServicer
from services.delivery.limits import volume
from services.delivery.limits.callers import CallLimits
from services.delivery.limits.gate import Limits
from services.delivery.limits.handlers import LimitCases
from services.delivery.limits.ledger import HandoverLedger
from services.delivery.limits.rates import RateLimits
from services.delivery.limits.rules import Rules
from services.delivery.limits.servicer import LimitServicer
from services.delivery.media.fetching import Fetcher
from services.delivery.media.handlers import MediaCases
from services.delivery.media.library import Library
from services.delivery.media.servicer import MediaServicer
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.media import Media
from services.delivery.messages.servicer import MessageServicer
from services.delivery.messages.watching import Watching
from services.delivery.receipts import applying
from services.delivery.receipts.applier import Applier
from services.delivery.receipts.handlers import Receipts
from services.delivery.receipts.polling import StatusPolls
from services.delivery.receipts.servicer import ReceiptServicer
from services.delivery.settings import DeliverySettings
from services.delivery.templates.cache import TemplateCache
from services.delivery.templates.source import CampaignTemplates, TemplateSource
from services.delivery.wallet import handlers as wallet
from services.delivery.wallet.handlers import Wallets
from services.delivery.wallet.servicer import WalletServicer
from services.delivery.wallet.tenants import CampaignTenants
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
        library = Library(
            database, TokenSigner(settings.token_keys), fetcher, clock, settings.public_base_url
        )
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
            Media(library, library),
        )
        webhooks = assemble(database, envelope, settings.outbound_guard, clock)
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
        worker = _worker(settings, limits, acceptance, accounts, cards)
        reconciler = Reconciler(database, adapters, cards, clock, _patience(settings))
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
        relay = Relay(database, redis, NAME, groups=CONSUMERS)
        consumer = events.consumer(database, redis, [webhooks.fanout.handlers(), volume.HANDLERS], webhooks.fanout.joint())
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
                *_registrations(database, acceptance, lanes, settings.default_zone),
                _inbox(database, envelope),
                _media(settings, database, library),
                _wallet(settings, clock, database, envelope, channels),
                *_outside(settings, clock, accounts, cards, applier, texts),
                Registration(
                    device_service_pb2.DESCRIPTOR.services_by_name["DeviceService"],
                    device_service_pb2_grpc.add_DeviceServiceServicer_to_server,
                    DeviceServicer(push),
                ),
                webhooks.registration,
                _limits(LimitCases(database, limits, clock)),
                _costs(database),
                job_servicer.registration(database, jobs),
                contact_data.registration(database, settings.hash_keys, ContactRecords(envelope).data()),
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
            ],
            notes=jobs.notes,
            max_message_bytes=MAX_REQUEST,
        )


def _registrations(
    database: Database, acceptance: Acceptance, lanes: Lanes, default_zone: ZoneInfo
) -> list[Registration]:
    feeds = Feeds(database, NAME)
    return [
        Registration(
            lane_service_pb2.DESCRIPTOR.services_by_name["LaneService"],
            lane_service_pb2_grpc.add_LaneServiceServicer_to_server,
            LaneServicer(lanes, lanes.clock),
        ),
        Registration(
            message_service_pb2.DESCRIPTOR.services_by_name["MessageService"],
            message_service_pb2_grpc.add_MessageServiceServicer_to_server,
            MessageServicer(acceptance, Watching(database, feeds)),
        ),
        Registration(
            dead_letter_service_pb2.DESCRIPTOR.services_by_name["DeadLetterService"],
            dead_letter_service_pb2_grpc.add_DeadLetterServiceServicer_to_server,
            DeadLetterServicer(DeadLetters(database, lanes.clock)),
        ),
        Registration(
            explain_service_pb2.DESCRIPTOR.services_by_name["ExplainService"],
            explain_service_pb2_grpc.add_ExplainServiceServicer_to_server,
            ExplainServicer(Explanations(acceptance, default_zone)),
        ),
        Registration(
            events_pb2.DESCRIPTOR.services_by_name["EventService"],
            events_pb2_grpc.add_EventServiceServicer_to_server,
            EventServicer(database, NAME, feeds=feeds),
        ),
    ]


def _costs(database: Database) -> Registration:
    return Registration(
        cost_service_pb2.DESCRIPTOR.services_by_name["CostService"],
        cost_service_pb2_grpc.add_CostServiceServicer_to_server,
        CostServicer(database),
    )


def _limits(cases: LimitCases) -> Registration:
    return Registration(
        limit_service_pb2.DESCRIPTOR.services_by_name["LimitService"],
        limit_service_pb2_grpc.add_LimitServiceServicer_to_server,
        LimitServicer(cases),
    )


def _wallet(
    settings: DeliverySettings, clock: Clock, database: Database, envelope: Envelope, channels: Channels
) -> Registration:
    wallets = Wallets(
        database,
        envelope,
        settings.hash_keys,
        TokenSigner(settings.token_keys),
        clock,
        CampaignTenants(channels),
        settings.public_base_url,
        settings.apple_issuer(),
        settings.google_issuer(),
    )
    return Registration(
        wallet_service_pb2.DESCRIPTOR.services_by_name["WalletService"],
        wallet_service_pb2_grpc.add_WalletServiceServicer_to_server,
        WalletServicer(wallets),
    )


def _media(settings: DeliverySettings, database: Database, library: Library) -> Registration:
    return Registration(
        media_service_pb2.DESCRIPTOR.services_by_name["MediaService"],
        media_service_pb2_grpc.add_MediaServiceServicer_to_server,
        MediaServicer(MediaCases(database, library, settings.outbound_guard)),
    )


def _inbox(database: Database, envelope: Envelope) -> Registration:
    return Registration(
        inbox_service_pb2.DESCRIPTOR.services_by_name["InboxService"],
        inbox_service_pb2_grpc.add_InboxServiceServicer_to_server,
        InboxServicer(Inboxes(database, envelope, Hub(database))),
    )


def _outside(
    settings: DeliverySettings,
    clock: Clock,
    accounts: Accounts,
    cards: RateCards,
    applier: Applier,
    texts: InboundTexts,
) -> list[Registration]:
    """Returns what providers and recipients reach: accounts, receipts, engagement."""
    database, signer = accounts.database, TokenSigner(settings.token_keys)
    receipts = Receipts(
        database, accounts.envelope, accounts.tokens, signer, applier, clock, accounts.adapters
    )
    return [
        Registration(
            provider_service_pb2.DESCRIPTOR.services_by_name["ProviderService"],
            provider_service_pb2_grpc.add_ProviderServiceServicer_to_server,
            ProviderServicer(accounts, cards),
        ),
        Registration(
            receipt_service_pb2.DESCRIPTOR.services_by_name["ReceiptService"],
            receipt_service_pb2_grpc.add_ReceiptServiceServicer_to_server,
            ReceiptServicer(receipts, Engagement(database, signer, clock), texts, clock),
        ),
    ]


def _patience(settings: DeliverySettings) -> Patience:
    return Patience(
        recheck=timedelta(seconds=settings.unknown_recheck_seconds),
        absent=timedelta(seconds=settings.unknown_absent_seconds),
        unknowable=timedelta(minutes=settings.unknown_outcome_minutes),
    )


def _worker(
    settings: DeliverySettings,
    limits: Limits,
    acceptance: Acceptance,
    accounts: Accounts,
    prices: Prices,
) -> Worker:
    database, clock, fallbacks = accounts.database, acceptance.clock, Fallbacks(acceptance)
    urls = PublicUrls(settings.public_base_url)
    policy = RetryPolicy(settings.max_retry_attempts, timedelta(milliseconds=settings.retry_delay_ms))
    signer = TokenSigner(settings.token_keys)
    tools = Tools(
        adapters=accounts.adapters,
        prices=prices,
        rates=limits.rates,
        policy=policy,
        clock=clock,
        hash_keys=settings.hash_keys,
        signer=signer,
        urls=urls,
        zones=BillingZones(database, settings.default_zone),
        default_zone=settings.default_zone,
        unknown_recheck=timedelta(seconds=settings.unknown_recheck_seconds),
    )
    deps = Deps(
        database=database,
        clock=clock,
        envelope=accounts.envelope,
        templates=acceptance.templates,
        compliance=acceptance.compliance,
        limits=limits,
        renderer=Renderer(
            Tracking(Links(database, signer, clock, settings.public_base_url)),
            urls,
            settings.default_zone,
            acceptance.media,
            allow_http=settings.environment == "development",
        ),
        sending=Sending(tools),
        recorder=Recorder(database, clock, accounts.circuits, fallbacks),
        fallbacks=fallbacks,
        leases=Leases(database, settings.lease),
        enabled_channels=settings.enabled_channels,
        default_zone=settings.default_zone,
        unknown_recheck=timedelta(seconds=settings.unknown_recheck_seconds),
    )
    return Worker(deps, settings.capacities, timedelta(milliseconds=settings.poll_ms))
