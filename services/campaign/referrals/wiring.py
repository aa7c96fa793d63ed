"""What referrals give to the bootstrap."""

from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from redis.asyncio import Redis

from angarium.campaign.v1 import referral_service_pb2, referral_service_pb2_grpc
from services.campaign.notices import wiring as notices
from services.campaign.referrals import rewards, store
from services.campaign.referrals.guesses import Guesses
from services.campaign.referrals.handlers import Referrals
from services.campaign.referrals.programme import Programme
from services.campaign.referrals.servicer import ReferralServicer
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts, apart, batches
from services.common.rate_windows import RateLimiter
from services.common.service import Registration

EVERY: Final = timedelta(days=1)
EXPIRED_KEPT: Final = timedelta(days=730)
"""How long a referral that came to nothing is told of."""


def registrations(database: Database, redis: Redis, settings: CampaignSettings) -> list[Registration]:
    """Returns the RPC service of referrals."""
    windows = RateLimiter(redis, "campaign", window_ms=60_000, enabled=settings.enable_rate_limiting)
    guesses = Guesses(windows, settings.hash_keys)
    referrals = Referrals(database, notices.of(settings), guesses, settings.hash_keys)
    return [
        Registration(
            referral_service_pb2.DESCRIPTOR.services_by_name["ReferralService"],
            referral_service_pb2_grpc.add_ReferralServiceServicer_to_server,
            ReferralServicer(Programme(database, str(settings.frontend_url)), referrals),
        )
    ]


def jobs() -> list[Job]:
    """Returns the job that ends referrals whose time is over (JOB-20)."""
    return [Job("referral-expiry", EVERY, _expire)]


async def keep(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Forgets referrals that expired long ago; a step of the cleanup."""
    return await store.forget_expired(uow, now - EXPIRED_KEPT, limit)


async def _expire(context: JobContext) -> JobCounts:
    async def batch() -> JobCounts:
        async with context.database.system() as uow:
            due = await store.due(uow, context.clock.now(), BATCH_ROWS)
        counts = JobCounts()
        for tenant_id, members in groupby(sorted(due), key=lambda one: one[0]):
            ids = [referral_id for _, referral_id in members]
            counts = counts.plus(await apart(tenant_id, len(ids), _end(context.database, tenant_id, ids)))
        return counts

    return await batches(context, batch)


async def _end(database: Database, tenant_id: UUID, ids: list[UUID]) -> JobCounts:
    async with database.tenant(tenant_id) as uow:
        ended = await store.expire(uow, ids)
        for one in ended:
            rewards.tell(uow, "referral.expired", one)
    return JobCounts(seen=len(ids), done=len(ended))
