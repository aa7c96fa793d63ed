"""Rates as operators write them down: a CSV file, read row by row."""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from cli.operating.calls import CHANNELS

CLASSES = {"transactional": 1, "marketing": 2, "system": 3}
UNITS = {"message": 1, "segment": 2}
COLUMNS = (
    "provider", "channel", "country", "prefix", "message_class", "unit", "cost", "currency", "valid_from",
)  # fmt: skip
_NEEDED = ("provider", "channel", "unit", "cost", "currency")


class Row(NamedTuple):
    """One rate, checked as far as the file alone says."""

    provider: str
    channel: int
    country: str
    prefix: str
    message_class: int
    unit: int
    cost: Decimal
    currency: str
    valid_from: datetime | None


def read(file: Path) -> list[Row]:
    """Returns the rates of a file; ValueError names the line that is wrong, and nothing is returned then."""
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not numbered:
        raise ValueError("it holds no rates")
    reader = csv.DictReader(line for _, line in numbered)
    names = reader.fieldnames or ()
    if wrong := [name for name in names if name not in COLUMNS]:
        raise ValueError(f"line {numbered[0][0]}: {wrong[0]!r} is no column")
    if missing := [name for name in _NEEDED if name not in names]:
        raise ValueError(f"line {numbered[0][0]}: the column {missing[0]} is missing")
    rows = []
    for (number, _), values in zip(numbered[1:], reader, strict=True):
        given = {name: (value or "").strip() for name, value in values.items() if name is not None}
        try:
            rows.append(_row(given))
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from None
    return rows


def _row(given: Mapping[str, str]) -> Row:
    for name in _NEEDED:
        if not given.get(name):
            raise ValueError(f"{name} is needed")
    try:
        cost = Decimal(given["cost"])
    except InvalidOperation:
        raise ValueError("cost is no number") from None
    if not cost.is_finite() or cost < 0:
        raise ValueError("cost is zero or more")
    if given.get("country") and given.get("prefix"):
        raise ValueError("country and prefix exclude each other")
    day = given.get("valid_from")
    try:
        valid_from = datetime.fromisoformat(day) if day else None
    except ValueError:
        raise ValueError("valid_from is a day such as 2026-01-31") from None
    if valid_from is not None and valid_from.tzinfo is None:
        valid_from = valid_from.replace(tzinfo=UTC)
    words = dict(_words(given))
    return Row(
        given["provider"],
        words["channel"],
        given.get("country", "").upper(),
        given.get("prefix", ""),
        words["message_class"],
        words["unit"],
        cost,
        given["currency"].upper(),
        valid_from,
    )


def _words(given: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    for name, known in (("channel", CHANNELS), ("message_class", CLASSES), ("unit", UNITS)):
        word = given.get(name, "").lower()
        if word and word not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}")
        yield name, known.get(word, 0)
