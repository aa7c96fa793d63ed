"""Campaigns held by themselves: no provider left, or the month's volume used up (CAM-106)."""

from datetime import timedelta

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as pb
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from services.campaign.runs import brakes
from tests.campaign.campaigns.conftest import Stage

C = campaign_pb2.Campaign


def down(channel: int = enums_pb2.CHANNEL_EMAIL, replacement: str = "") -> events_pb2.ProviderHealthChanged:
    return events_pb2.ProviderHealthChanged(
        provider_account_id="a",
        provider="smtp",
        replacement_provider_account_id=replacement,
        channel=channel,  # type: ignore[arg-type]
    )


async def held(stage: Stage, campaign_id: str, minutes: int = 0) -> str:
    stage.clock.advance(timedelta(minutes=minutes))
    await brakes.hold_failing(stage.database)
    return (await stage.get(campaign_id)).pause_reason


@pytest.mark.req("CAM-106", "CAM-13")
async def test_a_campaign_is_held_when_no_provider_took_anything_for_ten_minutes(stage: Stage) -> None:
    await stage.contacts(3)
    campaign_id = (await stage.send()).campaign.campaign_id
    # Another account carries on; another channel is down; one comes back in time.
    await stage.apply("provider.unhealthy", down(replacement="b"))
    await stage.apply("provider.unhealthy", down(channel=enums_pb2.CHANNEL_SMS))
    assert await held(stage, campaign_id, 11) == ""
    await stage.apply("provider.unhealthy", down())
    assert await held(stage, campaign_id, 9) == ""
    await stage.apply("provider.recovered", down())
    assert await held(stage, campaign_id, 9) == ""
    await stage.apply("provider.unhealthy", down())
    # Told once more, it is down since it was told first.
    stage.clock.advance(timedelta(minutes=6))
    await stage.apply("provider.unhealthy", down())
    assert await held(stage, campaign_id, 5) == "provider_outage"
    paused = await stage.get(campaign_id)
    assert (paused.state, paused.HasField("pause_time")) == (C.STATE_PAUSED, True)
    await stage.apply("provider.recovered", down())
    resumed = await stage.stub.ResumeCampaign(pb.ResumeCampaignRequest(campaign_id=campaign_id))
    assert (resumed.campaign.state, resumed.campaign.HasField("pause_time")) == (C.STATE_SENDING, False)
    assert await held(stage, campaign_id, 60) == ""


async def test_an_account_that_was_added_ends_an_outage_by_what_it_sends(stage: Stage) -> None:
    await stage.contacts(3)
    sent = await stage.send()
    campaign_id = sent.campaign.campaign_id
    await stage.worker().run_until_idle()
    await stage.apply("provider.unhealthy", down())
    stage.clock.advance(timedelta(minutes=5))
    one = next(iter(stage.delivery.messages))
    payload = events_pb2.MessagesSent(campaign_id=campaign_id)
    payload.messages.add(message_id=one).send_time.FromDatetime(stage.clock.now())
    await stage.apply("message.sent", payload)
    assert await held(stage, campaign_id, 6) == ""
    assert await held(stage, campaign_id, 60) == ""


@pytest.mark.req("CAM-134")
async def test_a_month_without_volume_holds_marketing_and_a_day_only_makes_it_wait(stage: Stage) -> None:
    await stage.contacts(3)
    campaign_id = (await stage.send()).campaign.campaign_id
    for channel, period, expected in (
        (enums_pb2.CHANNEL_EMAIL, "2026-11-21", ""),
        (enums_pb2.CHANNEL_SMS, "2026-11", ""),
        (enums_pb2.CHANNEL_EMAIL, "2026-11", "volume_limit"),
    ):
        reached = events_pb2.TenantVolumeReached(channel=channel, period=period, limit=10)
        await stage.apply("tenant.volume_reached", reached)
        assert (await stage.get(campaign_id)).pause_reason == expected
