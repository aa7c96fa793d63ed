"""What an entry of a timeline is (ANA-72). Standard library only."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Type(IntEnum):
    """What an entry tells of."""

    CAMPAIGN = 1
    TRIGGER = 2
    AUTOMATION = 3
    TRANSACTIONAL = 4
    FEEDBACK = 5
    COUPON = 6
    REFERRAL = 7
    CONSENT = 8
    CONVERSION = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry."""

    type: Type
    date: datetime
    channel: int
    campaign_name: str
    trigger_type: str
    status: str
    coupon_code: str
    coupon_redeemed: bool
    rating: int
    reference: str
    updated_at: datetime
