"""`angarium up` under signals, with small roles in place of the services."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.embedded.processes import ProcessIdentity

ROOT = Path(__file__).parents[2]
# As in most shells: whoever reads from a pipe sees only what was flushed.
_BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}

_UP = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from cli.commands.up import _run
from cli.installation import Installation
from cli.output import Output
from cli.state_folder import StateFolder
from tests.cli.roles import sleeper

class Small(Installation):
    def roles(self):
        journal = self.state.path / "journal"
        return [
            sleeper("service", journal),
            sleeper("gateway", journal, calls=("service",), drain_seconds=float(sys.argv[3]), grace=600),
        ]

asyncio.run(_run(Small(StateFolder(Path(sys.argv[2])), environment={}), Output(as_json=sys.argv[4] == "json")))
"""


@contextmanager
def _up(folder: Path, *, drain_seconds: float = 0.0, form: str = "json") -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-c", _UP, str(ROOT), str(folder), str(drain_seconds), form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_BUFFERED) as process:
        try:
            yield process
        finally:
            process.kill()


def _document(process: "subprocess.Popen[str]") -> dict[str, dict[str, int]]:
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            break
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def test_sigterm_drains_callers_first_and_ends_with_zero(tmp_path: Path) -> None:
    with _up(tmp_path / "state") as process:
        pids = _document(process)["pids"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert set(pids) == {"service", "gateway"}
    assert all(ProcessIdentity.of(pid) is None for pid in pids.values())
    journal = (tmp_path / "state" / "journal").read_text().split("\n")
    assert journal[2:] == ["gateway drains", "gateway drained", "service drains", "service drained", ""]


def test_a_second_ctrl_c_ends_everything_at_once(tmp_path: Path) -> None:
    with _up(tmp_path / "state", drain_seconds=600) as process:
        pids = _document(process)["pids"]
        process.send_signal(signal.SIGINT)
        journal = tmp_path / "state" / "journal"
        while "gateway drains" not in journal.read_text():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    assert all(ProcessIdentity.of(pid) is None for pid in pids.values())


def test_people_see_addresses_and_the_merged_log(tmp_path: Path) -> None:
    with _up(tmp_path / "state", form="text") as process:
        assert process.stdout
        seen = ""
        for line in process.stdout:
            seen += line
            if "Ctrl-C drains." in line:
                break
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=20)
    said = seen + rest
    assert "service │ service says hello" in said
    assert "Angarium is up" in said
    assert "http://127.0.0.1:" in said
    assert "Everything has drained." in said
