"""Rules of segments: the catalogue of fields, and what a rule may say (CAM-82, CAM-83). Standard library only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

MAX_CONDITIONS = 50
MAX_DEPTH = 5
MAX_VALUES = 500
MAX_TEXT = 500
ATTRIBUTES = "attributes."
CURRENT = "current"


class Join(IntEnum):
    """How the parts of a rule are joined, numbered as in the contract."""

    AND = 1
    OR = 2


class Op(IntEnum):
    """How a field is compared, numbered as in the contract."""

    EQ = 1
    NE = 2
    GT = 3
    GTE = 4
    LT = 5
    LTE = 6
    IN = 7
    CONTAINS = 8


class Kind(Enum):
    """What kind of value a field has."""

    NUMBER = "a whole number"
    DAYS = "a whole number of days"
    FLAG = "true or false"
    TEXT = "a text"
    FOLDED = "a text, compared without regard to case"
    SET = "a text that is a member"
    MONTH = "a month 1-12, or `current`"
    UUID = "a UUID"
    ATTRIBUTE = "a text, number, boolean or date"


_ORDER = frozenset({Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE})
_WORDS = frozenset({Op.EQ, Op.NE, Op.IN})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the catalogue."""

    kind: Kind
    ops: frozenset[Op]
    choices: tuple[str, ...] = ()


def _numbers(*, many: bool) -> Field:
    return Field(Kind.NUMBER, _ORDER | {Op.IN} if many else _ORDER)


FIELDS: Mapping[str, Field] = {
    "last_visit_days": Field(Kind.DAYS, _ORDER),
    "first_visit_days": Field(Kind.DAYS, _ORDER),
    "last_purchase_days": Field(Kind.DAYS, _ORDER),
    "last_activity_days": Field(Kind.DAYS, _ORDER),
    "visit_count": _numbers(many=True),
    "purchase_count": _numbers(many=True),
    "loyalty_points": _numbers(many=True),
    "engagement_score": _numbers(many=True),
    "total_spend": _numbers(many=False),
    "membership_status": Field(Kind.TEXT, _WORDS, ("none", "active", "expired", "cancelled")),
    "has_active_membership": Field(Kind.FLAG, frozenset({Op.EQ})),
    "tags": Field(Kind.SET, frozenset({Op.CONTAINS, Op.IN})),
    "birthday_month": Field(Kind.MONTH, frozenset({Op.EQ, Op.IN})),
    "anniversary_month": Field(Kind.MONTH, frozenset({Op.EQ, Op.IN})),
    "customer_type": Field(Kind.TEXT, _WORDS),
    "source": Field(Kind.TEXT, _WORDS),
    "language": Field(Kind.TEXT, _WORDS),
    "branch_id": Field(Kind.UUID, _WORDS),
    "name": Field(Kind.FOLDED, frozenset({Op.EQ, Op.CONTAINS})),
    "email": Field(Kind.FOLDED, frozenset({Op.EQ, Op.CONTAINS})),
    "phone": Field(Kind.FOLDED, frozenset({Op.EQ, Op.CONTAINS})),
    "membership_expires_in_days": Field(Kind.DAYS, _ORDER - {Op.NE}),
}
ATTRIBUTE = Field(Kind.ATTRIBUTE, _ORDER | {Op.IN, Op.CONTAINS})


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison."""

    field: str
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions and groups of them."""

    join: Join
    conditions: tuple[Condition, ...] = ()
    groups: tuple["Rule", ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one place of a rule."""

    path: str
    description: str
    reason: str = "INVALID_SEGMENT_RULE"


class SegmentKind(IntEnum):
    """Kinds of segments, numbered as in the contract."""

    SYSTEM = 1
    CUSTOM = 2


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved audience."""

    segment_id: UUID
    name: str
    rule: Rule
    description: str = ""
    branch_ids: tuple[UUID, ...] = ()
    kind: SegmentKind = SegmentKind.CUSTOM
    contact_count: int = 0
    refreshed_at: datetime | None = None
    version: int = 1
    created_at: datetime | None = None
    created_by: str = field(default="", compare=False)


def field_of(name: str) -> Field | None:
    """Returns the catalogue's entry for a field; None for an unknown one."""
    if name.startswith(ATTRIBUTES) and len(name) > len(ATTRIBUTES):
        return ATTRIBUTE
    return FIELDS.get(name)


def problems(rule: Rule, path: str = "rule") -> Iterator[Problem]:
    """Yields everything that is wrong with a rule, with its place."""
    total = _count(rule)
    if total == 0:
        yield Problem(path, "needs at least one condition")
    if total > MAX_CONDITIONS:
        yield Problem(path, f"may have at most {MAX_CONDITIONS} conditions in all")
    yield from _places(rule, path, 1)


def _places(rule: Rule, path: str, depth: int) -> Iterator[Problem]:
    if depth > MAX_DEPTH:
        yield Problem(path, f"groups may stand at most {MAX_DEPTH} deep")
        return
    for index, condition in enumerate(rule.conditions):
        yield from _condition_problems(condition, f"{path}.conditions[{index}]")
    for index, group in enumerate(rule.groups):
        if not group.conditions and not group.groups:
            yield Problem(f"{path}.groups[{index}]", "needs at least one condition")
        yield from _places(group, f"{path}.groups[{index}]", depth + 1)


def _condition_problems(condition: Condition, path: str) -> Iterator[Problem]:
    entry = field_of(condition.field)
    if entry is None:
        yield Problem(f"{path}.field", "is not a field of segments", "UNKNOWN_SEGMENT_FIELD")
        return
    if condition.op not in entry.ops:
        words = ", ".join(op.name for op in sorted(entry.ops))
        yield Problem(f"{path}.operator", f"must be one of {words} for this field")
        return
    if condition.op is Op.IN:
        values = condition.value
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) <= MAX_VALUES:
            yield Problem(f"{path}.value", f"must be a list of 1 to {MAX_VALUES} values")
            return
        if entry.kind is Kind.ATTRIBUTE and len({_sort(value) for value in values}) > 1:
            yield Problem(f"{path}.value", "must hold values of one type")
            return
    else:
        values = (condition.value,)
    if any(not _fits(entry, condition.op, value) for value in values):
        allowed = f": {', '.join(entry.choices)}" if entry.choices else ""
        yield Problem(f"{path}.value", f"must be {entry.kind.value}{allowed}")


