"""Values of a request as SendGrid tells them apart."""

import re
from typing import Any

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\[\]\\]{1,64}@(?:[^\s@<>(),;:\"\[\]\\.]+\.)+[^\s@<>(),;:\"\[\]\\.]{2,}")
EXAMPLE = 'e.g. {"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Example Recipient"}.'
_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}

Errors = list[dict[str, Any]]


def kind_of(value: Any) -> str:
    """Returns the name of a JSON value's type, as SendGrid says it."""
    return "null" if value is None else _TYPES.get(type(value), "string")


def is_address(value: Any) -> bool:
    """Returns whether SendGrid takes a value for an address."""
    return isinstance(value, str) and len(value) <= 320 and _ADDRESS.fullmatch(value) is not None
