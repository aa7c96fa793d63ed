"""The gates of a launch in their order, and which one each reason belongs to. Standard library only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

GATES: Final[Mapping[str, tuple[str, ...]]] = {
    "address": ("no_address",),
    "erasure": ("contact_erased", "contact_blocked"),
    "suppression": ("suppressed",),
    "switches": ("channel_disabled", "marketing_disabled", "tenant_suspended"),
    "opt_out": ("opted_out",),
    "do_not_disturb": ("dnd_registered", "dnd_stale"),
    "consent": ("no_consent", "consent_pending", "consent_expired", "consent_revoked"),
    "preferences": ("channel_off", "sms_critical_only", "category_off"),
    "marketing_caps": ("weekly_cap_reached",),
    "contact_caps": ("daily_cap_reached",),
    "quiet_hours": ("quiet_hours",),
    "text_window": ("sms_window",),
    "send_window": ("send_window",),
    "frequency": ("digest",),
    "expiry": ("expires_before_window", "no_window"),
}
"""Checks in the order of decisions, with the reasons they give; the names are those that explanations use."""

_OF: Final = {reason: gate for gate, reasons in GATES.items() for reason in reasons}


@dataclass(slots=True)
class Gate:
    """How many came to a check, and what it did with them."""

    check: str
    reached: int = 0
    refused: int = 0
    deferred: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def gate_of(reason: str) -> str:
    """Returns the check that gives a reason; `other` for a reason that is newer than this table."""
    return _OF.get(reason, "other")


def through(total: int, refused: Counter[str], deferred: Counter[str]) -> list[Gate]:
    """Returns every gate with how many reached it: all but those whom an earlier one stopped or held back."""
    gates = {name: Gate(name) for name in GATES}
    for counted, name in ((refused, "refused"), (deferred, "deferred")):
        for reason, count in counted.items():
            gate = gates.setdefault(gate_of(reason), Gate(gate_of(reason)))
            setattr(gate, name, getattr(gate, name) + count)
            gate.reasons[reason] += count
    left = total
    for gate in gates.values():
        gate.reached = left
        left -= gate.refused + gate.deferred
    return list(gates.values())
