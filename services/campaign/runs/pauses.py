"""Holding a campaign and going on with it: by hand, or by itself when something is wrong (CAM-64, CAM-106)."""

from dataclasses import replace
from uuid import UUID

from services.campaign.campaigns import announce
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.states import Action, InvalidStatus, State, after
from services.campaign.runs import store
from services.campaign.runs.domain import Order, RunState
from services.common.db.uow import UnitOfWork


async def pause(uow: UnitOfWork, campaign: Campaign, reason: str, note: str = "") -> Campaign:
    """Holds a campaign being sent; delivery is told after the commit. InvalidStatus in any other state."""
    paused = replace(
        campaign, state=after(campaign.state, Action.PAUSE), pause_reason=reason, paused_at=uow.now()
    )
    if not await campaigns.change(uow, campaign, paused):
        raise InvalidStatus(None, Action.PAUSE)
    run = await store.newest(uow, campaign.campaign_id)
    if run is not None:
        await store.change_state(uow, run.run_id, [RunState.RUNNING], RunState.PAUSED, Order.HOLD)
    await announce.changed(uow, "paused", paused, note or reason)
    await announce.record(uow, "pause", campaign, paused, reason=note or reason)
    return paused


async def pause_by_itself(uow: UnitOfWork, campaign_id: UUID, reason: str) -> bool:
    """Holds a campaign when it is being sent; False when it is not, or another change came first."""
    campaign = await campaigns.by_id(uow, campaign_id)
    if campaign is None or campaign.state is not State.SENDING:
        return False
    try:
        await pause(uow, campaign, reason)
    except InvalidStatus:
        return False
    return True


async def resume(uow: UnitOfWork, campaign: Campaign) -> Campaign:
    """Goes on with a held campaign; InvalidStatus in any other state."""
    resumed = replace(campaign, state=after(campaign.state, Action.RESUME), pause_reason="", paused_at=None)
    if not await campaigns.change(uow, campaign, resumed):
        raise InvalidStatus(None, Action.RESUME)
    run = await store.newest(uow, campaign.campaign_id)
    if run is not None:
        await store.change_state(uow, run.run_id, [RunState.PAUSED], RunState.RUNNING, Order.RELEASE)
    await announce.changed(uow, "resumed", resumed)
    await announce.record(uow, "resume", campaign, resumed)
    return resumed
