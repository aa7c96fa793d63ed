"""Campaigns: their values and rules. Standard library only."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import IntEnum
from typing import Any
from uuid import UUID

from services.campaign.campaigns.recurrences import Recurrence, recurrence_problems
from services.campaign.campaigns.states import State
from services.campaign.campaigns.variants import WHOLE, AbTest, Variant

EMAIL = 1
TRANSACTIONAL, MARKETING = 1, 2
APPROVED_GROWTH = Decimal("1.1")
"""How much larger than its approved size an audience may be at launch."""
EXPIRY = timedelta(hours=24)
"""How long after the planned time a campaign is still worth sending."""


class Kind(IntEnum):
    """Kinds of campaigns, numbered as in the contract."""

    ONE_TIME = 1
    RECURRING = 2
    TRIGGER = 3


class ScheduleZone(IntEnum):
    """In whose zone a time is meant, numbered as in the contract."""

    TENANT = 1
    RECIPIENT = 2


class PassedTime(IntEnum):
    """What becomes of recipients whose local time had passed, numbered as in the contract."""

    AT_ONCE = 1
    NEXT_DAY = 2


CONTENT_FIELDS = frozenset({"template_id", "variants", "variables", "channel", "message_class", "coupon_id"})
AUDIENCE_FIELDS = frozenset({"segment_id", "target_all_contacts", "branch_ids"})
MANNER_FIELDS = frozenset({"kind", "recurrence", "schedule_zone", "passed_time", "ab_test"})
HARMLESS_FIELDS = frozenset({"name", "description"})


class SelfApproval(Exception):
    """Nobody approves what they made or submitted."""

    reason = "SELF_APPROVAL"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One planned send; money is in the tenant's currency."""

    campaign_id: UUID
    name: str
    channel: int
    template_id: UUID
    description: str = ""
    kind: Kind = Kind.ONE_TIME
    message_class: int = MARKETING
    template_version_id: UUID | None = None
    segment_id: UUID | None = None
    target_all_contacts: bool = False
    branch_ids: tuple[UUID, ...] = ()
    scheduled_at: datetime | None = None
    recurrence: Recurrence | None = None
    next_run_at: datetime | None = None
    due_at: datetime | None = None
    """When the launcher looks at it; None while it is not scheduled."""
    schedule_zone: ScheduleZone = ScheduleZone.TENANT
    passed_time: PassedTime = PassedTime.AT_ONCE
    variants: tuple[Variant, ...] = ()
    ab_test: AbTest | None = None
    coupon_id: UUID | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    daily_limit: int = 0
    monthly_limit: int = 0
    state: State = State.DRAFT
    requires_approval: bool = False
    audience_count: int = 0
    """Size of the audience at the last check; with an approval, what was approved."""
    estimated_cost: Decimal = Decimal(0)
    submitted_by: str = ""
    submitted_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    rejected_by: str = ""
    rejected_at: datetime | None = None
    rejection_reason: str = ""
    pause_reason: str = ""
    paused_at: datetime | None = None
    cancelled_by: str = ""
    cancelled_at: datetime | None = None
    created_by: str = ""
    source_event_id: UUID | None = None
    """The inbound event it was drafted by."""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    version: int = field(default=1, compare=False)
    created_at: datetime | None = field(default=None, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def arms(self) -> tuple[Variant, ...]:
        """Returns the variants, or one that stands for everybody."""
        return self.variants or (Variant("", "", WHOLE, None, "", self.template_version_id),)

    @property
    def in_own_zones(self) -> bool:
        """Returns whether each recipient's own zone decides when it leaves."""
        return self.schedule_zone is ScheduleZone.RECIPIENT

    @property
    def planned_at(self) -> datetime | None:
        """Returns the time that is set for its next send."""
        return self.next_run_at if self.kind is Kind.RECURRING else self.scheduled_at

    def template_of(self, arm: Variant) -> UUID:
        """Returns the template of an arm."""
        return arm.template_id or self.template_id


def input_problems(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with a draft by itself, as field and sentence (CAM-108)."""
    if not campaign.name.strip():
        yield "campaign.name", "must not be blank"
    if (campaign.segment_id is not None) == campaign.target_all_contacts:
        yield "campaign.segment_id", "or target_all_contacts is needed, and not both"
    if len(set(campaign.branch_ids)) != len(campaign.branch_ids):
        yield "campaign.branch_ids", "must name each branch once"
    if campaign.message_class not in (TRANSACTIONAL, MARKETING):
        yield "campaign.message_class", "must be marketing or transactional"
    yield from _kind_problems(campaign)


def _kind_problems(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Yields what does not fit the kind of a campaign."""
    if (campaign.recurrence is not None) != (campaign.kind is Kind.RECURRING):
        yield "campaign.recurrence", "is needed for recurring campaigns, and for no others"
    elif campaign.recurrence is not None:
        yield from recurrence_problems(campaign.recurrence)
    if campaign.kind is not Kind.ONE_TIME and campaign.scheduled_at is not None:
        yield "campaign.schedule_time", "is for one-time campaigns"
    if campaign.kind is Kind.TRIGGER:
        if campaign.segment_id is not None or campaign.branch_ids:
            yield "campaign.segment_id", "is not for trigger campaigns: what triggers them names the person"
        if campaign.in_own_zones:
            yield "campaign.schedule_zone", "is not for trigger campaigns: they have no schedule"
        if campaign.ab_test is not None or campaign.variants:
            yield "campaign.variants", "are not for trigger campaigns"
        if campaign.daily_limit or campaign.monthly_limit:
            yield "campaign.daily_limit", "is not for trigger campaigns"


def needs_approval(*, required: bool, threshold: int, audience: int) -> bool:
    """Returns whether a second person must approve an audience of this size (CAM-97)."""
    return required and audience >= threshold


def outgrew_approval(campaign: Campaign, audience: int, *, needed: bool) -> bool:
    """Returns whether the audience at launch is no longer the one that was approved (CAM-99)."""
    if not campaign.approved_by:
        return needed
    allowed = (campaign.audience_count * APPROVED_GROWTH).to_integral_value(ROUND_CEILING)
    return audience > allowed


def check_approver(campaign: Campaign, approver: str, *, allow_self: bool) -> None:
    """Raises SelfApproval for who made or submitted the campaign (CAM-60)."""
    if not allow_self and approver in (campaign.created_by, campaign.submitted_by):
        raise SelfApproval("somebody else must approve what you made or submitted")


def voids_approval(before: Campaign, after: Campaign) -> bool:
    """Returns whether a change is one of what, to whom, how or when, more than was approved (CAM-57)."""
    fields = CONTENT_FIELDS | AUDIENCE_FIELDS | MANNER_FIELDS
    if any(getattr(before, name) != getattr(after, name) for name in fields):
        return True
    if _raised(before.daily_limit, after.daily_limit) or _raised(before.monthly_limit, after.monthly_limit):
        return True
    if after.scheduled_at == before.scheduled_at or before.scheduled_at is None:
        return False
    return after.scheduled_at is None or after.scheduled_at < before.scheduled_at


def _raised(before: int, after: int) -> bool:
    """Returns whether a limit allows more than before; 0 means no limit."""
    return before not in (after, 0) and (after == 0 or after > before)
