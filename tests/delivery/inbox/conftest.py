from collections.abc import AsyncIterator, Callable, Iterable

import pytest
from redis.asyncio import Redis

from tests.delivery.inbox.home import Home, working
from tests.delivery.kit import open_house


@pytest.fixture
async def home(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Home]:
    async with open_house(clone_database(["delivery"]), redis_url) as opened, working(opened):
        yield Home(opened)
