"""Sending a finished run again, only to those who did not get it (W1)."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.campaign.campaigns import announce, store
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.domain import Campaign, outgrew_approval
from services.campaign.campaigns.findings import Findings
from services.campaign.campaigns.launch import begin
from services.campaign.campaigns.states import Action, InvalidStatus, after
from services.campaign.ledger.reconcile import Reconciler
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Phase, Run, RunState
from services.campaign.runs.reruns import Reruns
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import failed
from services.common.ids import uuid7


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run that may be sent again."""

    campaign: Campaign
    source: Run
    found: Findings


class Resender:
    """Checks runs that are to be sent again, before their transaction."""

    def __init__(self, database: Database, checks: Checks, reconciler: Reconciler, reruns: Reruns) -> None:
        self._database = database
        self._checks = checks
        self._reconciler = reconciler
        self._reruns = reruns

    async def check(self, tenant_id: UUID, campaign: Campaign, source: Run | None) -> Wanted:
        """Returns what sending again needs, after the ledger was proved.

        Raises:
            ServiceError: EMPTY_AUDIENCE when everybody got it or nobody knows; APPROVAL_REQUIRED, BUDGET_EXCEEDED and
                what else the checks of a launch find; INVALID_CAMPAIGN_STATUS for a run that is not over, or that was
                sent again before.
        """
        after(campaign.state, Action.RERUN)
        if source is None or source.state is not RunState.COMPLETED:
            raise InvalidStatus(campaign.state, "send a run again that is not complete")
        async with self._database.tenant(tenant_id) as uow:
            await _check_first(uow, campaign, source)
        await self._reconciler.prove(tenant_id, source)
        count = await self._reruns.resendable(tenant_id, source.run_id)
        if not count:
            raise failed("EMPTY_AUDIENCE", "everybody got it, or nobody knows whether they did")
        found = await self._checks.again(tenant_id, campaign, count)
        if outgrew_approval(campaign, count, needed=found.needs_approval):
            raise failed("APPROVAL_REQUIRED", "the recipients need an approval", audience=count)
        return Wanted(campaign, source, found)


async def rerun(uow: UnitOfWork, wanted: Wanted) -> tuple[Campaign, Run]:
    """Moves a campaign to sending and makes the run; of two callers one gets InvalidStatus."""
    known, source, now = wanted.campaign, wanted.source, uow.now()
    await _check_first(uow, known, source)
    sending = replace(known, state=after(known.state, Action.RERUN), completed_at=None)
    if not await store.change(uow, known, sending):
        raise InvalidStatus(None, Action.RERUN)
    run = Run(
        run_id=uuid7(),
        campaign_id=known.campaign_id,
        number=await runs.next_number(uow, known.campaign_id),
        state=RunState.RUNNING,
        phase=Phase.EXPANDING,
        planned_at=now,
        started_at=now,
        source_run_id=source.run_id,
    )
    await begin(uow, run, wanted.found)
    announce.launched(uow, sending, run.run_id, wanted.found.audience)
    await announce.record(
        uow, "rerun", known, sending, run_id=str(run.run_id), source_run_id=str(source.run_id)
    )
    return replace(sending, version=known.version + 1, updated_at=now), run


async def _check_first(uow: UnitOfWork, campaign: Campaign, source: Run) -> None:
    """Refuses a run that was sent again before: its recipients may have got it since."""
    if (later := await runs.rerun_of(uow, source.run_id)) is not None:
        raise InvalidStatus(campaign.state, f"send run {source.number} again: run {later.number} did")
