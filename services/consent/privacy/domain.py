"""What a privacy request is and which steps it takes. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

Kind = Literal["export", "erasure"]
State = Literal["received", "running", "completed", "failed", "rejected"]
Action = Literal["collect", "assemble", "suppress", "cancel", "erase", "verify"]

OPEN: Final = ("received", "running")
TO_BE_DONE_WITHIN: Final = timedelta(days=30)
ALERT_BEFORE: Final = timedelta(days=7)
RESULT_KEPT: Final = timedelta(days=7)
AFTERCARE: Final = (timedelta(hours=1), timedelta(days=1), timedelta(days=8))
"""When an erased person is looked for again: what was on its way at the erasure has arrived by then."""
SERVICES: Final = ("campaign", "delivery", "analytics")
OWN: Final = "consent"

_EXPORT: Final[tuple[tuple[str, Action], ...]] = (
    (OWN, "collect"),
    ("campaign", "collect"),
    ("delivery", "collect"),
    ("analytics", "collect"),
    (OWN, "assemble"),
)
# Own data goes last of all: until then every decision can still tell who it is about.
_ERASURE: Final[tuple[tuple[str, Action], ...]] = (
    ("campaign", "suppress"),
    ("delivery", "cancel"),
    ("campaign", "erase"),
    ("delivery", "erase"),
    ("analytics", "erase"),
    (OWN, "erase"),
    ("campaign", "verify"),
    ("delivery", "verify"),
    ("analytics", "verify"),
    (OWN, "verify"),
)
STEPS: Final[Mapping[str, tuple[tuple[str, Action], ...]]] = {"export": _EXPORT, "erasure": _ERASURE}


class ConfirmationMissingError(Exception):
    """Raised when an erasure is not confirmed by its phrase."""

    reason = "VALIDATION_FAILED"

    def __init__(self, contact_id: UUID) -> None:
        super().__init__("the confirmation phrase is not that of this contact")
        self.violations = [("confirmation_phrase", f"must be: {phrase_of(contact_id)}")]


class NotOpenError(Exception):
    """Raised when a request is refused that has begun or ended."""

    reason = "VERSION_CONFLICT"

    def __init__(self, state: str) -> None:
        super().__init__(f"the request is {state}")


@dataclass(frozen=True, slots=True)
class Erased:
    """What was done to one store."""

    store: str
    deleted: int
    anonymized: int
    keys: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a request: what one service does for it."""

    number: int
    service: str
    action: Action
    is_done: bool = False
    rows: int = 0
    remaining: int = 0
    attempts: int = 0
    error: str = ""
    stores: tuple[Erased, ...] = ()
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request about one contact's data."""

    tenant_id: UUID
    request_id: UUID
    contact_id: UUID
    tombstone_id: UUID
    kind: Kind
    state: State
    format: str
    requested_by: str
    verified_by: str
    reason: str
    requested_at: datetime
    due_at: datetime
    completed_at: datetime | None = None
    result_expires_at: datetime | None = None
    result_size: int = 0
    failure_reason: str = ""
    receipt: tuple[bytes, str, str] | None = None
    steps: tuple[Step, ...] = field(default=())

    @property
    def next_step(self) -> Step | None:
        """Returns the first step that is not done; None at the end."""
        return next((step for step in self.steps if not step.is_done), None)


def phrase_of(contact_id: UUID) -> str:
    """Returns what must be said to erase a contact, so that nobody does by accident."""
    return f"erase {contact_id}"


def check_phrase(phrase: str, contact_id: UUID) -> None:
    """Raises ConfirmationMissingError unless the phrase is the contact's."""
    if " ".join(phrase.split()).lower() != phrase_of(contact_id):
        raise ConfirmationMissingError(contact_id)


def patience(attempts: int) -> timedelta:
    """Returns how long a step waits after a failed try: 15 s, doubled up to an hour."""
    return min(timedelta(seconds=15 * 2 ** min(attempts, 10)), timedelta(hours=1))
