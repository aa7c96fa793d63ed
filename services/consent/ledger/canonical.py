"""Canonical JSON (RFC 8785): one text for one value, so that whoever has the value can recompute its hash."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def canonical(value: Any) -> str:
    """Returns the canonical JSON of a value of mappings, sequences, strings, numbers, booleans and None.

    Raises:
        ValueError: A number is not finite.
        TypeError: The value, or a part of it, has no JSON.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, Mapping):
        # Names are ordered by their UTF-16 code units, which differs from code points beyond the first plane.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{quoted(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(canonical, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no JSON")


def quoted(text: str) -> str:
    """Returns a string with the shortest escapes JSON has, and no others."""
    return encode_basestring(text)


def number(value: float) -> str:
    """Returns a number as ECMAScript writes it: the shortest digits that read back to the same double."""
    double = float(value)
    if not math.isfinite(double):
        raise ValueError("a number must be finite")
    if double == 0:
        return "0"
    sign = "-" if double < 0 else ""
    _, digits_tuple, exponent = Decimal(repr(abs(double))).normalize().as_tuple()
    digits = "".join(map(str, digits_tuple))
    length, point = len(digits), len(digits) + int(exponent)
    if length <= point <= 21:
        return sign + digits + "0" * (point - length)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if length > 1 else "")
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
