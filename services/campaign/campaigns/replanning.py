"""What becomes of planned times when a tenant moves to another zone: they stay what its clocks show (CAM-103, GEN-14)."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from services.campaign.campaigns import announce, store
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.schedules import launch_at, local_of
from services.campaign.runs import due
from services.common.db.uow import UnitOfWork
from services.common.zones import resolve


async def follow_zone(uow: UnitOfWork, before: ZoneInfo, after: ZoneInfo) -> None:
    """Moves times that are meant in the tenant's zone to the same date and time in another one.

    These are the next occurrences of recurring campaigns, and the times of campaigns that leave at each recipient's own
    local time; any other time of a one-time campaign is an instant, and stays. An occurrence whose time has passed in
    the new zone is dealt with as one that was missed, and one that would come after the last is none.
    """

    def moved(instant: datetime) -> datetime:
        return resolve(local_of(instant, before), after)

    for known in await store.lock_in_tenant_zone(uow):
        wanted = known
        if known.scheduled_at is not None and known.in_own_zones:
            wanted = replace(wanted, scheduled_at=moved(known.scheduled_at))
        if known.recurrence is not None and known.next_run_at is not None:
            following = moved(known.next_run_at)
            is_over = known.recurrence.end_at is not None and following > known.recurrence.end_at
            wanted = replace(wanted, next_run_at=None if is_over else following)
        wanted = _due(wanted, after)
        if wanted != known:
            await store.change(uow, known, wanted)
            await announce.record(uow, "replan", known, wanted)
    for run_id, planned_at in await due.expanding_in_own_zones(uow):
        await due.plan_again(uow, run_id, moved(planned_at))


def _due(campaign: Campaign, home: ZoneInfo) -> Campaign:
    """Returns a campaign that the launcher looks at in time; one that is not scheduled keeps out of its sight."""
    if campaign.due_at is None:
        return campaign
    planned = campaign.planned_at
    due_at = launch_at(planned, home, in_own_zones=campaign.in_own_zones) if planned else None
    return replace(campaign, due_at=due_at)
