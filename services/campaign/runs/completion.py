"""The end of a run: when every line is settled, or waited too long (CAM-101, CAM-105)."""

from dataclasses import replace

from services.campaign.blocks import store as blocks
from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import announce
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.states import Action, State, after
from services.campaign.ledger import reading
from services.campaign.ledger import store as ledger
from services.campaign.ledger.domain import RecipientState
from services.campaign.runs import due, store
from services.campaign.runs.domain import LIMIT_EXPIRY, RunState
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.loops import apart

LIMITED = "campaign_limit"
_BLOCKS = 20


async def complete_settled(database: Database) -> int:
    """Completes runs in which nothing is waited for; returns how many."""
    async with database.system() as uow:
        keys = await due.settled(uow)
    done = 0
    for key in keys:
        done += await apart(f"completing run {key.run_id}", _complete_one(database, key), otherwise=False)
    return done


async def _complete_one(database: Database, key: store.RunKey) -> bool:
    async with database.tenant(key.tenant_id) as uow:
        return await _complete(uow, key)


async def _complete(uow: UnitOfWork, key: store.RunKey) -> bool:
    """Completes one run unless its lines, counted one by one, say otherwise; then the tally is put right."""
    await tallies.lock(uow, key.run_id)
    counts = await reading.fold(uow, key.run_id)
    kept = (await tallies.of_runs(uow, [key.run_id]))[key.run_id]
    if any(counts[state] != kept.counts[state] for state in RecipientState):
        await tallies.put(uow, key.run_id, counts)
    if counts.unsettled:
        return False
    campaign = await campaigns.by_id(uow, key.campaign_id)
    if campaign is None or campaign.state is not State.SENDING:
        return False
    # A recurring campaign waits for its next occurrence, if there is one (CAM-105).
    action = Action.COMPLETE if campaign.next_run_at is None else Action.REPEAT
    sent = replace(campaign, state=after(campaign.state, action), completed_at=uow.now())
    if not await campaigns.change(uow, campaign, sent):
        return False
    await store.change_state(uow, key.run_id, [RunState.RUNNING], RunState.COMPLETED)
    await budgets.release(uow, key.run_id)
    await announce.completed(uow, key.campaign_id, key.run_id, counts, kept.actual_cost)
    await announce.record(uow, "complete", campaign, sent)
    return True


async def expire_limited(database: Database) -> int:
    """Skips those whom a limit kept waiting for seven days; returns how many."""
    async with database.system() as uow:
        keys = await due.waiting_too_long(uow, database.clock.now() - LIMIT_EXPIRY)
    expired = 0
    for key in keys:
        while lines := await apart(f"expiring run {key.run_id}", _expire(database, key), otherwise=0):
            expired += lines
    return expired


async def _expire(database: Database, key: store.RunKey) -> int:
    async with database.tenant(key.tenant_id) as uow:
        await tallies.lock(uow, key.run_id)
        campaign = await campaigns.by_id(uow, key.campaign_id)
        if campaign is None or not (campaign.daily_limit or campaign.monthly_limit):
            return 0
        lines = []
        for block in await blocks.open_blocks(uow, key.run_id, _BLOCKS):
            pending = await ledger.pending_of(uow, key.run_id, block.number)
            lines += await ledger.skip(uow, key.run_id, dict.fromkeys(pending, LIMITED))
            await budgets.release_messages(uow, pending)
            await blocks.finish(uow, block)
        keys = [one.key for one in campaign.variants]
        announce.skipped(uow, key.campaign_id, key.run_id, campaign.channel, keys, lines)
        return len(lines)
