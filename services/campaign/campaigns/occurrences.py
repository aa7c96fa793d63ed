"""What comes at its time: scheduled campaigns and the occurrences of recurring ones (JOB-12, JOB-13, CAM-103)."""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.campaign.campaigns import announce, handlers, store
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.domain import EXPIRY, Campaign, Kind
from services.campaign.campaigns.launch import check, launch
from services.campaign.campaigns.schedules import LATEST, launch_at, next_after
from services.campaign.campaigns.states import InvalidStatus, State
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Phase, Run, RunState
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.jobs import JobContext, JobCounts
from services.common.loops import apart
from services.common.telemetry import counter
from services.common.zones import zone

logger = logging.getLogger(__name__)

AT_ONCE: Final = 100
MISSED, STILL_SENDING = "missed", "still_sending"
_MOST_MISSED: Final = 500
"""Occurrences written down as missed in one transaction; what is left follows with the next look."""
_PASSING: Final = frozenset(
    {"DEPENDENCY_UNAVAILABLE", "DEADLINE_EXCEEDED", "VERSION_CONFLICT", "INVALID_CAMPAIGN_STATUS"}
)

_skipped = counter(
    "campaign_runs_skipped_total", "Occurrences that were not sent, by reason.", ["reason_word"]
)


async def launch_due(context: JobContext, checks: Checks, wake: str) -> JobCounts:
    """Launches campaigns whose time has come; one that cannot be launched does not stop the others."""
    database = context.database
    async with database.system() as uow:
        due = await store.due(uow, context.clock.now(), AT_ONCE)
    counts = JobCounts()
    for tenant_id, campaign_id in due:
        if context.stopping:
            break
        work = _launched_or_given_up(database, checks, tenant_id, campaign_id)
        counts = counts.plus(
            await apart(f"campaign {campaign_id}", work, otherwise=JobCounts(seen=1, failed=1))
        )
        database.wake(wake)
    return counts


async def _launched_or_given_up(
    database: Database, checks: Checks, tenant_id: UUID, campaign_id: UUID
) -> JobCounts:
    try:
        launched = await _launch_one(database, checks, tenant_id, campaign_id)
    except Exception as error:
        if not isinstance(error, ServiceError) and not isinstance(getattr(error, "reason", None), str):
            raise
        await _give_up(database, tenant_id, campaign_id, getattr(error, "reason", ""))
        return JobCounts(seen=1, failed=1)
    return JobCounts(1, int(launched), int(not launched))


async def repair(context: JobContext) -> JobCounts:
    """Gives recurring campaigns a next occurrence where it is missing or past, and writes down what was missed."""
    database = context.database
    async with database.system() as uow:
        found = await store.astray(uow, context.clock.now() - LATEST, AT_ONCE)
    done = 0
    for tenant_id, campaign_id in found:
        if context.stopping:
            break
        work = _repair_one(database, tenant_id, campaign_id)
        done += await apart(f"campaign {campaign_id}", work, otherwise=False)
    return JobCounts(seen=len(found), done=done, skipped=len(found) - done)


async def _repair_one(database: Database, tenant_id: UUID, campaign_id: UUID) -> bool:
    async with database.tenant(tenant_id) as uow:
        campaign = await store.by_id(uow, campaign_id)
        return campaign is not None and await _due_occurrence(uow, campaign) is not campaign


async def _launch_one(database: Database, checks: Checks, tenant_id: UUID, campaign_id: UUID) -> bool:
    async with database.tenant(tenant_id) as uow:
        campaign = await store.by_id(uow, campaign_id)
        due_at = campaign.due_at if campaign is not None else None
        if campaign is None or due_at is None or due_at > uow.now():
            return False
        if campaign.kind is Kind.RECURRING:
            campaign = await _due_occurrence(uow, campaign)
        elif campaign.state is State.SCHEDULED and uow.now() - due_at > EXPIRY:
            await handlers.unschedule(uow, campaign, "its time passed before it could be launched")
            return False
        if campaign is None or campaign.state is not State.SCHEDULED or campaign.planned_at is None:
            return False
    found = await check(database, checks, tenant_id, campaign)
    async with database.tenant(tenant_id) as uow:
        await launch(uow, campaign, found, campaign.planned_at)
    return True


