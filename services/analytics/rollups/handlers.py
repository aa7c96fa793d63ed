"""Use cases of the rollups: recounts, and how long quarter hours are kept."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.analytics.directory import store as directory
from services.analytics.rollups import measures, ranges, recount
from services.analytics.rollups.recount import Counted
from services.common import zones
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.jobs import JobContext, JobCounts

BUCKETS_AT_ONCE: Final = 50


async def rebuild(database: Database, tenant_id: UUID, start: datetime, end: datetime) -> Counted:
    """Recounts every rollup of a range from facts; returns how many rows there are and how many were wrong.

    What is older than facts are kept stays as it is.
    """
    async with database.tenant(tenant_id) as uow:
        await recount.hold(uow, tenant_id)
        zone = await directory.time_zone(uow)
        start = ranges.countable(start, uow.now())
        if end <= start:
            return Counted()
        fine_from = max(start, uow.now() - ranges.FINE_KEPT)
        found = Counted()
        if fine_from < end:
            found += await recount.fine(uow, tenant_id, fine_from, end)
        found += await recount.reasons(uow, {"tenant_id": tenant_id, "start": start, "end": end})
        found += await _days(uow, tenant_id, zone, start, end)
        found += await recount.spend(
            uow, tenant_id, await recount.periods_between(uow, tenant_id, start, end)
        )
        return found + await recount.hits(uow, tenant_id, uow.now() - ranges.HITS_KEPT)


async def recount_dirty(database: Database, *, limit: int = BUCKETS_AT_ONCE) -> int:
    """Recounts what late events and changed zones marked (JOB-34); returns how many buckets and tenants."""
    async with database.system() as uow:
        buckets = await recount.take_dirty_buckets(uow, limit)
        for tenant_id, bucket in sorted(buckets):
            if bucket < ranges.countable(bucket, uow.now()):
                continue
            await recount.hold(uow, tenant_id)
            zone = await directory.zone_of(uow, tenant_id)
            await recount.fine(uow, tenant_id, bucket, bucket + ranges.QUARTER)
            await _days(uow, tenant_id, zone, bucket, bucket + ranges.QUARTER)
    async with database.system() as uow:
        tenant = await recount.take_dirty_tenant(uow)
        if tenant is not None:
            await recount.hold(uow, tenant)
            zone = await directory.zone_of(uow, tenant)
            countable = ranges.countable(datetime.min.replace(tzinfo=UTC), uow.now())
            await recount.clear_days(uow, tenant, zones.local_day(countable, ZoneInfo(zone)))
            if extent := await recount.extent(uow, tenant):
                first, last = extent
                quarter = ranges.QUARTER
                start, end = ranges.instants(first, first + quarter)[0], last + quarter
                start = max(start, countable)
                await recount.fine(uow, tenant, max(start, uow.now() - ranges.FINE_KEPT), end)
                await recount.reasons(uow, {"tenant_id": tenant, "start": start, "end": end})
                await recount.hits(uow, tenant, uow.now() - ranges.HITS_KEPT)
                await _days(uow, tenant, zone, start, end)
    return len(buckets) + int(tenant is not None)


async def run(context: JobContext) -> JobCounts:
    """Runs JOB-34: recounts until nothing is marked."""
    done = 0
    while not context.stopping and (count := await recount_dirty(context.database)):
        done += count
    async with context.database.system() as uow:
        measures.dirty.set(await recount.waiting(uow))
    return JobCounts(seen=done, done=done)


async def forget_quarters(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes quarter hours that are older than they are kept; a step of the cleanup."""
    return await uow.execute(
        """
        DELETE FROM rollup_fine WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM rollup_fine WHERE bucket < %s LIMIT %s
        ))
        """,
        (now - ranges.FINE_KEPT - timedelta(days=1), limit),
    )


async def _days(uow: UnitOfWork, tenant_id: UUID, zone: str, start: datetime, end: datetime) -> Counted:
    """Recounts the days of a zone that a range touches, by event and by sending."""
    local = ZoneInfo(zone)
    first = zones.local_day(start, local)
    after = zones.local_day(end - timedelta(microseconds=1), local) + timedelta(days=1)
    params: dict[str, Any] = {
        "tenant_id": tenant_id,
        "zone": zone,
        "first_day": first,
        "day_after": after,
        "start": zones.day_bounds(first, local)[0],
        "end": zones.day_bounds(after, local)[0],
    }
    return await recount.daily(uow, params) + await recount.cohorts(uow, params)
