"""Whether what a trigger is about still holds when it is due (LIF-61)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.contacts.facts import FactKind
from services.campaign.feedback import requests as feedback
from services.campaign.triggers.domain import OF_VISIT, SINCE_VISIT, Anchor, TriggerType, is_first
from services.campaign.triggers.people import Person
from services.campaign.triggers.timing import kept_by
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

_FACTS: Final = f"""
SELECT f.kind, f.ref, f.data FROM {named_unnest({"kind": "int2", "ref": "text"}, "k")}
JOIN contact_fact AS f ON f.tenant_id = %(tenant_id)s AND f.kind = k.kind AND f.ref = k.ref
"""
_TOLD_BY: Final[Mapping[TriggerType, FactKind]] = {
    **dict.fromkeys((*OF_VISIT, *SINCE_VISIT), FactKind.VISIT),
    TriggerType.MEMBERSHIP_EXPIRY: FactKind.MEMBERSHIP,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the things that a block of occurrences is about."""

    facts: Mapping[tuple[FactKind, str], Mapping[str, Any]]
    answered: frozenset[tuple[UUID, str]]
    """Contacts and visits with feedback."""

    def fact(self, anchor: Anchor) -> Mapping[str, Any] | None:
        """Returns what was told last of the thing an occurrence is about; None when nothing was."""
        kind = _TOLD_BY.get(anchor.trigger_type)
        return self.facts.get((kind, anchor.reference_id)) if kind else None


async def known(uow: UnitOfWork, anchors: Sequence[Anchor]) -> Known:
    """Reads what the occurrences of a block are about, one statement for each kind of question."""
    told = sorted(
        {
            (int(_TOLD_BY[one.trigger_type]), one.reference_id)
            for one in anchors
            if one.trigger_type in _TOLD_BY
        }
    )
    rows: list[tuple[Any, ...]] = []
    if told:
        kinds, refs = zip(*told, strict=True)
        rows = await uow.fetch_all(
            _FACTS, {"tenant_id": uow.tenant_id, "kind": list(kinds), "ref": list(refs)}
        )
    asked = [
        (one.contact_id, one.reference_id)
        for one in anchors
        if one.trigger_type is TriggerType.FEEDBACK_REQUEST
    ]
    answered = await feedback.answered(uow, asked) if asked else set()
    return Known({(FactKind(kind), ref): data for kind, ref, data in rows}, frozenset(answered))


def holds(anchor: Anchor, person: Person, known: Known) -> bool:
    """Returns whether an occurrence still has its reason."""
    return _RULES[anchor.trigger_type](_Case(anchor, person, known))


@dataclass(frozen=True, slots=True)
class _Case:
    """One occurrence with what is known about it."""

    anchor: Anchor
    person: Person
    known: Known

    @property
    def fact(self) -> Mapping[str, Any] | None:
        """Returns what was told last of the thing it is about; None when nothing was."""
        return self.known.fact(self.anchor)

    @property
    def is_standing(self) -> bool:
        """Returns whether its visit was not cancelled; old visits are forgotten, and stand."""
        return self.fact is None or self.fact.get("state") == "completed"


def _visited(case: _Case) -> bool:
    return case.is_standing


def _visited_first(case: _Case) -> bool:
    person = case.person
    return case.is_standing and is_first(person.visit_count, person.first_visit_at, case.anchor.anchor_at)


def _unanswered(case: _Case) -> bool:
    return case.is_standing and (case.anchor.contact_id, case.anchor.reference_id) not in case.known.answered


def _stays_away(case: _Case) -> bool:
    last = case.person.last_visit_at
    return case.is_standing and last is not None and last <= case.anchor.anchor_at


def _unbooked(case: _Case) -> bool:
    return not case.person.has_appointment and _stays_away(case)


def _package_ends(case: _Case) -> bool:
    held = case.person.packages.get(case.anchor.reference_id)
    return held is not None and held["remaining"] > 0 and instant(held["expires_at"]) == case.anchor.anchor_at


def _membership_ends(case: _Case) -> bool:
    """Returns whether a membership still ends then; one that came with the contact is known by its end alone."""
    fact, person = case.fact, case.person
    if fact is None:
        return person.is_member and person.member_until == case.anchor.anchor_at
    return fact.get("state") == "active" and instant(fact.get("expires_at")) == case.anchor.anchor_at


def _earned(_case: _Case) -> bool:
    return True


def _points_end(case: _Case) -> bool:
    return case.person.points_expiring > 0 and case.person.points_expire_on == case.anchor.anchor_on


def _is_birthday(case: _Case) -> bool:
    return _is_kept(case.person.birth, case.anchor)


def _is_anniversary(case: _Case) -> bool:
    return _is_kept(case.person.anniversary, case.anchor)


def _is_kept(recurs: tuple[int, int] | None, anchor: Anchor) -> bool:
    return anchor.anchor_on is not None and recurs in set(kept_by(anchor.anchor_on))


def instant(text: str | None) -> datetime | None:
    """Returns a time as facts keep it."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


_RULES: Final[Mapping[TriggerType, Callable[[_Case], bool]]] = {
    TriggerType.POST_VISIT_THANK_YOU: _visited,
    TriggerType.REBOOKING_REMINDER: _unbooked,
    TriggerType.BIRTHDAY_WISH: _is_birthday,
    TriggerType.FEEDBACK_REQUEST: _unanswered,
    TriggerType.PACKAGE_EXPIRY: _package_ends,
    TriggerType.MISS_YOU: _stays_away,
    TriggerType.MEMBERSHIP_EXPIRY: _membership_ends,
    TriggerType.FIRST_VISIT_FOLLOWUP: _visited_first,
    TriggerType.ANNIVERSARY_WISH: _is_anniversary,
    TriggerType.LOYALTY_POINTS_EARNED: _earned,
    TriggerType.LOYALTY_POINTS_EXPIRING: _points_end,
}
