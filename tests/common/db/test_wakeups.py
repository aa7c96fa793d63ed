"""Wake-ups between processes: each word is told soon, and no word waits for another."""

import asyncio

import pytest

from services.common.db import wakeups

TOPIC = "topic"


@pytest.fixture
async def others(open_database, owner_url):
    """Two processes of one service: one that wakes and one that listens."""
    return [await open_database(owner_url, "sample") for _ in range(2)]


async def test_a_word_that_was_just_told_waits_and_others_do_not_wait_for_it(others, monkeypatch):
    monkeypatch.setattr(wakeups, "PAUSE_SECONDS", 3600.0)
    waking, listening = others
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async for payload in listening.listen(TOPIC):
            heard.put_nowait(payload)

    task = asyncio.create_task(listen())
    async with asyncio.timeout(30):
        # Whoever begins to listen looks once.
        assert await heard.get() == ""
        for word in ("a", "a", "b", "a", "c"):
            waking.wake(TOPIC, word)
            await asyncio.sleep(0)
        assert {await heard.get() for _ in range(3)} == {"a", "b", "c"}
        waking.wake(TOPIC, "a")
        waking.wake(TOPIC, "d")
        assert await heard.get() == "d"
    assert heard.empty()
    task.cancel()


async def test_a_word_that_waits_is_told_when_its_pause_is_over(others):
    waking, listening = others
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async for payload in listening.listen(TOPIC):
            heard.put_nowait(payload)

    task = asyncio.create_task(listen())
    async with asyncio.timeout(30):
        assert await heard.get() == ""
        waking.wake(TOPIC, "a")
        assert await heard.get() == "a"
        waking.wake(TOPIC, "a")
        assert await heard.get() == "a"
    task.cancel()
