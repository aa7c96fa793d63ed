"""Events from a broker are stored before they are acknowledged; what cannot be stored is given up, not turned for ever.

Brokers are a RabbitMQ from Debian's package, or the one that `TEST_RABBITMQ_URL` names, and a small one of the tests that
speaks AMQP 0-9-1 and can be looked into.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import aio_pika
import orjson
import pytest

from services.campaign.intake import broker as broker_module
from services.campaign.intake.broker import (
    REASON,
    REQUIRED_KEYS,
    TRIES,
    BrokerIntake,
    Deliveries,
    Place,
    Verdict,
    declare,
    routing_keys,
)
from services.campaign.intake.catalogue import CANONICAL
from services.campaign.intake.handlers import Intake
from tests.campaign.intake.kit import Recorder, Stand
from tests.fakes.amqp import open_broker
from tests.fakes.rabbitmq import NoRabbitError, open_rabbitmq


async def make_tenant(stand: Stand) -> None:
    await stand.rows(
        "INSERT INTO campaign.tenant (tenant_id, name, currency_code, region_code, default_time_zone, default_language_code, state, version,"
        " created_at, updated_at) VALUES (%s, 'Bazaar', 'EUR', 'DE', 'Europe/Berlin', 'en', 1, 1, now(), now())",
        stand.tenant_id,
    )


@pytest.fixture
async def deliveries(stand: Stand) -> Deliveries:
    await make_tenant(stand)
    return Deliveries(stand.database, stand.intake)


@pytest.mark.req("EVT-13")
def test_the_queue_is_bound_to_every_type_those_neighbours_began_with_included() -> None:
    assert set(REQUIRED_KEYS) <= set(routing_keys())
    assert set(routing_keys()) == set(CANONICAL)


@pytest.mark.req("EVT-13", "EVT-3")
async def test_a_message_is_stored_once_and_a_repeat_is_acknowledged_too(
    stand: Stand, deliveries: Deliveries, recorder: Recorder
) -> None:
    body = orjson.dumps(stand.envelope())
    assert await deliveries.take(body) == Verdict("stored")
    assert await deliveries.take(body) == Verdict("stored")
    await stand.worker().run_until_idle()
    assert len(recorder.seen) == 1


@pytest.mark.req("EVT-13", "EVT-124")
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not_json"),
        (b"[]", "unknown_tenant"),
        (b"{}", "unknown_tenant"),
        (orjson.dumps({"tenant_id": str(uuid4()), "type": "order.expired"}), "unknown_tenant"),
        (b" " * 2_097_153, "too_large"),
    ],
    ids=["nothing", "list", "empty", "nobodys", "too_large"],
)
async def test_what_can_never_be_stored_is_given_up_at_once(
    deliveries: Deliveries, body: bytes, reason: str
) -> None:
    assert await deliveries.take(body) == Verdict("given_up", reason)


@pytest.mark.req("EVT-13", "EVT-9", "EVT-132")
async def test_a_rejected_event_is_given_up_with_its_fields_and_without_its_values(
    stand: Stand, deliveries: Deliveries
) -> None:
    bad = stand.envelope("order.paid", data={"user_id": "u", "email": "anna at example", "order_id": "o"})
    verdict = await deliveries.take(orjson.dumps(bad))
    assert verdict.done == "given_up"
    assert verdict.reason.startswith("invalid: data.person.email,")
    assert "anna" not in verdict.reason
    assert (await deliveries.take(orjson.dumps(stand.envelope("aml.alert")))).reason == "restricted"
    assert await stand.states() == {}


class Flaky(Intake):
    """Fails to store as often as it is told to."""

    failures = 0

    async def ingest(self, *arguments: Any, **named: Any) -> Any:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("cannot be stored")
        return await super().ingest(*arguments, **named)


@pytest.fixture(scope="module")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a RabbitMQ; tests that want one are skipped where there is none to be had."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(open_rabbitmq(tmp_path_factory.mktemp("rabbitmq")))
        except NoRabbitError as error:
            pytest.skip(f"no RabbitMQ: {error}")
        yield url


@pytest.fixture(params=["rabbitmq", "small"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """A place of this test's own on either broker, gone after it."""
    name = f"test_{uuid4().hex[:10]}"
    async with AsyncExitStack() as stack:
        if request.param == "rabbitmq":
            url = request.getfixturevalue("rabbitmq")
        else:
            url = (await stack.enter_async_context(open_broker())).url
        found = Place(url, f"{name}_events", f"{name}_intake")
        yield found
        connection = await aio_pika.connect(url)
        async with connection:
            channel = await connection.channel()
            for queue in (found.queue, found.dead):
                await channel.queue_delete(queue)
            await channel.exchange_delete(found.exchange)


async def publish(place: Place, *bodies: bytes, key: str = "order.expired") -> None:
    connection = await aio_pika.connect(place.url)
    async with connection:
        channel = await connection.channel()
        await declare(channel, place)
        exchange = await channel.get_exchange(place.exchange)
        for body in bodies:
            await exchange.publish(aio_pika.Message(body), routing_key=key)


