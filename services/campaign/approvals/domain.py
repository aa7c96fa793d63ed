"""Approvals by WhatsApp: their states and what may follow on what (CAM-94). Standard library only."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

LONGEST_NAME = 100
_UNFIT = re.compile(r"[^a-z0-9_]+")


class State(IntEnum):
    """Where a content stands, numbered as in the contract."""

    PENDING = 1
    APPROVED = 2
    REJECTED = 3
    PAUSED = 4
    DISABLED = 5


ALARMING = frozenset({State.REJECTED, State.PAUSED, State.DISABLED})
"""States that the users of a template are told of."""

FOLLOWING = {
    State.PENDING: frozenset({State.APPROVED, State.REJECTED, State.PAUSED, State.DISABLED}),
    State.APPROVED: frozenset({State.PAUSED, State.DISABLED, State.REJECTED}),
    State.REJECTED: frozenset({State.APPROVED, State.DISABLED}),
    State.PAUSED: frozenset({State.APPROVED, State.REJECTED, State.DISABLED}),
    State.DISABLED: frozenset({State.APPROVED}),
}
"""What a provider may decide; only handing in leads back to pending. An appeal that is heard approves again."""


@dataclass(frozen=True, slots=True)
class Approval:
    """Where one content of one version stands at one business account."""

    version_id: UUID
    language_code: str
    business_account: str
    provider_account_id: UUID
    name: str
    provider_template_id: str
    state: State
    reason: str
    submitted_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """Which template a provider speaks of."""

    provider_account_id: UUID
    business_account: str
    template_id: str
    name: str
    language: str


def may_follow(before: State, after: State) -> bool:
    """Returns whether a provider's word changes a state; the same once more, or one that is out of place, does not."""
    return after in FOLLOWING[before]


def may_submit(known: State | None) -> bool:
    """Returns whether a content may be handed in: for the first time, or after it was rejected."""
    return known is None or known is State.REJECTED


def name_for(written: str, template_name: str, number: int) -> str:
    """Returns the name at WhatsApp: as written, else the template's with what does not fit replaced, and the version."""
    if written:
        return written
    end = f"_v{number}"
    stem = _UNFIT.sub("_", template_name.lower()).strip("_") or "template"
    return stem[: LONGEST_NAME - len(end)] + end


def not_approved(languages: Iterable[str], known: Iterable[Approval]) -> list[str]:
    """Returns the languages that no business account approved, and that may therefore not be sent."""
    approved = {one.language_code for one in known if one.state is State.APPROVED}
    return [language for language in languages if language not in approved]
