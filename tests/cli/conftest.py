"""What tests of the command share: a state folder of their own and the command as a process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.state_folder import StateFolder


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Angarium = Callable[..., Answer]


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


@pytest.fixture
def angarium(state: StateFolder) -> Angarium:
    """Runs the command in a process of its own, with nothing of this machine's set-up in its environment."""

    def run(*arguments: str, stdin: str = "", **environment: str) -> Answer:
        answer = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": os.environ["PATH"],
                "ANGARIUM_STATE": str(state.path),
                "COLUMNS": "200",
                **environment,
            },
        )
        return Answer(answer.returncode, answer.stdout, answer.stderr)

    return run
