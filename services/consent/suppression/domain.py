"""Rules of suppression: who may lift what, and which bounces become an entry (CON-40, CON-66)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

PROTECTED = frozenset({"legal", "complaint", "sms_stop", "erasure"})
"""Reasons that only a new act of the person or a platform administrator can lift."""

SOFT_BOUNCES = 3
SOFT_BOUNCE_WINDOW = timedelta(days=7)
SOFT_BOUNCE_PAUSE = timedelta(days=30)


class ProtectedSuppressionError(Exception):
    """Raised when a protected entry would be lifted by somebody who may not."""

    reason = "PERMISSION_DENIED"

    def __init__(self) -> None:
        super().__init__(
            "entries for legal reasons, complaints, stop words and erasures stay until the person acts"
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that must not be written to; the address itself is not known."""

    channel: str
    """A channel, or `all`."""
    identifier_hash: bytes
    key_id: str
    scope: str
    reason: str
    hint: str = ""
    detail: str | None = None
    contact_id: UUID | None = None
    expires_at: datetime | None = None
    source_message_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it stands."""

    suppression_id: UUID
    entry: Entry
    suppressed_at: datetime


def check_may_lift(reasons: Iterable[str], *, is_platform_admin: bool) -> None:
    """Raises ProtectedSuppressionError unless entries of these reasons may be lifted by the caller."""
    if not is_platform_admin and not PROTECTED.isdisjoint(reasons):
        raise ProtectedSuppressionError
