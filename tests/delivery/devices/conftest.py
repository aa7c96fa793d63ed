from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from services.common.db.testing import TemplateDatabases
from tests.delivery.devices.kit import Shop
from tests.delivery.kit import House, open_house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[House]:
    """One delivery for all tests of a module; each has a tenant of its own."""
    url = templates.clone(["delivery"])
    async with open_house(
        url, redis_url, enable_push=True, provider_mode="live", outbound_allow_local=True, retry_delay_ms=50
    ) as opened:
        yield opened
    templates.drop(url)


@pytest.fixture
def shop(served: House) -> Shop:
    return Shop(served)
