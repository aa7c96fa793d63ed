"""What holds for names, texts, enums, instants and objects wherever they stand, so that no contract file repeats it (GEN-24)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from buf.validate import validate_pb2
from services.common.errors import Violation
from services.common.objects import is_sayable

_LINES: Final = frozenset({"name", "names", "title", "label"})
_TEXTS: Final = frozenset({"description", "reason", "note", "notes"})
_IN_A_LINE: Final = re.compile(r"[\x00-\x1f\x7f]")
_IN_A_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ANYWHERE: Final = re.compile(r"\x00")
"""No text that is stored may hold it, whatever else its field lets in."""
_FEW: Final = 200
"""Messages in a field that are looked at one by one."""
_ENUM: Final = FieldDescriptor.TYPE_ENUM
_MESSAGE: Final = FieldDescriptor.TYPE_MESSAGE
_STRING: Final = FieldDescriptor.TYPE_STRING
_NANOS: Final = 1_000_000_000


def is_instant(value: Timestamp) -> bool:
    """Returns whether a Timestamp lies in the years 1 to 9999, which is all that can be read."""
    return -62_135_596_800 <= value.seconds < 253_402_300_800 and 0 <= value.nanos < _NANOS


def _is_duration(value: Duration) -> bool:
    """Returns whether a Duration is one of at most ten thousand years, its parts of one sign."""
    is_bounded = abs(value.seconds) <= 315_576_000_000 and abs(value.nanos) < _NANOS
    return is_bounded and value.seconds * value.nanos >= 0


IsFine = Callable[[Any], bool]
_TIME: Final = "is no time that can be told"
_OBJECT: Final = "must hold finite numbers, and no control character NUL"
_KNOWN: Final[dict[str, tuple[IsFine, str]]] = {
    "google.protobuf.Timestamp": (is_instant, _TIME),
    "google.protobuf.Duration": (_is_duration, _TIME),
    "google.protobuf.Struct": (is_sayable, _OBJECT),
    "google.protobuf.Value": (is_sayable, _OBJECT),
}


@dataclass(slots=True)
class Plain:
    """The fields of a message type that are looked at, and those of the messages in it."""

    texts: list[tuple[str, bool, re.Pattern[str]]] = field(default_factory=list)
    enums: list[tuple[str, bool, frozenset[int]]] = field(default_factory=list)
    values: list[tuple[str, bool, IsFine, str]] = field(default_factory=list)
    inside: list[tuple[str, bool, Plain]] = field(default_factory=list)
    judges: dict[int, IsFine] = field(default_factory=dict)
    """What tells by the number of a field whether its value is fine; what is not set always is."""

    def violations(self, message: Message) -> list[Violation]:
        """Returns names and texts with control characters, numbers that are no value of their enum, times and objects that are none."""
        found: list[Violation] = []
        if not self.is_fine(message):
            self.look(message, "", found)
        return found

    def is_fine(self, message: Message) -> bool:
        """Returns whether nothing is wrong in a message: of its fields most are not set, and only the others are read."""
        judges = self.judges
        for one, value in message.ListFields():
            is_fine = judges.get(one.number)
            if is_fine is not None and not is_fine(value):
                return False
        return True

    def look(self, message: Message, path: str, found: list[Violation]) -> None:
        """Adds what is wrong in a message that stands at a path."""
        for name, is_many, pattern in self.texts:
            value = getattr(message, name)
            if value and any(map(pattern.search, value if is_many else (value,))):
                found.append(Violation(f"{path}{name}", "must not hold control characters"))
        for name, is_many, known in self.enums:
            value = getattr(message, name)
            if not known.issuperset(value) if is_many else value not in known:
                found.append(Violation(f"{path}{name}", "is no value of its enum"))
        for name, is_many, is_fine, words in self.values:
            value = getattr(message, name)
            if not all(map(is_fine, value if is_many else (value,))):
                found.append(Violation(f"{path}{name}", words))
        for name, is_many, plain in self.inside:
            if is_many:
                for index, one in enumerate(getattr(message, name)):
                    plain.look(one, f"{path}{name}[{index}].", found)
            elif message.HasField(name):
                plain.look(getattr(message, name), f"{path}{name}.", found)


def of(descriptor: Any) -> Plain | None:
    """Returns what is looked at in messages of a type; None when there is nothing."""
    return _of(descriptor, {}) if _has_any(descriptor, set()) else None


def _of(descriptor: Any, known: dict[str, Plain]) -> Plain:
    if descriptor.full_name in known:
        return known[descriptor.full_name]
    plain = known[descriptor.full_name] = Plain()
    for one in descriptor.fields:
        is_fine: IsFine
        if one.type == _STRING:
            pattern = _pattern(one)
            is_fine = partial(_lacks, pattern)
            plain.texts.append((one.name, one.is_repeated, pattern))
        elif _is_open(one):
            # In a list nothing stands for "as by default".
            known_numbers = frozenset(one.enum_type.values_by_number) - ({0} if one.is_repeated else set())
            is_fine = known_numbers.__contains__
            plain.enums.append((one.name, one.is_repeated, known_numbers))
        elif known_value := _known(one):
            is_fine = known_value[0]
            plain.values.append((one.name, one.is_repeated, *known_value))
        elif _is_entered(one) and _has_any(one.message_type, set()):
            inner = _of(one.message_type, known)
            is_fine = inner.is_fine
            plain.inside.append((one.name, one.is_repeated, inner))
        else:
            continue
        plain.judges[one.number] = partial(_are_all, is_fine) if one.is_repeated else is_fine
    return plain


def _lacks(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(text) is None


def _are_all(is_fine: IsFine, values: Any) -> bool:
    return all(map(is_fine, values))


def _has_any(descriptor: Any, seen: set[str]) -> bool:
    if descriptor.full_name in seen:
        return False
    seen.add(descriptor.full_name)
    return any(
        one.type == _STRING
        or _is_open(one)
        or _known(one) is not None
        or (_is_entered(one) and _has_any(one.message_type, seen))
        for one in descriptor.fields
    )


def _pattern(one: Any) -> re.Pattern[str]:
    last = one.name.rpartition("_")[2]
    return _IN_A_LINE if last in _LINES else _IN_A_TEXT if last in _TEXTS else _ANYWHERE


def _known(one: Any) -> tuple[IsFine, str] | None:
    """Returns what judges the times or objects of a field, and its words; None for a field that holds none."""
    return _KNOWN.get(one.message_type.full_name) if one.type == _MESSAGE else None


def _is_open(one: Any) -> bool:
    """Returns whether a field is an enum whose rules let unknown numbers pass, or unspecified ones in a list."""
    if one.type != _ENUM:
        return False
    rules = _rules(one)
    enum = (rules.repeated.items if one.is_repeated else rules).enum
    if getattr(enum, "in"):
        return False
    return not enum.defined_only or (one.is_repeated and 0 not in enum.not_in)


def _is_entered(one: Any) -> bool:
    """Returns whether messages of ours stand in a field; rows of blocks are judged by who takes them."""
    if one.type != _MESSAGE or not one.message_type.file.package.startswith("angarium."):
        return False
    rules = _rules(one)
    is_block = rules.ignore == validate_pb2.IGNORE_ALWAYS or rules.repeated.max_items > _FEW
    return not is_block and not one.message_type.GetOptions().map_entry


def _rules(one: Any) -> Any:
    return one.GetOptions().Extensions[validate_pb2.field]
