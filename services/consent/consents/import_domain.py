"""Rows of a consent import on their way into the tables."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from services.common.errors import ServiceError


class Terms(NamedTuple):
    """What rows of a file mostly have in common: everything but whose consent it is, and since when."""

    channel: str
    message_class: str
    branch_id: UUID | None
    status: str
    """granted or revoked."""
    source: str
    evidence: str | None
    """Canonical JSON."""
    wording_version: str | None = None
    jurisdiction: str | None = None


class Candidate(NamedTuple):
    """One row of a block whose shape is right; its person is still to be found."""

    place: int
    contact: bytes
    """The 16 bytes of the contact's id; empty where an address stands for the person."""
    address: str
    terms: Terms
    event_at: int
    """Microseconds since 1970, as all instants of a block."""


@dataclass(slots=True)
class BlockResult:
    """What became of a block."""

    changed: int = 0
    unchanged: int = 0
    overridden: int = 0
    errors: dict[int, ServiceError] = field(default_factory=dict)


class ImportRow(NamedTuple):
    """One consent of another system."""

    place: int
    contact: bytes | None
    address_hash: bytes | None
    terms: Terms
    event_at: int
    expires_at: int | None

    @property
    def person(self) -> bytes:
        """Returns what identifies the person."""
        return self.contact or self.address_hash or b""

    @property
    def key(self) -> tuple[object, ...]:
        """Returns what the consent is for."""
        return self.contact, self.address_hash, *self.terms[:3]


class Imported(NamedTuple):
    """What became of a row: `changed`, `same` or `overridden`, and the statuses around it."""

    place: int
    verdict: str
    old_status: str | None
    new_status: str
