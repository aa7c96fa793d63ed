from __future__ import annotations

import asyncio
from functools import partial
from uuid import uuid4

import grpc
import pytest

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import lane_service_pb2 as pb
from tests.delivery.kit import House, later, recipient
from tests.fakes.carrier import Carrier

LOW, NORMAL, CRITICAL = enums_pb2.PRIORITY_LOW, enums_pb2.PRIORITY_NORMAL, enums_pb2.PRIORITY_CRITICAL


async def metrics(house: House, lane: int = LOW) -> pb.LaneMetrics:
    answer = await house.lanes.GetLaneMetrics(
        pb.GetLaneMetricsRequest(lane=lane), metadata=house.as_person("platform_admin")
    )
    [found] = answer.lanes
    return found


@pytest.mark.req("DEL-44")
async def test_lanes_tell_what_waits_and_what_was_done(house: House) -> None:
    await house.add_account()
    await house.send_block(house.campaign_content(), [recipient(n) for n in range(30)])
    late = house.campaign_content()
    late.schedule_time.FromDatetime(later(hours=1))
    await house.send_block(late, [recipient(n) for n in range(7)])
    found = await metrics(house)
    assert (found.waiting_count, found.delayed_count, found.completed_count) == (30, 7, 0)
    assert found.HasField("oldest_age")
    async with house.worker():
        await house.until_states({"sent": 30, "scheduled": 7})
    found = await metrics(house)
    assert (found.waiting_count, found.active_count, found.completed_count) == (0, 0, 30)


@pytest.mark.req("DEL-45")
async def test_a_paused_lane_waits_and_others_go_on(house: House) -> None:
    await house.add_account()
    admin = house.as_person("platform_admin")
    pause = pb.PauseLaneRequest(lane=LOW, reason="provider maintenance")
    assert (await house.lanes.PauseLane(pause, metadata=admin)).was_running
    assert not (await house.lanes.PauseLane(pause, metadata=admin)).was_running
    async with house.worker():
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(5)])
        await house.send_one(house.content(), recipient())
        await house.until_states({"pending": 5, "sent": 1})
        await asyncio.sleep(0.5)
        assert await house.states() == {"pending": 5, "sent": 1}
        assert (await metrics(house)).is_paused
        resume = pb.ResumeLaneRequest(lane=LOW)
        assert (await house.lanes.ResumeLane(resume, metadata=admin)).was_paused
        await house.until_states({"sent": 6})
    assert await house.value("SELECT count(*) FROM audit WHERE action IN ('lane.pause', 'lane.resume')") == 3


@pytest.mark.req("DEL-45")
async def test_a_lane_is_paused_for_one_tenant_only(house: House) -> None:
    await house.add_account()
    await house.add_account(tenant_id=(other := uuid4()))
    admin = house.as_person("platform_admin")
    await house.lanes.PauseLane(
        pb.PauseLaneRequest(lane=LOW, tenant_id=str(other), reason="abuse"), metadata=admin
    )
    template = house.neighbours.templates.add(other, category=enums_pb2.CATEGORY_OFFER)
    async with house.worker():
        await house.send_block(house.campaign_content(template), [recipient(1)], tenant_id=other)
        await house.send_block(house.campaign_content(), [recipient(2)])
        await house.until_states({"sent": 1, "pending": 1})
    assert await house.value("SELECT tenant_id FROM message WHERE state = 1") == other


async def test_only_operators_may_stop_a_lane(house: House) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await house.lanes.PauseLane(pb.PauseLaneRequest(lane=LOW, reason="x"), metadata=house.as_person())
    assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.req("DEL-63")
async def test_a_large_campaign_of_one_tenant_does_not_delay_the_campaign_of_another(house: House) -> None:
    small = uuid4()
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        template = house.template(category=enums_pb2.CATEGORY_OFFER)
        for _ in range(20):
            await house.send_block(house.campaign_content(template), [recipient(n) for n in range(200)])
        big, house.tenant_id = house.tenant_id, small
        await house.add_carrier(carrier.url)
        await house.send_block(house.campaign_content(), [recipient(n) for n in range(10)])
        async with house.worker(provider_mode="live"):
            await house.until(lambda: _all_sent(house))
        order = await house.rows(
            "SELECT tenant_id, count(*) FROM handover WHERE handover_id < (SELECT handover_id FROM handover"
            " WHERE tenant_id = %s ORDER BY 1 LIMIT 1) GROUP BY 1",
            small,
        )
        assert sum(count for tenant, count in order if tenant == big) <= 4


async def _all_sent(house: House) -> bool:
    return (await house.states()).get("sent") == 4010


@pytest.mark.req("DEL-62", "DEL-63")
async def test_a_critical_message_passes_a_campaign_that_fills_its_lane(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        template = house.template(category=enums_pb2.CATEGORY_OFFER)
        urgent = house.template(category=enums_pb2.CATEGORY_URGENT)
        content = house.content(urgent, category=enums_pb2.CATEGORY_URGENT, priority=CRITICAL)
        for _ in range(8):
            await house.send_block(house.campaign_content(template), [recipient(n) for n in range(500)])
        carrier.gate.clear()
        async with house.worker(provider_mode="live"):
            await asyncio.wait_for(carrier.arrived.wait(), 20)
            answer = await house.send_one(content, recipient(1))
            await house.until(lambda: _arrived(carrier, answer.message_id), seconds=5)
            carrier.gate.set()
            await house.until(lambda: _is_sent(house, 4001))


async def _arrived(carrier: Carrier, id: str) -> bool:
    return id in carrier.taken


async def _is_sent(house: House, count: int) -> bool:
    return await house.states() == {"sent": count}


async def test_an_idle_worker_starts_within_tens_of_milliseconds(house: House) -> None:
    async with Carrier() as carrier:
        await house.add_carrier(carrier.url)
        template = house.template()
        async with house.worker(provider_mode="live", poll_ms=5000):
            await house.send_one(house.content(template), recipient())
            await house.until_states({"sent": 1})
            clock = asyncio.get_running_loop()
            delays = []
            for number in range(10):
                started = clock.time()
                answer = await house.send_one(house.content(template), recipient(number))
                await house.until(partial(_arrived, carrier, answer.message_id), every=0.002)
                delays.append(carrier.first_at[answer.message_id] - started)
        assert sorted(delays)[5] < 0.2
        print(f"accept to provider, median: {sorted(delays)[5] * 1000:.0f} ms")