async def _due_occurrence(uow: UnitOfWork, campaign: Campaign) -> Campaign | None:
    """Returns a recurring campaign whose occurrence may begin now; None when none may.

    Occurrences that are over an hour late, or that fall into a run still sending, are written down as skipped, and the
    next one is computed from the planned time.
    """
    if campaign.recurrence is None:
        return None
    home = zone((await tenants.current_settings(uow))[0].default_time_zone)
    now = uow.now()
    planned = campaign.next_run_at or next_after(campaign.recurrence, home, campaign.started_at or now)
    passed: list[Run] = []
    number = await runs.next_number(uow, campaign.campaign_id)
    while planned is not None and len(passed) < _MOST_MISSED:
        due_at = launch_at(planned, home, in_own_zones=campaign.in_own_zones)
        if campaign.state in (State.SENDING, State.PAUSED) and due_at <= now:
            reason = STILL_SENDING
        elif now - due_at > LATEST:
            reason = MISSED
        else:
            break
        passed.append(_not_sent(campaign, number + len(passed), planned, now, reason))
        planned = next_after(campaign.recurrence, home, planned)
    if not passed and planned == campaign.next_run_at and campaign.due_at is not None:
        return campaign
    await _write_down(uow, passed)
    if planned is None and campaign.state is State.SCHEDULED:
        await handlers.unschedule(uow, campaign, "no occurrence follows")
        return None
    next_due = launch_at(planned, home, in_own_zones=campaign.in_own_zones) if planned else None
    moved = replace(campaign, next_run_at=planned, due_at=next_due)
    if not await store.change(uow, campaign, moved):
        raise InvalidStatus(None, "skip an occurrence")
    is_due = next_due is not None and next_due <= now
    return replace(moved, version=campaign.version + 1) if is_due else None


async def _give_up(database: Database, tenant_id: UUID, campaign_id: UUID, reason: str) -> None:
    """Skips the occurrence of a recurring campaign that cannot be launched, and takes others off the schedule.

    What passes by itself is tried again.
    """
    if reason in _PASSING:
        return
    async with database.tenant(tenant_id) as uow:
        campaign = await store.by_id(uow, campaign_id)
        if campaign is None or campaign.state is not State.SCHEDULED:
            return
        if campaign.recurrence is None or campaign.next_run_at is None:
            await handlers.unschedule(uow, campaign, reason.lower())
            return
        number = await runs.next_number(uow, campaign_id)
        await _write_down(uow, [_not_sent(campaign, number, campaign.next_run_at, uow.now(), reason.lower())])
        home = zone((await tenants.current_settings(uow))[0].default_time_zone)
        following = next_after(campaign.recurrence, home, campaign.next_run_at)
        if following is None:
            await handlers.unschedule(uow, campaign, reason.lower())
            return
        due_at = launch_at(following, home, in_own_zones=campaign.in_own_zones)
        moved = replace(campaign, next_run_at=following, due_at=due_at)
        if not await store.change(uow, campaign, moved):
            raise InvalidStatus(None, "skip an occurrence")


async def _write_down(uow: UnitOfWork, passed: list[Run]) -> None:
    for run in passed:
        await runs.insert(uow, run)
        announce.run_skipped(uow, run)
        _skipped.labels(run.reason).inc()
        logger.warning("campaign %s was not sent at %s: %s", run.campaign_id, run.planned_at, run.reason)


def _not_sent(campaign: Campaign, number: int, planned: datetime, now: datetime, reason: str) -> Run:
    return Run(
        run_id=uuid7(),
        campaign_id=campaign.campaign_id,
        number=number,
        state=RunState.SKIPPED,
        phase=Phase.EXPANDED,
        planned_at=planned,
        started_at=now,
        completed_at=now,
        reason=reason,
    )
