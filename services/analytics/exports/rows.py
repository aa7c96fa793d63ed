"""Answers of the contract as tables: columns follow from the message, never from what happens to be in it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Literal

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from services.common.money import Money

Kind = Literal["text", "int", "float", "bool", "instant"]
Value = str | int | float | bool | datetime | None

_INTEGERS: Final = (
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds, and how it is read from a message; None when it is absent."""

    name: str
    kind: Kind
    read: Callable[[Any], Value]


@cache
def columns(descriptor: Descriptor, prefix: str = "") -> tuple[Column, ...]:
    """Returns the columns of a message; what it holds inside becomes columns of its own."""
    return tuple(column for field in descriptor.fields for column in _of_field(field, prefix))


def _of_field(field: FieldDescriptor, prefix: str) -> Iterator[Column]:
    name, own = field.name, f"{prefix}{field.name}"
    if field.is_repeated:
        yield Column(own, "text", lambda message: _list(message, name))
    elif field.message_type is None:
        yield _scalar(field, own)
    else:
        known = _KNOWN.get(field.message_type.full_name)
        inside = known(own) if known else columns(field.message_type, f"{own}_")
        for column in inside:
            yield Column(column.name, column.kind, _within(name, column.read))


def _within(name: str, read: Callable[[Any], Value]) -> Callable[[Any], Value]:
    return lambda message: read(getattr(message, name)) if message.HasField(name) else None


def _scalar(field: FieldDescriptor, own: str) -> Column:
    name = field.name
    if field.enum_type is not None:
        words = _words(field)
        return Column(own, "text", lambda message: words.get(getattr(message, name), ""))
    kind: Kind = "text"
    if field.cpp_type in _INTEGERS:
        kind = "int"
    elif field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        kind = "float"
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        kind = "bool"
    if field.has_presence:
        return Column(own, kind, lambda message: getattr(message, name) if message.HasField(name) else None)
    return Column(own, kind, lambda message: getattr(message, name))


def _words(field: FieldDescriptor) -> dict[int, str]:
    """Returns the values of an enum without what all their names begin with."""
    assert field.enum_type is not None  # noqa: S101 - only fields of enums come here
    values = field.enum_type.values
    prefix = values[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix).lower() if value.number else "" for value in values}


def _list(message: Any, name: str) -> str:

    parts = getattr(message, name)
    if parts and isinstance(parts[0], Message) and parts[0].DESCRIPTOR.full_name == "google.type.Money":
        return json.dumps({one.currency_code: str(Money.from_proto(one).amount) for one in parts})
    found = [
        json_format.MessageToDict(one, preserving_proto_field_name=True) if isinstance(one, Message) else one
        for one in parts
    ]
    return json.dumps(found) if found else ""


def _money(own: str) -> tuple[Column, ...]:
    return (
        Column(own, "text", lambda money: str(Money.from_proto(money).amount)),
        Column(f"{own}_currency", "text", lambda money: money.currency_code),
    )


def _rate(own: str) -> tuple[Column, ...]:
    return (
        Column(own, "float", lambda rate: rate.percent),
        Column(f"{own}_numerator", "int", lambda rate: rate.numerator),
        Column(f"{own}_denominator", "int", lambda rate: rate.denominator),
    )


_KNOWN: Final[dict[str, Callable[[str], tuple[Column, ...]]]] = {
    "google.protobuf.Timestamp": lambda own: (
        Column(own, "instant", lambda stamp: stamp.ToDatetime(tzinfo=UTC)),
    ),
    "google.protobuf.Duration": lambda own: (
        Column(f"{own}_ms", "float", lambda duration: duration.ToTimedelta().total_seconds() * 1000),
    ),
    "google.type.Money": _money,
    "angarium.analytics.v1.Rate": _rate,
}
