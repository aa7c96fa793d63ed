"""Daily and monthly limits of a campaign bound messages, not blocks (CAM-101)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.campaign.blocks import store
from services.campaign.campaigns.domain import Campaign
from services.campaign.tenants import store as tenants
from services.common.db.uow import UnitOfWork
from services.common.zones import zone


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages may leave now, and when the next may."""

    messages: int
    next_at: datetime
    day: date


async def allowance(uow: UnitOfWork, campaign: Campaign) -> Allowance | None:
    """Returns what a campaign's limits leave today; None without limits. The transaction holds the run's tally."""
    if not campaign.daily_limit and not campaign.monthly_limit:
        return None
    assert uow.tenant_id is not None  # noqa: S101 - campaigns belong to a tenant's unit of work
    owner = await tenants.tenant(uow, uow.tenant_id)
    found = zone(owner.default_time_zone if owner else "UTC")
    today = uow.now().astimezone(found).date()
    left: list[int] = []
    next_day = today + timedelta(days=1)
    if campaign.daily_limit:
        left.append(campaign.daily_limit - await store.usage(uow, campaign.campaign_id, today, today))
    if campaign.monthly_limit:
        first = today.replace(day=1)
        of_month = campaign.monthly_limit - await store.usage(uow, campaign.campaign_id, first, today)
        left.append(of_month)
        if of_month <= 0:
            next_day = (first + timedelta(days=32)).replace(day=1)
    return Allowance(max(min(left), 0), datetime.combine(next_day, time(), found), today)
