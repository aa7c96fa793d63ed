"""Objects of the contract (google.protobuf.Struct and Value) as JSON values."""

from __future__ import annotations

import math
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import ListValue, Struct, Value

_EXACT: Final = 2**53
"""Beyond it an object of the contract does not hold whole numbers exactly."""

Object = Struct | Value | ListValue


def plain(message: Object) -> Any:
    """Returns an object as JSON values; whole numbers are whole, though it knows floating point only.

    ValueError tells of a number that JSON does not have. Fields of requests are checked for such before any handler
    sees them; rows of blocks are not.
    """
    return whole(MessageToDict(message))


def whole(value: Any) -> Any:
    """Returns JSON values in which what was written as a whole number is one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    if isinstance(value, dict):
        return {name: whole(one) for name, one in value.items()}
    return [whole(one) for one in value] if isinstance(value, list) else value


def is_sayable(message: Object) -> bool:
    """Returns whether JSON and the database can hold an object: finite numbers, and no text with NUL."""
    if isinstance(message, Value):
        kind = message.WhichOneof("kind")
        if kind == "number_value":
            return math.isfinite(message.number_value)
        if kind == "string_value":
            return "\0" not in message.string_value
        return kind not in ("struct_value", "list_value") or is_sayable(getattr(message, kind))
    if isinstance(message, ListValue):
        return all(map(is_sayable, message.values))
    return all("\0" not in name and is_sayable(one) for name, one in message.fields.items())
