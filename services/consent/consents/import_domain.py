"""Rows of a consent import on their way into the tables."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.common.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of a block whose shape is right; its person is still to be found."""

    place: int
    contact_id: UUID | None
    address: str
    channel: str
    message_class: str
    branch_id: UUID | None
    status: str
    source: str
    evidence: str | None
    event_at: datetime
    wording_version: str | None = None
    jurisdiction: str | None = None


@dataclass(slots=True)
class BlockResult:
    """What became of a block."""

    changed: int = 0
    unchanged: int = 0
    overridden: int = 0
    errors: dict[int, ServiceError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One consent of another system."""

    place: int
    contact_id: UUID | None
    address_hash: bytes | None
    channel: str
    message_class: str
    branch_id: UUID | None
    status: str
    """granted or revoked."""
    source: str
    evidence: str | None
    """JSON."""
    event_at: datetime
    expires_at: datetime | None
    wording_version: str | None = None
    jurisdiction: str | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Returns what the consent is for."""
        return self.contact_id, self.address_hash, self.channel, self.message_class, self.branch_id
