"""Decisions as they are answered and as they are kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.consent.decisions.facts import Decision


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision that people with equal facts share, with what else is answered about them."""

    decision: Decision
    language: str
    marketing_daily: int
    marketing_weekly: int
    channel_daily: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The decisions about a block: one verdict, link token and id of the stored row per place."""

    verdicts: list[Verdict]
    tokens: dict[int, str]
    decision_ids: list[UUID]
    """Ids of the stored decisions; empty for a preview."""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What many decisions of a block have in common."""

    outcome: str
    reason: str | None
    defer_until: datetime | None
    checks: bytes
    detail: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it was stored."""

    decision_id: UUID
    contact_id: UUID | None
    message_id: UUID | None
    channel: str
    category: str
    verdict: StoredVerdict
    evaluated_for: datetime
    created_at: datetime


_OUTCOMES = ("", "allow", "deny", "defer")


def stored_verdict(decision: Decision) -> StoredVerdict:
    """Returns a decision as its row keeps it."""
    checks = bytes(4 * one.check + _OUTCOMES.index(one.finding.outcome) for one in decision.checks)
    details = [one.finding.detail for one in decision.checks if one.finding.outcome != "allow"]
    return StoredVerdict(
        outcome=decision.outcome,
        reason=decision.reason or None,
        defer_until=decision.defer_until,
        checks=checks,
        detail="\n".join(details) or None,
        time_zone=decision.time_zone,
    )


def stored_checks(verdict: StoredVerdict) -> list[tuple[int, str, str]]:
    """Returns number, outcome and detail of the checks of a stored decision, in order."""
    details = iter((verdict.detail or "").split("\n"))
    found = []
    for one in verdict.checks:
        number, outcome = one >> 2, _OUTCOMES[one & 3]
        found.append((number, outcome, "" if outcome == "allow" else next(details, "")))
    return found
