"""The people: the example file, people made up for the occasion, or a file of the user's own."""

from dataclasses import dataclass
from pathlib import Path

from cli.demo import people
from cli.demo.actors import Cast
from cli.demo.stage import Phase
from cli.demo.steps.content import EXAMPLES
from cli.demo.wish import Wish
from cli.importing import ImportReport, import_contacts
from cli.output import CommandError


@dataclass(frozen=True, slots=True)
class Source:
    """A file of contacts."""

    path: Path
    name: str
    is_made_up: bool


def choose_source(wish: Wish, folder: Path) -> Source:
    """Returns the user's file, else the example, else a file made up in the demo's folder."""
    if wish.contacts is not None:
        return Source(wish.contacts, str(wish.contacts), is_made_up=False)
    example = EXAMPLES / "contacts.csv"
    is_example = wish.recipients in (None, people.RECIPIENTS) and wish.seed == people.SEED
    if is_example and example.exists():
        return Source(example, "examples/contacts.csv", is_made_up=True)
    path = folder / "contacts.csv"
    # As many broken rows among them as the example has, each kind at least once in files of some size.
    bad = max(2, min(2 * people.KINDS, wish.made_up // 40))
    people.write(path, recipients=wish.made_up, bad=bad, seed=wish.seed)
    return Source(path, f"{wish.made_up:,} made-up people", is_made_up=True)


async def bring_in(cast: Cast, source: Source, phase: Phase) -> ImportReport:
    """Imports the file; CommandError when not a single row can be taken."""
    bar = phase.bar("rows", _rows_of(source.path))
    report = await import_contacts(source.path, cast.ada.channels, on_rows=bar.advance)
    if not report.imported:
        first = min(report.problems, default=None)
        why = f" The first problem: line {first.line}, {first.column} {first.reason}." if first else ""
        raise CommandError(
            f"No row of {source.name} can be imported.{why}", "Compare it with docs/import.md."
        )
    phase.result = f"{report.imported:,} imported, {report.rejected:,} rejected"
    for problem in sorted(report.problems)[:2]:
        phase.note(f"line {problem.line}: {problem.column} {problem.reason}".replace("[", "\\["))
    if report.problem_count > 2:
        phase.note(f"… and {report.problem_count - 2:,} more, each with line, column and mend")
    return report


def _rows_of(path: Path) -> int:
    with path.open("rb") as file:
        return max(1, sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1)