def _fits(entry: Field, op: Op, value: Any) -> bool:
    kind = entry.kind
    if kind in (Kind.NUMBER, Kind.DAYS):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
    if kind is Kind.FLAG:
        return isinstance(value, bool)
    if kind is Kind.MONTH:
        return value == CURRENT or (
            isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12
        )
    if kind is Kind.UUID:
        return isinstance(value, str) and _is_uuid(value)
    if kind is Kind.ATTRIBUTE:
        return _fits_attribute(op, value)
    fits = isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\x00" not in value
    return fits and (not entry.choices or value in entry.choices)


def _fits_attribute(op: Op, value: Any) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= MAX_TEXT and "\x00" not in value
    if isinstance(value, bool):
        return op in (Op.EQ, Op.NE, Op.IN)
    return isinstance(value, (int, float)) and abs(value) < 2**53 and op is not Op.CONTAINS


def _sort(value: Any) -> type:
    return float if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _count(rule: Rule) -> int:
    return len(rule.conditions) + sum(_count(group) for group in rule.groups)


def _one(field: str, op: Op, value: Any) -> Rule:
    return Rule(Join.AND, (Condition(field, op, value),))


def system_segments(major_unit_in_minor: int) -> Mapping[str, Rule]:
    """Returns the segments that every tenant has (CAM-86), for a currency with that many minor units."""
    return {
        "New Customers": _one("visit_count", Op.EQ, 1),
        "Repeat Customers": _one("visit_count", Op.GT, 1),
        "Inactive Customers 30+ days": _one("last_visit_days", Op.GT, 30),
        "High-Value Customers": _one("total_spend", Op.GT, 10_000 * major_unit_in_minor),
        "Members": _one("has_active_membership", Op.EQ, True),
        "Birthday This Month": _one("birthday_month", Op.EQ, CURRENT),
    }


def days_between(earlier: date, later: date) -> int:
    """Returns whole days from one day to another."""
    return (later - earlier).days
