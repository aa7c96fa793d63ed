from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from services.common.clock import FixedClock
from tests.delivery.webhooks.kit import Stand, open_stand


@pytest.fixture
async def stand(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, clock: FixedClock
) -> AsyncIterator[Stand]:
    """Delivery with a partner beside it, on a clock that stands still."""
    async with open_stand(clone_database(["delivery"]), redis_url, clock) as opened:
        yield opened
