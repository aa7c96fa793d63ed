"""What coupons give to the bootstrap."""

from datetime import timedelta

from redis.asyncio import Redis

from angarium.campaign.v1 import coupon_service_pb2, coupon_service_pb2_grpc
from services.campaign.coupons import accounting, records
from services.campaign.coupons.eligibility import Consents
from services.campaign.coupons.guesses import Guesses
from services.campaign.coupons.handlers import Coupons
from services.campaign.coupons.servicer import CouponServicer
from services.campaign.coupons.uses import Uses
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts
from services.common.rate_windows import RateLimiter
from services.common.rpc.client import Channels
from services.common.service import Registration

EVERY = timedelta(minutes=1)


def registrations(
    database: Database, channels: Channels, redis: Redis, settings: CampaignSettings
) -> list[Registration]:
    """Returns the RPC service of coupons."""
    windows = RateLimiter(redis, "campaign", window_ms=60_000, enabled=settings.enable_rate_limiting)
    uses = Uses(database, Consents(database, channels), Guesses(windows))
    return [
        Registration(
            coupon_service_pb2.DESCRIPTOR.services_by_name["CouponService"],
            coupon_service_pb2_grpc.add_CouponServiceServicer_to_server,
            CouponServicer(Coupons(database), uses),
        )
    ]


def jobs() -> list[Job]:
    """Returns the job that gives overdue holds back (JOB-19)."""
    return [Job("coupon-holds", EVERY, _give_back)]


async def _give_back(context: JobContext) -> JobCounts:
    counts = JobCounts()
    while not context.stopping:
        async with context.database.system() as uow:
            due = await records.expired_coupons(uow, BATCH_ROWS)
        if not due:
            break
        for tenant_id, coupon_id in due:
            async with context.database.tenant(tenant_id) as uow:
                ended = await accounting.expire_holds(uow, coupon_id)
            counts = counts.plus(JobCounts(seen=ended, done=ended))
    return counts
