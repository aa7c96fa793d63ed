"""A block of people to decide about: what the caller asks, and what is known once it is loaded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import Enum
from typing import Any, cast
from uuid import UUID

from services.common.addresses import STAFF
from services.consent.decisions.categories import Category, Channel
from services.consent.decisions.facts import DEFAULT_CAPS, ConsentStatus, ContactState, Facts
from services.consent.decisions.lawbook import LawBook
from services.consent.decisions.windows import Frequency, Window
from services.consent.policy.domain import TenantPolicy

UsageKey = tuple[int, int, int, int]
"""Sent today, marketing today, in seven days and in 24 hours."""
Person = tuple[Any, ...]

NOBODY: Person = (None,) * 16
UNKNOWN: Person = ("unknown", *NOBODY[1:])


class EvaluationPurpose(Enum):
    """What is asked for, and so what of the answer is kept; named as in the contract."""

    SEND = "send"
    PREVIEW = "preview"
    SELECTION = "selection"

    def keeps(self, outcome: str) -> bool:
        """Returns whether a decision of this outcome is stored."""
        return self is EvaluationPurpose.SEND or (self is EvaluationPurpose.SELECTION and outcome == "deny")


@dataclass(frozen=True, slots=True)
class Block:
    """What is asked: columns of equal length, one place per person; ids are bytes."""

    channel: Channel
    category: Category
    contacts: list[bytes | None]
    addresses: list[str]
    messages: list[bytes | None]
    usages: list[UsageKey | None]
    branch_id: UUID | None = None
    at: datetime | None = None
    expires_at: datetime | None = None
    purpose: EvaluationPurpose = EvaluationPurpose.PREVIEW
    campaign_id: UUID | None = None
    is_digest: bool = False

    def reaches(self, place: int, *, is_contact: bool, has_address: bool) -> bool:
        """Returns whether the channel reaches somebody: in-app items find a person, push their devices."""
        if self.channel == "in_app":
            return is_contact or self.addresses[place].startswith(STAFF)
        return has_address or (self.channel == "push" and is_contact)


@dataclass(slots=True)
class Known:
    """What is stored about the people of a block, by place from 0; absent means nothing."""

    policy: TenantPolicy
    at: datetime
    contacts: list[bytes | None]
    """Contacts, with those found behind bare addresses."""
    hashes: list[bytes | None]
    """Current hashes of valid addresses."""
    people: list[Person]
    numbers: list[tuple[str, ...]] = field(default_factory=list)
    """Places the phone numbers were made for; empty where the channel takes none."""
    missing: list[bytes] = field(default_factory=list)
    """Contacts that the directory does not know."""
    suppressed: dict[int, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    """Reasons of entries of scope all, marketing and group payments."""
    categories: dict[int, tuple[bool | None, str | None]] = field(default_factory=dict)
    """Switch and frequency of the category, else of its group."""
    address_consents: dict[int, str] = field(default_factory=dict)
    dnd_listed: set[int] = field(default_factory=set)
    dnd_stale: set[int] = field(default_factory=set)

    def keys(self, usages: Sequence[UsageKey | None]) -> Iterable[tuple[Any, ...]]:
        """Returns what the decision about each person follows from, in order: equal keys, equal decisions."""
        places = range(len(self.people))
        columns: list[Iterable[Any]] = [
            self.people,
            [digest is None for digest in self.hashes],
            [contact is None for contact in self.contacts],
            usages,
        ]
        # What nobody of the block has tells nobody apart.
        columns += [
            map(known.get, places)
            for known in (self.suppressed, self.categories, self.address_consents)
            if known
        ]
        columns += [[place in some for place in places] for some in (self.dnd_listed, self.dnd_stale) if some]
        if self.numbers:
            columns.append(self.numbers)
        return zip(*columns, strict=True)


def facts_of(known: Known, place: int, block: Block, laws: LawBook) -> Facts:
    """Returns what the checks look at, of one person."""
    (state, zone, language, consent, token_version, opted_out, is_dnd, *said) = known.people[place]
    (enabled, critical_only, frequency, digest_time, quiet, quiet_start, quiet_end, cap, region) = said
    is_contact = known.contacts[place] is not None
    suppressed_all, suppressed_marketing, suppressed_groups = known.suppressed.get(place, (None, None, None))
    category_on, category_frequency = known.categories.get(place, (None, None))
    if token_version is None and is_contact:
        cap = DEFAULT_CAPS.get(block.channel)
    return Facts(
        has_address=block.reaches(place, is_contact=is_contact, has_address=known.hashes[place] is not None),
        contact=cast("ContactState", state) if is_contact else None,
        suppressed_all=suppressed_all,
        suppressed_marketing=suppressed_marketing,
        suppressed_groups=suppressed_groups,
        opted_out=bool(opted_out),
        is_dnd=bool(is_dnd),
        dnd_listed=place in known.dnd_listed,
        dnd_stale=place in known.dnd_stale,
        consent=cast("ConsentStatus | None", consent or known.address_consents.get(place)),
        channel_on=enabled is not False,
        sms_critical_only=bool(critical_only),
        category_on=category_on,
        frequency=cast("Frequency", category_frequency or frequency or "immediate"),
        digest_time=digest_time or time(9),
        quiet_hours=Window(quiet_start, quiet_end) if quiet else None,
        daily_cap=cap,
        time_zone=zone or "",
        language=language or "",
        law=laws.binding(
            block.channel,
            block.category.message_class,
            region=region or "",
            numbers=known.numbers[place] if known.numbers else (),
            zone=zone or "",
            tenant_region=known.policy.region_code,
        ),
    )


def token_version(person: Person) -> int:
    """Returns the version links of a person carry."""
    return person[4] or 1
