"""What campaigns, runs and the ledger give to the bootstrap."""

from datetime import datetime, timedelta

from angarium.campaign.v1 import campaign_service_pb2, campaign_service_pb2_grpc
from services.campaign.blocks.handover import HandOver, Pace
from services.campaign.campaigns.calls import Calls
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.occurrences import launch_due, repair
from services.campaign.campaigns.planning import Planning
from services.campaign.campaigns.proving import Proving
from services.campaign.campaigns.rerun import Resender
from services.campaign.campaigns.sending import Sending
from services.campaign.campaigns.servicer import CampaignServicer
from services.campaign.campaigns.trials import Trials
from services.campaign.experiments import store as experiments
from services.campaign.forecasts.forecasts import Forecasts
from services.campaign.ledger.hand_overs import HandOvers
from services.campaign.ledger.reconcile import Reconciler
from services.campaign.runs import completion
from services.campaign.runs import due as runs
from services.campaign.runs.orders import Orders
from services.campaign.runs.reruns import Reruns
from services.campaign.runs.worker import WAKE, RunWorker
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.db.partitions import drop_partitions_before
from services.common.db.uow import UnitOfWork
from services.common.jobs import Job, JobContext, JobCounts
from services.common.rpc.client import Channels
from services.common.service import Loop, Registration

PARTITIONED = ("campaign_recipient",)
EVERY = timedelta(minutes=1)
LEDGER_KEPT = timedelta(days=730)
HITS_KEPT = timedelta(days=30)


async def keep_ledger(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Drops what of the ledger is older than two years, tunes new partitions, and forgets hits of tests (GEN-47)."""
    for table in PARTITIONED:
        await drop_partitions_before(uow, table, now - LEDGER_KEPT)
    await runs.tune_partitions(uow)
    return await experiments.forget_before(uow, now - HITS_KEPT, limit)


def registrations(database: Database, channels: Channels, settings: CampaignSettings) -> list[Registration]:
    """Returns the RPC services of campaigns."""
    checks, reconciler = Checks(database, channels), Reconciler(database, channels)
    per_second = settings.rate_limit_per_second
    calls = Calls(database, checks, Trials(channels))
    resender = Resender(database, checks, reconciler, Reruns(database, channels))
    forecasts = Forecasts(database, channels, checks, per_second)
    servicer = CampaignServicer(
        Planning(calls),
        Sending(calls, resender, per_second),
        Proving(calls, forecasts, reconciler, HandOvers(channels)),
    )
    return [
        Registration(
            campaign_service_pb2.DESCRIPTOR.services_by_name["CampaignService"],
            campaign_service_pb2_grpc.add_CampaignServiceServicer_to_server,
            servicer,
        )
    ]


def worker(database: Database, channels: Channels, settings: CampaignSettings) -> RunWorker:
    """Returns what keeps runs going."""
    pace = Pace(
        per_second=settings.rate_limit_per_second,
        at_once=settings.max_concurrent_sends,
        lease=timedelta(seconds=settings.lease_seconds),
    )
    return RunWorker(
        database, HandOver(database, channels, pace), Orders(database, channels), Reruns(database, channels)
    )


def loops(database: Database, channels: Channels, settings: CampaignSettings) -> list[Loop]:
    """Returns the loops of campaigns."""
    return [Loop("runs", worker(database, channels, settings).loop)]


def jobs(database: Database, channels: Channels) -> list[Job]:
    """Returns the jobs of campaigns (JOB-12 to JOB-14)."""
    checks = Checks(database, channels)

    async def scheduled(context: JobContext) -> JobCounts:
        return await launch_due(context, checks, WAKE)

    async def go_on(context: JobContext) -> JobCounts:
        # Lost leases and due blocks are taken up by the loop; here is what only time brings about.
        expired = await completion.expire_limited(context.database)
        completed = await completion.complete_settled(context.database)
        context.database.wake(WAKE)
        return JobCounts(seen=expired + completed, done=expired + completed)

    return [
        Job("scheduled-campaigns", EVERY, scheduled),
        Job("recurring-repair", timedelta(hours=1), repair),
        Job("continue-runs", EVERY, go_on),
    ]
