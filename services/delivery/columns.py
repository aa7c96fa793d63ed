"""Whole columns as PostgreSQL takes them: an id is 16 bytes, a column of a block is one binary array.

Building an array from Python objects costs about a microsecond per value and per column; joining bytes costs a
twentieth of that, and blocks of 1,000 messages have many columns.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from struct import Struct, pack
from typing import Final, TypeVar

import psycopg
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEADER: Final = Struct(">iiIii")
_GROUPS: Final = Struct("8s4s4s4s12s")
"""The digits of an id between its dashes."""
_NULL: Final = b"\xff\xff\xff\xff"
_UUID_LENGTH: Final = b"\x00\x00\x00\x10"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND

T = TypeVar("T")


class Column:
    """An array in PostgreSQL's binary form; sent with `%b`."""

    __slots__ = ("data",)
    oid: int = 0

    def __init__(self, data: bytes) -> None:
        self.data = data


class Uuids(Column):
    """A `uuid[]`."""

    oid = 2951


class Smallints(Column):
    """An `int2[]`."""

    oid = 1005


class Instants(Column):
    """A `timestamptz[]`."""

    oid = 1185


class Texts(Column):
    """A `text[]`."""

    oid = 1009


class Blobs(Column):
    """A `bytea[]`."""

    oid = 1001


class Numerics(Column):
    """A `numeric[]`."""

    oid = 1231


def uuids(values: Sequence[bytes]) -> Uuids:
    """Returns a column of ids, none of them null."""
    if not values:
        return Uuids(_empty(2950))
    head = _HEADER.pack(1, 0, 2950, len(values), 1)
    return Uuids(head + _UUID_LENGTH + _UUID_LENGTH.join(values))


def nullable_uuids(values: Sequence[bytes | None]) -> Uuids:
    """Returns a column of ids, some of them null."""
    return Uuids(_join(2950, [value and _UUID_LENGTH + value for value in values]))


def smallints(values: Sequence[int]) -> Smallints:
    """Returns a column of small numbers."""
    return Smallints(_join(21, [pack(">ih", 2, value) for value in values]))


def instants(values: Sequence[datetime | None]) -> Instants:
    """Returns a column of instants."""
    return Instants(
        _join(1184, [None if value is None else pack(">iq", 8, micros(value)) for value in values])
    )


def texts(values: Sequence[str | None]) -> Texts:
    """Returns a column of texts; an empty text stays one."""
    return Texts(_join(25, [None if value is None else _sized(value.encode()) for value in values]))


def blobs(values: Sequence[bytes]) -> Blobs:
    """Returns a column of byte strings."""
    return Blobs(_join(17, [_sized(value) for value in values]))


def micros(instant: datetime) -> int:
    """Returns the microseconds since 2000 that PostgreSQL counts."""
    since = instant - _EPOCH
    return since.days * _DAY + since.seconds * _SECOND + since.microseconds


def id_bytes(text: str) -> bytes:
    """Returns the 16 bytes of a UUID in its usual form; ValueError for anything else."""
    if len(text) != 36 or text[8] != "-" or text[13] != "-" or text[18] != "-" or text[23] != "-":
        raise ValueError("not a UUID")
    value = bytes.fromhex(text.replace("-", ""))
    if len(value) != 16:
        raise ValueError("not a UUID")
    return value


def id_text(value: bytes) -> str:
    """Returns the usual form of an id."""
    text = value.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def id_texts(values: Sequence[bytes]) -> list[str]:
    """Returns the usual forms of ids; for a block, in a quarter of the time of one after the other."""
    text = b"".join(values).hex().encode()
    return [b"-".join(parts).decode() for parts in _GROUPS.iter_unpack(text)]


def in_slices(values: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """Yields consecutive slices of at most `size` values."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _sized(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def _empty(element: int) -> bytes:
    return pack(">iiI", 0, 0, element)


def _join(element: int, values: Sequence[bytes | None]) -> bytes:
    if not values:
        return _empty(element)
    head = _HEADER.pack(1, 1 if None in values else 0, element, len(values), 1)
    return head + b"".join([_NULL if value is None else value for value in values])


class _ColumnDumper(Dumper):
    """Sends a column as it is.

    Its type's number is told by the instance, not by the class: psycopg would take a class with a number for every
    value of that type, in COPY as well.
    """

    format = Format.BINARY
    column_oid = 0

    def __init__(self, cls: type, context: AdaptContext | None = None) -> None:
        super().__init__(cls, context)
        self.oid = self.column_oid

    def dump(self, obj: Column) -> bytes:
        return obj.data


def _register() -> None:
    for kind in (Uuids, Smallints, Instants, Texts, Blobs, Numerics):
        dumper = type(f"{kind.__name__}Dumper", (_ColumnDumper,), {"column_oid": kind.oid})
        psycopg.adapters.register_dumper(kind, dumper)


_register()
