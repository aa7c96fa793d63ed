"""One campaign service for a module; each test is a tenant of its own in it, and its clock goes forward only."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest_asyncio

from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from tests.campaign.conftest import create_tenant
from tests.house import Served, serving, settings_for

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def building(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[Served]:
    url = templates.clone(["campaign"])
    settings = settings_for(CampaignSettings, url, redis_url, "campaign")
    async with serving(build, settings, clock=FixedClock(NOON)) as served:
        yield served
    templates.drop(url)


@pytest_asyncio.fixture(loop_scope="module")
async def shop(building: Served) -> Served:
    """The service as a new tenant sees it, in Berlin, that counts in euros."""
    served = dataclasses.replace(building, tenant_id=uuid4())
    await create_tenant(served)
    return served
