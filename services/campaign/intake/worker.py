"""The loop that handles inbound events: any number of processes, each killable at any instant (JOB-24, EVT-3, EVT-4)."""

import asyncio
import contextlib
import logging
import time
import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import orjson

from services.campaign.intake import queue
from services.campaign.intake.domain import FIRST_PAUSE, LONGEST_PAUSE, MOST_ATTEMPTS, State, gap_ends
from services.campaign.intake.handlers import WAKE, without_secrets
from services.campaign.intake.queue import LeaseLostError, Open, Row
from services.campaign.intake.sealing import Vault
from services.campaign.intake.steps import EVERY_TYPE, InboundEvent, Step, person_of
from services.common import telemetry
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.events.event import caused_by
from services.common.retry import backoff
from services.common.rpc.context import Caller, bind
from services.common.security.envelope import SealedValueError
from services.common.security.jwt import NEIGHBOUR
from services.common.telemetry import span

logger = logging.getLogger(__name__)

LOOK_SECONDS: Final = 1.0
LEASE: Final = timedelta(seconds=60)
AT_ONCE: Final = 40
"""Aggregates taken at once."""
MOST_EVENTS: Final = 20
"""Events of one aggregate handled before others have their turn."""
SIDE_BY_SIDE: Final = 4
LONGEST_ERROR: Final = 200
MEASURE_SECONDS: Final = 15.0

_handled = telemetry.counter("inbound_handled", "Inbound events that were handled.", ["type", "outcome"])
_waiting = telemetry.gauge("inbound_waiting", "Aggregates with inbound events that are not handled.")
_oldest = telemetry.gauge("inbound_oldest_seconds", "Age of the aggregate that is due longest.")
_waited = telemetry.histogram("inbound_seconds", "Seconds from storing an inbound event to its last step.")


