"""More callers than a server takes: refusals say when to come back, and whoever was accepted is there, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from uuid import uuid4

import grpc.aio
import pytest
from redis.asyncio import Redis

from angarium.delivery.v1 import message_service_pb2 as pb
from tests.common.rpc.faults import details
from tests.delivery.kit import House, open_house, recipient

AT_ONCE, CALLERS = 4, 80


@pytest.fixture
async def small(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    """Delivery that has few calls in hand at once."""
    async with open_house(clone_database(["delivery"]), redis_url, rpc_max_running=AT_ONCE) as opened:
        yield opened


@pytest.mark.req("REL-21", "API-21")
async def test_who_comes_too_many_is_told_when_to_come_back_and_nobody_accepted_is_lost_or_twice(
    small: House,
) -> None:
    content = small.content()
    refused: list[grpc.aio.AioRpcError] = []
    ids: list[str] = []

    async def caller(number: int) -> None:
        """Sends one message, again and again until it is taken, and by one key."""
        request = pb.SendMessageRequest(
            content=content, recipient=recipient(number), idempotency_key=str(uuid4())
        )
        while True:
            try:
                answer = await small.messages.SendMessage(request, metadata=small.as_person(), timeout=60)
            except grpc.aio.AioRpcError as error:
                refused.append(error)
                # The time it says is for a crowd; here it would be waited for in vain.
                await asyncio.sleep(0.02)
            else:
                ids.append(answer.message_id)
                return

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    assert {one.code() for one in refused} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    for told in map(details, refused):
        assert (told.info.reason, told.quota is not None) == ("RATE_LIMITED", True)
        assert timedelta() < told.retry.retry_delay.ToTimedelta() <= timedelta(seconds=5)
    assert len(set(ids)) == CALLERS
    stored = [str(id) for (id,) in await small.rows("SELECT message_id FROM message")]
    assert sorted(stored) == sorted(ids)
    # Nothing of a refused call stays in hand.
    assert (await small.send_one(content, recipient(CALLERS))).message_id
