"""What a pass is, what it needs, and how long it is good (DEL-17, DEL-100)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

AFTER_EVENT: Final = timedelta(days=1)
"""How long after its event a pass stays good."""

LEAST_DOWNLOAD: Final = timedelta(days=1)
"""A link works so long at least, however soon the event is."""


class Kind(IntEnum):
    """Whose wallet takes a pass; the numbers are the contract's."""

    APPLE = 1
    GOOGLE = 2


class State(IntEnum):
    """Lifecycle of a pass; the numbers are the contract's."""

    ACTIVE = 1
    VOIDED = 2
    EXPIRED = 3


@dataclass(frozen=True, slots=True)
class Fields:
    """What a pass shows."""

    event_name: str
    event_ref: str
    venue_name: str
    venue_address: str
    event_at: datetime | None
    time_zone: str
    seat: str = ""
    attendee_name: str = ""
    terms: str = ""
    language: str = ""
    barcode: str = ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yields what is wrong, as field and sentence; time zones are looked at by whoever knows them."""
        for name in ("event_name", "event_ref", "venue_name", "time_zone"):
            if not getattr(self, name).strip():
                yield f"fields.{name}", "is needed"
        if self.event_at is None:
            yield "fields.event_time", "is needed"
        try:
            self.barcode.encode("iso-8859-1")
        except UnicodeEncodeError:
            yield "fields.barcode_payload", "holds a character that ISO 8859-1 does not have"


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass as it is kept; `issue` counts whose it has been, so that links of an earlier holder stay dead."""

    pass_id: UUID
    contact_id: UUID
    ticket_ref: str
    kind: Kind
    fields: Fields
    state: State
    version: int
    issue: int
    expires_at: datetime
    download_expires_at: datetime
    created_at: datetime
    updated_at: datetime
    offer_id: UUID | None = None
    """What it was offered with."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """What of a tenant stands on its passes."""

    name: str
    colour: str
    terms: str
    language: str


def ends(event_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Returns until when a pass is good, and until when its link works."""
    expires_at = event_at + AFTER_EVENT
    return expires_at, max(expires_at, now + LEAST_DOWNLOAD)
