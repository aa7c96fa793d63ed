from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

import pytest
from redis.asyncio import Redis

from tests.delivery.kit import open_house
from tests.delivery.outside import Outside, open_outside


@pytest.fixture
async def outside(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Outside]:
    """Delivery with a tenant whose account is one of SendGrid; nothing is sent anywhere."""
    async with open_house(clone_database(["delivery"]), redis_url, provider_mode="live") as house:
        yield await open_outside(house)
