"""What every floor does alike: read its order, measure its work, print one JSON line."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench.processes import own_seconds


@dataclass
class Watch:
    """Seconds of the clock and of the CPU that a block took."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0


@contextmanager
def watch() -> Iterator[Watch]:
    """Measures its block."""
    found = Watch()
    cpu, began = own_seconds(), time.perf_counter()
    yield found
    found.seconds, found.cpu_seconds = time.perf_counter() - began, own_seconds() - cpu


def order() -> dict[str, Any]:
    """Returns what the benchmark asked for: one JSON object on standard input."""
    asked: dict[str, Any] = json.load(sys.stdin)
    return asked


def answer(**found: Any) -> None:
    """Tells the benchmark what was measured."""
    print(json.dumps(found), flush=True)