class IntakeWorker:
    """Takes events through their steps, each step in a transaction of its own."""

    def __init__(
        self, database: Database, vault: Vault, steps: Sequence[Step], *, lease: timedelta = LEASE
    ) -> None:
        self._database = database
        self._vault = vault
        self._steps = tuple(steps)
        self._lease = lease
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)
        self._measured = 0.0
        names = [step.name for step in self._steps]
        if len(set(names)) != len(names):
            raise ValueError("steps must have names of their own")

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        woken = asyncio.Event()
        follower = asyncio.create_task(self._follow(woken, stop), name="inbound-wake")
        try:
            while not stop.is_set():
                woken.clear()
                try:
                    await self._look_at_backlog()
                    if await self.step():
                        continue
                except Exception as error:
                    if not isinstance(error, ServiceError) and not is_outage(error):
                        raise
                    logger.warning("inbound events wait: %s", type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await woken.wait()
        finally:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)

    async def run_until_idle(self) -> None:
        """Takes what is due now through its steps and returns; for tests and tools."""
        while await self.step():
            pass

    async def step(self) -> bool:
        """Takes the next events of some aggregates through their steps; False when nothing was due."""
        async with self._database.system() as uow:
            rows = await queue.claim(uow, self._lease, AT_ONCE, MOST_EVENTS)
        if not rows:
            return False
        # One that meets trouble does not leave the others' aggregates leased.
        due = await asyncio.gather(*(self._take_in_order(row) for row in rows), return_exceptions=True)
        back = [(row, at) for row, at in zip(rows, due, strict=True) if isinstance(at, datetime)]
        async with self._database.system() as uow:
            await queue.release(uow, back)
        for error in due:
            if isinstance(error, BaseException):
                raise error
        return True

    async def _look_at_backlog(self) -> None:
        """Measures what waits, every few seconds."""
        if time.monotonic() - self._measured < MEASURE_SECONDS:
            return
        self._measured = time.monotonic()
        async with self._database.system() as uow:
            waiting, oldest = await queue.backlog(uow)
        now = self._database.clock.now()
        _waiting.set(waiting)
        _oldest.set(max((now - oldest).total_seconds(), 0.0) if oldest else 0.0)

    async def _follow(self, woken: asyncio.Event, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: woken.set())
        try:
            async for _ in self._database.listen(WAKE):
                woken.set()
        finally:
            stopping.cancel()

    async def _take_in_order(self, row: Row) -> datetime | None:
        """Takes events of one aggregate through their steps, in their order; returns when it is to be looked at again, None once it is lost."""
        async with self._room:
            for event in row.events:
                now = self._database.clock.now()
                gap = gap_ends(event.sequence, row.handled, event.received_at)
                waits = max(event.due_at, gap or now)
                if waits > now:
                    return waits
                try:
                    again = await self._take(row, event)
                except LeaseLostError:
                    logger.warning("inbound event %s is in other hands", event.event_id)
                    return None
                if again is not None:
                    return again
                if event.sequence is not None:
                    row.handled = max(event.sequence, row.handled or 0)
            return self._database.clock.now()

    async def _take(self, row: Row, event: Open) -> datetime | None:
        """Takes an event through what it still lacks; returns when to try again, None when it is done or dead."""
        tenant_id = row.aggregate.tenant_id
        wanted = [step for step in self._steps if wants(step, event)] if event.payload is not None else []
        open_steps = [step for step in wanted if step.name not in event.steps]
        caller = Caller("service", event.source, tenant_id, frozenset({"service"}), service=NEIGHBOUR)
        correlation = event.correlation_id or str(event.event_id)
        try:
            with (
                bind(caller, correlation_id=correlation),
                caused_by(str(event.event_id)),
                span(f"inbound {event.type}", kind="consumer", parent=""),
            ):
                inbound = await self._inbound(row, event) if open_steps else None
                for step in open_steps:
                    async with self._database.tenant(tenant_id) as uow:
                        await queue.mark(uow, row, event, step.name)
                        assert inbound is not None  # noqa: S101 - there are steps
                        await step.run(uow, inbound)
                        if step is open_steps[-1]:
                            await self._finish(uow, row, event)
        except LeaseLostError:
            raise
        except Exception as error:
            if is_outage(error):
                raise
            return await self._failed(row, event, error)
        if not open_steps:
            async with self._database.tenant(tenant_id) as uow:
                await self._finish(uow, row, event)
        return None

    async def _inbound(self, row: Row, event: Open) -> InboundEvent:
        """Returns the event as steps see it."""
        assert event.payload is not None  # noqa: S101 - without data no step is asked for
        tenant_id = row.aggregate.tenant_id
        async with self._database.tenant(tenant_id) as uow:
            [opened] = await self._vault.open(uow, [event.event_id], [event.payload])
        data = orjson.loads(opened)
        person = data.get("person") if event.is_known else None
        return InboundEvent(
            tenant_id=tenant_id,
            event_id=event.event_id,
            type=event.type,
            source=event.source,
            occurred_at=event.occurred_at,
            received_at=event.received_at,
            aggregate_type=row.aggregate.type,
            aggregate_id=row.aggregate.id,
            data=data,
            fact=event.fact,
            person=person_of(person) if isinstance(person, dict) else None,
            named_type=event.named_type,
            branch_ref=event.branch_ref,
            version=event.version,
            sequence=event.sequence,
            correlation_id=event.correlation_id,
            causation_id=event.causation_id,
        )

    async def _finish(self, uow: UnitOfWork, row: Row, event: Open) -> None:
        """Ends an event in the transaction of its last step."""
        state = State.PROCESSED if event.is_known else State.IGNORED
        payload = await self._scrubbed(uow, event)
        await queue.finish(uow, row, event, state, attempts=event.attempts, payload=payload)
        seconds = (uow.now() - event.received_at).total_seconds()
        uow.after_commit(lambda: _measure(event, state, seconds))

    async def _scrubbed(self, uow: UnitOfWork, event: Open) -> bytes | None:
        """Returns an event's data sealed without its secrets; None when it has none (EVT-47)."""
        if not event.has_secret or event.payload is None:
            return None
        [opened] = await self._vault.open(uow, [event.event_id], [event.payload])
        [sealed] = await self._vault.seal(uow, [event.event_id], [without_secrets(opened)])
        return sealed

    async def _failed(self, row: Row, event: Open, error: Exception) -> datetime | None:
        """Writes a failure down; an error is named by its class alone, for its text may hold what nobody may read."""
        described = describe(error)
        attempts = event.attempts + 1
        is_dead = attempts >= MOST_ATTEMPTS or isinstance(error, SealedValueError)
        logger.warning("inbound %s %s failed %d times: %s", event.type, event.event_id, attempts, described)
        async with self._database.tenant(row.aggregate.tenant_id) as uow:
            if is_dead:
                await queue.finish(uow, row, event, State.DEAD, attempts=attempts, error=described)
                _measure(event, State.DEAD, (uow.now() - event.received_at).total_seconds())
                return None
            due_at = uow.now() + backoff(attempts, base=FIRST_PAUSE, cap=LONGEST_PAUSE)
            await queue.fail(uow, row, event, attempts=attempts, due_at=due_at, error=described)
            return due_at


def wants(step: Step, event: Open) -> bool:
    """Returns whether a step wants an event."""
    return bool(EVERY_TYPE & step.types) or (event.is_known and event.type in step.types)


def describe(error: Exception) -> str:
    """Names an error and the line that raised it, without its text, which may hold what nobody may read."""
    reason = getattr(error, "reason", "")
    frames = traceback.extract_tb(error.__traceback__)
    place = f"at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return " ".join(filter(None, (type(error).__name__, str(reason), place)))[:LONGEST_ERROR]


def _measure(event: Open, state: State, seconds: float) -> None:
    _handled.labels(event.type if event.is_known else "other", state.name.lower()).inc()
    _waited.observe(max(seconds, 0.0))
