"""Campaigns that must not go on: too many bounces or complaints, no provider, or no budget left (CAM-76, CAM-106)."""

from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import MARKETING
from services.campaign.ledger.domain import brakes
from services.campaign.runs import due, outages, pauses
from services.campaign.runs.store import RunKey
from services.campaign.tallies import store as tallies
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.loops import apart


async def hold_failing(database: Database) -> int:
    """Pauses running campaigns that fail or cost too much; returns how many.

    Apart from the events that tell of it: these hold the tally, and a pause needs the campaign.
    """
    async with database.system() as uow:
        keys = await due.running(uow)
    held = 0
    for key in keys:
        held += await apart(f"watching run {key.run_id}", _hold_one(database, key), otherwise=False)
    return held


async def _hold_one(database: Database, key: RunKey) -> bool:
    async with database.tenant(key.tenant_id) as uow:
        reason = await _reason(uow, key)
        return bool(reason) and await pauses.pause_by_itself(uow, key.campaign_id, reason)


async def _reason(uow: UnitOfWork, key: RunKey) -> str:
    tally = (await tallies.of_runs(uow, [key.run_id])).get(key.run_id)
    if tally is not None and brakes(tally):
        return "failure_rate"
    campaign = await campaigns.by_id(uow, key.campaign_id)
    if campaign is not None and await outages.holds(uow, key, campaign.channel):
        return "provider_outage"
    if campaign is None or campaign.message_class != MARKETING:
        return ""
    owner, _ = await tenants.current_settings(uow)
    branches = campaign.branch_ids or await budgets.branches_of_run(uow, key.run_id)
    periods = await budgets.present(uow, owner, branches)
    return "budget_exceeded" if budgets.is_overdrawn(owner, periods) else ""
