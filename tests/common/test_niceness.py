"""Processes that stand back for others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_SAYS = """
import os
from pathlib import Path
from services.common.niceness import stand_back
stand_back({niceness})
session = Path("/proc/self/autogroup")
print(os.nice(0), *(session.read_text() if session.exists() else "").split()[-1:])
"""


def said(niceness: int, *, leads: bool) -> list[str]:
    """Returns the niceness of a process that stood back, and that of its session where the kernel tells one.

    It tells none of the session that the machine itself (or its container) began in.
    """
    program = [sys.executable, "-c", _SAYS.format(niceness=niceness)]
    return subprocess.run(
        program, capture_output=True, text=True, check=True, start_new_session=leads
    ).stdout.split()


def test_a_process_that_stands_back_is_nicer_by_that_much() -> None:
    before = said(0, leads=True)
    after = said(5, leads=True)
    assert int(after[0]) == min(int(before[0]) + 5, 19)


def groups_by_session() -> bool:
    switch = Path("/proc/sys/kernel/sched_autogroup_enabled")
    return switch.exists() and switch.read_text().strip() == "1"


@pytest.mark.skipif(not groups_by_session(), reason="this kernel does not share its cores by session")
def test_the_session_stands_back_with_the_process_that_leads_it_and_with_no_other() -> None:
    assert said(5, leads=True)[1] == "5"
    theirs = said(0, leads=False)
    assert said(5, leads=False)[1:] == theirs[1:]
