"""Payloads of events as partners see them: plain JSON, by the names of the contract, without what is nobody's business.

Every field of a payload is always there. Texts and messages that are not set are null, enums are their words in small
letters, instants are RFC 3339 in UTC, money is `{"currency": "USD", "amount": "0.000075"}`. Hashes, masked addresses and
addresses of clients never leave.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

Json = dict[str, Any]
Reader = Callable[[Any], Any]

HIDDEN: Final = frozenset({"address_hash", "hash_key_id", "address_hint", "truncated_ip"})
_NANOS: Final = Decimal(1_000_000_000)


def fields_of(descriptor: Any, *, without: str = "") -> Mapping[str, Reader]:
    """Returns the visible fields of a message with what reads each, but one that is shown elsewhere."""
    return {name: reader for name, reader in _readers(descriptor) if name != without}


@lru_cache(maxsize=256)
def _readers(descriptor: Any) -> tuple[tuple[str, Reader], ...]:
    return tuple(
        (field.name, _reader(field))
        for field in descriptor.fields
        if field.name not in HIDDEN and field.type != FieldDescriptor.TYPE_BYTES
    )


def shown(message: Message, readers: Mapping[str, Reader]) -> Json:
    """Returns a message as JSON by the readers of its fields."""
    return {name: reader(message) for name, reader in readers.items()}


def _reader(field: FieldDescriptor) -> Reader:
    name = field.name
    one = _value(field)
    if field.is_repeated:
        return lambda message: [one(value) for value in getattr(message, name)]
    if field.message_type is not None:
        return lambda message: one(getattr(message, name)) if message.HasField(name) else None
    return lambda message: one(getattr(message, name))


def _value(field: FieldDescriptor) -> Reader:
    """Returns what turns one value of a field into JSON."""
    if (kind := field.message_type) is not None:
        if kind.full_name == "google.protobuf.Timestamp":
            return lambda value: value.ToJsonString()
        if kind.full_name == "google.type.Money":
            return _money
        return lambda value: {name: reader(value) for name, reader in _readers(kind)}
    if field.enum_type is not None:
        return _words(field.enum_type).get
    if field.type == FieldDescriptor.TYPE_STRING:
        return lambda value: value or None
    return lambda value: value


def _words(enum: Any) -> Mapping[int, str | None]:
    """Returns the words of an enum without what all of them begin with; zero means nothing."""
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return {one.number: one.name.removeprefix(prefix).lower() for one in enum.values if one.number}


def _money(value: Any) -> Json:
    return {"currency": value.currency_code, "amount": f"{value.units + value.nanos / _NANOS:f}"}
