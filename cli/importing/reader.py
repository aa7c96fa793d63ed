"""CSV from outside, row by row: what cannot be read costs its own row and no other."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from cli.importing.problems import FileRefused

DELIMITERS = ",;\t"
LONGEST_LINE = 256 * 1024
# A quote that is never closed would swallow the rest of the file; no honest value has more lines than this.
MOST_LINES = 50

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP = b"PK\x03\x04"
_NEVER_CLOSED = 'opens a quote (") that is never closed; close it, or leave it out'
_REASONS = {
    "unexpected end of data": _NEVER_CLOSED,
    "expected after": 'has a quote (") in the middle of a quoted value; double it: ""',
    "field larger than": "holds a value of more than 131,072 characters",
}


class Row(NamedTuple):
    """The values of one row, without their outer blanks, and the line it begins on."""

    line: int
    cells: list[str]


class BrokenRow(NamedTuple):
    """A row whose values cannot be told apart."""

    line: int
    code: str
    reason: str


class CsvReader:
    """The header and the rows of a CSV file.

    UTF-8 with or without a byte order mark; the delimiter is that of the header. A row that cannot be read is a
    BrokenRow, and reading goes on with the line after its first. Memory is that of one row, whatever the file's size.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Reads the header; FileRefused when there is none, or the file is no UTF-8 text."""
        buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(file)  # type: ignore[type-var]
        _refuse_other_formats(buffered.peek(4)[:4])
        text = io.TextIOWrapper(buffered, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self._lines = _Lines(text)
        first = self._first_line()
        self.delimiter = max(DELIMITERS, key=lambda mark: _outside_quotes(first).count(mark))
        self._csv = csv.reader(self._lines, delimiter=self.delimiter, strict=True, skipinitialspace=True)
        self._width = 0
        header = self._next()
        if not isinstance(header, Row):
            raise FileRefused(f"The header line {header.reason if header else 'is missing'}.", _MEND_HEADER)
        self.header = header.cells
        self._width = len(header.cells)

    def __iter__(self) -> Iterator[Row | BrokenRow]:
        while (row := self._next()) is not None:
            yield row

    def _first_line(self) -> str:
        for line in self._lines:
            if line.strip():
                self._lines.give_back(self._lines.taken)
                return line
            self._lines.begin()
        raise FileRefused("The file is empty.", _MEND_HEADER)

    def _next(self) -> Row | BrokenRow | None:
        """Returns the next row that is not blank; None at the end."""
        while True:
            line = self._lines.begin()
            try:
                cells = next(self._csv, None)
            except _LineTooLong:
                return BrokenRow(line, "line_too_long", f"is longer than {LONGEST_LINE:,} characters")
            except _EndlessError:
                return self._broken(line, _NEVER_CLOSED)
            except csv.Error as error:
                return self._broken(line, _reason(str(error)))
            if cells is None:
                return None
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if self._width and len(cells) != self._width:
                return self._fitted(line, cells)
            return Row(line, cells)

    def _fitted(self, line: int, cells: list[str]) -> Row | BrokenRow:
        """Returns a row of another width than the header's: only empty cells at its end are forgiven."""
        if len(cells) > self._width and not any(cells[self._width :]):
            return Row(line, cells[: self._width])
        many = "value" if len(cells) == 1 else "values"
        if len(self._lines.taken) > 1:
            # Most likely a stray quote joined this row to those after it.
            return self._broken(
                line, f"has a quote that joins it with {len(self._lines.taken) - 1} more lines"
            )
        return BrokenRow(
            line,
            "wrong_width",
            f"has {len(cells)} {many}, the header has {self._width}; quote values that hold the delimiter",
        )

    def _broken(self, line: int, reason: str) -> BrokenRow:
        self._lines.give_back(self._lines.taken[1:])
        return BrokenRow(line, "broken_quotes", reason)


class _EndlessError(Exception):
    """A row goes on and on."""


class _LineTooLong(Exception):
    """A physical line was skipped because of its length."""


class _Lines:
    """The lines of a text, those of the row in hand remembered, so that it can be given up."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._back: deque[str] = deque()
        self._number = 0
        self.taken: list[str] = []

    def begin(self) -> int:
        """Begins a row and returns the number of its first line."""
        self.taken = []
        return self._number + 1

    def give_back(self, lines: list[str]) -> None:
        """Makes lines of the row in hand the next ones to be read."""
        self._back.extendleft(reversed(lines))
        self._number -= len(lines)
        self.taken = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            raise _EndlessError
        line = self._back.popleft() if self._back else self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) >= LONGEST_LINE and not line.endswith(("\n", "\r")):
            self._skip_rest()
            raise _LineTooLong
        self.taken.append(line)
        return line

    def _skip_rest(self) -> None:
        while (more := self._text.readline(LONGEST_LINE)) and not more.endswith(("\n", "\r")):
            pass


_MEND_HEADER = "Begin with a line that names the columns, such as: external_id,email,first_name"


def _refuse_other_formats(start: bytes) -> None:
    if start.startswith(_UTF16):
        raise FileRefused("The file is UTF-16.", "Save it as CSV in UTF-8.")
    if start.startswith(_ZIP):
        raise FileRefused("The file is a workbook or an archive.", "Save the sheet as CSV in UTF-8.")


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _reason(said: str) -> str:
    return next((reason for part, reason in _REASONS.items() if part in said), "is not CSV")
