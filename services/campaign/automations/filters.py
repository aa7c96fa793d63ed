"""Tests of an event's data: a path, a comparison, a value (LIF-64). Standard library only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.campaign.segments.catalogue import Op

MOST_TESTS: Final = 20
MOST_VALUES: Final = 500
LONGEST_PATH: Final = 200
LONGEST_TEXT: Final = 500

_ORDERED: Final = frozenset({Op.GT, Op.GTE, Op.LT, Op.LTE})


@dataclass(frozen=True, slots=True)
class FieldTest:
    """One comparison; a field that is absent, or of another kind than the value, passes none."""

    field: str
    op: int
    value: Any

    def holds(self, data: Mapping[str, Any]) -> bool:
        """Returns whether data passes."""
        found = lookup(data, self.field)
        if found is None:
            return False
        if self.op == Op.IN:
            return any(_same(found, one) for one in self.value)
        if self.op == Op.CONTAINS:
            if isinstance(found, str):
                return str(self.value).casefold() in found.casefold()
            return isinstance(found, (list, tuple)) and any(_same(one, self.value) for one in found)
        if self.op == Op.EQ:
            return _same(found, self.value)
        if self.op == Op.NE:
            return not _same(found, self.value)
        return _ordered(self.op, found, self.value)


def lookup(data: Any, path: str) -> Any:
    """Returns the value at a path of names and places in lists; None where there is none."""
    for part in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(part)
        elif isinstance(data, Sequence) and not isinstance(data, str) and part.isascii() and part.isdigit():
            data = data[int(part)] if int(part) < len(data) else None
        else:
            return None
    return data


def problem(op: int, value: Any) -> str:
    """Returns what is wrong with a comparison; empty when nothing is."""
    if op not in set(Op):
        return "needs an operator"
    if op == Op.IN:
        if not isinstance(value, list) or not 1 <= len(value) <= MOST_VALUES:
            return f"must be a list of 1 to {MOST_VALUES} values"
        return "" if all(map(_is_plain, value)) else "must hold texts, numbers or booleans"
    if not _is_plain(value):
        return "must be a text, a number or a boolean"
    if op == Op.CONTAINS and not isinstance(value, str):
        return "must be a text"
    if op in _ORDERED and isinstance(value, bool):
        return "must be a number or a text"
    return ""


def _is_plain(value: Any) -> bool:
    return (isinstance(value, str) and len(value) <= LONGEST_TEXT) or isinstance(value, (bool, int, float))


def _kind(value: Any) -> type:
    if isinstance(value, bool):
        return bool
    return float if isinstance(value, (int, float)) else type(value)


def _same(found: Any, wanted: Any) -> bool:
    return _kind(found) is _kind(wanted) and bool(found == wanted)


def _ordered(op: int, found: Any, wanted: Any) -> bool:
    if _kind(found) is not _kind(wanted) or _kind(found) not in (float, str):
        return False
    if isinstance(found, str):
        found, wanted = _instants(found, wanted)
    if op == Op.GT:
        return bool(found > wanted)
    if op == Op.GTE:
        return bool(found >= wanted)
    return bool(found < wanted) if op == Op.LT else bool(found <= wanted)


def _instants(found: str, wanted: str) -> tuple[Any, Any]:
    """Returns two texts as instants when both are such with a zone, or both without; else as they are."""
    try:
        one, other = datetime.fromisoformat(found), datetime.fromisoformat(wanted)
    except ValueError:
        return found, wanted
    return (one, other) if (one.tzinfo is None) == (other.tzinfo is None) else (found, wanted)
