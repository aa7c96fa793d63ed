"""Long work gives way to what somebody waits for, and never for long."""

from __future__ import annotations

import asyncio
import time

import pytest

from services.common import turns
from services.common.turns import FEW, PATIENCE_SECONDS, TURN, give_way, in_turns, urgent


async def test_a_block_is_worked_on_slice_by_slice_and_others_run_between() -> None:
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")

    task = asyncio.create_task(other())
    async for part in in_turns(range(2 * TURN + 1)):
        seen.append(str(len(part)))  # noqa: PERF401 - the order among others is what is looked at
    await task
    assert seen == [str(TURN), "other", str(TURN), "1"]


async def test_a_block_waits_while_urgent_work_is_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 60.0)
    begun, done = asyncio.Event(), asyncio.Event()

    async def single() -> None:
        with urgent():
            begun.set()
            for _ in range(10):
                await asyncio.sleep(0)
            done.set()

    task = asyncio.create_task(single())
    await begun.wait()
    await give_way(1000)
    assert done.is_set()
    await task


async def test_a_block_goes_on_although_urgent_work_never_ends() -> None:
    forever = asyncio.Event()

    async def stuck() -> None:
        with urgent():
            await forever.wait()

    task = asyncio.create_task(stuck())
    await asyncio.sleep(0)
    began = time.monotonic()
    async with asyncio.timeout(60):
        assert [len(part) async for part in in_turns(range(3 * TURN))] == 3 * [TURN]
    assert time.monotonic() - began >= 2 * PATIENCE_SECONDS
    forever.set()
    await task


async def test_short_work_and_urgent_work_do_not_wait() -> None:
    others: list[bool] = []
    asyncio.get_running_loop().call_soon(others.append, True)
    with urgent():
        await give_way(1000)
        await give_way(FEW)
    assert others == []
