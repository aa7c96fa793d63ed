"""Workers that keep out of campaigns, and those that stand in for them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from angarium.common.v1 import enums_pb2
from services.common.settings import SettingsError, read
from services.delivery.messages.domain import Lane
from services.delivery.settings import STAND_IN, DeliverySettings
from tests.common.given import COMPLETE
from tests.delivery.kit import House, recipient


@pytest.mark.req("W12", "DEL-63")
async def test_an_urgent_worker_sends_what_is_urgent_and_leaves_campaigns_to_others(house: House) -> None:
    await house.add_account()
    critical = house.content(priority=enums_pb2.PRIORITY_CRITICAL)
    await house.send_block(house.campaign_content(), [recipient(number) for number in range(3)])
    await house.send_one(critical, recipient(9))
    async with house.worker(worker_duty="urgent"):
        await house.until_states({"sent": 1, "pending": 3})
        async with house.worker(worker_duty="campaigns"):
            await house.until_states({"sent": 4})


@pytest.mark.req("W12", "DEL-63", "REL-3")
async def test_a_worker_for_campaigns_takes_urgent_messages_only_when_nobody_else_did(house: House) -> None:
    await house.add_account()
    await house.send_block(house.campaign_content(), [recipient(number) for number in range(3)])
    await house.send_one(house.content(priority=enums_pb2.PRIORITY_CRITICAL), recipient(9))
    async with house.worker(worker_duty="campaigns", lane_high_concurrency=0, lane_normal_concurrency=0):
        await house.until_states({"sent": 3, "pending": 1})
        await house.rows("UPDATE dispatch_block SET due_at = due_at - interval '2 seconds'")
        await house.until_states({"sent": 4})


def test_duties_say_which_lanes_are_whose() -> None:
    def of(duty: str) -> DeliverySettings:
        return read(DeliverySettings, **{**COMPLETE, "worker_duty": duty})

    assert of("all").stands_in == of("urgent").stands_in == {}
    assert of("urgent").capacities[Lane.LOW] == 0
    assert of("campaigns").stands_in == dict.fromkeys((Lane.CRITICAL, Lane.HIGH, Lane.NORMAL), STAND_IN)
    assert timedelta() < STAND_IN < timedelta(seconds=30)
    with pytest.raises(SettingsError):
        of("none")
