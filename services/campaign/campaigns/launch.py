"""Launching: checks once more, then makes the run and moves the state; the rest goes on by itself (CAM-99)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import announce, handlers, store
from services.campaign.campaigns.checks import Checks, Findings
from services.campaign.campaigns.domain import EXPIRY, Campaign, outgrew_approval
from services.campaign.campaigns.states import Action, InvalidStatus, State, after
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Phase, Run, RunState
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, failed
from services.common.ids import uuid7
from services.common.jobs import JobContext, JobCounts

DUE_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Launched:
    """A campaign on its way."""

    campaign: Campaign
    run: Run
    recipients: int

    def expected_end(self, per_second: int) -> datetime:
        """Returns when the last recipient is handed over at a pace."""
        return self.run.started_at + timedelta(seconds=self.recipients / per_second)


async def check(database: Database, checks: Checks, tenant_id: UUID, campaign: Campaign) -> Findings:
    """Returns what a launch needs; an audience that outgrew its approval goes back for another.

    Raises:
        ServiceError: EMPTY_AUDIENCE, APPROVAL_REQUIRED, BUDGET_EXCEEDED, SPAM_SCORE_TOO_HIGH and what else the checks
            of a campaign find.
    """
    after(campaign.state, Action.SEND)
    found = await checks.launchable(tenant_id, campaign)
    if not found.audience:
        raise failed("EMPTY_AUDIENCE", "nobody is in the audience")
    if outgrew_approval(campaign, found.audience, needed=found.needs_approval):
        async with database.tenant(tenant_id) as uow:
            await handlers.reopen(uow, campaign, found)
        raise failed("APPROVAL_REQUIRED", "the audience needs an approval", audience=found.audience)
    return found


async def launch(uow: UnitOfWork, known: Campaign, found: Findings) -> Launched:
    """Moves a checked campaign to sending and makes its run; of two launchers one gets InvalidStatus."""
    now = uow.now()
    sending = replace(
        known,
        state=after(known.state, Action.SEND),
        started_at=now,
        audience_count=found.audience,
        estimated_cost=found.cost,
    )
    if not await store.change(uow, known, sending):
        raise InvalidStatus(None, Action.SEND)
    before = await runs.newest(uow, known.campaign_id)
    planned = known.scheduled_at if known.state is State.SCHEDULED and known.scheduled_at else now
    run = Run(
        run_id=uuid7(),
        campaign_id=known.campaign_id,
        number=before.number + 1 if before else 1,
        state=RunState.RUNNING,
        phase=Phase.EXPANDING,
        planned_at=min(planned, now),
        started_at=now,
    )
    month = budgets.month_of(now, found.owner.default_time_zone)
    await budgets.reserve(
        uow,
        month=month,
        limit=found.settings.monthly_budget_limit,
        amount=found.cost,
        campaign_id=known.campaign_id,
        run_id=run.run_id,
    )
    await runs.insert(uow, run, month)
    await tallies.insert(uow, run.run_id)
    announce.launched(uow, sending, run.run_id, found.audience)
    await announce.record(uow, "send", known, sending, run_id=str(run.run_id))
    return Launched(replace(sending, version=known.version + 1, updated_at=now), run, found.audience)


async def launch_due(context: JobContext, checks: Checks, wake: str) -> JobCounts:
    """Launches scheduled campaigns whose time has come; one that cannot be launched does not stop the others."""
    database = context.database
    async with database.system() as uow:
        due = await store.due(uow, context.clock.now(), DUE_AT_ONCE)
    counts = JobCounts()
    for tenant_id, campaign_id in due:
        if context.stopping:
            break
        try:
            launched = await _launch_one(database, checks, tenant_id, campaign_id)
        except Exception as error:
            if not isinstance(error, ServiceError) and not isinstance(getattr(error, "reason", None), str):
                raise
            await _give_up(database, tenant_id, campaign_id, getattr(error, "reason", ""))
            counts = counts.plus(JobCounts(seen=1, failed=1))
        else:
            counts = counts.plus(JobCounts(1, int(launched), int(not launched)))
            database.wake(wake)
    return counts


async def _launch_one(database: Database, checks: Checks, tenant_id: UUID, campaign_id: UUID) -> bool:
    async with database.tenant(tenant_id) as uow:
        campaign = await store.by_id(uow, campaign_id)
        if campaign is None or campaign.state is not State.SCHEDULED or campaign.scheduled_at is None:
            return False
        if uow.now() > campaign.scheduled_at + EXPIRY:
            await handlers.unschedule(uow, campaign, "its time passed before it could be launched")
            return False
    found = await check(database, checks, tenant_id, campaign)
    async with database.tenant(tenant_id) as uow:
        await launch(uow, campaign, found)
    return True


async def _give_up(database: Database, tenant_id: UUID, campaign_id: UUID, reason: str) -> None:
    """Takes a campaign that cannot be launched off the schedule; what passes by itself is tried again."""
    if reason in (
        "DEPENDENCY_UNAVAILABLE",
        "DEADLINE_EXCEEDED",
        "VERSION_CONFLICT",
        "INVALID_CAMPAIGN_STATUS",
    ):
        return
    async with database.tenant(tenant_id) as uow:
        campaign = await store.by_id(uow, campaign_id)
        if campaign is not None and campaign.state is State.SCHEDULED:
            await handlers.unschedule(uow, campaign, reason.lower())
