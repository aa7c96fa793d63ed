"""Launching: checks once more, then makes the run and moves the state; the rest goes on by itself (CAM-99)."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import announce, handlers, store
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.domain import Campaign, Kind, outgrew_approval
from services.campaign.campaigns.findings import Findings
from services.campaign.campaigns.pace import expected_end
from services.campaign.campaigns.schedules import launch_at, next_after
from services.campaign.campaigns.states import Action, InvalidStatus, after
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Phase, Run, RunState, TestPhase
from services.campaign.segments import store as segments
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, failed
from services.common.ids import uuid7
from services.common.zones import zone


@dataclass(frozen=True, slots=True)
class Launched:
    """A campaign on its way."""

    campaign: Campaign
    run: Run
    recipients: int
    found: Findings

    def expected_end(self, per_second: int) -> datetime:
        """Returns when the last recipient is handed over at a pace, closed hours left out (CAM-100)."""
        return expected_end(self.run.started_at, self.recipients, per_second, self.campaign, self.found)


async def check(
    database: Database, checks: Checks, tenant_id: UUID, campaign: Campaign, action: Action = Action.SEND
) -> Findings:
    """Returns what a launch needs; an audience that outgrew its approval goes back for another.

    Raises:
        ServiceError: EMPTY_AUDIENCE, APPROVAL_REQUIRED, BUDGET_EXCEEDED, SPAM_SCORE_TOO_HIGH and what else the checks
            of a campaign find.
    """
    after(campaign.state, action)
    found = await checks.launchable(tenant_id, campaign)
    if campaign.kind is not Kind.TRIGGER and not found.audience:
        raise failed("EMPTY_AUDIENCE", "nobody is in the audience")
    if outgrew_approval(campaign, found.audience, needed=found.needs_approval):
        async with database.tenant(tenant_id) as uow:
            await handlers.reopen(uow, campaign, found)
        raise failed("APPROVAL_REQUIRED", "the audience needs an approval", audience=found.audience)
    return found


async def launch(
    uow: UnitOfWork, known: Campaign, found: Findings, planned_at: datetime | None = None
) -> Launched:
    """Moves a checked campaign to sending and makes its run; of two launchers one gets InvalidStatus.

    Args:
        uow: The transaction.
        known: The campaign as it was checked.
        found: What the check found.
        planned_at: The time it was planned for; None when it is sent by hand.
    """
    now = uow.now()
    sending = replace(
        _with_next(known, found, planned_at or now),
        state=after(known.state, Action.SEND),
        started_at=now,
        completed_at=None,
        audience_count=found.audience if known.kind is Kind.ONE_TIME else known.audience_count,
        estimated_cost=found.cost,
    )
    if not await store.change(uow, known, sending):
        raise InvalidStatus(None, Action.SEND)
    await _check_segment(uow, known, found)
    run = Run(
        run_id=uuid7(),
        campaign_id=known.campaign_id,
        number=await runs.next_number(uow, known.campaign_id),
        state=RunState.RUNNING,
        phase=Phase.EXPANDED if known.kind is Kind.TRIGGER else Phase.EXPANDING,
        planned_at=planned_at or now,
        started_at=now,
        test_phase=TestPhase.NONE if known.ab_test is None else TestPhase.TESTING,
    )
    await begin(uow, run, found)
    announce.launched(uow, sending, run.run_id, found.audience)
    await announce.record(uow, "send", known, sending, run_id=str(run.run_id))
    return Launched(replace(sending, version=known.version + 1, updated_at=now), run, found.audience, found)


async def begin(uow: UnitOfWork, run: Run, found: Findings) -> None:
    """Reserves the budget of a run and adds it with its tally."""
    if found.periods:
        await budgets.reserve(
            uow,
            found.owner,
            cost=found.cost,
            messages=found.reachable,
            by_branch=found.by_branch,
            campaign_id=run.campaign_id,
            run_id=run.run_id,
        )
    await runs.insert(uow, run)
    await tallies.insert(uow, run.run_id)


async def _check_segment(uow: UnitOfWork, known: Campaign, found: Findings) -> None:
    """Refuses to launch to a segment that means somebody else since it was counted; from here on it stays."""
    if known.segment_id is None:
        return
    if await segments.hold_meaning(uow, known.segment_id) != found.segment_version:
        raise aborted("the segment was changed meanwhile: send the campaign again")


def _with_next(known: Campaign, found: Findings, planned_at: datetime) -> Campaign:
    """Returns a campaign with its next occurrence, computed from the planned time, so that nothing drifts (CAM-103)."""
    if known.recurrence is None:
        return replace(known, due_at=None)
    home = zone(found.owner.default_time_zone)
    following = next_after(known.recurrence, home, planned_at)
    due_at = launch_at(following, home, in_own_zones=known.in_own_zones) if following else None
    return replace(known, next_run_at=following, due_at=due_at)
