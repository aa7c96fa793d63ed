"""Campaign as its callers meet it."""

from collections.abc import AsyncIterator, Callable, Iterable

import pytest

from angarium.campaign.v1 import settings_service_pb2 as settings_pb2
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from tests.house import Served, serving, settings_for


@pytest.fixture
async def campaign(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, clock: FixedClock
) -> AsyncIterator[Served]:
    """A served campaign with one tenant, in Germany, that counts in euros."""
    settings = settings_for(CampaignSettings, clone_database(["campaign"]), redis_url, "campaign")
    async with serving(build, settings, clock=clock) as served:
        await create_tenant(served)
        yield served


async def create_tenant(served: Served) -> settings_pb2.CreateTenantResponse:
    tenants = served.person(SettingsServiceStub, "platform_admin")
    return await tenants.CreateTenant(
        settings_pb2.CreateTenantRequest(
            tenant=settings_pb2.Tenant(
                tenant_id=str(served.tenant_id),
                name="Bazaar",
                currency_code="EUR",
                region_code="DE",
                default_time_zone="Europe/Berlin",
            )
        )
    )
