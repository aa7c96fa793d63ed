"""The consumer: applies other services' events once each, in the order of their aggregates (EVT-10)."""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID, uuid5

import psycopg
from google.protobuf.message import DecodeError, Message
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.events import inbox, measures, parked
from services.common.events.event import caused_by
from services.common.events.parked import Aggregate, Parked
from services.common.events.payloads import payload_of
from services.common.events.stream import Entry, EventStream
from services.common.leases import Lease, wait_for, while_leased
from services.common.retry import backoff
from services.common.rpc.context import Caller, bind
from services.common.telemetry import span

logger = logging.getLogger(__name__)

Handler = Callable[[UnitOfWork, EventEnvelope, Message], Awaitable[None]]
JointHandler = Callable[[UnitOfWork, Sequence[tuple[EventEnvelope, Message]]], Awaitable[None]]
"""Applies events that follow each other, for less than one after the other costs."""
Wanting = Callable[[UnitOfWork, Collection[UUID]], Awaitable[Collection[UUID]]]
"""Returns which of some tenants want events of the types it stands for, asked across tenants and at once."""

_NO_TENANT = UUID(int=0)
_BATCH = 64
_TOGETHER = 100
"""How many events of a tenant share a transaction."""
_CONCURRENT_TENANTS = 4
_BLOCK_MS = 500
_RETRY_LOOK_SECONDS = 0.5
_IDLE_LOOK_SECONDS = 5.0
"""How soon an event that somebody requeued is noticed when none waits."""
_LEASE_TTL = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _Received:
    """An event with what is needed to apply or park it."""

    position: int
    event_id: UUID
    type: str
    aggregate: Aggregate
    envelope: EventEnvelope
    encoded: bytes


