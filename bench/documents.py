"""Puts the newest table into docs/performance.md, between its marks."""

from pathlib import Path

from bench.machine import ROOT
from bench.results import Run
from bench.table import markdown

PAGE = ROOT / "docs" / "performance.md"
BEGIN = "<!-- table: written by `python -m bench --write-docs` -->"
END = "<!-- end of table -->"


def newest(runs: list[Run]) -> Run | None:
    """Returns the newest run, completed with the newest earlier figures of what it did not measure.

    Only runs of the same commit are joined, for figures of different code do not belong in one table.
    """
    if not runs:
        return None
    last = runs[-1]
    figures = {figure.number: figure for run in runs if run.commit == last.commit for figure in run.figures}
    return Run(last.at, last.commit, last.machine, [figures[number] for number in sorted(figures)])


def write(run: Run, page: Path = PAGE) -> None:
    """Replaces the table of the page."""
    text = page.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise RuntimeError(f"{page} lacks the marks between which the table stands")
    page.write_text(f"{before}{BEGIN}\n\n{markdown(run)}\n{END}{after}")
