"""Contacts: their values and how a row of them is read. Standard library only."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

MEMBERSHIPS = ("none", "active", "expired", "cancelled")
_PARTIAL_DATE = re.compile(r"^(?:(\d{4})|-)-(\d{2})-(\d{2})$")
_LEAP_YEAR = 2024


class ContactState(IntEnum):
    """Lifecycle of a contact, numbered as in the contract."""

    ACTIVE = 1
    BLOCKED = 2
    ERASED = 3


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day of the year, with its year when that is known."""

    month: int
    day: int
    year: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Reads `YYYY-MM-DD` or `--MM-DD`; ValueError for anything else."""
        match = _PARTIAL_DATE.match(text)
        if not match:
            raise ValueError("must be YYYY-MM-DD, or --MM-DD without the year")
        year, month, day = match[1], int(match[2]), int(match[3])
        date(int(year) if year else _LEAP_YEAR, month, day)
        return cls(month, day, int(year) if year else None)

    def __str__(self) -> str:
        start = f"{self.year:04d}" if self.year else "-"
        return f"{start}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person a tenant may message; None means not known."""

    contact_id: UUID | None = None
    external_id: str | None = None
    branch_id: UUID | None = None
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    email: str | None = None
    email_canonical: str | None = None
    phone: str | None = None
    language_code: str | None = None
    time_zone: str | None = None
    region_code: str | None = None
    source: str | None = None
    customer_type: str | None = None
    tags: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)
    birth_date: PartialDate | None = None
    anniversary_date: PartialDate | None = None
    first_visit_at: datetime | None = None
    last_visit_at: datetime | None = None
    visit_count: int = 0
    last_purchase_at: datetime | None = None
    purchase_count: int = 0
    total_spend_minor: int = 0
    last_activity_at: datetime | None = None
    membership_status: str | None = None
    membership_expires_at: datetime | None = None
    loyalty_points: int = 0
    engagement_score: int | None = None
    state: ContactState = ContactState.ACTIVE
    version: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None


def derived_name(first: str | None, last: str | None, name: str | None) -> str | None:
    """Returns the full name: as given, else put together; None when nothing is known (nobody is invented)."""
    return name or " ".join(part for part in (first, last) if part) or None


@dataclass(frozen=True, slots=True)
class Reference:
    """What other services may know of a contact, before its addresses are hashed."""

    contact_id: UUID
    state: ContactState
    branch_id: UUID | None
    language_code: str | None
    time_zone: str | None
    region_code: str | None
    email_canonical: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works for the tenant."""

    staff_id: str
    name: str
    roles: tuple[str, ...]
    email: str
    is_email_verified: bool
    language_code: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which contacts a list shows; empty means all."""

    name_prefix: str = ""
    email_canonical: str = ""
    phone: str = ""
    tag: str = ""
    branch_id: UUID | None = None
