"""What a rule means, in plain Python that knows nothing of SQL, of indexes, or of how the product evaluates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.campaign.segments.domain import Behaviour, Condition, Join, Rule, bucket
from tests.campaign.segments.given import Person, day, parsed

SINCE = {
    "last_visit_days": "last_visit_at",
    "first_visit_days": "first_visit_at",
    "last_purchase_days": "last_purchase_at",
    "last_activity_days": "last_activity_at",
}
PLAIN = {
    "visit_count": "visit_count",
    "purchase_count": "purchase_count",
    "loyalty_points": "loyalty_points",
    "engagement_score": "engagement_score",
    "total_spend": "total_spend_minor",
    "customer_type": "customer_type",
    "source": "source",
    "language": "language_code",
    "branch_id": "branch_id",
    "assigned_staff_id": "assigned_staff_id",
    "name": "name",
    "email": "email_canonical",
    "phone": "phone",
    "birthday_month": "birth_month",
    "anniversary_month": "anniversary_month",
    "tags": "tags",
    "attended_event": "attended_event_refs",
}
LETTERS = ("name", "email", "phone")
SETS = ("tags", "attended_event")


@dataclass(frozen=True)
class Moment:
    """When, and where days are counted."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> Any:
        return self.now.astimezone(self.zone).date()

    def days_since(self, at: datetime | None) -> int | None:
        return None if at is None else (self.today - at.astimezone(self.zone).date()).days


def holds(rule: Rule, person: Person, moment: Moment) -> bool:
    answers = [meets(one, person, moment) for one in rule.conditions]
    answers += [did(one, person, moment) for one in rule.behaviours]
    answers += [one.first <= bucket(one.salt, person.contact_id) < one.end for one in rule.splits]
    answers += [holds(group, person, moment) for group in rule.groups]
    return all(answers) if rule.join is Join.AND else any(answers)


def did(behaviour: Behaviour, person: Person, moment: Moment) -> bool:
    times = 0
    for kind, at, ref in person.done:
        days = moment.days_since(at)
        assert days is not None
        if kind == behaviour.activity and days <= behaviour.within_days:
            times += not behaviour.reference or ref == behaviour.reference
    return (times >= behaviour.at_least) is not behaviour.is_negated


def meets(condition: Condition, person: Person, moment: Moment) -> bool:
    name, op, facts = condition.field, condition.op.name, person.columns
    wanted = list(condition.value) if op == "IN" else [condition.value]
    if name == "package_expires_in_days":
        return any(
            compare(op, -days, wanted)
            for one in facts["packages"]
            if (one["remaining"] or 0) > 0
            and (days := moment.days_since(parsed(one["expires_at"]))) is not None
        )
    value = value_of(condition, person, moment)
    if name in SETS:
        return any(one in value for one in wanted)
    if value is None:
        return False
    if name.endswith("_month"):
        return value in [moment.today.month if one == "current" else one for one in wanted]
    if name in LETTERS or op == "CONTAINS":
        if not isinstance(value, str):
            return False
        return wanted[0].lower() in value.lower() if op == "CONTAINS" else value.lower() == wanted[0].lower()
    if name.startswith("attributes.") and sort(value) != sort(wanted[0]):
        return False
    return compare(op, value, wanted)


def value_of(condition: Condition, person: Person, moment: Moment) -> Any:
    name, facts = condition.field, person.columns
    if name.startswith("attributes."):
        return facts["attributes"].get(name.removeprefix("attributes."))
    if name in SINCE:
        return moment.days_since(parsed(facts[SINCE[name]]))
    if name == "membership_expires_in_days":
        days = moment.days_since(parsed(facts["membership_expires_at"]))
        return None if days is None else -days
    if name == "points_expire_in_days":
        expires = day(facts["points_expire_on"])
        return None if expires is None else (expires - moment.today).days
    if name == "opted_in":
        assert condition.channel is not None
        return person.reach.get(f"{condition.channel.name.lower()}_consented", False)
    return FLAGS[name](person, moment) if name in FLAGS else facts[PLAIN[name]]


def is_member(person: Person, moment: Moment) -> bool:
    ends = parsed(person.columns["membership_expires_at"])
    return person.columns["membership_status"] == "active" and (ends is None or ends > moment.now)


def has_active_package(person: Person, moment: Moment) -> bool:
    return any(
        (one["remaining"] or 0) > 0 and ((ends := parsed(one["expires_at"])) is None or ends > moment.now)
        for one in person.columns["packages"]
    )


FLAGS: Mapping[str, Any] = {
    "membership_status": lambda person, _: person.columns["membership_status"] or "none",
    "has_active_membership": is_member,
    "has_active_package": has_active_package,
    "has_package": lambda person, _: bool(person.columns["packages"]),
    "push_reachable": lambda person, _: person.reach.get("push_reachable", False),
}


def sort(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "date" if len(value) == 10 and value[4] == value[7] == "-" else "text"


def compare(op: str, value: Any, wanted: list[Any]) -> bool:
    one = wanted[0]
    return bool(
        {
            "EQ": lambda: value == one,
            "NE": lambda: value != one,
            "GT": lambda: value > one,
            "GTE": lambda: value >= one,
            "LT": lambda: value < one,
            "LTE": lambda: value <= one,
            "IN": lambda: value in wanted,
        }[op]()
    )
