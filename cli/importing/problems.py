"""What can be wrong with a file and with its rows."""

from typing import NamedTuple

from cli.output import CommandError


class FileRefused(CommandError):
    """The file as a whole cannot be read as contacts; nothing was imported."""


class Problem(NamedTuple):
    """Why a row was not taken, or not wholly: where it begins, which column, what is wrong and how to mend it.

    `reason` is a sentence without its subject, which is the column; values in it are masked where they are addresses.
    `code` is a word for programs, the same for all problems of a kind.
    """

    line: int
    column: str
    code: str
    reason: str
