"""What a conversion is, and which message has its credit (ANA-66). Standard library only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Final
from uuid import UUID

CLICK_WINDOW: Final = timedelta(days=7)


class Kind(IntEnum):
    """What a contact did."""

    PURCHASE = 1
    VISIT = 2
    COUPON_REDEMPTION = 3
    REGISTRATION = 4
    FEEDBACK = 5
    CUSTOM = 6


class Attribution(IntEnum):
    """Why a message has the credit."""

    NONE = 1
    EXPLICIT = 2
    COUPON = 3
    CLICK = 4


@dataclass(frozen=True, slots=True)
class Observed:
    """A conversion as it was told."""

    contact_id: UUID | None
    kind: Kind
    order_ref: str
    occurred_at: datetime
    value: Decimal | None = None
    currency: str = ""
    message_id: UUID | None = None
    coupon_code: str = ""
    coupon_campaign_id: UUID | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class Reversed:
    """What is taken back of a conversion; all of it when no value is given."""

    kind: Kind
    order_ref: str
    reversal_ref: str
    occurred_at: datetime
    value: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion as it is kept."""

    conversion_id: UUID
    contact_id: UUID | None
    kind: Kind
    order_ref: str
    occurred_at: datetime
    value: Decimal | None
    reversed_value: Decimal
    currency: str
    coupon_code: str
    message_id: UUID | None
    campaign_id: UUID | None
    variant_key: str
    attribution: Attribution


@dataclass(frozen=True, slots=True)
class Credit:
    """The message that has the credit."""

    message_id: UUID
    campaign_id: UUID | None
    run_id: UUID | None
    variant_key: str
    branch_id: UUID | None
