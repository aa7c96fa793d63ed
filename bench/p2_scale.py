"""P2: what a message costs must not depend on how many go together."""

import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from angarium.common.v1 import enums_pb2
from bench import given
from bench.figures import Figure, Floor, Target
from bench.launch import launch
from bench.quiet import events_settled
from bench.stack import Stack, split

NAME = "scale"
SIZES = (10_000, 100_000, 1_000_000)
TIME = 1200.0
"""A size is left out when, by those before it, it would take longer than this many seconds together with them."""

WITHIN = 1.2
"""The dearest message of all sizes costs at most so many times the cheapest."""


class Measured(NamedTuple):
    """One campaign."""

    items: int
    cpu: dict[str, float]
    outside: dict[str, float]
    memory: dict[str, int]
    seconds: float

    @property
    def cpu_us(self) -> float:
        """Returns the CPU microseconds of one message over every process of the product."""
        return sum(self.cpu.values()) / self.items * 1e6


async def measure(stack: Stack, scale: float) -> Figure:
    """Launches campaigns of growing size, each of a tenant of its own, on one stack that is not cleaned between them."""
    began = time.perf_counter()
    found: list[Measured] = []
    for size in SIZES:
        items = max(1000, int(size * scale))
        spent = time.perf_counter() - began
        if found and spent + spent * items / sum(one.items for one in found) > TIME:
            break
        found.append(await _campaign(stack, items))
    cheapest = min(found, key=lambda one: one.cpu_us)
    dearest = max(found, key=lambda one: one.cpu_us)
    largest = found[-1]
    memory: dict[str, int] = {}
    for one in found:
        for name, peak in one.memory.items():
            memory[name] = max(peak, memory.get(name, 0))
    return Figure(
        number="P2",
        name=NAME,
        title="the same at 10,000 to 1,000,000 recipients: messages a CPU second",
        items=largest.items,
        rate=1e6 / dearest.cpu_us,
        floor=Floor(1e6 / cheapest.cpu_us, cheapest.cpu_us, f"the cheapest size, {cheapest.items:,}"),
        target=Target(ratio=1 / WITHIN, memory=200 * 2**20),
        cpu_seconds=largest.cpu,
        outside_seconds=largest.outside,
        peak_memory=memory,
        seconds={f"{one.items:,}": one.seconds for one in found},
        notes=(
            "CPU µs a message: "
            + ", ".join(f"{one.cpu_us:.0f} at {one.items:,}" for one in found)
            + "; the ratio is the cheapest over the dearest",
            "worker memory: "
            + ", ".join(f"{_worker(one.memory) / 2**20:.0f} MB at {one.items:,}" for one in found),
            f"a size that would not be done within {TIME / 60:.0f} minutes is left out",
        ),
    )


async def _campaign(stack: Stack, items: int) -> Measured:
    async with given.tenant(stack) as cast:
        template_id, _ = await given.template(cast.ada, enums_pb2.CATEGORY_OFFER)
        config: dict[str, str | int] = {"base_url": stack.sandbox_url, "from_address": given.SENDER}
        await given.account(cast.ada, "sendgrid", config, concurrency=10, api_key="SG.bench")
        with tempfile.TemporaryDirectory() as folder:
            await given.contacts(cast.ada, items, Path(folder))
        campaign_id = await given.approved_campaign(cast, template_id)
        await events_settled(stack)
        meter = stack.meter()
        meter.start()
        done = await launch(stack, cast, campaign_id, items)
        inside, outside = split(meter.cpu())
        return Measured(items, inside, outside, meter.peak_memory(), done.settled)


def _worker(memory: dict[str, int]) -> int:
    return max((peak for name, peak in memory.items() if "worker" in name), default=0)