class Consumer:
    """Applies the events of some sources in one service; any number may run, one per source works.

    A handler is given the transaction of the event's tenant, the envelope and the payload. Its effects and the note
    that the event is applied are committed together, so they happen exactly once. It may share its transaction with
    other events of the tenant; if one fails, each is applied on its own. A failed event is retried after 1 s, doubled
    up to 60 s; after ten failures it is dead. Later events of the same aggregate wait behind it, others do not.
    A type without a handler is acknowledged and counted. Events that share a transaction, stand side by side and
    have one handler in `joint` are given to it at once; it does what theirs would do one after the other. Types in
    `wanted` are passed over for tenants that want none of them when they are read: nothing is noted of these events.
    """

    def __init__(
        self,
        database: Database,
        redis: Redis,
        service: str,
        sources: Sequence[str],
        handlers: Mapping[str, Handler],
        *,
        joint: Mapping[str, JointHandler] | None = None,
        wanted: tuple[Collection[str], Wanting] | None = None,
        lease_ttl: timedelta = _LEASE_TTL,
    ) -> None:
        self._database = database
        self._service = service
        self._streams = {source: EventStream(redis, source) for source in sources}
        self._handlers = dict(handlers)
        self._joint = dict(joint or {})
        self._optional: frozenset[str] = frozenset(wanted[0]) if wanted else frozenset()
        self._wanting: Wanting | None = wanted[1] if wanted else None
        self._lease_ttl = lease_ttl
        self._blocked: dict[str, set[Aggregate]] = {source: set() for source in sources}
        self._looked = dict.fromkeys(sources, 0.0)
        self._tenants = asyncio.Semaphore(_CONCURRENT_TENANTS)

    async def loop(self, stop: asyncio.Event) -> None:
        """Consumes until stop is set; an unreachable database or Redis is waited for."""
        async with asyncio.TaskGroup() as group:
            for source in self._streams:
                group.create_task(self._hold(source, stop), name=f"consume-{source}")

    async def _hold(self, source: str, stop: asyncio.Event) -> None:
        await while_leased(
            self._database,
            f"consume:{source}",
            lambda lease: self._work(source, lease, stop),
            stop,
            ttl=self._lease_ttl,
        )

    async def _work(self, source: str, lease: Lease, stop: asyncio.Event) -> None:
        failures = 0
        joined = False
        while lease.held and not stop.is_set():
            try:
                if not joined:
                    await self._streams[source].join(self._service)
                    await self._retry_due(source)
                    await self._recover(source)
                    joined = True
                await self._step(source)
                failures = 0
            except (RedisError, psycopg.Error) as error:
                if isinstance(error, psycopg.Error) and not is_outage(error):
                    raise
                # Nothing is lost: what was read stays pending, and a lost group is made again.
                joined = False
                if isinstance(error, ResponseError) and str(error).startswith("NOGROUP"):
                    continue
                failures += 1
                logger.warning(
                    "%s cannot consume events of %s now: %s", self._service, source, type(error).__name__
                )
                await wait_for(stop, backoff(failures, base=timedelta(seconds=0.2)).total_seconds())

    async def _step(self, source: str) -> None:
        """Reads and applies one batch; between batches, parked events have their turn."""
        started = time.monotonic()
        while time.monotonic() - started < _RETRY_LOOK_SECONDS:
            entries = await self._streams[source].read(self._service, _BATCH, _BLOCK_MS)
            if not entries:
                break
            await self._apply(source, entries)
        idle = time.monotonic() - self._looked[source] < _IDLE_LOOK_SECONDS
        if self._blocked[source] or not idle:
            await self._retry_due(source)

    async def _recover(self, source: str) -> None:
        """Applies what was delivered to a holder before and not acknowledged."""
        after = 0
        while entries := await self._streams[source].read_pending(self._service, after, _BATCH):
            await self._apply(source, entries)
            after = entries[-1].position

    async def _apply(self, source: str, entries: Sequence[Entry]) -> None:
        tenants: defaultdict[UUID, list[_Received]] = defaultdict(list)
        for entry in entries:
            if entry.type not in self._handlers:
                measures.unknown.labels(self._service, source).inc()
            elif received := await self._decode(source, entry):
                tenants[received.aggregate.tenant_id].append(received)
        await self._pass_over(tenants)
        results = await asyncio.gather(
            *(self._apply_tenant(source, tenant_id, events) for tenant_id, events in tenants.items()),
            return_exceptions=True,
        )
        for error in results:
            if error is not None:
                raise error
        await self._streams[source].acknowledge(self._service, [entry.position for entry in entries])

    async def _pass_over(self, tenants: dict[UUID, list[_Received]]) -> None:
        """Drops what a tenant may want and does not; that costs one look, and applying it a transaction."""
        asked = [id for id, events in tenants.items() if any(one.type in self._optional for one in events)]
        if self._wanting is None or not asked:
            return
        async with self._database.system() as uow:
            wanting = await self._wanting(uow, asked)
        for id in asked:
            if id not in wanting:
                tenants[id] = [one for one in tenants[id] if one.type not in self._optional]

    async def _decode(self, source: str, entry: Entry) -> _Received | None:
        try:
            envelope = EventEnvelope.FromString(entry.envelope)
            aggregate = Aggregate(UUID(envelope.tenant_id), envelope.aggregate_type, envelope.aggregate_id)
            event_id = UUID(envelope.event_id)
        except (DecodeError, ValueError) as error:
            await self._bury(source, entry, type(error).__name__)
            return None
        return _Received(entry.position, event_id, entry.type, aggregate, envelope, entry.envelope)

    async def _bury(self, source: str, entry: Entry, error: str) -> None:
        """Keeps an unreadable event among the dead: nobody's, but not lost."""
        logger.error("event %s of %s cannot be read: %s", entry.position, source, error)
        measures.dead.labels(self._service, source, entry.type).inc()
        event = Parked(
            event_id=uuid5(_NO_TENANT, f"{source}:{entry.position}"),
            source=source,
            position=entry.position,
            type=entry.type,
            aggregate=Aggregate(_NO_TENANT, "", ""),
            envelope=entry.envelope,
            attempts=parked.MAX_ATTEMPTS,
        )
        async with self._database.system() as uow:
            await parked.park(uow, event, error)

    async def _apply_tenant(self, source: str, tenant_id: UUID, events: list[_Received]) -> None:
        """Applies one tenant's events in their order, together where that succeeds."""
        async with self._tenants:
            for start in range(0, len(events), _TOGETHER):
                part = events[start : start + _TOGETHER]
                if not any(event.aggregate in self._blocked[source] for event in part) and (
                    len(part) > 1 and await self._try(source, tenant_id, part) is None
                ):
                    continue
                for event in part:
                    await self._apply_one(source, tenant_id, event)

    async def _apply_one(self, source: str, tenant_id: UUID, event: _Received) -> None:
        if event.aggregate in self._blocked[source]:
            await self._park(source, event, attempts=0, error="waits behind an earlier event")
            return
        if error := await self._try(source, tenant_id, [event]):
            self._blocked[source].add(event.aggregate)
            await self._park(source, event, attempts=1, error=_describe(error))

    async def _try(self, source: str, tenant_id: UUID, events: Sequence[_Received]) -> Exception | None:
        """Applies events in one transaction; returns why it could not."""
        try:
            async with self._database.tenant(tenant_id) as uow:
                new = await inbox.enter(
                    uow, source, [event.event_id for event in events], [event.type for event in events]
                )
                await self._handle_all(uow, [event for event in events if event.event_id in new])
        except Exception as error:
            if is_outage(error):
                raise
            # Whatever a handler raises is this event's failure, not the loop's.
            self._note_failure(source, events, error)
            return error
        measures.repeated.labels(self._service, source).inc(len(events) - len(new))
        for kind, count in Counter(event.type for event in events if event.event_id in new).items():
            measures.applied.labels(self._service, source, kind).inc(count)
        return None

    async def _handle_all(self, uow: UnitOfWork, events: Sequence[_Received]) -> None:
        """Applies events in their order, side by side at once where they have a handler for that."""
        for handler, found in groupby(events, key=lambda event: self._joint.get(event.type)):
            alike = list(found)
            if handler is None or len(alike) == 1:
                for event in alike:
                    await self._handle(uow, event.envelope)
            else:
                with self._applying(uow, alike[0].envelope):
                    await handler(uow, [(event.envelope, payload_of(event.envelope)) for event in alike])

    async def _handle(self, uow: UnitOfWork, envelope: EventEnvelope) -> None:
        with self._applying(uow, envelope):
            await self._handlers[envelope.type](uow, envelope, payload_of(envelope))

    @contextmanager
    def _applying(self, uow: UnitOfWork, envelope: EventEnvelope) -> Iterator[None]:
        """Makes an event the cause of what its block does."""
        caller = Caller.of_service(envelope.source, uow.tenant_id)
        correlation = envelope.correlation_id or envelope.event_id
        with (
            bind(caller, correlation_id=correlation),
            caused_by(envelope.event_id),
            span(f"consume {envelope.type}", kind="consumer", parent=envelope.traceparent),
        ):
            yield

    def _note_failure(self, source: str, events: Sequence[_Received], error: Exception) -> None:
        if len(events) > 1:
            # Which one failed is found out by applying each on its own.
            return
        event = events[0]
        measures.failed.labels(self._service, source, event.type).inc()
        logger.warning(
            "%s could not apply %s %s of %s",
            self._service,
            event.type,
            event.event_id,
            source,
            exc_info=error,
        )

    async def _park(self, source: str, event: _Received, *, attempts: int, error: str) -> None:
        row = Parked(
            event.event_id, source, event.position, event.type, event.aggregate, event.encoded, attempts
        )
        async with self._database.tenant(event.aggregate.tenant_id) as uow:
            await parked.park(uow, row, error)

    async def _retry_due(self, source: str) -> None:
        """Tries parked events whose time has come, and what waits behind those that succeed."""
        while True:
            async with self._database.system() as uow:
                self._blocked[source] = await parked.blocked(uow, source)
                due = await parked.due(uow, source) if self._blocked[source] else []
            self._looked[source] = time.monotonic()
            if not due:
                return
            for event in due:
                await self._retry(source, event)

    async def _retry(self, source: str, event: Parked) -> None:
        tenant_id = event.aggregate.tenant_id
        try:
            if event.type not in self._handlers:
                raise LookupError(f"no handler for {event.type}")
            envelope = EventEnvelope.FromString(event.envelope)
            async with self._database.tenant(tenant_id) as uow:
                if await inbox.enter(uow, source, [event.event_id], [event.type], fresh=False):
                    await self._handle(uow, envelope)
                await parked.unpark(uow, event)
        except Exception as error:
            if is_outage(error):
                raise
            failed = replace(event, attempts=event.attempts + 1)
            measures.failed.labels(self._service, source, event.type).inc()
            if failed.attempts >= parked.MAX_ATTEMPTS:
                measures.dead.labels(self._service, source, event.type).inc()
                logger.exception("%s gives up %s %s of %s", self._service, event.type, event.event_id, source)
            async with self._database.tenant(tenant_id) as uow:
                await parked.fail_again(uow, failed, _describe(error))
        else:
            measures.applied.labels(self._service, source, event.type).inc()


def _describe(error: Exception) -> str:
    """Names an error without its text, which may hold what nobody may read."""
    return (
        f"{type(error).__name__} {error.reason}" if isinstance(error, ServiceError) else type(error).__name__
    )
