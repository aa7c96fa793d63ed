"""The lines of the send ledger: states, ids, variants, sums. Standard library only."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from uuid import UUID

BRAKE_ATTEMPTS = 200
BRAKE_BOUNCES = Decimal("0.10")
BRAKE_COMPLAINTS = Decimal("0.003")


class RecipientState(IntEnum):
    """Where a recipient stands, numbered as in the contract."""

    PENDING = 1
    HANDED_OVER = 2
    SENT = 3
    DELIVERED = 4
    READ = 5
    BOUNCED = 6
    FAILED = 7
    SKIPPED = 8
    UNKNOWN = 9
    CANCELLED = 10
    EXPIRED = 11


RANKS: Mapping[RecipientState, int] = MappingProxyType(
    {
        RecipientState.PENDING: 0,
        RecipientState.HANDED_OVER: 1,
        RecipientState.UNKNOWN: 2,
        RecipientState.SKIPPED: 3,
        RecipientState.CANCELLED: 3,
        RecipientState.EXPIRED: 3,
        RecipientState.SENT: 4,
        RecipientState.FAILED: 5,
        RecipientState.DELIVERED: 6,
        RecipientState.BOUNCED: 7,
        RecipientState.READ: 8,
    }
)
"""A line only moves to a higher rank, so events may come in any order and any number of times."""

UNSETTLED = (RecipientState.PENDING, RecipientState.HANDED_OVER, RecipientState.UNKNOWN)
"""A run with a line in one of these is not complete."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Lines of a run by state."""

    of: Mapping[RecipientState, int] = field(default_factory=dict)

    def __getitem__(self, state: RecipientState) -> int:
        return self.of.get(state, 0)

    @property
    def total(self) -> int:
        """Returns all lines."""
        return sum(self.of.values())

    @property
    def unsettled(self) -> int:
        """Returns the lines whose outcome is still to come."""
        return sum(self[state] for state in UNSETTLED)

    @property
    def attempted(self) -> int:
        """Returns the lines a provider had in hand."""
        states = (RecipientState.SENT, RecipientState.DELIVERED, RecipientState.READ)
        return sum(
            self[state]
            for state in (*states, RecipientState.BOUNCED, RecipientState.FAILED, RecipientState.UNKNOWN)
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """What the lines of a run add up to, kept with every change of them."""

    counts: Counts
    complaints: int = 0
    actual_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One line of the ledger."""

    recipient_id: UUID
    contact_id: UUID
    variant: int
    state: RecipientState
    reason: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    address: str = ""


def bucket_of(campaign_id: UUID, contact_id: UUID) -> int:
    """Returns the bucket (0-9999) of a contact in a campaign: stable in it, independent of others (CAM-102)."""
    digest = hashlib.sha256(f"{campaign_id}:{contact_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000


def variant_of(campaign_id: UUID, contact_id: UUID, bounds: Sequence[int]) -> int:
    """Returns the position (from 0) of a contact's variant among cumulative upper bounds."""
    bucket = bucket_of(campaign_id, contact_id)
    return next(position for position, bound in enumerate(bounds) if bucket < bound)


def is_tested(campaign_id: UUID, contact_id: UUID, share: int) -> bool:
    """Returns whether a contact is of the share on which a campaign's variants are tested; independent of the variant."""
    digest = hashlib.sha256(f"{campaign_id}:{contact_id}".encode()).digest()
    return int.from_bytes(digest[8:16], "big") % 10_000 < share


def recipient_id_of(run_id: UUID, contact_id: UUID) -> UUID:
    """Returns the id of a contact's line in a run, which is the id of their message.

    A UUIDv7 with the time of the run; its other bits are a digest of run and contact. So the primary key holds that a
    contact stands in a run once, though it does not name the contact, and an expansion that repeats finds its lines.
    """
    digest = hashlib.sha256(run_id.bytes + contact_id.bytes).hexdigest()
    variant = "89ab"[int(digest[4:6], 16) & 3]
    return UUID(run_id.hex[:12] + "7" + digest[:3] + variant + digest[6:21])


def first_id(run_id: UUID) -> UUID:
    """Returns the smallest id a line of a run may have."""
    return UUID(run_id.hex[:12] + "70008000000000000000")


def last_id(run_id: UUID) -> UUID:
    """Returns the greatest id a line of a run may have."""
    return UUID(run_id.hex[:12] + "7fffbfffffffffffffff")


ANY_ID = (UUID(int=0), UUID(int=(1 << 128) - 1))
"""Bounds of lines whose ids others chose: those of messages that triggers sent."""


def bounds_of(run_id: UUID, *, is_triggered: bool = False) -> tuple[UUID, UUID]:
    """Returns the smallest and the greatest id that lines of a run may have."""
    return ANY_ID if is_triggered else (first_id(run_id), last_id(run_id))


def brakes(tally: Tally) -> bool:
    """Returns whether a running campaign must stop by itself: too many bounces or complaints (CAM-106)."""
    attempts = tally.counts.attempted
    if attempts < BRAKE_ATTEMPTS:
        return False
    bounces = tally.counts[RecipientState.BOUNCED]
    return bounces > attempts * BRAKE_BOUNCES or tally.complaints > attempts * BRAKE_COMPLAINTS
