"""The sender: takes what is due, calls subscriptions side by side, and writes down what came of it (JOB-29).

One process sends at a time. What it took comes back by itself a minute later if it dies, so a call may be made twice, with
the same id; it is never left out.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

import structlog

from angarium.delivery.v1 import delivery_events_pb2 as events
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.common.leases import Lease, while_leased
from services.common.security.envelope import SealedValueError
from services.delivery.webhooks import domain, measures, queue
from services.delivery.webhooks.calls import Caller, Result, Target
from services.delivery.webhooks.domain import GONE, Health, State
from services.delivery.webhooks.handlers import WAKE
from services.delivery.webhooks.messages import MessageBodies, Settled
from services.delivery.webhooks.queue import Body, Condition, Done, Due
from services.delivery.webhooks.requested import RequestedCalls
from services.delivery.webhooks.sealing import Vault

log = structlog.get_logger("webhooks")

AT_ONCE: Final = 100
"""Calls under way in all."""

PER_SUBSCRIPTION: Final = 5
"""Calls under way to one subscription: a slow receiver is not buried, and holds nobody else back."""

TAKEN_FOR: Final = timedelta(seconds=60)
POLL_SECONDS: Final = 5.0
LEASE: Final = timedelta(seconds=20)
NOT_KEPT: Final = "not_kept"
"""What was to be sent is gone: too old, or of a person who was erased."""


class Call(NamedTuple):
    """A delivery that is ready to be made."""

    due: Due
    target: Target
    body: bytes
    known: Body


class Called(NamedTuple):
    """A delivery with what came of it."""

    due: Due
    result: Result
    known: Body | None

    @property
    def message_id(self) -> UUID | None:
        """Returns the message that it holds."""
        return self.known.message_id if self.known else None


class Sender:
    """Sends what waits for subscriptions; any number may run, one at a time works."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        caller: Caller,
        messages: MessageBodies,
        requested: RequestedCalls,
        clock: Clock,
    ) -> None:
        self._database = database
        self._vault = vault
        self._caller = caller
        self._messages = messages
        self._requested = requested
        self._clock = clock
        self._running: dict[asyncio.Task[Called], UUID] = {}

    async def loop(self, stop: asyncio.Event) -> None:
        """Sends until stop is set, then finishes the calls under way."""
        await while_leased(self._database, "webhooks", lambda lease: self._work(lease, stop), stop, ttl=LEASE)

    async def deliver_due(self) -> int:
        """Makes every call that is due now, each to its end, and returns how many there were."""
        made = 0
        try:
            while await self._start():
                while self._running:
                    made += await self._settle([])
        finally:
            await self._give_up()
        return made

    async def _work(self, lease: Lease, stop: asyncio.Event) -> None:
        woken = asyncio.Event()
        others = [
            asyncio.create_task(self._follow(woken), name="webhooks-wake-ups"),
            asyncio.create_task(stop.wait(), name="webhooks-stop"),
        ]
        try:
            while lease.held and not stop.is_set():
                woken.clear()
                await self._start()
                waker = asyncio.create_task(woken.wait())
                try:
                    await self._settle([others[1], waker])
                finally:
                    waker.cancel()
            while self._running:
                await self._settle([])
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._give_up()

    async def _give_up(self) -> None:
        """Ends calls under way, if there are any; what they were for comes back by itself."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()

    async def _follow(self, woken: asyncio.Event) -> None:
        async for _ in self._database.listen(WAKE):
            woken.set()

    async def _start(self) -> int:
        """Takes what is due and begins to call; returns how many calls began."""
        room = AT_ONCE - len(self._running)
        if room <= 0:
            return 0
        calls, broken = await self._take(room)
        for call in calls:
            self._running[asyncio.create_task(self._call(call))] = call.due.subscription_id
        if broken:
            await self._record(broken)
        return len(calls)

    async def _take(self, room: int) -> tuple[list[Call], list[Called]]:
        """Returns the calls to make, and deliveries that nothing can be called for any more."""
        busy = Counter(self._running.values())
        async with self._database.system() as uow:
            now = uow.now()
            due = await queue.claim(uow, busy, most=PER_SUBSCRIPTION, total=room, until=now + TAKEN_FOR)
            if not due:
                return [], []
            bodies = await queue.bodies(uow, due)
            targets = await self._targets(uow, due, now)
            texts = await self._messages.open(uow, due, bodies)
            requested = await self._requested.open(uow, due, bodies)
        calls: list[Call] = []
        broken: list[Called] = []
        for one in due:
            target, text = targets.get(one.subscription_id), texts.get(one.event_id)
            known = bodies.get(one.event_id)
            if target is not None and one.event_id in requested:
                headers, text = requested[one.event_id]
                target = replace(target, headers={**target.headers, **headers})
            if target is None or text is None:
                # Its event is not kept any more, or its person was erased.
                broken.append(Called(one, Result(now, 0, "", timedelta(), NOT_KEPT), known))
            else:
                assert known is not None  # noqa: S101 - its text was found in it
                calls.append(Call(one, target, text, known))
        return calls, broken

    async def _targets(self, uow: UnitOfWork, due: Sequence[Due], now: datetime) -> dict[UUID, Target]:
        found: dict[UUID, Target] = {}
        for id, one in (await queue.subscriptions(uow, due)).items():
            try:
                keys = await self._vault.keys(uow, one, now)
                found[id] = Target(one.url, keys, await self._vault.headers(uow, one))
            except SealedValueError:
                log.exception("the secret of a subscription cannot be opened", subscription_id=str(id))
        return found

    async def _call(self, call: Call) -> Called:
        try:
            result = await self._caller.call(call.target, str(call.due.event_id), call.body)
        except Exception:
            # Whatever one partner makes of a call, the others' are under way.
            log.exception("a call broke", subscription_id=str(call.due.subscription_id))
            result = Result(self._clock.now(), 0, "", timedelta(), "connection")
        if call.known.message_id is not None or call.known.contact_id is not None:
            # What a receiver says of a message may repeat what was written to a person.
            result = result.without_excerpt()
        measures.called(result)
        return Called(call.due, result, call.known)

    async def _settle(self, others: Sequence[asyncio.Task[object]]) -> int:
        """Waits for a call to end, or for something else, and records the calls that ended."""
        waited = {*self._running, *others}
        await asyncio.wait(waited, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        ended = [task for task in self._running if task.done()]
        if ended:
            for task in ended:
                del self._running[task]
            await self._record([task.result() for task in ended])
        return len(ended)

    async def _record(self, called: Sequence[Called]) -> None:
        done = [_done(one) for one in called]
        async with self._database.system() as uow:
            conditions = await self._conditions(uow, called)
            await queue.record(uow, done)
            await queue.save(uow, conditions)
            for one in conditions:
                if one.reason:
                    self._disable(uow, one, called)
            self._requested.settle(uow, [(one.due, state) for one, state in zip(called, done, strict=True)])
            await self._messages.settle(
                uow,
                [
                    Settled(one.due, state.state, one.result, one.message_id)
                    for one, state in zip(called, done, strict=True)
                    if one.message_id is not None
                ],
            )

    async def _conditions(self, uow: UnitOfWork, called: Sequence[Called]) -> list[Condition]:
        """Returns how the called subscriptions are now; the calls count in the order they ended."""
        grouped: defaultdict[tuple[UUID, UUID], list[Result]] = defaultdict(list)
        for one in sorted(called, key=lambda one: one.result.at):
            if one.result.error != NOT_KEPT:
                grouped[one.due.tenant_id, one.due.subscription_id].append(one.result)
        known = await queue.healths(uow, sorted(grouped))
        found: list[Condition] = []
        for (tenant_id, subscription_id), results in grouped.items():
            health, is_enabled = known[subscription_id]
            succeeded_at = None
            for result in results:
                health = health.after(succeeded=result.succeeded, at=result.at)
                succeeded_at = result.at if result.succeeded else succeeded_at
            reason = _reason(health, results) if is_enabled else ""
            found.append(Condition(tenant_id, subscription_id, health, succeeded_at, reason, results[-1].at))
        return found

    def _disable(self, uow: UnitOfWork, one: Condition, called: Sequence[Called]) -> None:
        """Tells that a subscription is not called any more."""
        errors = [each.result.error for each in called if each.due.subscription_id == one.subscription_id]
        payload = events.WebhookDisabled(
            webhook_subscription_id=str(one.subscription_id),
            reason=one.reason,
            error_class=next((error for error in reversed(errors) if error), ""),
            consecutive_failure_count=one.health.consecutive_failures,
        )
        uow.emit(
            Event(
                "webhook.disabled",
                "webhook_subscription",
                str(one.subscription_id),
                payload,
                tenant_id=one.tenant_id,
            )
        )
        uow.after_commit(lambda: measures.disabled(one))


def _reason(health: Health, results: Sequence[Result]) -> str:
    if any(result.status == GONE for result in results):
        return "gone"
    return health.reason_to_disable(results[-1].at)


def _done(one: Called) -> Done:
    due, result = one.due, one.result
    attempts = due.attempts + 1
    next_at: datetime | None = None
    if result.succeeded:
        state = State.DELIVERED
    elif result.status == GONE or result.error == NOT_KEPT:
        state = State.FAILED
    else:
        next_at = domain.next_attempt(attempts, result.at, result.retry_after)
        state = State.FAILED if next_at is None else State.RETRYING
    return Done(
        due.tenant_id,
        due.delivery_id,
        int(state),
        attempts,
        next_at,
        result.status,
        result.excerpt,
        int(result.latency.total_seconds() * 1000),
        result.error,
        result.at,
    )
