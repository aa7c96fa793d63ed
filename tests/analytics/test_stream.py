"""Through a real stream: what delivery's outbox tells becomes figures, once, and analytics tells of its own."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from angarium.delivery.v1 import delivery_events_pb2 as delivery_pb2
from services.analytics import events
from services.analytics.metrics import handlers as metrics
from services.analytics.metrics.domain import Found
from services.analytics.rollups import ranges
from services.analytics.rollups.filters import Filters
from services.analytics.rollups.ranges import Asked
from services.common.db.database import Database
from services.common.events.consumer import Consumer
from services.common.events.event import Event
from services.common.events.relay import Relay
from services.common.ids import uuid7s
from tests.conftest import OpenDatabase

NOW = datetime.now(UTC)


@pytest.mark.req("ANA-61", "ANA-84", "ANA-87", "ANA-93")
async def test_events_of_the_outbox_become_figures_once_whoever_else_reads_them_again(
    clone_database: Callable[[Iterable[str]], str], open_database: OpenDatabase, redis: Redis
) -> None:
    url = clone_database(["delivery", "analytics"])
    delivery: Database = await open_database(url, "delivery")
    analytics: Database = await open_database(url, "analytics")
    tenant_id, ids = uuid4(), uuid7s(50)
    accepted = delivery_pb2.MessagesAccepted()
    accepted.dimensions.channel = 1  # type: ignore[assignment]
    sent = delivery_pb2.MessagesSent(provider="sendgrid")
    costs = delivery_pb2.CostsRecorded(provider="sendgrid")
    for message_id in ids:
        accepted.messages.add(message_id=str(message_id))
        sent.messages.add(message_id=str(message_id), attempt=1).send_time.FromDatetime(NOW)
        cost = costs.costs.add(message_id=str(message_id), attempt=1, billing_period="2026-11")
        cost.cost.currency_code, cost.cost.units = "EUR", 1
    reached = delivery_pb2.MessagesReached()
    reached.messages.add(message_id=str(ids[0])).occur_time.FromDatetime(NOW)
    for kind, payload in (
        ("message.accepted", accepted),
        ("message.sent", sent),
        ("message.cost_recorded", costs),
        ("message.delivered", reached),
    ):
        async with delivery.tenant(tenant_id) as uow:
            uow.emit(Event(kind, "tenant", str(tenant_id), payload, 1))

    async def figures() -> Found:
        asked = Asked(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
        return await metrics.totals(analytics, tenant_id, asked, ranges.WEEK, Filters())

    async def until(is_so: Callable[[Found], bool]) -> None:
        async with asyncio.timeout(20):
            while not is_so(await figures()):  # noqa: ASYNC110 - another task makes it so
                await asyncio.sleep(0.05)

    stop = asyncio.Event()
    relay = Relay(delivery, redis, "delivery")
    consumer = Consumer(analytics, redis, "analytics", ("delivery",), events.HANDLERS, joint=events.JOINT)
    loops = [asyncio.create_task(relay.loop(stop)), asyncio.create_task(consumer.loop(stop))]
    try:
        await until(lambda found: found.counts.delivered == 1)
        # The group is lost: all is read again, and nothing counts twice.
        await redis.xgroup_destroy("angarium:events:delivery", "analytics")
        async with delivery.tenant(tenant_id) as uow:
            again = delivery_pb2.MessagesReached()
            again.messages.add(message_id=str(ids[1])).occur_time.FromDatetime(NOW)
            uow.emit(Event("message.delivered", "tenant", str(tenant_id), again, 1))
        await until(lambda found: found.counts.delivered == 2)
    finally:
        stop.set()
        await asyncio.gather(*loops)
    found = await figures()
    assert (found.counts.accepted, found.counts.sent, found.counts.pending) == (50, 50, 0)
    assert found.costs == {"EUR": 50}
