"""A tenant that has something to look at, served for the tests of a module."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest_asyncio
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import settings_service_pb2 as settings_pb2
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1 import enums_pb2
from angarium.consent.v1 import compliance_service_pb2 as consent_pb
from gateway.console.streams import Streams
from services.analytics.bootstrap import build as build_analytics
from services.analytics.settings import AnalyticsSettings
from services.campaign.bootstrap import build as build_campaign
from services.campaign.settings import CampaignSettings
from services.common.clock import FixedClock
from services.common.db.testing import TemplateDatabases
from tests.analytics.desk import NOW, Desk
from tests.campaign.conftest import create_tenant
from tests.delivery.kit import open_house
from tests.fakes.neighbours import ALLOW, deny
from tests.gateway.conftest import running
from tests.gateway.console.kit import World
from tests.house import Served, serving, settings_for


async def may_send(campaign: Served) -> None:
    stub = campaign.person(SettingsServiceStub)
    read = await stub.GetMarketingSettings(settings_pb2.GetMarketingSettingsRequest())
    fields = {
        "enabled_channels": [enums_pb2.CHANNEL_EMAIL],
        "postal_address": "Bazaar, Lindenallee 1, Berlin",
    }
    await stub.UpdateMarketingSettings(
        settings_pb2.UpdateMarketingSettingsRequest(
            settings=settings_pb2.MarketingSettings(**fields, etag=read.settings.etag),
            update_mask=FieldMask(paths=list(fields)),
        )
    )


SERVICES = ("campaign", "delivery", "analytics")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(templates: TemplateDatabases, redis_url: str) -> AsyncIterator[World]:
    """Campaign, delivery and analytics with one tenant; consent answers as tests want it to."""
    url = templates.clone(SERVICES)
    clock = FixedClock(NOW + timedelta(hours=1))
    streams = Streams()
    try:
        async with AsyncExitStack() as stack:
            house = await stack.enter_async_context(open_house(url, redis_url))
            await house.add_account(
                config={"rules": [{"result": "permanent", "code": "content_refused", "address": "person0@*"}]}
            )
            house.neighbours.consent.rule = lambda context, item: (
                deny(consent_pb.DECISION_REASON_OPTED_OUT) if "person1" in item.address else ALLOW
            )
            delivery = f"127.0.0.1:{house.server.port}"
            around = {"consent_address": house.neighbours.address, "delivery_address": delivery}
            campaign = await stack.enter_async_context(
                serving(build_campaign, settings_for(CampaignSettings, url, redis_url, "campaign", **around))
            )
            analytics = await stack.enter_async_context(
                serving(
                    build_analytics, settings_for(AnalyticsSettings, url, redis_url, "analytics"), clock=clock
                )
            )
            campaign.tenant_id = house.tenant_id
            await create_tenant(campaign)
            await may_send(campaign)
            desk = Desk(analytics, clock, house.tenant_id)
            await desk.tenant(limit=100)
            behind = {
                **around,
                "redis_url": redis_url,
                "campaign_address": campaign.address,
                "analytics_address": analytics.address,
                "enable_rate_limiting": False,
                "console_refresh_ms": 50,
            }
            _, door = await stack.enter_async_context(running(clock, streams, **behind))
            yield World(door, house, desk, campaign, clock, streams, behind)
    finally:
        templates.drop(url)
