"""Kills roles at their instants and writes down what was in the air."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg

from cli.demo.stage import Stage
from cli.demo.steps.launch import Strikes
from cli.demo.steps.stack import Stack
from cli.demo.wish import Kill

_IN_FLIGHT = """
SELECT coalesce(sum(cardinality(message_ids)) FILTER (WHERE lane = 4), 0),
    coalesce(sum(cardinality(message_ids)) FILTER (WHERE lane <> 4), 0)
FROM delivery.handover WHERE finished_at IS NULL
"""
_LONGEST_QUESTION = 1.0


@dataclass(frozen=True)
class Death:
    role: str
    at: float
    marketing_in_flight: int
    """Messages whose hand-over was written down and not yet answered when the role died."""
    transactional_in_flight: int
    emptied: bool = False
    """Whether it came back without its data, as only Valkey may."""


@dataclass(frozen=True)
class Deaths:
    strikes: Strikes
    """As the demo watches them."""
    done: list[Death] = field(default_factory=list)


@asynccontextmanager
async def killing(
    stack: Stack, kills: Sequence[Kill], stage: Stage, *, afterwards: Callable[[str], Awaitable[None]]
) -> AsyncIterator[Deaths]:
    """Ends roles by SIGKILL while the block runs, one after the other; the supervisor starts them again.

    `afterwards(role)` is what a person on duty does about a death, while others go on dying.
    """
    deaths = Deaths(Strikes(len(kills)))
    async with asyncio.TaskGroup() as tasks:

        async def kill_all() -> None:
            began = time.monotonic()
            for kill in kills:
                await asyncio.sleep(max(0.0, began + kill.seconds - time.monotonic()))
                # Every second death of Valkey takes along what it had on disk: it may lose everything.
                before = sum(one.role == kill.role for one in deaths.done)
                death = await _kill(
                    stack, kill.role, began, emptied=kill.role == "valkey" and before % 2 == 0
                )
                deaths.done.append(death)
                deaths.strikes.done.append(kill)
                tasks.create_task(afterwards(kill.role))
                in_flight = (
                    f"{death.marketing_in_flight} + {death.transactional_in_flight} messages in flight"
                )
                how = "killed and emptied" if death.emptied else "killed"
                stage.note(f"[yellow]{death.at:5.1f} s  {kill.role} {how}, {in_flight}[/]")

        tasks.create_task(kill_all())
        yield deaths


async def _kill(stack: Stack, role: str, began: float, *, emptied: bool) -> Death:
    while True:
        marketing, transactional = await _in_flight(stack)
        pid = stack.supervisor.pid(role)
        if pid is not None:
            if emptied:
                for path in (stack.installation.state.path / role / "data").iterdir():
                    shutil.rmtree(path)
            os.kill(pid, signal.SIGKILL)
            return Death(role, time.monotonic() - began, marketing, transactional, emptied)
        # A role that is being started again has a pid in a moment; killing it then is part of the game.
        await asyncio.sleep(0.05)


async def _in_flight(stack: Stack) -> tuple[int, int]:
    """Returns how many messages nobody knows the outcome of; nothing is known while PostgreSQL is down."""
    try:
        async with asyncio.timeout(_LONGEST_QUESTION):
            url = stack.installation.database_url
            async with await psycopg.AsyncConnection.connect(url) as connection:
                row = await (await connection.execute(_IN_FLIGHT)).fetchone()
    except (psycopg.Error, OSError, TimeoutError):
        return 0, 0
    return (int(row[0]), int(row[1])) if row else (0, 0)
