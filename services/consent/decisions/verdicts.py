"""Decisions as they are answered and as they are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from services.common.db.partitions import uuid7_floor
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
    """The decisions about a block: one verdict per place, link tokens, and ids of stored rows."""

    verdicts: list[Verdict]
    tokens: dict[int, str]
    decision_ids: dict[int, UUID]
    """Ids of the stored decisions by place; empty for a preview."""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What many decisions of a block have in common."""

    outcome: str
    reason: str | None
    defer_until: datetime | None
    checks: bytes
    detail: str | None
    time_zone: str
    facts: str
    jurisdictions: str

    def verdict_id(self, decision_id: UUID) -> UUID:
        """Returns the id of what the checks saw: equal facts have one in the month of a decision."""
        made = datetime.fromtimestamp((decision_id.int >> 80) / 1000, UTC)
        month = uuid7_floor(made.replace(day=1, hour=0, minute=0, second=0, microsecond=0)).int
        digest = sha256(f"{self.jurisdictions}\n{self.facts}".encode()).digest()
        return UUID(int=month | int.from_bytes(digest[:10], "big") & _RANDOM)


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
    branch_id: UUID | None


_OUTCOMES = ("", "allow", "deny", "defer")
_RANDOM = (1 << 80) - 1 & ~(0xF << 76) & ~(0b11 << 62)
"""The bits of a UUIDv7 that are neither its time, its version nor its variant."""


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
        facts="\n".join(one.finding.detail for one in decision.checks),
        jurisdictions=" ".join(decision.jurisdictions),
    )


def stored_checks(verdict: StoredVerdict) -> list[tuple[int, str, str]]:
    """Returns number, outcome and detail of the checks of a stored decision, in order."""
    facts = verdict.facts.split("\n")
    return [
        (one >> 2, _OUTCOMES[one & 3], detail) for one, detail in zip(verdict.checks, facts, strict=False)
    ]