async def dead(place: Place, count: int) -> list[aio_pika.abc.AbstractIncomingMessage]:
    connection = await aio_pika.connect(place.url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.get_queue(place.dead)
        found: list[aio_pika.abc.AbstractIncomingMessage] = []
        async with asyncio.timeout(40), queue.iterator() as messages:
            async for message in messages:
                await message.ack()
                found.append(message)
                if len(found) == count:
                    break
        return found


async def until(stand: Stand, count: int) -> None:
    async with asyncio.timeout(20):
        while len(await stand.states()) != count:  # noqa: ASYNC110 - another process may store
            await asyncio.sleep(0.02)


@pytest.mark.req("EVT-13")
async def test_messages_of_a_broker_are_stored_and_bad_ones_stand_among_the_dead(
    stand: Stand, deliveries: Deliveries, place: Place
) -> None:
    stop = asyncio.Event()
    bad = orjson.dumps(stand.envelope("order.paid", data={}))
    await publish(place, *(orjson.dumps(stand.envelope()) for _ in range(50)), bad, b"{")
    loop = asyncio.create_task(BrokerIntake(place, deliveries).loop(stop))
    await until(stand, 50)
    given_up = await dead(place, 2)
    assert {str(one.headers[REASON]).partition(":")[0] for one in given_up} == {"invalid", "not_json"}
    stop.set()
    await asyncio.wait_for(loop, 5)


@pytest.mark.req("EVT-13", "EVT-124")
async def test_a_message_that_fails_is_brought_five_times_and_then_dead(
    stand: Stand, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "AGAIN_PAUSE", 0.01)
    await make_tenant(stand)
    flaky = Flaky(stand.database, stand.intake._vault, stand.steps)
    flaky.failures = 5
    stop = asyncio.Event()
    await publish(place, orjson.dumps(stand.envelope()))
    loop = asyncio.create_task(BrokerIntake(place, Deliveries(stand.database, flaky)).loop(stop))
    [given_up] = await dead(place, 1)
    assert (given_up.headers[TRIES], given_up.headers[REASON]) == (5, "failed")
    assert await stand.states() == {}
    stop.set()
    await asyncio.wait_for(loop, 5)


@pytest.mark.req("EVT-13")
async def test_what_was_not_stored_when_a_process_died_comes_to_the_next(
    stand: Stand, deliveries: Deliveries, place: Place
) -> None:
    await publish(place, *(orjson.dumps(stand.envelope()) for _ in range(30)))
    for _ in range(3):
        dying = asyncio.create_task(BrokerIntake(place, deliveries).loop(asyncio.Event()))
        await asyncio.sleep(0.03)
        while not dying.done():
            # asyncio.wait_for of Python 3.11, within the client, may take a cancellation for its own.
            dying.cancel()
            await asyncio.wait((dying,), timeout=1)
    stop = asyncio.Event()
    loop = asyncio.create_task(BrokerIntake(place, deliveries).loop(stop))
    await until(stand, 30)
    stop.set()
    await asyncio.wait_for(loop, 5)


@pytest.mark.req("EVT-13")
async def test_everything_is_declared_to_last_and_twenty_messages_are_in_hand(
    stand: Stand, deliveries: Deliveries, recorder: Recorder
) -> None:
    async with open_broker() as broker:
        there = Place(broker.url, "messaging_events", "messaging_intake")
        stop = asyncio.Event()
        loop = asyncio.create_task(BrokerIntake(there, deliveries).loop(stop))
        await publish(there, orjson.dumps(stand.envelope()))
        await until(stand, 1)
        assert broker.durable == {"messaging_events", "messaging_intake", "messaging_intake.dead"}
        assert {key for key, _ in broker.exchanges["messaging_events"]} == set(routing_keys())
        assert (broker.prefetch, broker.confirming) == (20, True)
        stop.set()
        await asyncio.wait_for(loop, 5)
        assert broker.waiting("messaging_intake") == 0


@pytest.mark.req("EVT-13")
async def test_after_the_broker_was_away_its_messages_are_taken_again(
    stand: Stand, deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "FIRST_PAUSE", timedelta(milliseconds=20))
    async with open_broker() as broker:
        there = Place(broker.url, "events", "intake")
        stop = asyncio.Event()
        loop = asyncio.create_task(BrokerIntake(there, deliveries).loop(stop))
        for times in range(1, 4):
            await publish(there, *(orjson.dumps(stand.envelope()) for _ in range(5)))
            await until(stand, 5 * times)
            await broker.drop()
        await publish(there, orjson.dumps(stand.envelope()))
        await until(stand, 16)
        stop.set()
        await asyncio.wait_for(loop, 5)


async def test_a_broker_that_is_away_stops_nobody(stand: Stand, deliveries: Deliveries) -> None:
    stop = asyncio.Event()
    nowhere = Place("amqp://guest:guest@127.0.0.1:1/", "events", "intake")
    loop = asyncio.create_task(BrokerIntake(nowhere, deliveries).loop(stop))
    await asyncio.sleep(0.2)
    assert not loop.done()
    stop.set()
    await asyncio.wait_for(loop, 5)
