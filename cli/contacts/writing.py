"""Files of contacts, written as they come."""

import csv
import json
from collections.abc import Callable
from typing import Any, Final, TextIO

from cli.contacts.showing import COLUMNS, row

Write = Callable[[dict[str, Any] | None], None]
"""Takes one contact after the other, and None at the end."""

_FIRST: Final = 1000
"""Contacts whose attributes make the columns of a table."""


def lines(target: TextIO) -> Write:
    """Returns what writes a line of JSON for each contact."""

    def write(shown: dict[str, Any] | None) -> None:
        if shown is not None:
            target.write(json.dumps(shown, ensure_ascii=False) + "\n")

    return write


def table(target: TextIO, named: tuple[str, ...]) -> Write:
    """Returns what writes rows; the first thousand wait for the header, unless its attributes are named."""
    writer = csv.writer(target, lineterminator="\n")
    waiting: list[dict[str, Any]] | None = []
    attributes = named

    def begin() -> None:
        nonlocal waiting, attributes
        first, waiting = waiting or [], None
        attributes = named or tuple(sorted({key for one in first for key in one["attributes"]}))
        writer.writerow((*COLUMNS, *(f"attributes.{key}" for key in attributes)))
        writer.writerows(row(one, attributes) for one in first)

    def write(shown: dict[str, Any] | None) -> None:
        if waiting is None:
            if shown is not None:
                writer.writerow(row(shown, attributes))
            return
        if shown is not None:
            waiting.append(shown)
        if shown is None or named or len(waiting) == _FIRST:
            begin()

    return write
