"""`--keep` leaves a stack that can be looked at and worked with, and Ctrl-C drains it at any time."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cli.supervisor.pids import PidFiles
from tests.e2e.playing import environment


class Demo:
    """A demo as a process, whose words are read as they come."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.state = folder / "state"
        self.said = ""
        self._environment = environment(folder)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "demo", "--state", str(self.state), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**self._environment, "PYTHONUNBUFFERED": "1"},
        )

    def wait_for(self, words: str) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if words in line:
                return
        pytest.fail(f"it never said {words!r}:\n{self.said}")

    def interrupt(self) -> int:
        """Ends it as Ctrl-C does and returns its exit code."""
        self._process.send_signal(signal.SIGINT)
        rest, _ = self._process.communicate(timeout=60)
        self.said += rest
        return self._process.returncode

    def angarium(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments, "--state", str(self.state)],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
        )

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[list[Demo]]:
    started: list[Demo] = []
    yield started
    for demo in started:
        demo.close()


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - an address of this machine
        return str(answer.read().decode())


@pytest.mark.req("W1", "CON-27")
def test_what_is_left_running_can_be_worked_with(tmp_path: Path, running: list[Demo]) -> None:
    demo = Demo(tmp_path, "--recipients", "60", "--keep")
    running.append(demo)
    demo.wait_for("angarium reconcile")
    known = {
        name: found[1]
        for name in ("tenant", "campaign")
        if (found := re.search(rf"--{name} ([0-9a-f-]{{36}})", demo.said))
    }
    urls = dict(re.findall(r"^ +(mailbox|gateway) +(http://\S+)$", demo.said, re.MULTILINE))
    assert "autumn" in fetched(urls["mailbox"]).lower()
    assert fetched(f"{urls['gateway']}/health")

    reconciled = demo.angarium(
        "reconcile", "--tenant", known["tenant"], "--campaign", known["campaign"], "--json"
    )
    assert reconciled.returncode == 0, reconciled.stderr
    assert json.loads(reconciled.stdout)["settled"]

    again = demo.angarium(
        "import", "contacts", str(demo.state / "contacts.csv"), "--tenant", known["tenant"], "--json"
    )
    document = json.loads(again.stdout)
    assert (document["created"], document["unchanged"]) == (0, 60)
    assert document["consents"]["changed"] == 0

    signed_in = demo.angarium("console", "--tenant", known["tenant"], "--json")
    assert signed_in.returncode == 0, signed_in.stderr
    operator = sign_in(urls["gateway"], json.loads(signed_in.stdout)["url"])
    with operator.open(f"{urls['gateway']}/console/campaigns/{known['campaign']}") as answer:
        assert "Autumn roasts" in answer.read().decode()

    # A page that is open holds nobody back.
    with operator.open(f"{urls['gateway']}/console/live?view=overview", timeout=60) as live:
        assert demo.interrupt() == 0
        assert b"event: part" in live.read()
    assert "Drain everything" in demo.said
    assert not PidFiles(demo.state / "run").running()


def sign_in(gateway: str, url: str) -> urllib.request.OpenerDirector:
    """A browser that signed in to the console by the address the command printed."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(url, timeout=10) as page:
        assert "Sign in as cli" in page.read().decode()
    form = urlencode({"ticket": url.rpartition("/")[2]}).encode()
    with browser.open(f"{gateway}/console/sign-in", data=form, timeout=10) as page:
        assert "Overview" in page.read().decode()
    return browser


def test_ctrl_c_drains_in_the_middle_of_it(tmp_path: Path, running: list[Demo]) -> None:
    demo = Demo(tmp_path, "--recipients", "60")
    running.append(demo)
    demo.wait_for("Connect and verify")
    began = time.monotonic()
    assert demo.interrupt() == 130, demo.said
    assert time.monotonic() - began < 45
    assert "Drain everything" in demo.said
    assert not PidFiles(demo.state / "run").running()
