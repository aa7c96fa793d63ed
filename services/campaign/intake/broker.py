"""Events from a broker, AMQP 0-9-1 (EVT-13): a message is acknowledged once its event is stored, and not before.

The exchange `messaging_events` is durable and of topics; the queue `messaging_intake` is durable and bound to the
routing keys of the catalogue. What cannot be stored five times, or never could be, goes to `<queue>.dead` with the
reason in its headers, instead of coming back for ever.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import aio_pika
import orjson
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aiormq.exceptions import AMQPError

from services.campaign.intake.catalogue import CANONICAL, KINDS
from services.campaign.intake.domain import Outcome, Result
from services.campaign.intake.handlers import Intake
from services.common import telemetry
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.leases import wait_for
from services.common.retry import backoff

logger = logging.getLogger(__name__)

PREFETCH: Final = 20
MOST_DELIVERIES: Final = 5
AGAIN_PAUSE: Final = 1.0
"""Seconds before a message that failed is brought again; doubled with each failure."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(seconds=60)
LARGEST: Final = 1_048_576 * 2
TRIES: Final = "x-angarium-deliveries"
REASON: Final = "x-angarium-reason"

REQUIRED_KEYS: Final = (
    "payment.completed",
    "ticket.purchased",
    "ticket.transferred",
    "event.reminder",
    "event.cancelled",
    "event.updated",
    "user.registered",
    "user.password_reset",
    "venue.announcement",
    "marketing.campaign",
)
"""Routing keys that neighbours have used from the beginning; all are types or aliases of the catalogue."""

_messages = telemetry.counter("inbound_broker_messages", "Messages of the broker by what was done.", ["done"])


