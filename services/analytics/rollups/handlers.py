"""Use cases of the rollups: figures of a range, and recounts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.analytics.directory import store as directory
from services.analytics.rollups import store
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid

LONGEST_RANGE = timedelta(days=400)
DEFAULT_RANGE = timedelta(days=7)
BUCKET = timedelta(minutes=15)
_EPOCH_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Filters:
    """What figures are cut by; zero means all."""

    channel: int = 0
    message_class: int = 0
    category: int = 0


def checked_range(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Returns the range of a report, widened to whole buckets; invalid when reversed or too long (ANA-59)."""
    end = end or now
    start = start or end - DEFAULT_RANGE
    if end <= start:
        raise invalid("end_time", "must be after start_time")
    if end - start > LONGEST_RANGE:
        raise invalid("end_time", "at most 400 days after start_time", reason="RANGE_TOO_LARGE")
    return _floor(start), _floor(end + BUCKET - timedelta(microseconds=1))


async def metrics(
    database: Database, tenant_id: UUID, start: datetime, end: datetime, filters: Filters
) -> dict[str, int]:
    """Returns the counters of a range, by event time."""
    async with database.tenant(tenant_id) as uow:
        return await store.sums(
            uow,
            start,
            end,
            channel=filters.channel,
            message_class=filters.message_class,
            category=filters.category,
        )


async def rebuild(database: Database, tenant_id: UUID, start: datetime, end: datetime) -> tuple[int, int]:
    """Recounts a range from facts; returns how many rollup rows there are and how many were wrong."""
    async with database.tenant(tenant_id) as uow:
        zone = await directory.time_zone(uow)
        found = await store.recount_fine(uow, tenant_id, start, end)
        for campaign_id in await store.campaigns_between(uow, tenant_id, start, end):
            await store.recount_campaign(uow, tenant_id, campaign_id, zone)
    return found


async def recount_dirty(database: Database, *, limit: int = 50) -> int:
    """Recounts what late events marked (JOB-34); returns how many buckets and campaigns."""
    async with database.system() as uow:
        buckets = await store.take_dirty_buckets(uow, limit)
        for tenant_id, bucket in buckets:
            await store.recount_fine(uow, tenant_id, bucket, bucket + BUCKET)
        campaigns = await store.take_dirty_campaigns(uow, limit)
        for tenant_id, campaign_id in campaigns:
            await store.recount_campaign(uow, tenant_id, campaign_id, await _zone_of(uow, tenant_id))
    return len(buckets) + len(campaigns)


async def _zone_of(uow: UnitOfWork, tenant_id: UUID) -> str:
    zone: str | None = await uow.fetch_value(
        "SELECT time_zone FROM tenant_profile WHERE tenant_id = %s", (tenant_id,)
    )
    return zone or directory.DEFAULT_ZONE


def _floor(instant: datetime) -> datetime:
    seconds = int(instant.timestamp()) // _EPOCH_SECONDS * _EPOCH_SECONDS
    return datetime.fromtimestamp(seconds, tz=instant.tzinfo)
