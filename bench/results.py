"""The record of runs: one line of JSON each, never rewritten."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import Figure
from bench.machine import ROOT, commit, load, machine

RESULTS = ROOT / "bench" / "results.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """Figures measured together."""

    at: str
    commit: str
    machine: dict[str, Any]
    figures: list[Figure]

    @classmethod
    def now(cls, figures: list[Figure], *, load_before: float) -> "Run":
        """Returns a run of this moment on this machine; `load_before` tells whether it had company."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(at, commit(), {**machine(), "load_before": load_before, "load_after": load()}, figures)

    def as_dict(self) -> dict[str, Any]:
        """Returns everything, as it is written down."""
        figures = [figure.as_dict() for figure in self.figures]
        return {"at": self.at, "commit": self.commit, "machine": self.machine, "figures": figures}


def append(run: Run, path: Path = RESULTS) -> None:
    """Adds a run to the record."""
    with open(path, "a") as file:
        file.write(json.dumps(run.as_dict(), separators=(",", ":")) + "\n")


def runs(path: Path = RESULTS) -> list[Run]:
    """Returns all runs, oldest first."""
    if not path.exists():
        return []
    found = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    return [
        Run(one["at"], one["commit"], one["machine"], [Figure.from_dict(figure) for figure in one["figures"]])
        for one in found
    ]
