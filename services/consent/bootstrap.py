"""Builds the service; the only place that constructs."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from redis.asyncio import Redis

from angarium.common.v1 import audit_pb2, audit_pb2_grpc, events_pb2, events_pb2_grpc
from angarium.consent.v1 import (
    compliance_service_pb2,
    compliance_service_pb2_grpc,
    consent_service_pb2,
    consent_service_pb2_grpc,
    dnd_service_pb2,
    dnd_service_pb2_grpc,
    ledger_service_pb2,
    ledger_service_pb2_grpc,
    preference_service_pb2,
    preference_service_pb2_grpc,
    suppression_service_pb2,
    suppression_service_pb2_grpc,
)
from services.common import job_servicer
from services.common.audit_servicer import AuditServicer
from services.common.clock import Clock, SystemClock
from services.common.db.database import Database
from services.common.events.consumer import Consumer
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.jobs import JobRunner
from services.common.rate_windows import RateLimiter
from services.common.rpc.client import Channels
from services.common.security.envelope import Envelope
from services.common.security.sealing import NEW_ADDRESS, Sealer
from services.common.security.tokens import TokenSigner
from services.common.service import Loop, Registration, Service
from services.consent.addresses import Hasher
from services.consent.consents.confirm_handlers import ConfirmCalls
from services.consent.consents.confirming import Confirmations
from services.consent.consents.contact_consent import ContactConsents
from services.consent.consents.handlers import Consents
from services.consent.consents.inbound import InboundTexts
from services.consent.consents.servicer import ConsentServicer
from services.consent.decisions.cases import DecisionCases
from services.consent.decisions.handlers import Evaluator
from services.consent.decisions.lawbook import built_in
from services.consent.decisions.servicer import ComplianceServicer
from services.consent.directory.handlers import Directory
from services.consent.directory.lookup import CampaignLookup, ContactLookup
from services.consent.dnd.handlers import Dnd
from services.consent.dnd.servicer import DndServicer
from services.consent.events import SOURCES, Events
from services.consent.jobs import jobs
from services.consent.ledger.handlers import Ledger
from services.consent.ledger.receipts import ReceiptKeys
from services.consent.ledger.servicer import LedgerServicer
from services.consent.preferences import fresh_links
from services.consent.preferences.choices import ContactChoices
from services.consent.preferences.fresh_links import FreshLinks
from services.consent.preferences.handlers import Preferences
from services.consent.preferences.servicer import PreferenceServicer
from services.consent.preferences.tokens import Tokens
from services.consent.privacy.wiring import parts as privacy_parts
from services.consent.settings import ConsentSettings
from services.consent.suppression.handlers import Suppressions
from services.consent.suppression.servicer import SuppressionServicer
from services.consent.suppression.stop_links import StopLinks

NAME = "consent"
CONSUMERS = ("campaign", "delivery", "analytics")
"""Services that consume this one's events."""


@asynccontextmanager
async def build(
    settings: ConsentSettings, *, clock: Clock | None = None, lookup: ContactLookup | None = None
) -> AsyncIterator[Service]:
    """Builds the service and closes what it opened.

    Args:
        settings: The settings of the process.
        clock: What tells the time; the system's when not given.
        lookup: Who is asked about contacts that events have not told of yet; campaign when not given.
    """
    time = clock or SystemClock()
    async with AsyncExitStack() as stack:
        database = await Database.open(settings, NAME, clock=time, wait=False, keys=settings.hash_keys)
        stack.push_async_callback(database.close)
        redis: Redis = Redis.from_url(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        channels = await stack.enter_async_context(Channels(settings, name=NAME))
        hasher = Hasher(settings.hash_keys)
        signer = TokenSigner(settings.token_keys)
        envelope = Envelope(settings.encryption_keys)
        confirming = ConfirmCalls(
            database, Confirmations(database, signer, envelope), settings.public_base_url
        )
        asked = lookup or CampaignLookup(channels)
        directory = Directory(database, asked)
        privacy = privacy_parts(settings, database, channels, directory, asked, envelope)
        runner = JobRunner(database, [*jobs(), privacy.job], time, disabled=settings.switched_off_jobs)
        evaluator = Evaluator(database, hasher, signer, directory, settings.deployment, built_in())
        preferences = Preferences(database, hasher, signer, directory, settings.public_base_url)
        sealer = Sealer(settings.encryption_keys, NEW_ADDRESS)
        choices = ContactChoices(database, hasher, directory, sealer)
        windows = RateLimiter(
            redis,
            NAME,
            window_ms=fresh_links.WINDOW // timedelta(milliseconds=1),
            enabled=settings.enable_rate_limiting,
        )
        fresh = FreshLinks(database, hasher, signer, envelope, windows, settings.public_base_url)
        yield Service(
            NAME,
            database,
            [
                Registration(
                    consent_service_pb2.DESCRIPTOR.services_by_name["ConsentService"],
                    consent_service_pb2_grpc.add_ConsentServiceServicer_to_server,
                    ConsentServicer(
                        Consents(database, hasher, directory, envelope),
                        confirming,
                        ContactConsents(database, hasher, directory),
                        InboundTexts(database, hasher),
                    ),
                ),
                Registration(
                    ledger_service_pb2.DESCRIPTOR.services_by_name["LedgerService"],
                    ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server,
                    LedgerServicer(
                        Ledger(
                            database,
                            hasher,
                            directory,
                            ReceiptKeys(settings.receipt_keys),
                            settings.public_base_url,
                        )
                    ),
                ),
                Registration(
                    dnd_service_pb2.DESCRIPTOR.services_by_name["DndService"],
                    dnd_service_pb2_grpc.add_DndServiceServicer_to_server,
                    DndServicer(Dnd(database, hasher, directory)),
                ),
                Registration(
                    suppression_service_pb2.DESCRIPTOR.services_by_name["SuppressionService"],
                    suppression_service_pb2_grpc.add_SuppressionServiceServicer_to_server,
                    SuppressionServicer(Suppressions(database, hasher), StopLinks(database, signer)),
                ),
                Registration(
                    preference_service_pb2.DESCRIPTOR.services_by_name["PreferenceService"],
                    preference_service_pb2_grpc.add_PreferenceServiceServicer_to_server,
                    PreferenceServicer(choices, preferences, Tokens(preferences, confirming), fresh),
                ),
                Registration(
                    compliance_service_pb2.DESCRIPTOR.services_by_name["ComplianceService"],
                    compliance_service_pb2_grpc.add_ComplianceServiceServicer_to_server,
                    ComplianceServicer(DecisionCases(database, evaluator)),
                ),
                Registration(
                    events_pb2.DESCRIPTOR.services_by_name["EventService"],
                    events_pb2_grpc.add_EventServiceServicer_to_server,
                    EventServicer(database, NAME),
                ),
                Registration(
                    audit_pb2.DESCRIPTOR.services_by_name["AuditService"],
                    audit_pb2_grpc.add_AuditServiceServicer_to_server,
                    AuditServicer(database),
                ),
                *privacy.registrations,
                job_servicer.registration(database, runner),
            ],
            [
                Loop("relay", Relay(database, redis, NAME, groups=CONSUMERS).loop),
                Loop(
                    "consumer",
                    Consumer(database, redis, NAME, SOURCES, Events(hasher, privacy.privacy).handlers()).loop,
                ),
                Loop("jobs", runner.loop),
            ],
            notes=runner.notes,
        )
