"""How much a tenant sends a day and a month: by its settings, told of once, and never holding what may not wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from angarium.campaign.v1 import campaign_events_pb2, settings_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.delivery.limits import volume
from tests.delivery.kit import House, recipient


async def told(house: House, **limits: int) -> None:
    """Campaign tells of the tenant's settings."""
    payload = campaign_events_pb2.MarketingSettingsUpdated(
        settings=settings_service_pb2.MarketingSettings(**limits),
        tenant=settings_service_pb2.Tenant(default_time_zone="Pacific/Kiritimati"),
    )
    handler = volume.HANDLERS["marketing_settings.updated"]
    for _ in range(2):
        async with house.service.database.tenant(house.tenant_id) as uow:
            await handler(uow, EventEnvelope(), payload)


async def alerts(house: House) -> list[tuple[str, int]]:
    found = []
    for (envelope,) in await house.rows(
        "SELECT envelope FROM outbox WHERE type = 'tenant.volume_reached' ORDER BY id"
    ):
        payload = events.TenantVolumeReached()
        assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
        assert payload.channel == enums_pb2.CHANNEL_EMAIL
        found.append((payload.period, payload.limit))
    return found


@pytest.mark.req("DEL-69")
async def test_marketing_waits_for_the_next_day_transactions_go_and_the_tenant_is_told_once(
    house: House,
) -> None:
    await house.add_account()
    await told(house, daily_email_limit=10, monthly_email_limit=12, daily_sms_limit=1)
    local = datetime.now(UTC) + timedelta(hours=14)
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(15)])
        await house.until_states({"sent": 10, "deferred": 5})
        assert await alerts(house) == [(f"{local:%Y-%m-%d}", 10)]
        for number in range(3):
            await house.send_one(house.content(), recipient(number))
        await house.until_states({"sent": 13, "deferred": 5})
    # The month is over, too, and told of for itself; what went beyond is counted, not told again.
    assert sorted(await alerts(house)) == [(f"{local:%Y-%m}", 12), (f"{local:%Y-%m-%d}", 10)]
    assert {used for (used,) in await house.rows("SELECT used FROM tenant_volume")} == {13}
    # Zero means that there is no limit any more.
    await told(house, daily_email_limit=0)
    await house.rows("UPDATE message_wait SET due_at = now()")
    async with house.worker():
        await house.until_states({"sent": 18})
    assert len(await alerts(house)) == 2
