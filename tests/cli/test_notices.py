"""`angarium notices` against a served campaign."""

from __future__ import annotations

import pytest

from angarium.common.v1 import enums_pb2
from services.campaign.notices import wiring
from services.campaign.notices.domain import Notice, Reader, Source
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium notices` for the tenant, while the service answers."""
    return asking(angarium, "notices", tenant=str(campaign.tenant_id), campaign=campaign.address)


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
    told = await ask("list", "--standing", "cancelled", "--json")
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
    for other in (("--source", "trigger"), ("--standing", "waiting")):
        assert (await ask("list", *other, "--json")).document["notices"] == []
    wrong = await ask("list", "--event", "nonsense")
    assert (wrong.code, "is no id" in wrong.err) == (2, True)
