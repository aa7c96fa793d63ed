"""`angarium notices` against a served campaign."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

import pytest

from angarium.common.v1 import enums_pb2
from services.campaign.bootstrap import build
from services.campaign.notices import wiring
from services.campaign.notices.domain import Notice, Reader, Source
from services.campaign.settings import CampaignSettings
from tests.campaign.conftest import create_tenant
from tests.cli.conftest import Angarium, Answer
from tests.common.given import COMPLETE
from tests.house import Served, serving, settings_for

Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
async def campaign(clone_database: Callable[[Iterable[str]], str], redis_url: str) -> AsyncIterator[Served]:
    settings = settings_for(CampaignSettings, clone_database(["campaign"]), redis_url, "campaign")
    async with serving(build, settings) as served:
        await create_tenant(served)
        yield served


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium notices` for the tenant, while the service answers."""
    names = ("jwt_issuer", "jwt_audience", "jwt_secret", "service_token_secret", "public_base_url")
    environment = {name.upper(): str(COMPLETE[name]) for name in names}
    environment |= {
        f"{service}_ADDRESS": campaign.address for service in ("CONSENT", "CAMPAIGN", "DELIVERY", "ANALYTICS")
    }

    async def run(*words: str) -> Answer:
        tenant = ("--tenant", str(campaign.tenant_id))
        more = {**environment, "PYTHONPATH": str(Path.cwd())}
        return await asyncio.to_thread(angarium, "notices", *words, *tenant, **more)

    return run


async def test_notices_are_shown_as_a_table_and_as_json(ask: Ask, campaign: Served) -> None:
    notices = wiring.of(campaign.settings)  # type: ignore[arg-type]  # campaign's own settings
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await notices.add(
            uow,
            [
                Notice(
                    Source.RULE,
                    "k",
                    Reader(email="guest@example.com"),
                    enums_pb2.CATEGORY_ORDER,
                    "order-shipped",
                    (enums_pb2.CHANNEL_EMAIL, enums_pb2.CHANNEL_IN_APP),
                    rule="order-shipped",
                    correlation_key="order:7",
                )
            ],
        )
        await notices.cancel(uow, "order:7", "order_cancelled")
    told = await ask("list", "--state", "cancelled", "--json")
    assert told.code == 0, told.err
    [one] = told.document["notices"]
    assert (one["source"], one["rule"], one["state"], one["reason"]) == (
        "rule",
        "order-shipped",
        "cancelled",
        "order_cancelled",
    )
    assert one["channels"] == ["email", "in_app"]
    assert "guest@" not in told.out
    assert (await ask("list", "--source", "trigger", "--json")).document["notices"] == []
    wrong = await ask("list", "--event", "nonsense")
    assert (wrong.code, "is no id" in wrong.err) == (2, True)
