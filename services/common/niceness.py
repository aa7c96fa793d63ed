"""How far a process stands back for others on its machine."""

import os
import time
from pathlib import Path
from typing import Final

MOST: Final = 19
_OF_SESSION: Final = Path("/proc/self/autogroup")
_TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.13


def stand_back(niceness: int) -> None:
    """Raises the niceness of this process, and of all it starts from now on; that needs no rights.

    A kernel that shares the cores by session (Linux's autogroup) heeds the niceness of processes within a session only,
    so whoever leads a session raises that of the session too.
    """
    if not niceness:
        return
    os.nice(niceness)
    if os.getsid(0) == os.getpid():
        _raise_of_session(niceness)


def _raise_of_session(niceness: int) -> None:
    """Raises the niceness of the session; containers may not do so, and have shares of their own."""
    for _ in range(_TRIES):
        try:
            _OF_SESSION.write_text(str(niceness))
        except BlockingIOError:
            # The kernel takes ten such wishes a second from all unprivileged processes together.
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            return
        else:
            return
