"""Contacts: their values and how a row of them is read. Standard library only."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

MEMBERSHIPS = ("none", "active", "expired", "cancelled")
MAX_TAGS = 100
MAX_ATTRIBUTES = 100
MAX_PACKAGES = 100
MAX_KEY = 50
MAX_COUNT = 2**31 - 1
MAX_SPEND = 2**63 - 1
_PARTIAL_DATE = re.compile(r"^(?:(\d{4})|-)-(\d{2})-(\d{2})$")
_LEAP_YEAR = 2024


class ContactState(IntEnum):
    """Lifecycle of a contact, numbered as in the contract."""

    ACTIVE = 1
    BLOCKED = 2
    ERASED = 3
    MERGED = 4


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
class Package:
    """Prepaid uses of something; without an end when `expires_at` is None."""

    package_ref: str
    name: str
    remaining: int
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What devices and consents say of a contact: copies for segments, which may be late."""

    consented_channels: tuple[str, ...] = ()
    push_reachable: bool = False
    has_whatsapp: bool = False


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
    points_expiring: int = 0
    points_expire_on: date | None = None
    assigned_staff_id: str | None = None
    packages: tuple[Package, ...] = ()
    attended_event_refs: tuple[str, ...] = ()
    engagement_score: int | None = None
    merged_into: UUID | None = None
    state: ContactState = ContactState.ACTIVE
    version: int = 1
    created_at: datetime | None = None
    updated_at: datetime | None = None


def derived_name(first: str | None, last: str | None, name: str | None) -> str | None:
    """Returns the full name: as given, else put together; None when nothing is known (nobody is invented)."""
    return name or " ".join(part for part in (first, last) if part) or None


class ContactErasedError(Exception):
    """An erased contact cannot be changed."""

    reason = "CONTACT_ERASED"


class TooManyError(ValueError):
    """A contact would have more tags or attributes than it may have."""


def tagged(contact: Contact, add: Sequence[str], remove: Sequence[str]) -> Contact:
    """Returns a contact with tags removed and added, each once; TooManyError when there would be too many."""
    tags = tuple(dict.fromkeys([*(tag for tag in contact.tags if tag not in set(remove)), *add]))
    if len(tags) > MAX_TAGS:
        raise TooManyError(f"would be {len(tags)}; at most {MAX_TAGS} are allowed")
    return replace(contact, tags=tags)


def attributed(contact: Contact, values: dict[str, Any], remove: Sequence[str]) -> Contact:
    """Returns a contact with attributes removed and set; TooManyError when there would be too many."""
    kept = {key: value for key, value in contact.attributes.items() if key not in set(remove)}
    attributes = kept | values
    if len(attributes) > MAX_ATTRIBUTES:
        raise TooManyError(f"would be {len(attributes)}; at most {MAX_ATTRIBUTES} are allowed")
    return replace(contact, attributes=attributes)


_FILLED = (
    *("external_id", "branch_id", "first_name", "last_name", "name", "phone", "language_code", "time_zone"),
    *("region_code", "source", "customer_type", "birth_date", "anniversary_date", "assigned_staff_id"),
)
_SUMS = ("visit_count", "purchase_count", "total_spend_minor", "loyalty_points")
_LATEST = ("last_visit_at", "last_purchase_at", "last_activity_at")


def united(kept: Contact, merged: Contact) -> Contact:
    """Returns a contact with what another brings: gaps filled, counts added, sets joined; its own word comes first."""
    changes: dict[str, Any] = {name: getattr(merged, name) for name in _FILLED if getattr(kept, name) is None}
    changes |= {name: getattr(kept, name) + getattr(merged, name) for name in _SUMS}
    changes |= {name: _pick(max, getattr(kept, name), getattr(merged, name)) for name in _LATEST}
    if kept.email is None:
        changes |= {"email": merged.email, "email_canonical": merged.email_canonical}
    if not kept.points_expiring:
        changes |= {"points_expiring": merged.points_expiring, "points_expire_on": merged.points_expire_on}
    if _membership_rank(merged) > _membership_rank(kept):
        changes |= {
            "membership_status": merged.membership_status,
            "membership_expires_at": merged.membership_expires_at,
        }
    packages = {one.package_ref: one for one in (*merged.packages, *kept.packages)}
    return replace(
        kept,
        **changes,
        first_visit_at=_pick(min, kept.first_visit_at, merged.first_visit_at),
        tags=tuple(dict.fromkeys([*kept.tags, *merged.tags]))[:MAX_TAGS],
        attributes=dict(
            list((kept.attributes | (merged.attributes | kept.attributes)).items())[:MAX_ATTRIBUTES]
        ),
        packages=tuple(packages[ref] for ref in sorted(packages))[:MAX_PACKAGES],
        attended_event_refs=tuple(sorted({*kept.attended_event_refs, *merged.attended_event_refs})),
        state=max(kept.state, merged.state),
    )


def _pick(
    choose: Callable[[datetime, datetime], datetime], one: datetime | None, other: datetime | None
) -> datetime | None:
    return choose(one, other) if one and other else one or other


def _membership_rank(contact: Contact) -> tuple[bool, float]:
    """Returns which of two memberships holds: an active one, then the one that ends later."""
    ends = contact.membership_expires_at
    endless = float("inf") if contact.membership_status else float("-inf")
    return contact.membership_status == "active", ends.timestamp() if ends else endless


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
class Filter:
    """Which contacts a list shows; empty means all."""

    name_prefix: str = ""
    email_canonical: str = ""
    phone: str = ""
    tag: str = ""
    branch_id: UUID | None = None
    assigned_staff_id: str = ""
    within: tuple[UUID, ...] = ()
    """Branches the caller is limited to; empty means all."""
