"""P1: a campaign by e-mail through a provider that takes a thousand recipients a request."""

import tempfile
from pathlib import Path

import aiohttp

from angarium.common.v1 import enums_pb2
from bench import given
from bench.figures import Figure, Floor, Target
from bench.launch import launch
from bench.processes import Meter
from bench.quiet import events_settled
from bench.scripts import run_floor
from bench.stack import Stack, split

NAME = "campaign"
ITEMS = 100_000
_KEY = "SG.bench"


async def measure(stack: Stack, scale: float) -> Figure:
    """Launches the campaign and waits until everybody was handed over and counted."""
    items = max(1000, int(ITEMS * scale))
    async with given.tenant(stack) as cast:
        template_id, _ = await given.template(cast.ada, enums_pb2.CATEGORY_OFFER)
        config: dict[str, str | int] = {"base_url": stack.sandbox_url, "from_address": given.SENDER}
        await given.account(cast.ada, "sendgrid", config, concurrency=10, api_key=_KEY)
        with tempfile.TemporaryDirectory() as folder:
            await given.contacts(cast.ada, items, Path(folder))
        campaign_id = await given.approved_campaign(cast, template_id)
        await events_settled(stack)
        meter = stack.meter()
        meter.start()
        found = await launch(stack, cast, campaign_id, items)
        inside, outside = split(meter.cpu())
        memory = meter.peak_memory()
    await _compare(stack, campaign_id, items)
    return Figure(
        number="P1",
        name=NAME,
        title="campaign through a batch HTTP provider",
        items=items,
        rate=items / found.settled,
        floor=await _floor(stack, items),
        target=Target(ratio=0.40, cpu_us=200, memory=200 * 2**20),
        cpu_seconds=inside,
        outside_seconds=outside,
        peak_memory=memory,
        seconds={
            "first hand-over": found.first,
            "last hand-over": found.handed_over,
            "everything counted": found.settled,
        },
        notes=(
            "from the launch until the ledger and analytics have counted the last message",
            "the emulator's own CPU is part of both times and of neither figure",
        ),
    )


async def _compare(stack: Stack, campaign_id: str, items: int) -> None:
    """Compares with the emulator's own log: everybody once."""
    url = f"{stack.sandbox_url}/truth/summary?campaign={campaign_id}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        totals = (await response.json())["totals"]
    if (totals["accepted_unique"], totals["duplicates"]) != (items, 0):
        raise RuntimeError(
            f"the provider took {totals['accepted_unique']} of {items} messages, {totals['duplicates']} twice"
        )


async def _floor(stack: Stack, items: int) -> Floor:
    postgres = stack.supervisor.pid("postgres")
    meter = Meter({"postgres": lambda: postgres})
    meter.start()
    found = await run_floor(
        "campaign",
        database_url=stack.database_url,
        provider_url=stack.sandbox_url,
        api_key=_KEY,
        sender=given.SENDER,
        address=given.ADDRESS,
        template=given.PARTS,
        items=items,
    )
    cpu = found["cpu_seconds"] + sum(meter.cpu().values())
    words = "COPY, Jinja2, one POST and one bulk update per 1,000"
    return Floor(items / found["seconds"], cpu / items * 1e6, words)
