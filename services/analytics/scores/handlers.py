"""Use cases of the scores, and the daily job that keeps and tells them (JOB-35)."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from angarium.analytics.v1 import analytics_events_pb2 as events
from services.analytics.directory import store as directory
from services.analytics.reports.campaigns import counts_of
from services.analytics.reports.domain import Counts
from services.analytics.rollups import ranges
from services.analytics.rollups import store as rollups
from services.analytics.rollups.filters import EVERYTHING
from services.analytics.rollups.ranges import Asked
from services.analytics.scores import store
from services.analytics.scores.domain import WINDOW_DAYS, Engagement, Health, Inputs, Part
from services.analytics.scores.domain import health as judged
from services.common import zones
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.events.event import MAX_ITEMS, Event
from services.common.jobs import Job, JobContext, JobCounts

HISTORY: Final = 90
AT: Final = time(2, 0)
EVERY: Final = timedelta(hours=1)
CONTACTS_AT_ONCE: Final = 2000
TOLD_ON: Final = 0
"""Scores of contacts are told on Mondays."""
_EMAIL: Final = 1


async def health(
    database: Database, tenant_id: UUID, day: date | None
) -> tuple[Health, list[tuple[date, int | None]]]:
    """Returns the health of the 30 days up to a day, or up to now, and the scores kept of days before."""
    async with database.tenant(tenant_id) as uow:
        zone = ZoneInfo(await directory.time_zone(uow))
        today = zones.local_day(uow.now(), zone)
        history = await store.history(uow, day or today, HISTORY)
        if day is not None and (kept := await store.stored_health(uow, day)):
            return Health(kept[0], Inputs(**kept[1]), tuple(Part(**part) for part in kept[2])), history
        return await _judge(uow, day or today, zone), history


async def engagement(
    database: Database, tenant_id: UUID, contact_id: str, branches: Sequence[UUID] | None
) -> Engagement:
    """Returns what a contact received and did in 30 days; NOT_FOUND when nothing ever went to it."""
    async with database.tenant(tenant_id) as uow:
        found = await store.engagement(uow, await merged.person(uow, UUID(contact_id)), uow.now(), branches)
    if found is None:
        raise not_found("contact", contact_id)
    return found


def job() -> Job:
    """Returns the job of the scores: an hourly look for tenants whose 02:00 has come (JOB-35)."""
    return Job("scores", EVERY, _run)


async def _run(context: JobContext) -> JobCounts:
    total = JobCounts()
    async with context.database.system() as uow:
        tenants = await directory.tenants(uow)
    for tenant_id, tenant in tenants:
        if context.stopping:
            break
        zone = ZoneInfo(tenant.time_zone)
        now = context.clock.now()
        if now.astimezone(zone).time() < AT:
            continue
        total = total.plus(await _score(context, tenant_id, zones.local_day(now, zone), zone))
    return total


async def _score(context: JobContext, tenant_id: UUID, day: date, zone: ZoneInfo) -> JobCounts:
    """Scores a tenant's day once: its health of yesterday, then its contacts in batches."""
    database, now = context.database, zones.at(day, AT, zone)
    async with database.tenant(tenant_id) as uow:
        after, finished_at = await store.begin(uow, day)
        if finished_at is not None:
            return JobCounts()
        if after is None:
            await _keep_health(uow, day - timedelta(days=1), zone)
            await store.advance(uow, UUID(int=0))
    done = 0
    while not context.stopping:
        async with database.tenant(tenant_id) as uow:
            found = await store.engagements(uow, now, after, CONTACTS_AT_ONCE)
            if not found:
                await store.forget_idle(uow, now)
                await store.finish(uow)
                break
            await store.save_engagements(uow, found, now)
            if day.weekday() == TOLD_ON:
                _tell(uow, found)
            after = found[-1][0]
            await store.advance(uow, after)
        done += len(found)
    return JobCounts(seen=done + 1, done=done + 1)


async def _keep_health(uow: UnitOfWork, day: date, zone: ZoneInfo) -> None:
    found = await _judge(uow, day, zone)
    await store.save_health(uow, day, found)
    payload = events.HealthScored(date=day.isoformat(), score=found.score)
    uow.emit(Event("health.scored", "tenant", str(uow.tenant_id), payload))


async def _judge(uow: UnitOfWork, day: date, zone: ZoneInfo) -> Health:
    asked = Asked(first_day=day - timedelta(days=WINDOW_DAYS - 1), last_day=day)
    span = ranges.span(asked, uow.now(), zone.key, ranges.MONTH)
    rows = await rollups.figures(uow, span, EVERYTHING, ("channel",))
    counts = {channel: counts_of(sums) for (channel,), sums in rows}
    whole, emails = sum(counts.values(), Counts()), counts.get(_EMAIL, Counts())
    return judged(
        Inputs(
            sent=whole.sent,
            delivered=whole.delivered,
            bounced=whole.bounced,
            failed=whole.failed,
            attempted=whole.sent + whole.failed_unsent,
            delivered_emails=emails.delivered,
            opened_emails=emails.opened,
            clicked_emails=emails.clicked,
        )
    )


def _tell(uow: UnitOfWork, found: Sequence[tuple[UUID, Engagement]]) -> None:
    for start in range(0, len(found), MAX_ITEMS):
        block = found[start : start + MAX_ITEMS]
        payload = events.EngagementScored(
            scores=[events.ContactScore(contact_id=str(id), score=one.score) for id, one in block]
        )
        uow.emit(Event("engagement.scored", "tenant", str(uow.tenant_id), payload, len(block)))
