"""Builds analytics: the only place where its parts are constructed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from redis.asyncio import Redis

from angarium.analytics.v1 import (
    ingest_service_pb2,
    ingest_service_pb2_grpc,
    metrics_service_pb2,
    metrics_service_pb2_grpc,
    report_service_pb2,
    report_service_pb2_grpc,
)
from angarium.common.v1 import audit_pb2, audit_pb2_grpc, events_pb2, events_pb2_grpc
from services.analytics import events, retention
from services.analytics.contact_data import DATA
from services.analytics.ingest.cases import IngestCases
from services.analytics.ingest.servicer import IngestServicer
from services.analytics.metrics.cases import MetricCases
from services.analytics.metrics.servicer import MetricsServicer
from services.analytics.reports.cases import ReportCases
from services.analytics.reports.servicer import ReportServicer
from services.analytics.rollups import handlers as rollups
from services.analytics.scores import handlers as scores
from services.analytics.settings import AnalyticsSettings
from services.analytics.spend import handlers as spend
from services.analytics.spend.ledger import CampaignLedger
from services.common import job_servicer
from services.common.audit_servicer import AuditServicer
from services.common.clock import Clock, SystemClock
from services.common.contact_data import servicer as contact_data
from services.common.db.database import Database
from services.common.events.consumer import Consumer
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.housekeeping import cleanup_job
from services.common.jobs import Job, JobRunner
from services.common.rpc.client import Channels
from services.common.security.tokens import TokenSigner
from services.common.service import Loop, Registration, Service

NAME = "analytics"
ROLLUPS_EVERY = timedelta(minutes=1)


@asynccontextmanager
async def build(settings: AnalyticsSettings, *, clock: Clock | None = None) -> AsyncIterator[Service]:
    """Yields the service, ready to be served; closes what it opened."""
    clock = clock or SystemClock()
    database = await Database.open(settings, NAME, clock=clock, wait=False)
    redis = Redis.from_url(settings.redis_url)
    relay = Relay(database, redis, NAME)
    consumer = Consumer(database, redis, NAME, events.SOURCES, events.HANDLERS, joint=events.JOINT)
    channels = Channels(settings, name=NAME)
    metrics = MetricCases(database)
    jobs = JobRunner(
        database,
        [
            Job("rollups", ROLLUPS_EVERY, rollups.run),
            scores.job(),
            spend.job(CampaignLedger(channels)),
            cleanup_job(retention.STEPS, partitioned=retention.PARTITIONED),
        ],
        clock,
        disabled=settings.switched_off_jobs,
    )
    try:
        yield Service(
            NAME,
            database,
            registrations=[
                Registration(
                    report_service_pb2.DESCRIPTOR.services_by_name["ReportService"],
                    report_service_pb2_grpc.add_ReportServiceServicer_to_server,
                    ReportServicer(ReportCases(database, metrics)),
                ),
                Registration(
                    ingest_service_pb2.DESCRIPTOR.services_by_name["IngestService"],
                    ingest_service_pb2_grpc.add_IngestServiceServicer_to_server,
                    IngestServicer(IngestCases(database, TokenSigner(settings.token_keys))),
                ),
                Registration(
                    metrics_service_pb2.DESCRIPTOR.services_by_name["MetricsService"],
                    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server,
                    MetricsServicer(metrics),
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
                job_servicer.registration(database, jobs),
                contact_data.registration(database, settings.hash_keys, DATA),
            ],
            loops=[
                Loop("relay", relay.loop),
                Loop("consumer", consumer.loop),
                Loop("jobs", jobs.loop),
            ],
            notes=jobs.notes,
        )
    finally:
        await channels.close()
        await redis.aclose()
        await database.close()
