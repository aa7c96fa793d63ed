"""Arrays of ids and hashes for `unnest`, as the bytes PostgreSQL reads.

psycopg adapts a list value by value, which for a block of 1,000 ids costs more than looking them up. Items here are
bytes already, so an array is one join.
"""

import struct
from collections.abc import Sequence
from typing import TypeVar, cast

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

T = TypeVar("T")

_UUID_OID, _UUID_ARRAY_OID = 2950, 2951
_BYTEA_OID, _BYTEA_ARRAY_OID = 17, 1001
_INT_OID, _INT_ARRAY_OID = 23, 1007
_INSTANT_OID, _INSTANT_ARRAY_OID = 1184, 1185
_EPOCH = 946_684_800_000_000
"""Microseconds from 1970 to what PostgreSQL counts instants from."""
_NULL = struct.pack("!i", -1)


class Array:
    """One array parameter: `uuids([...])`, `hashes([...])` or another function of this module makes it."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class UuidArray(Array):
    """An array of `uuid`."""


class HashArray(Array):
    """An array of `bytea`."""


class IntArray(Array):
    """An array of `int4`."""


class InstantArray(Array):
    """An array of `timestamptz`."""


def some(items: list[T | None]) -> list[T | None]:
    """Returns items, or none at all where each is null: `unnest` fills a shorter array up with nulls."""
    return items if any(item is not None for item in items) else []


def uuids(items: Sequence[bytes | None]) -> UuidArray:
    """Returns a parameter for `%(name)b::uuid[]` from ids of 16 bytes."""
    return UuidArray(_array(_UUID_OID, 16, items))


def hashes(items: Sequence[bytes | None]) -> HashArray:
    """Returns a parameter for `%(name)b::bytea[]` from hashes of 32 bytes."""
    return HashArray(_array(_BYTEA_OID, 32, items))


def blobs(items: Sequence[bytes | None]) -> HashArray:
    """Returns a parameter for `%(name)b::bytea[]` from values of any length."""
    parts = [_start(_BYTEA_OID, items)]
    for item in items:
        if item is None:
            parts.append(_NULL)
        else:
            parts.append(len(item).to_bytes(4, "big"))
            parts.append(item)
    return HashArray(b"".join(parts))


def instants(items: Sequence[int | None]) -> InstantArray:
    """Returns a parameter for `%(name)b::timestamptz[]` from microseconds since 1970."""
    return InstantArray(
        _array(
            _INSTANT_OID,
            8,
            [None if item is None else (item - _EPOCH).to_bytes(8, "big", signed=True) for item in items],
        )
    )


def ints(items: Sequence[int]) -> IntArray:
    """Returns a parameter for `%(name)b::int4[]`."""
    if not items:
        return IntArray(struct.pack("!iiI", 0, 0, _INT_OID))
    flat = [4] * (2 * len(items))
    flat[1::2] = items
    return IntArray(struct.pack(f"!iiIii{len(flat)}i", 1, 0, _INT_OID, len(items), 1, *flat))


def _array(element: int, width: int, items: Sequence[bytes | None]) -> bytes:
    if not items:
        return struct.pack("!iiI", 0, 0, element)
    length = struct.pack("!i", width)
    if None not in items:
        whole = length + length.join(cast("Sequence[bytes]", items))
        if len(whole) == len(items) * (4 + width):
            return struct.pack("!iiIii", 1, 0, element, len(items), 1) + whole
    parts = [_start(element, items)]
    for item in items:
        if item is None:
            parts.append(_NULL)
        elif len(item) == width:
            parts.append(length)
            parts.append(item)
        else:
            raise ValueError(f"an item has {len(item)} bytes, not {width}")
    return b"".join(parts)


def _start(element: int, items: Sequence[bytes | None]) -> bytes:
    """Returns what stands before the items of an array, some of which may be null."""
    return (
        struct.pack("!iiIii", 1, 1, element, len(items), 1) if items else struct.pack("!iiI", 0, 0, element)
    )


class _UuidArrayDumper(Dumper):
    format = Format.BINARY
    oid = _UUID_ARRAY_OID

    def dump(self, obj: Array) -> bytes:
        return obj.data


class _HashArrayDumper(_UuidArrayDumper):
    oid = _BYTEA_ARRAY_OID


class _IntArrayDumper(_UuidArrayDumper):
    oid = _INT_ARRAY_OID


class _InstantArrayDumper(_UuidArrayDumper):
    oid = _INSTANT_ARRAY_OID


psycopg.adapters.register_dumper(InstantArray, _InstantArrayDumper)
psycopg.adapters.register_dumper(IntArray, _IntArrayDumper)
psycopg.adapters.register_dumper(UuidArray, _UuidArrayDumper)
psycopg.adapters.register_dumper(HashArray, _HashArrayDumper)
