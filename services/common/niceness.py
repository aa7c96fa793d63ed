"""How far a process stands back for others on its machine."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

MOST: Final = 19
_OF_SESSION: Final = Path("/proc/self/autogroup")


def stand_back(niceness: int) -> None:
    """Raises the niceness of this process, and of all it starts from now on; that needs no rights.

    A kernel that shares the cores by session (Linux's autogroup) heeds the niceness of processes within a session only,
    so whoever leads a session raises that of the session too.
    """
    if not niceness:
        return
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        # Containers may not write it, and have shares of their own.
        with suppress(OSError):
            _OF_SESSION.write_text(str(niceness))
