"""Plays the demo as a process of its own, as a newcomer does."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_GIVES_UP = 115


@dataclass(frozen=True)
class Played:
    """How a demo ended, and its report."""

    code: int
    said: str
    report: dict[str, Any]

    def figure(self, what: str) -> tuple[int, int]:
        """What both sides say about one thing."""
        line = next(line for line in self.report["comparison"] if line["what"] == what)
        return line["angarium"], line["sandbox"]


def environment(folder: Path) -> dict[str, str]:
    """Returns what a newcomer's shell has, and nothing of this machine's set-up."""
    # Where this very code was found is all that is taken over, for a clone may be tested by another one's environment.
    code = {name: os.environ[name] for name in ("PYTHONPATH",) if os.environ.get(name)}
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "160", **code}


def play(folder: Path, *arguments: str) -> Played:
    """Runs `angarium demo` with its data in a folder."""
    document = folder / "report.json"
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "cli.main", "demo"),
            *("--state", str(folder / "state"), "--json", str(document)),
            *arguments,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=_GIVES_UP,
        env=environment(folder),
    )
    said = f"{answer.stdout}\n{answer.stderr}"
    report = json.loads(document.read_text()) if document.exists() else {}
    return Played(answer.returncode, said, report)
