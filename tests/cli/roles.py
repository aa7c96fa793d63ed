"""Small roles that live, die and drain as they are told."""

import sys
from pathlib import Path

from cli.supervisor import Life, Program, Readiness, Role

_PROGRAM = """
import pathlib, signal, sys, time
name, journal = sys.argv[1], pathlib.Path(sys.argv[2])
def write(word):
    with open(journal, "a") as file:
        file.write(f"{name} {word}\\n")
def drain(*_):
    write("drains")
    time.sleep(float(sys.argv[3]))
    write("drained")
    sys.exit(0)
signal.signal(signal.SIGTERM, drain)
write("starts")
print(f"{name} says hello", flush=True)
time.sleep(600)
"""


def sleeper(
    name: str,
    journal: Path,
    *,
    after: tuple[str, ...] = (),
    calls: tuple[str, ...] = (),
    drain_seconds: float = 0.0,
    grace: float = 10.0,
    ready: Readiness | None = None,
) -> Role:
    """Returns a role that writes what happens to it into a journal."""
    command = (sys.executable, "-c", _PROGRAM, name, str(journal), str(drain_seconds))
    return Role(
        name,
        Program(command),
        after=after,
        calls=calls,
        grace=grace,
        ready=ready or Journalled(name, journal),
    )


def once(name: str, code: str, *, after: tuple[str, ...] = ()) -> Role:
    """Returns a role that runs a line of Python to its end."""
    return Role(name, Program((sys.executable, "-c", code)), after=after, once=True)


class Journalled:
    """Ready once the role has written its start into the journal."""

    def __init__(self, name: str, journal: Path) -> None:
        self._line = f"{name} starts"
        self._journal = journal

    async def check(self, life: Life) -> bool:
        return self._journal.exists() and self._line in self._journal.read_text()
