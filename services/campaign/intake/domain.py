"""What an event is on its way through the inbox, and the rules of that way (EVT-3, EVT-4, CAM-17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

KEPT: Final = timedelta(days=30)
SECRETS_KEPT: Final = timedelta(hours=24)
"""How long a token stays in an event that could not be handled; by then it is worth nothing."""
NONCE_KEPT: Final = timedelta(minutes=10)
ROTATION_KEPT: Final = timedelta(hours=24)
"""How long a key's secret holds beside the one that replaced it, where nobody says otherwise."""
LONGEST_ROTATION: Final = timedelta(days=7)

MOST_ATTEMPTS: Final = 5
FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(seconds=60)
GAP_WAIT: Final = timedelta(seconds=60)
"""How long an event waits for those before it in its aggregate's sequence."""
MOST_KEYS: Final = 50
"""Keys of a tenant that may hold at once."""


class State(IntEnum):
    """Where an event stands; numbered as in the contract."""

    RECEIVED = 1
    FAILED = 2
    """Waits for another try."""
    PROCESSED = 3
    IGNORED = 4
    """Nothing follows its type."""
    DEAD = 5


OPEN: Final = (State.RECEIVED, State.FAILED)


class Outcome(IntEnum):
    """What became of an event at the door; numbered as in the contract."""

    ACCEPTED = 1
    DUPLICATE = 2
    REJECTED = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event of a request."""

    event_id: str
    outcome: Outcome
    reason: str = ""
    violations: tuple[tuple[str, str], ...] = ()
    """Fields that are wrong, each with what it must be."""


class InvalidEventStateError(Exception):
    """Raised when an event is to be replayed that has nothing left to do."""

    reason = "VALIDATION_FAILED"


class IntakeKeyRefusedError(Exception):
    """Raised when a signed request names a key that does not hold any more."""

    reason = "SIGNATURE_INVALID"


class ReplayedRequestError(Exception):
    """Raised when a signed request was stored before."""

    reason = "REPLAYED_REQUEST"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What a row of events happened to; one worker at a time handles it."""

    tenant_id: UUID
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class IntakeKey:
    """What a neighbour signs its requests with."""

    tenant_id: UUID
    key_id: str
    source: str
    types: tuple[str, ...]
    """Canonical types it may send; empty means all."""
    secret: bytes | None
    """Sealed; gone once the key is revoked."""
    previous_secret: bytes | None
    previous_until: datetime | None
    created_by: str
    created_at: datetime
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Returns whether requests may be signed with it."""
        return self.revoked_at is None


def gap_ends(sequence: int | None, handled: int | None, received_at: datetime) -> datetime | None:
    """Returns until when an event waits for those before it in its sequence; None when none is missing.

    `handled` is the highest number of the aggregate that was handled; None when none was.
    """
    if sequence is None or sequence <= (1 if handled is None else handled + 1):
        return None
    return received_at + GAP_WAIT
