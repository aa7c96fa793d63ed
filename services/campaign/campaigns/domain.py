"""Campaigns: their values and rules. Standard library only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any
from uuid import UUID

from services.campaign.campaigns.states import State

EMAIL = 1
TRANSACTIONAL, MARKETING = 1, 2
WHOLE = 10_000
"""Shares of variants are hundredths of a percent."""
MIN_VARIANTS, MAX_VARIANTS = 2, 5
LONGEST_SCHEDULE = timedelta(days=366)
APPROVED_GROWTH = Decimal("1.1")
"""How much larger than its approved size an audience may be at launch."""
EXPIRY = timedelta(hours=24)
"""How long after the planned time a campaign is still worth sending."""

CONTENT_FIELDS = frozenset({"template_id", "variants", "variables", "channel", "message_class"})
AUDIENCE_FIELDS = frozenset({"segment_id", "target_all_contacts", "branch_ids"})
HARMLESS_FIELDS = frozenset({"name", "description"})


class InvalidVariants(Exception):
    """The variants are not an A/B test."""

    reason = "INVALID_AB_TEST"

    def __init__(self, violations: list[tuple[str, str]]) -> None:
        super().__init__("variants are not a test: " + "; ".join(text for _, text in violations))
        self.violations = violations


class InvalidSchedule(Exception):
    """The time of a campaign is past or out of range."""

    reason = "INVALID_SCHEDULE"

    def __init__(self, description: str) -> None:
        super().__init__(f"schedule_time {description}")
        self.violations = [("schedule_time", description)]


class SelfApproval(Exception):
    """Nobody approves what they made or submitted."""

    reason = "SELF_APPROVAL"


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an A/B test; `version_id` is pinned when the campaign is submitted."""

    key: str
    name: str
    share: int
    template_id: UUID | None = None
    subject: str = ""
    version_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """One planned send; money is in the tenant's currency."""

    campaign_id: UUID
    name: str
    channel: int
    template_id: UUID
    description: str = ""
    message_class: int = MARKETING
    template_version_id: UUID | None = None
    segment_id: UUID | None = None
    target_all_contacts: bool = False
    branch_ids: tuple[UUID, ...] = ()
    scheduled_at: datetime | None = None
    variants: tuple[Variant, ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    daily_limit: int = 0
    monthly_limit: int = 0
    state: State = State.DRAFT
    requires_approval: bool = False
    audience_count: int = 0
    """Size of the audience at the last check; with an approval, what was approved."""
    estimated_cost: Decimal = Decimal(0)
    submitted_by: str = ""
    approved_by: str = ""
    rejection_reason: str = ""
    pause_reason: str = ""
    created_by: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    version: int = field(default=1, compare=False)
    created_at: datetime | None = field(default=None, compare=False)
    updated_at: datetime | None = field(default=None, compare=False)

    @property
    def arms(self) -> tuple[Variant, ...]:
        """Returns the variants, or one that stands for everybody."""
        return self.variants or (Variant("", "", WHOLE, None, "", self.template_version_id),)

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


def check_variants(variants: Sequence[Variant]) -> None:
    """Raises InvalidVariants unless there are none, or 2 to 5 whose shares sum to exactly 100 percent (CAM-110)."""
    if not variants:
        return
    wrong = []
    if not MIN_VARIANTS <= len(variants) <= MAX_VARIANTS:
        wrong.append(("campaign.variants", f"must be {MIN_VARIANTS} to {MAX_VARIANTS}"))
    if len({one.key for one in variants}) != len(variants):
        wrong.append(("campaign.variants", "must have different keys"))
    if (total := sum(one.share for one in variants)) != WHOLE:
        wrong.append(("campaign.variants", f"must have shares that sum to {WHOLE}, not {total}"))
    if wrong:
        raise InvalidVariants(wrong)


def check_schedule(scheduled_at: datetime | None, now: datetime) -> None:
    """Raises InvalidSchedule for a time that is past or more than a year ahead (CAM-109)."""
    if scheduled_at is None:
        return
    if scheduled_at < now:
        raise InvalidSchedule("lies in the past")
    if scheduled_at > now + LONGEST_SCHEDULE:
        raise InvalidSchedule("lies more than a year ahead")


def cumulative(variants: Sequence[Variant]) -> list[int]:
    """Returns the upper bounds of the variants' buckets, each exclusive (CAM-102)."""
    bounds, total = [], 0
    for one in variants:
        total += one.share
        bounds.append(total)
    return bounds


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
    """Returns whether a change is one of what, to whom or when, more than was approved (CAM-57)."""
    if any(getattr(before, name) != getattr(after, name) for name in CONTENT_FIELDS | AUDIENCE_FIELDS):
        return True
    if _raised(before.daily_limit, after.daily_limit) or _raised(before.monthly_limit, after.monthly_limit):
        return True
    if after.scheduled_at == before.scheduled_at or before.scheduled_at is None:
        return False
    return after.scheduled_at is None or after.scheduled_at < before.scheduled_at


def _raised(before: int, after: int) -> bool:
    """Returns whether a limit allows more than before; 0 means no limit."""
    return before not in (after, 0) and (after == 0 or after > before)
