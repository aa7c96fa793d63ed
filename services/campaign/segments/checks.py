"""What is wrong with a rule, each thing with its place in the tree (CAM-83, CAM-111). Standard library only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.campaign.segments.catalogue import (
    CURRENT,
    DAYS,
    MAX_DAYS,
    WHOLE,
    WORDS,
    Field,
    Kind,
    Op,
    field_of,
)
from services.campaign.segments.domain import (
    BUCKETS,
    MAX_SALT,
    OF_CAMPAIGNS,
    Behaviour,
    Condition,
    Rule,
    Split,
)

MAX_CONDITIONS = 50
MAX_DEPTH = 5
MAX_VALUES = 500
MAX_TEXT = 500
MAX_TIMES = 1_000
MAX_WITHIN = 365
_EXACT = 2**53
"""From here on not every whole number is told from the next: numbers of rules travel as floating point."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one place of a rule."""

    path: str
    description: str
    reason: str = "INVALID_SEGMENT_RULE"


def problems(rule: Rule, path: str = "rule") -> Iterator[Problem]:
    """Yields everything that is wrong with a rule, with its place."""
    if rule.size == 0:
        yield Problem(path, "needs at least one condition")
    if rule.size > MAX_CONDITIONS:
        yield Problem(path, f"may have at most {MAX_CONDITIONS} conditions in all")
    yield from _places(rule, path, 1)


def _places(rule: Rule, path: str, depth: int) -> Iterator[Problem]:
    if depth > MAX_DEPTH:
        yield Problem(path, f"groups may stand at most {MAX_DEPTH} deep")
        return
    for index, condition in enumerate(rule.conditions):
        yield from _condition(condition, f"{path}.conditions[{index}]")
    for index, behaviour in enumerate(rule.behaviours):
        yield from _behaviour(behaviour, f"{path}.behaviours[{index}]")
    for index, split in enumerate(rule.splits):
        yield from _split(split, f"{path}.splits[{index}]")
    for index, group in enumerate(rule.groups):
        if group.size == 0 and rule.size > 0:
            yield Problem(f"{path}.groups[{index}]", "needs at least one condition")
        yield from _places(group, f"{path}.groups[{index}]", depth + 1)


def _condition(condition: Condition, path: str) -> Iterator[Problem]:
    entry = field_of(condition.field)
    if entry is None:
        yield Problem(f"{path}.field", "is not a field of segments", "UNKNOWN_SEGMENT_FIELD")
        return
    if (entry.kind is Kind.FLAG_OF_CHANNEL) != (condition.channel is not None):
        needed = entry.kind is Kind.FLAG_OF_CHANNEL
        yield Problem(
            f"{path}.channel",
            "must be email, sms, whatsapp or push" if needed else "belongs to `opted_in` alone",
        )
    if condition.op not in entry.ops:
        words = ", ".join(op.name for op in sorted(entry.ops))
        yield Problem(f"{path}.operator", f"must be one of {words} for this field")
        return
    values = (condition.value,)
    if condition.op is Op.IN:
        values = condition.value
        if not isinstance(values, (list, tuple)) or not 1 <= len(values) <= MAX_VALUES:
            yield Problem(f"{path}.value", f"must be a list of 1 to {MAX_VALUES} values")
            return
        if entry.kind is Kind.ATTRIBUTE and len({type_of(value) for value in values}) > 1:
            yield Problem(f"{path}.value", "must hold values of one type")
            return
    if any(not _fits(entry, condition.op, value) for value in values):
        allowed = f": {', '.join(entry.choices)}" if entry.choices else ""
        yield Problem(f"{path}.value", f"must be {WORDS[entry.kind]}{allowed}")


def _behaviour(behaviour: Behaviour, path: str) -> Iterator[Problem]:
    if not 1 <= behaviour.at_least <= MAX_TIMES:
        yield Problem(f"{path}.at_least", f"must be 1 to {MAX_TIMES:,}")
    if not 1 <= behaviour.within_days <= MAX_WITHIN:
        yield Problem(f"{path}.within_days", f"must be 1 to {MAX_WITHIN}")
    if not behaviour.reference:
        return
    if behaviour.activity in OF_CAMPAIGNS and not _is_uuid(behaviour.reference):
        yield Problem(f"{path}.reference", "must be the id of a campaign")
    elif not _is_text(behaviour.reference):
        yield Problem(f"{path}.reference", f"must be a text of at most {MAX_TEXT} characters")


def _split(split: Split, path: str) -> Iterator[Problem]:
    if not _is_text(split.salt) or len(split.salt) > MAX_SALT:
        yield Problem(f"{path}.salt", f"must be a text of 1 to {MAX_SALT} characters")
    if not 0 <= split.first < split.end <= BUCKETS:
        yield Problem(f"{path}.end_bucket", f"must be above first_bucket, and at most {BUCKETS:,}")


def type_of(value: Any) -> type:
    """Returns the type under which an attribute's value is compared: texts in the form of a date are dates."""
    if isinstance(value, bool):
        return bool
    if isinstance(value, (int, float)):
        return float
    return date if is_date(value) else str


def is_date(value: Any) -> bool:
    """Returns whether a value is a date, YYYY-MM-DD."""
    if not isinstance(value, str) or len(value) != 10 or value[4] != "-" or value[7] != "-":
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return value.isascii()


def _fits(entry: Field, op: Op, value: Any) -> bool:
    kind = entry.kind
    if kind in WHOLE:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole and abs(value) <= (MAX_DAYS if kind in DAYS else _EXACT - 1)
    if kind in (Kind.FLAG, Kind.FLAG_OF_CHANNEL):
        return isinstance(value, bool)
    if kind is Kind.MONTH:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value == CURRENT or (is_whole and 1 <= value <= 12)
    if kind is Kind.UUID:
        return isinstance(value, str) and _is_uuid(value)
    if kind is Kind.ATTRIBUTE:
        return _fits_attribute(op, value)
    return _is_text(value) and (not entry.choices or value in entry.choices)


_OF_TYPE: dict[type, frozenset[Op]] = {
    bool: frozenset({Op.EQ, Op.NE}),
    float: frozenset({Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IN}),
    date: frozenset({Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IN}),
    str: frozenset({Op.EQ, Op.NE, Op.IN, Op.CONTAINS}),
}


def _fits_attribute(op: Op, value: Any) -> bool:
    """Returns whether a value may be compared so; what is contained is a text, whatever it looks like."""
    if isinstance(value, str):
        return _is_text(value) and (op is Op.CONTAINS or op in _OF_TYPE[type_of(value)])
    if not isinstance(value, (bool, int, float)):
        return False
    return op in _OF_TYPE[type_of(value)] and abs(value) < _EXACT


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\x00" not in value


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
