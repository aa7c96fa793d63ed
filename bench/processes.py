"""What processes cost: CPU time of their trees and peak memory, as the kernel counts them."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
_PEAK_AGAIN = "5"  # what clear_refs takes to begin counting the peak of resident memory anew


class Stat(NamedTuple):
    """One line of /proc: whose child it is, and its CPU seconds with those of children it has buried."""

    parent: int
    seconds: float


Roots = Mapping[str, Callable[[], int | None]]
"""Where to find the root of each named process tree now; None while it does not run."""


def cpu_seconds(roots: Mapping[str, int | None]) -> dict[str, float]:
    """Returns the CPU seconds of each tree since it began, buried children included."""
    stats = _stats()
    children = _children(stats)
    return {
        name: sum(stats[pid].seconds for pid in _tree(root, children))
        for name, root in roots.items()
        if root is not None and root in stats
    }


class Meter:
    """Measures what named process trees use between `start` and `stop`."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._before: dict[str, float] = {}

    def start(self) -> None:
        """Begins, and lets the kernel count peaks of memory anew."""
        pids = self._pids()
        for pid in pids.values():
            _forget_peak(pid)
        self._before = cpu_seconds(pids)

    def cpu(self) -> dict[str, float]:
        """Returns the CPU seconds of each tree since the start."""
        now = cpu_seconds(self._pids())
        return {name: seconds - self._before.get(name, 0.0) for name, seconds in now.items()}

    def peak_memory(self) -> dict[str, int]:
        """Returns the largest resident size of each root process since the start, in bytes."""
        return {name: peak for name, pid in self._pids().items() if (peak := _peak(pid))}

    def memory(self) -> dict[str, int]:
        """Returns what each tree holds now, in bytes."""
        return memory(self._pids())

    def _pids(self) -> dict[str, int]:
        return {name: pid for name, find in self._roots.items() if (pid := find()) is not None}


def memory(roots: Mapping[str, int | None]) -> dict[str, int]:
    """Returns what each tree holds now in bytes; pages that several processes share are divided among them."""
    stats = _stats()
    children = _children(stats)
    return {
        name: sum(_held(pid) for pid in _tree(root, children))
        for name, root in roots.items()
        if root is not None and root in stats
    }


def own_seconds() -> float:
    """Returns the CPU seconds of this process."""
    times = os.times()
    return times.user + times.system


def _children(stats: Mapping[int, Stat]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for pid, stat in stats.items():
        found.setdefault(stat.parent, []).append(pid)
    return found


def _tree(root: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += children.get(pid, [])


def _stats() -> dict[int, Stat]:
    found: dict[int, Stat] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            # A process may end between the listing and the reading.
            with suppress(OSError):
                found[int(entry.name)] = _stat((entry / "stat").read_text())
    return found


def _stat(line: str) -> Stat:
    # The name stands in parentheses and may hold anything; the numbers follow the last one.
    fields = line[line.rindex(")") + 2 :].split()
    return Stat(int(fields[1]), sum(map(int, fields[11:15])) / _TICK)


def _peak(pid: int) -> int:
    return _kilobytes(pid, "status", "VmHWM:")


def _held(pid: int) -> int:
    # Kernels without roll-ups, and processes of others, still tell the resident size.
    return _kilobytes(pid, "smaps_rollup", "Pss:") or _kilobytes(pid, "status", "VmRSS:")


def _kilobytes(pid: int, file: str, name: str) -> int:
    with suppress(OSError):
        for line in (_PROC / str(pid) / file).read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0


def _forget_peak(pid: int) -> None:
    with suppress(OSError):
        (_PROC / str(pid) / "clear_refs").write_text(_PEAK_AGAIN)
