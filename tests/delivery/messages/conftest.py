"""One delivery for a module; each test is a tenant of its own in it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
import pytest_asyncio

from services.common.db.testing import TemplateDatabases
from tests.delivery.kit import House, open_house
from tests.fakes.neighbours import ALLOW


@pytest.fixture(scope="module")
def delivery_url(templates: TemplateDatabases) -> Iterator[str]:
    url = templates.clone(["delivery"])
    yield url
    templates.drop(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(delivery_url: str, redis_url: str) -> AsyncIterator[House]:
    async with open_house(delivery_url, redis_url) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def office(building: House) -> House:
    """Delivery as a new tenant sees it, whose neighbours allow everything and know nobody."""
    neighbours = building.neighbours
    neighbours.consent.rule = lambda context, item: ALLOW
    neighbours.consent.is_down = neighbours.templates.is_down = neighbours.people.is_down = False
    neighbours.people.contacts.clear()
    neighbours.people.staff.clear()
    neighbours.people.asked.clear()
    neighbours.consent.requests.clear()
    return dataclasses.replace(building, tenant_id=uuid4())


@pytest_asyncio.fixture(loop_scope="module")
async def house_of_its_own(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[House]:
    """Delivery for one test alone, whose workers find nobody else's messages."""
    url = templates.clone(["delivery"])
    async with open_house(url, redis_url) as opened:
        yield opened
    templates.drop(url)
