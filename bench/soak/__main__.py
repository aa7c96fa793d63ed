"""`python -m bench.soak`: keeps the whole product busy for minutes, overloads it, and counts what became of everything."""

import asyncio
import json
import math
import os
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import grpc
import typer
from redis.asyncio import Redis
from rich.console import Console
from rich.status import Status

from bench import given
from bench.machine import commit, load, machine
from bench.soak import world
from bench.soak.overload import overload
from bench.soak.proof import prove
from bench.soak.report import Report, show
from bench.soak.samples import KEEPING, Sample, Samples, growth
from bench.soak.tally import Tally
from bench.soak.work import Accepted, Work
from bench.stack import Stack, running
from cli.demo.sandbox import SandboxClient

_SETTLING = 120.0
_TOO_SHORT = 240.0
"""Below so many seconds nothing is said of growth: caches and pools still fill."""
_LOOKS = 120
_PATIENCE = 300.0
"""Seconds in which the queues must drain."""
_OWN = "SELECT count(*) FROM delivery.message WHERE tenant_id = %s AND campaign_id IS NULL"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for."""

    seconds: float
    overload_seconds: float
    callers: int
    contacts: int
    workers: int
    allowed_growth: float
    state: Path | None


def main(
    seconds: Annotated[float, typer.Option(help="How long all kinds of work go on.", min=1)] = 600.0,
    overload_seconds: Annotated[
        float, typer.Option(help="How long there are too many callers.", min=1)
    ] = 30.0,
    callers: Annotated[
        int, typer.Option(help="How many callers are too many; one process serves RPC_MAX_RUNNING.", min=2)
    ] = 3000,
    contacts: Annotated[int, typer.Option(help="People that each campaign goes to.", min=10)] = 5000,
    workers: Annotated[int, typer.Option(help="Delivery workers.", min=1, max=64)] = min(
        len(os.sched_getaffinity(0)), 8
    ),
    allowed_growth: Annotated[
        float, typer.Option(help="By which share of its memory a role may grow after two minutes.", min=0)
    ] = 0.10,
    keep_state: Annotated[Path | None, typer.Option(help="Keep data and logs in this folder.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was found as one JSON document.")
    ] = False,
) -> None:
    """Run campaigns, blocks, single messages, readers, visitors and webhooks together, each as fast as the product lets it.

    Afterwards there are more callers than can be served, and then the queues must drain. Ends with status 1 when a role
    grows, a call fails, a refusal does not say when to come back, or anything that was accepted is lost, twice or without
    a final state.

    Example: make soak ARGS="--seconds 60 --json"
    """
    console = Console(stderr=as_json)
    wish = Wish(seconds, overload_seconds, callers, contacts, workers, allowed_growth, keep_state)
    report = asyncio.run(_run(wish, console))
    if as_json:
        print(json.dumps(report.as_dict(), indent=2))
    else:
        show(report, console)
    if report.failures:
        raise typer.Exit(1)


async def _run(wish: Wish, console: Console) -> Report:
    before, tally, accepted = load(), Tally(), Accepted()
    async with AsyncExitStack() as held:
        status = held.enter_context(console.status("starting the stack"))
        stack = await held.enter_async_context(running(workers=wish.workers, state=wish.state))
        cast = await held.enter_async_context(given.tenant(stack))
        sandbox = await held.enter_async_context(SandboxClient(stack.sandbox_url))
        channel = await held.enter_async_context(
            grpc.aio.insecure_channel(stack.installation.address("delivery"))
        )
        redis: Redis = Redis.from_url(stack.installation.redis_url)
        held.push_async_callback(redis.aclose)
        status.update(f"{wish.contacts:,} people, letters, an account")
        made = await world.build(
            stack, cast, sandbox, channel, contacts=wish.contacts, visited=min(wish.contacts, 1000)
        )
        kept = await stack.count(_OWN, cast.tenant_id)
        pids = _pids(stack)
        samples = Samples(stack, redis, every=max(0.5, wish.seconds / _LOOKS))
        looking = asyncio.create_task(
            samples.loop(lambda one: _tell(console, status, one, wish.seconds, tally))
        )
        await Work(made, tally, accepted).until(asyncio.sleep(wish.seconds))
        worked = (await samples.take()).seconds
        last = samples.taken[-1].waiting
        status.update(f"{wish.callers:,} callers at once")
        strain = await overload(made, accepted, callers=wish.callers, seconds=wish.overload_seconds)
        looking.cancel()
        await asyncio.wait([looking])
        status.update("waiting for the queues, then counting")
        proof = await prove(made, accepted, samples, before=kept, patience=_PATIENCE)
        settling = _SETTLING if wish.seconds >= 2 * _SETTLING else wish.seconds / 4
        during = [one for one in samples.taken if one.seconds <= worked]
        most: Counter[str] = Counter()
        for sample in during:
            most |= Counter(sample.waiting)
        return Report(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            commit=commit(),
            machine={**machine(), "load_before": before, "load_after": load()},
            seconds=worked,
            settling=settling,
            allowed=wish.allowed_growth if wish.seconds >= _TOO_SHORT else math.inf,
            tally=tally,
            growth=growth(during, settling, worked),
            most_waiting=dict(most),
            last_waiting=last,
            overload=strain,
            proof=proof,
            died=[name for name, pid in _pids(stack).items() if pids.get(name) != pid],
            samples=samples.taken,
        )


def _pids(stack: Stack) -> dict[str, int | None]:
    return {role.name: stack.supervisor.pid(role.name) for role in stack.supervisor.roles if not role.once}


def _tell(console: Console, status: Status, sample: Sample, seconds: float, tally: Tally) -> None:
    """Says where things stand, in one line that is written over, and once in a while in one that stays."""
    held = sum(size for role, size in sample.memory.items() if role not in KEEPING) / 2**20
    calls = sum(map(len, tally.milliseconds.values()))
    waiting = sum(sample.waiting.values())
    line = (
        f"{sample.seconds:5.0f} of {seconds:.0f} s: {calls:,} calls, {sum(tally.faults.values())} failed,"
        f" {waiting:,} waiting, {held:,.0f} MB in our own roles"
    )
    status.update(line)
    if not console.is_terminal:
        console.print(line, highlight=False)


if __name__ == "__main__":
    typer.run(main)
