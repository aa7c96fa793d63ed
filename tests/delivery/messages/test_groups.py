"""Which single calls are accepted together: callers who were just answered are waited for, the critical wait for nobody."""

from __future__ import annotations

import asyncio

import pytest

from services.delivery.messages import groups
from services.delivery.messages.claims import Call
from services.delivery.messages.domain import Lane
from services.delivery.messages.groups import LARGEST, Group


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits in vain waits longer than a test may last."""
    monkeypatch.setattr(groups, "SOON_SECONDS", 3600)


class Waiting(Call):
    """A call of one message in a lane."""

    def __init__(self, lane: Lane = Lane.NORMAL) -> None:
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        super().__init__(b"", 0, b"", answer, [], None, "")  # type: ignore[arg-type]
        self.lane = lane

    @property
    def is_critical(self) -> bool:
        return self.lane is Lane.CRITICAL


async def test_who_is_nearly_alone_waits_for_nobody() -> None:
    group = Group()
    await group.gather(1)
    group.add(Waiting())
    await group.gather(0)
    await group.gather(1)


async def test_most_of_those_who_were_answered_are_waited_for() -> None:
    group = Group()
    group.add(Waiting())
    gathering = asyncio.create_task(group.gather(3))
    for _ in range(2):
        await asyncio.sleep(0)
        assert not gathering.done()
        group.add(Waiting())
    await gathering
    assert len(group.waiting) == 3


async def test_no_more_are_waited_for_than_one_group_takes() -> None:
    group = Group()
    for _ in range(LARGEST):
        group.add(Waiting())
    await group.gather(3 * LARGEST)


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_critical_call_ends_the_wait(is_there: bool) -> None:
    group = Group()
    if is_there:
        group.add(Waiting(Lane.CRITICAL))
        await group.gather(50)
        return
    gathering = asyncio.create_task(group.gather(50))
    await asyncio.sleep(0)
    group.add(Waiting(Lane.CRITICAL))
    await gathering
