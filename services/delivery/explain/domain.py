"""The gates of a message in their order, from what was kept of a decision (W2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final, NamedTuple
from uuid import UUID

from services.delivery.messages.domain import State


class Kind(IntEnum):
    """Kinds of gates; the numbers are the contract's."""

    MESSAGE = 1
    SUPPRESSION = 2
    CONSENT = 3
    PREFERENCE = 4
    QUIET_HOURS = 5
    CAP = 6
    BUDGET = 7
    TEMPLATE = 8
    PROVIDER = 9


class Said(IntEnum):
    """What a gate said; the numbers are the contract's."""

    PASSED = 1
    REFUSED = 2
    DEFERRED = 3
    NOT_REACHED = 4


class Moment(IntEnum):
    """When it was decided; the numbers are the contract's."""

    ACCEPTANCE = 1
    SENDING = 2
    WHAT_IF = 3


class Gate(NamedTuple):
    """One gate and what it saw."""

    kind: Kind
    check: str
    said: Said
    fact: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a message."""

    moment: Moment
    decided_at: datetime
    said: Said
    reason: str
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of a message, and how it came to that."""

    message_id: str
    state: State | None
    reason: str
    decisions: list[Decision]


class Line(NamedTuple):
    """Messages of a run that stand alike."""

    standing: int
    state: int
    reason: str
    messages: int
    resendable: int


class RunMessage(NamedTuple):
    """One message of a run."""

    message_id: UUID
    contact_id: UUID | None
    standing: int
    state: int
    reason: str
    is_resendable: bool


CHECKS: Final[Mapping[int, tuple[Kind, str]]] = {
    1: (Kind.MESSAGE, "address"),
    2: (Kind.SUPPRESSION, "erasure"),
    3: (Kind.SUPPRESSION, "suppression"),
    4: (Kind.CONSENT, "switches"),
    5: (Kind.CONSENT, "opt_out"),
    6: (Kind.SUPPRESSION, "do_not_disturb"),
    7: (Kind.CONSENT, "consent"),
    8: (Kind.PREFERENCE, "preferences"),
    9: (Kind.CAP, "marketing_caps"),
    10: (Kind.CAP, "contact_caps"),
    11: (Kind.QUIET_HOURS, "quiet_hours"),
    12: (Kind.QUIET_HOURS, "text_window"),
    13: (Kind.QUIET_HOURS, "send_window"),
    14: (Kind.PREFERENCE, "frequency"),
    15: (Kind.MESSAGE, "expiry"),
}
"""Consent's checks, by their numbers."""

_REFUSING: Final[Mapping[str, int]] = {
    "no_address": 1, "contact_erased": 2, "suppressed": 3, "channel_disabled": 4, "marketing_disabled": 4,
    "tenant_suspended": 4, "opted_out": 5, "dnd_registered": 6, "dnd_stale": 6, "no_consent": 7, "consent_pending": 7,
    "consent_expired": 7, "consent_revoked": 7, "channel_off": 8, "sms_critical_only": 8, "category_off": 8,
    "daily_cap_reached": 9, "weekly_cap_reached": 9, "quiet_hours": 11, "sms_window": 12, "send_window": 13,
    "digest": 14, "expires_before_window": 15, "no_window": 15,
}  # fmt: skip
"""Which check says so, where nobody kept what each of them said."""

_OWN: Final[Mapping[str, tuple[Kind, str]]] = {
    "cancelled": (Kind.MESSAGE, "cancellation"),
    "expired": (Kind.MESSAGE, "expiry"),
    "fallback_disabled": (Kind.CONSENT, "fallback"),
    "duplicate_content": (Kind.CAP, "duplicate"),
    "rate_limited": (Kind.BUDGET, "rates"),
    "tenant_volume": (Kind.BUDGET, "volume"),
    "template_render_failed": (Kind.TEMPLATE, "template"),
    "template_not_found": (Kind.TEMPLATE, "template"),
    "media_unavailable": (Kind.TEMPLATE, "template"),
    "provider_not_configured": (Kind.PROVIDER, "provider"),
}
"""Gates of delivery itself, by the reasons they give."""

LAST: Final = (
    (Kind.BUDGET, "volume"),
    (Kind.BUDGET, "rates"),
    (Kind.TEMPLATE, "template"),
    (Kind.PROVIDER, "provider"),
)
"""The gates behind consent, in their order."""

_OUTCOMES: Final = {1: Said.PASSED, 2: Said.REFUSED, 3: Said.DEFERRED}


def of_checks(checks: Sequence[tuple[int, int, str]], until: datetime | None = None) -> list[Gate]:
    """Returns consent's gates by (number, outcome, fact) of its checks; those it did not come to were not reached."""
    known = {number: (outcome, fact) for number, outcome, fact in checks}
    gates = []
    for number, (kind, word) in CHECKS.items():
        outcome, fact = known.get(number, (0, ""))
        said = _OUTCOMES.get(outcome, Said.NOT_REACHED)
        gates.append(Gate(kind, word, said, fact, until if said is Said.DEFERRED else None))
    return gates


def of_reason(reason: str, said: Said, until: datetime | None = None) -> list[Gate]:
    """Returns consent's gates where only the reason is known: those before it let the message pass."""
    refusing = _REFUSING.get(reason, 0)
    gates = []
    for number, (kind, word) in CHECKS.items():
        if not refusing:
            gates.append(Gate(kind, word, Said.NOT_REACHED))
        elif number < refusing:
            gates.append(Gate(kind, word, Said.PASSED))
        elif number == refusing:
            gates.append(Gate(kind, word, said, until=until))
        else:
            gates.append(Gate(kind, word, Said.NOT_REACHED))
    return gates


def is_consents(reason: str) -> bool:
    """Returns whether consent gives this reason."""
    return reason in _REFUSING


def stopped_by(reason: str) -> tuple[Kind, str]:
    """Returns which gate of delivery gives a reason; a code of a provider is the provider's."""
    return _OWN.get(reason, (Kind.PROVIDER, "provider"))


def behind(
    consents: Sequence[Gate], facts: Mapping[str, str], reason: str, said: Said, until: datetime | None = None
) -> tuple[Gate, ...]:
    """Returns all gates: consent's, then delivery's own with the facts they saw, up to the one that stopped."""
    held = any(gate.said is Said.REFUSED for gate in consents) or (
        is_consents(reason) and said is not Said.PASSED
    )
    kind, word = (Kind.MESSAGE, "") if said is Said.PASSED or held else stopped_by(reason)
    gates = list(consents)
    if word and (kind, word) not in LAST:
        # Found out before anything else was asked.
        gates = [Gate(kind, word, said, facts.get(word, ""), until), *gates]
        held = True
    for one in LAST:
        if held:
            gates.append(Gate(*one, Said.NOT_REACHED))
        elif one == (kind, word):
            gates.append(Gate(*one, said, facts.get(one[1], ""), until))
            held = True
        else:
            gates.append(Gate(*one, Said.PASSED, facts.get(one[1], "")))
    return tuple(gates)
