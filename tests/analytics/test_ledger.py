"""The check of spend asks campaign as it is served."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from uuid import uuid4

import pytest

from services.analytics.settings import AnalyticsSettings
from services.analytics.spend.ledger import CampaignLedger
from services.campaign.bootstrap import build
from services.campaign.settings import CampaignSettings
from services.common.rpc.client import Channels
from tests.campaign.conftest import create_tenant
from tests.house import serving, settings_for


@pytest.mark.req("JOB-36", "ANA-73")
async def test_the_ledger_answers_for_tenants_it_knows(
    clone_database: Callable[[Iterable[str]], str], redis_url: str
) -> None:
    url = clone_database(["campaign", "analytics"])
    async with serving(build, settings_for(CampaignSettings, url, redis_url, "campaign")) as campaign:
        await create_tenant(campaign)
        settings = settings_for(
            AnalyticsSettings, url, redis_url, "analytics", campaign_address=campaign.address
        )
        async with Channels(settings, name="analytics") as channels:
            ledger = CampaignLedger(channels)
            assert await ledger(campaign.tenant_id, "2026-11") == Decimal(0)
            assert await ledger(uuid4(), "2026-11") is None
