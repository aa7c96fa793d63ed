"""Builds analytics: the only place where its parts are constructed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from redis.asyncio import Redis

from angarium.analytics.v1 import (
    metrics_service_pb2,
    metrics_service_pb2_grpc,
    report_service_pb2,
    report_service_pb2_grpc,
)
from angarium.common.v1 import audit_pb2, audit_pb2_grpc, events_pb2, events_pb2_grpc
from services.analytics import events
from services.analytics.contact_data import DATA
from services.analytics.reports.servicer import ReportServicer
from services.analytics.rollups import handlers as rollups
from services.analytics.rollups.servicer import MetricsServicer
from services.analytics.settings import AnalyticsSettings
from services.common import job_servicer
from services.common.audit_servicer import AuditServicer
from services.common.clock import Clock, SystemClock
from services.common.contact_data import servicer as contact_data
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Consumer
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.housekeeping import cleanup_job
from services.common.jobs import Job, JobContext, JobCounts, JobRunner
from services.common.service import Loop, Registration, Service

NAME = "analytics"
PARTITIONED = ("message_fact", "engagement_event", "engaged_link")
ROLLUPS_EVERY = timedelta(seconds=10)


@asynccontextmanager
async def build(settings: AnalyticsSettings, *, clock: Clock | None = None) -> AsyncIterator[Service]:
    """Yields the service, ready to be served; closes what it opened."""
    clock = clock or SystemClock()
    database = await Database.open(settings, NAME, clock=clock, wait=False)
    redis = Redis.from_url(settings.redis_url)
    relay = Relay(database, redis, NAME)
    consumer = Consumer(database, redis, NAME, events.SOURCES, events.HANDLERS, joint=events.JOINT)
    jobs = JobRunner(
        database,
        [Job("rollups", ROLLUPS_EVERY, _recount), cleanup_job([_tune], partitioned=PARTITIONED)],
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
                    ReportServicer(database),
                ),
                Registration(
                    metrics_service_pb2.DESCRIPTOR.services_by_name["MetricsService"],
                    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server,
                    MetricsServicer(database, clock),
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
        await redis.aclose()
        await database.close()


async def _recount(context: JobContext) -> JobCounts:
    done = 0
    while not context.stopping and (count := await rollups.recount_dirty(context.database)):
        done += count
    return JobCounts(seen=done, done=done)


async def _tune(uow: UnitOfWork, _now: datetime, _limit: int) -> int:
    """Gives new partitions of facts room for changes in place; a step of the cleanup."""
    await uow.execute("SELECT tune_partitions()")
    return 0
