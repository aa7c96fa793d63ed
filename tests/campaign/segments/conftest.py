"""Campaign with its neighbours."""

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import pytest

from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from tests.campaign.conftest import create_tenant
from tests.common.given import settings as given_settings
from tests.fakes.neighbours import FakeConsent, start_neighbours
from tests.house import Served, serving, settings_for


@dataclass
class Surrounded:
    """A served campaign, whom it asks, and where its owner reaches the database."""

    served: Served
    consent: FakeConsent
    owner_url: str


@pytest.fixture
async def surrounded(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, clock: FixedClock
) -> AsyncIterator[Surrounded]:
    """A served campaign whose consent service answers as a test says."""
    neighbours = await start_neighbours(given_settings())
    url = clone_database(["campaign"])
    settings = settings_for(CampaignSettings, url, redis_url, "campaign", consent_address=neighbours.address)
    try:
        async with serving(build, settings, clock=clock) as served:
            await create_tenant(served)
            yield Surrounded(served, neighbours.consent, url)
    finally:
        await neighbours.server.stop()
