"""Coupons, their codes and orders as values. Standard library only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

HELD_FOR: Final = timedelta(minutes=15)
ZERO: Final = Decimal(0)
CODE_VARIABLE: Final = "coupon_code"
"""What a template shows of a campaign's coupon: each recipient's own code, or the shared one."""


class CodeKind(IntEnum):
    """How people come by a code, numbered as in the contract."""

    SHARED = 1
    GENERATED = 2
    POOL = 3


class CouponState(IntEnum):
    """Lifecycle of a coupon, numbered as in the contract."""

    ACTIVE = 1
    INACTIVE = 2


class CodeState(StrEnum):
    """What became of one of a coupon's own codes."""

    FREE = "free"
    HELD = "held"
    ISSUED = "issued"
    REDEEMED = "redeemed"


class ReservationState(IntEnum):
    """What became of a hold, numbered as in the contract."""

    HELD = 1
    REDEEMED = 2
    RELEASED = 3
    EXPIRED = 4


class Refusal(IntEnum):
    """Why a code cannot be used, numbered as in the contract, in the order in which it is looked for (LIF-73)."""

    INVALID_CODE = 1
    NOT_YET_VALID = 2
    EXPIRED = 3
    MAX_USES_REACHED = 4
    CUSTOMER_LIMIT_REACHED = 5
    MIN_ORDER_NOT_MET = 6
    BRANCH_NOT_ELIGIBLE = 7
    SERVICE_NOT_ELIGIBLE = 8
    CATEGORY_NOT_ELIGIBLE = 9
    SEGMENT_NOT_ELIGIBLE = 10
    OPTED_OUT = 11
    NOT_STACKABLE = 12


REASONS: Final = MappingProxyType(
    {
        Refusal.INVALID_CODE: "INVALID_COUPON_CODE",
        Refusal.NOT_YET_VALID: "COUPON_NOT_YET_VALID",
        Refusal.EXPIRED: "COUPON_EXPIRED",
        Refusal.MAX_USES_REACHED: "COUPON_MAX_USES",
        Refusal.CUSTOMER_LIMIT_REACHED: "COUPON_CUSTOMER_LIMIT",
        Refusal.MIN_ORDER_NOT_MET: "COUPON_MIN_ORDER",
        Refusal.BRANCH_NOT_ELIGIBLE: "COUPON_NOT_ELIGIBLE",
        Refusal.SERVICE_NOT_ELIGIBLE: "COUPON_NOT_ELIGIBLE",
        Refusal.CATEGORY_NOT_ELIGIBLE: "COUPON_NOT_ELIGIBLE",
        Refusal.SEGMENT_NOT_ELIGIBLE: "COUPON_NOT_ELIGIBLE",
        Refusal.OPTED_OUT: "OPTED_OUT",
        Refusal.NOT_STACKABLE: "COUPON_NOT_STACKABLE",
    }
)


class CouponRefusedError(Exception):
    """A code cannot be used on an order."""

    def __init__(self, refusal: Refusal) -> None:
        word = refusal.name.lower()
        super().__init__(f"the code cannot be used on this order: {word.replace('_', ' ')}")
        self.refusal = refusal
        self.reason = REASONS[refusal]
        self.metadata = {"details.reason": word}


class ReservationInvalidError(Exception):
    """A hold is unknown, used, given back, expired, or another contact's; which of these is not said (LIF-92)."""

    reason = "COUPON_RESERVATION_INVALID"

    def __init__(self) -> None:
        super().__init__("there is no such hold any more")


@dataclass(frozen=True, slots=True)
class Coupon:
    """A discount that people get by a code; amounts are in the tenant's currency."""

    coupon_id: UUID
    name: str
    valid_from: date
    valid_until: date
    currency: str
    code: str | None = None
    code_kind: CodeKind = CodeKind.SHARED
    description: str = ""
    percentage: int | None = None
    amount: Decimal | None = None
    free_service_id: str | None = None
    max_total_uses: int | None = None
    max_uses_per_contact: int = 1
    current_uses: int = 0
    reserved_uses: int = 0
    min_order_amount: Decimal | None = None
    max_discount_amount: Decimal | None = None
    branch_ids: tuple[UUID, ...] = ()
    service_ids: tuple[str, ...] = ()
    category_ids: tuple[str, ...] = ()
    segment_id: UUID | None = None
    contact_id: UUID | None = None
    allow_stacking: bool = False
    requires_marketing_consent: bool = False
    campaign_id: UUID | None = None
    state: CouponState = CouponState.ACTIVE
    is_told_exhausted: bool = False
    """Its exhaustion was announced; forgotten when the limit is raised (LIF-77)."""
    created_by: str = ""
    version: int = 1
    created_at: datetime | None = None

    @property
    def is_used(self) -> bool:
        """Returns whether its terms may no longer change (LIF-28)."""
        return self.current_uses > 0 or self.reserved_uses > 0

    @property
    def uses(self) -> int:
        """Returns the uses that are gone or set aside."""
        return self.current_uses + self.reserved_uses

    @property
    def is_exhausted(self) -> bool:
        """Returns whether nobody can use it any more."""
        return self.max_total_uses is not None and self.uses >= self.max_total_uses

    @property
    def at_service(self) -> bool:
        """Returns whether it gives a service and takes nothing off."""
        return self.free_service_id is not None


@dataclass(frozen=True, slots=True)
class Code:
    """A code as somebody typed it: its coupon, and whose it is when it is one of the coupon's own."""

    text: str
    coupon: Coupon
    owner_id: UUID | None = None
    state: CodeState | None = None
    """None for a code that all share."""
    message_id: UUID | None = None

    @property
    def is_usable(self) -> bool:
        """Returns whether it is out there and not used."""
        return self.state in (None, CodeState.ISSUED)


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants to use a code on."""

    contact_id: UUID
    amount: Decimal
    branch_id: UUID | None = None
    service_ids: frozenset[str] = frozenset()
    category_ids: frozenset[str] = frozenset()
