"""Whose campaigns a caller sees: somebody limited to branches sees those of these branches (GEN-11)."""

from uuid import UUID

from services.campaign.campaigns.domain import Campaign
from services.common.errors import denied
from services.common.rpc.context import Caller


def limited_to(caller: Caller) -> tuple[UUID, ...]:
    """Returns the branches a caller is limited to; empty means all."""
    return tuple(UUID(one) for one in sorted(caller.branch_ids))


def is_visible(campaign: Campaign, caller: Caller) -> bool:
    """Returns whether a campaign is there for a caller."""
    own = set(limited_to(caller))
    return not own or (bool(campaign.branch_ids) and set(campaign.branch_ids) <= own)


def check(campaign: Campaign, caller: Caller) -> None:
    """Denies a campaign that reaches beyond the caller's branches."""
    if not is_visible(campaign, caller):
        raise denied("caller may send to contacts of their own branches only")
