"""Kills roles at their instants and writes down what was in the air."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
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


@dataclass
class Deaths:
    planned: int
    done: list[Death] = field(default_factory=list)

    @property
    def strikes(self) -> Strikes:
        """As the demo watches them."""
        return Strikes(self.planned, [Kill(one.role, one.at) for one in self.done])

    @property
    def are_over(self) -> bool:
        return len(self.done) == self.planned


class Killing(Strikes):
    """Tells the demo's watch how many kills are still to come."""

    def __init__(self, deaths: Deaths) -> None:
        super().__init__(deaths.planned)
        self._deaths = deaths

    @property
    def are_over(self) -> bool:
        return self._deaths.are_over


@asynccontextmanager
async def killing(stack: Stack, kills: Sequence[Kill], stage: Stage) -> AsyncIterator[Deaths]:
    """Ends roles by SIGKILL while the block runs, one after the other; the supervisor starts them again."""
    deaths = Deaths(len(kills))
    task = asyncio.create_task(_kill_all(stack, kills, deaths, stage))
    try:
        yield deaths
        await task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _kill_all(stack: Stack, kills: Sequence[Kill], deaths: Deaths, stage: Stage) -> None:
    began = time.monotonic()
    for kill in kills:
        await asyncio.sleep(max(0.0, began + kill.seconds - time.monotonic()))
        # A role that is being started again has a pid in a moment; killing it then is part of the game.
        while stack.supervisor.pid(kill.role) is None:  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.05)
        marketing, transactional = await _in_flight(stack)
        pid = stack.supervisor.pid(kill.role)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        at = time.monotonic() - began
        deaths.done.append(Death(kill.role, at, marketing, transactional))
        stage.note(
            f"[yellow]{at:5.1f} s  {kill.role} killed, {marketing} + {transactional} messages in flight[/]"
        )


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
