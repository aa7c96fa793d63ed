"""Faults of the providers while the campaign runs: ordered of the sandbox before the launch, lifted afterwards."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from cli.demo.sandbox import SandboxClient
from cli.demo.wish import Fault

_SECONDS = 2.0
"""How long what is slow takes, and what comes late is late."""


@asynccontextmanager
async def faulty(sandbox: SandboxClient, faults: Sequence[Fault]) -> AsyncIterator[Counter[str]]:
    """Has providers commit faults inside the block; how many of each kind they committed is told after it."""
    struck: Counter[str] = Counter()
    for fault in faults:
        await sandbox.order_fault(kind=fault.kind, share=fault.share, count=0, seconds=_SECONDS)
    try:
        yield struck
    finally:
        if faults:
            for one in await sandbox.lift_faults():
                struck[str(one["kind"])] += int(one["hits"])
