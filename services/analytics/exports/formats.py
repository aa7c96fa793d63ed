"""The formats of a file: each takes rows in blocks and gives bytes as they are ready."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any, Final, Protocol

from services.analytics.exports.rows import Column, Value
from services.common.errors import invalid

Rows = Sequence[Sequence[Value]]


class Writer(Protocol):
    """Writes one table."""

    def rows(self, rows: Rows) -> bytes:
        """Returns the bytes of some more rows."""

    def end(self) -> bytes:
        """Returns what closes the file."""


class Csv:
    """Comma-separated values with a header line."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\r\n")
        self._writer.writerow([column.name for column in columns])

    def rows(self, rows: Rows) -> bytes:
        """Returns the lines of rows; a text that a spreadsheet would take for a formula is no formula."""
        for row in rows:
            self._writer.writerow([_cell(value) for value in row])
        return self._taken()

    def end(self) -> bytes:
        """Returns the header where there was no row."""
        return self._taken()

    def _taken(self) -> bytes:
        found = self._buffer.getvalue().encode()
        self._buffer.seek(0)
        self._buffer.truncate()
        return found


class Json:
    """One object per line."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]

    def rows(self, rows: Rows) -> bytes:
        """Returns the lines of rows."""
        return b"".join(
            json.dumps(dict(zip(self._names, map(_plain, row), strict=True)), ensure_ascii=False).encode()
            + b"\n"
            for row in rows
        )

    def end(self) -> bytes:
        """Returns nothing."""
        return b""


class Parquet:
    """Apache Parquet: a group of rows for each block."""

    def __init__(self, columns: Sequence[Column]) -> None:
        try:
            pa: Any = import_module("pyarrow")
            pq: Any = import_module("pyarrow.parquet")
        except ImportError:
            raise invalid("format", "needs the extra `parquet`: install angarium[parquet]") from None
        kinds = {
            "text": pa.string(),
            "int": pa.int64(),
            "float": pa.float64(),
            "bool": pa.bool_(),
            "instant": pa.timestamp("us", tz="UTC"),
        }
        self._arrow = pa
        self._schema = pa.schema([(column.name, kinds[column.kind]) for column in columns])
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd")

    def rows(self, rows: Rows) -> bytes:
        """Returns the bytes of a group of rows."""
        if rows:
            arrays = [
                self._arrow.array(values, type=kind)
                for values, kind in zip(zip(*rows, strict=True), self._schema.types, strict=True)
            ]
            self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.taken()

    def end(self) -> bytes:
        """Returns the footer."""
        self._writer.close()
        return self._sink.taken()


class _Sink(io.RawIOBase):
    """A file that is read as it is written; it only ever grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._size += len(part)
        return len(part)

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        found = b"".join(self._parts)
        self._parts.clear()
        return found


WRITERS: Final[Mapping[int, Callable[[Sequence[Column]], Writer]]] = {0: Csv, 1: Csv, 2: Json, 3: Parquet}

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: Value) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _plain(value: Value) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
