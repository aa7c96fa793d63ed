"""One campaign service for a module; each test is a tenant of its own in it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio

from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from tests.campaign.conftest import create_tenant
from tests.campaign.rules.kit import CS_TEAM, NOON, Desk
from tests.house import serving, settings_for


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[Desk]:
    url = templates.clone(["campaign"])
    settings = settings_for(
        CampaignSettings,
        url,
        redis_url,
        "campaign",
        enable_rate_limiting=False,
        cs_team_email=CS_TEAM,
        frontend_url="https://shop.example",
        support_email="help@shop.example",
    )
    clock = FixedClock(NOON)
    async with serving(build, settings, clock=clock) as served:
        yield Desk(served, clock)
    templates.drop(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(building: Desk) -> Desk:
    """A tenant with staff of every kind, which a module's tests share."""
    desk = Desk(dataclasses.replace(building.served, tenant_id=uuid4()), building.clock)
    await create_tenant(desk.served)
    await desk.staff("owner", "super_owner")
    await desk.staff("region", "regional_manager")
    await desk.staff("desk", "receptionist")
    return desk


@pytest_asyncio.fixture(loop_scope="module")
async def desk(building: Desk) -> Desk:
    """The service as a new tenant sees it, at noon."""
    building.clock.set(NOON)
    desk = Desk(dataclasses.replace(building.served, tenant_id=uuid4()), building.clock)
    await create_tenant(desk.served)
    return desk