@dataclass(frozen=True, slots=True)
class Place:
    """Where the broker is, and what is declared there."""

    url: str
    exchange: str
    queue: str

    @property
    def dead(self) -> str:
        """Returns the queue of messages that are given up."""
        return f"{self.queue}.dead"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done with a message: acknowledged, tried again, or given up for a reason."""

    done: str
    reason: str = ""


STORED: Final = Verdict("stored")
AGAIN: Final = Verdict("again")


class Deliveries:
    """Decides what becomes of messages; knows nothing of the broker."""

    def __init__(self, database: Database, intake: Intake) -> None:
        self._database = database
        self._intake = intake

    async def take(self, body: bytes) -> Verdict:
        """Stores the event of a message; a message holds one envelope, and its tenant must be one."""
        if len(body) > LARGEST:
            return Verdict("given_up", "too_large")
        try:
            told = orjson.loads(body)
        except orjson.JSONDecodeError:
            return Verdict("given_up", "not_json")
        tenant_id = _tenant(told)
        if tenant_id is None or not await self._is_tenant(tenant_id):
            return Verdict("given_up", "unknown_tenant")
        [result] = await self._intake.ingest(tenant_id, [told])
        return STORED if result.outcome is not Outcome.REJECTED else Verdict("given_up", spelled(result))

    async def _is_tenant(self, tenant_id: UUID) -> bool:
        async with self._database.tenant(tenant_id) as uow:
            found: bool = await uow.fetch_value(
                "SELECT EXISTS (SELECT FROM tenant WHERE tenant_id = %s)", (tenant_id,)
            )
        return found


def spelled(result: Result) -> str:
    """Returns why an event was rejected, with its fields; no values."""
    fields = ",".join(field for field, _ in result.violations)
    return f"{result.reason}: {fields}" if fields else result.reason


class BrokerIntake:
    """Consumes the queue; a lost connection is made again for ever, with its queue and consumer."""

    def __init__(self, place: Place, deliveries: Deliveries) -> None:
        self._place = place
        self._deliveries = deliveries

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        failures = 0
        while not stop.is_set():
            try:
                await self._consume(stop)
                failures = 0
            except (AMQPError, OSError, TimeoutError) as error:
                failures += 1
                pause = backoff(failures, base=FIRST_PAUSE, cap=LONGEST_PAUSE)
                logger.warning("the broker is away: %s", type(error).__name__)
                await wait_for(stop, pause.total_seconds())

    async def _consume(self, stop: asyncio.Event) -> None:
        """Declares what is needed and consumes until stop is set or the connection is lost."""
        connection = await aio_pika.connect(self._place.url, timeout=10)
        async with connection:
            lost, over = asyncio.Event(), asyncio.Event()
            connection.close_callbacks.add(lambda *_: lost.set())
            # Publisher confirms: a message that is moved on is acknowledged only once the broker has its copy.
            channel = await connection.channel(publisher_confirms=True)
            channel.close_callbacks.add(lambda *_: lost.set())
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await declare(channel, self._place)
            in_hand: set[asyncio.Task[None]] = set()

            async def receive(message: AbstractIncomingMessage) -> None:
                task = asyncio.ensure_future(self._receive(channel, message, over))
                in_hand.add(task)
                task.add_done_callback(in_hand.discard)

            tag = await queue.consume(receive)
            logger.info("events are taken from the broker")
            waiting = [asyncio.ensure_future(one.wait()) for one in (stop, lost)]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in waiting:
                one.cancel()
            if not lost.is_set():
                await queue.cancel(tag)
            over.set()
            if in_hand:
                await asyncio.wait(in_hand)
        if lost.is_set() and not stop.is_set():
            raise ConnectionError

    async def _receive(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, over: asyncio.Event
    ) -> None:
        """Stores a message's event, then acknowledges it; unsettled ones come again with the next connection."""
        verdict = await self._taken(message.body, over)
        if verdict is None:
            return
        try:
            await self._settle(channel, message, verdict)
        except (AMQPError, OSError, RuntimeError, TimeoutError) as error:
            # Its event is known when it comes again.
            logger.info("a message could not be settled: %s", type(error).__name__)

    async def _taken(self, body: bytes, over: asyncio.Event) -> Verdict | None:
        """Returns what to do with a message; an unreachable database is waited for, None when that takes too long."""
        failures = 0
        while True:
            try:
                return await self._deliveries.take(body)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one message is not wrong with the rest
                if not is_outage(error):
                    logger.warning("a message could not be stored: %s", type(error).__name__)
                    return AGAIN
            failures += 1
            pause = backoff(failures, cap=LONGEST_PAUSE)
            if await wait_for(over, pause.total_seconds()):
                return None

    async def _settle(
        self, channel: AbstractChannel, message: AbstractIncomingMessage, verdict: Verdict
    ) -> None:
        _messages.labels(verdict.done).inc()
        if verdict is STORED:
            await message.ack()
            return
        tries = int(str(message.headers.get(TRIES, 0))) + 1
        given_up = verdict.reason or ("failed" if tries >= MOST_DELIVERIES else "")
        headers = {**message.headers, TRIES: tries, **({REASON: given_up} if given_up else {})}
        target = self._place.dead if given_up else self._place.queue
        copy = aio_pika.Message(
            message.body,
            headers=headers,
            content_type=message.content_type,
            message_id=message.message_id,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await asyncio.sleep(0 if given_up else AGAIN_PAUSE * 2 ** (tries - 1))
        await channel.default_exchange.publish(copy, routing_key=target, mandatory=True, timeout=10)
        await message.ack()


async def declare(channel: AbstractChannel, place: Place) -> AbstractQueue:
    """Declares exchange, queue, bindings and the queue of the dead, all durable; returns the queue."""
    exchange = await channel.declare_exchange(place.exchange, aio_pika.ExchangeType.TOPIC, durable=True)
    await channel.declare_queue(place.dead, durable=True)
    queue = await channel.declare_queue(place.queue, durable=True)
    for key in routing_keys():
        await queue.bind(exchange, key)
    return queue


def routing_keys() -> list[str]:
    """Returns the routing keys the queue is bound to: every type and alias of the catalogue."""
    return sorted(CANONICAL.keys() | KINDS.keys())


def _tenant(told: Any) -> UUID | None:
    if not isinstance(told, dict):
        return None
    try:
        return UUID(told.get("tenant_id") or told.get("tenantId"))
    except (TypeError, ValueError, AttributeError):
        return None
