from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

import pytest
from redis.asyncio import Redis

from tests.delivery.kit import House, open_house


@pytest.fixture
async def house(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    """Delivery serving RPC on a database of its own, with real neighbours' servers; no worker yet."""
    async with open_house(clone_database(["delivery"]), redis_url) as opened:
        yield opened
