"""What commands print: tables and sentences for people, JSON for programs, errors that say how to mend."""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from cli.embedded.errors import EmbeddedError
from cli.secrets import SecretsError
from cli.spelling import spelled

if TYPE_CHECKING:
    from rich.console import Console

_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII)
FAILURE = 1
USAGE = 2
INTERRUPTED = 130


class CommandError(Exception):
    """A command cannot do its work; says why, and the exact thing that mends it."""

    def __init__(self, message: str, mend: str = "", *, code: int = FAILURE) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend
        self.code = code


class Output:
    """Where one command writes; with `json` nothing but one JSON document reaches standard output."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def line(self, text: str) -> None:
        """Prints a sentence for people; markup of rich is understood."""
        if not self.as_json:
            self._console().print(text, highlight=False)

    def text(self, head: str, body: str) -> None:
        """Prints a pair of a name and a text that may hold any character."""
        if not self.as_json:
            from rich.text import Text

            self._console().print(Text(f"{head} ", style="bold") + Text(body), highlight=False)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
        """Prints a table for people; numbers are aligned to the right."""
        if self.as_json:
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
        ids = [number for number in range(len(columns)) if rows and all(_is_id(row[number]) for row in rows)]
        for number, column in enumerate(columns):
            numeric = bool(rows) and all(isinstance(row[number], int | float) for row in rows)
            table.add_column(
                column,
                justify="right" if numeric else "left",
                header_style="dim",
                overflow="fold",
                # An id is there to be copied; where there are several, they share the line.
                no_wrap=ids == [number],
            )
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else _cell(cell) for cell in row))
        self._console().print(table)

    def result(self, document: Mapping[str, Any]) -> None:
        """Prints the command's result for programs."""
        if self.as_json:
            print(json.dumps(document, indent=2, default=str), flush=True)

    @contextmanager
    def progress(self, description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Shows a bar on the terminal and yields `advance(count)`; silent where nobody looks."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda _count: None
            return
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(description, total=total)
            yield lambda count: progress.advance(task, count)

    def _console(self) -> "Console":
        from rich.console import Console

        return Console(soft_wrap=not sys.stdout.isatty())


def report(error: BaseException, *, as_json: bool) -> int | None:
    """Prints an error on standard error and returns the exit code; None for what only a bug explains."""
    document = _document(error)
    if document is None:
        return None
    if as_json:
        print(json.dumps({"error": document}, indent=2), file=sys.stderr)
    else:
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, highlight=False)
        console.print(Text("Error: ", style="bold red") + Text(str(document["message"])))
        for violation in document.get("violations", []):
            console.print(Text(f"  {violation['field']}: {violation['description']}"))
        if document.get("mend"):
            console.print(Text("Mend:  ", style="bold green") + Text(spelled(str(document["mend"]))))
    return error.code if isinstance(error, CommandError) else FAILURE


def usage(message: str, mend: str = "") -> NoReturn:
    """Ends the command because it was called wrongly."""
    raise CommandError(message, mend, code=USAGE)


def _document(error: BaseException) -> dict[str, Any] | None:
    if isinstance(error, CommandError | EmbeddedError | SecretsError):
        return {"message": error.message, "mend": error.mend}
    # A service's error can only have been raised when its module is loaded; loading it here would cost its imports.
    errors = sys.modules.get("services.common.errors")
    if errors is not None and isinstance(error, errors.ServiceError):
        return {
            "message": error.message,
            "reason": error.reason,
            "code": error.code,
            "metadata": error.metadata,
            "violations": [violation._asdict() for violation in error.violations],
            "mend": _MENDS.get(error.reason, ""),
        }
    return None


_MENDS = {
    "DEPENDENCY_UNAVAILABLE": "See what is down: angarium status",
    "PROVIDER_ERROR": "The provider cannot be reached or is out of order: see angarium providers list, and ask again later",
    "PROVIDER_NOT_CONFIGURED": "Add a provider account for the channel, or enable one: docs/providers.md says how; "
    "angarium providers health lists those there are",
    "APPROVAL_REQUIRED": "Have somebody else approve it: angarium campaigns approve <id> --as <name>",
    "MISSING_VARIABLES": "Give them values: [variables] in the file of the campaign, by angarium campaigns change",
    "INVALID_CAMPAIGN_STATUS": "docs/campaigns.md says what may follow on which state; angarium campaigns show says which it is in",
    "UNAUTHENTICATED": "Look at the secrets: angarium doctor",
    "COUPON_CODE_TAKEN": "Take another code; without --code one is made",
    "PERMISSION_DENIED": "Make a token with a role that may: angarium token create --help",
}


def _is_id(value: object) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
