"""Enums of the domain on the wire: the numbers are the contract's own."""

from enum import IntEnum
from typing import Any


def wire(value: IntEnum | int) -> Any:
    """Returns a value as a field of any enum of the contract takes it."""
    return int(value)
