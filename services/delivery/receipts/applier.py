"""Applies stored bodies: at once in the process that stored them, and by a loop whatever nobody applied in time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog

from services.common import loops
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.delivery.accounts import internal
from services.delivery.accounts.adapters import Adapters
from services.delivery.accounts.domain import PLATFORM
from services.delivery.mail.bounces import parse_report
from services.delivery.providers import ConfigurationError, MalformedReceiptError
from services.delivery.receipts import applying, bodies, measures, parsed, references, store
from services.delivery.receipts.applying import Applied, Tools
from services.delivery.receipts.bodies import Batch
from services.delivery.receipts.domain import UNMATCHED_FOR
from services.delivery.receipts.parsed import Row
from services.delivery.receipts.store import Matchable

log = structlog.get_logger("receipts")

WAKE: Final = "receipts"
AT_ONCE: Final = 2
"""Bodies that one process applies at a time."""

IN_HAND: Final = 64
"""Bodies that may wait in the memory of the process that stored them; more wait for a loop."""

GRACE: Final = timedelta(seconds=5)
"""How long a body is left to the process that stored it."""

MAX_TRIES: Final = 20
_POLL: Final = 1.0
_MATCH_EVERY: Final = timedelta(seconds=15)
_BATCH: Final = 50


Other = Callable[[Batch, bytes, datetime], Awaitable[object]]
"""Applies stored bodies of a content type that holds no receipts, and notes that it did."""


class Applier:
    """Applies bodies; several may work on one database, each body is applied once."""

    def __init__(
        self,
        database: Database,
        adapters: Adapters,
        tools: Tools,
        clock: Clock,
        others: Mapping[str, Other] | None = None,
    ) -> None:
        self._others = others or {}
        self._database = database
        self._adapters = adapters
        self._tools = tools
        self._clock = clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_room(self) -> bool:
        """Returns whether a body stored now is applied here at once."""
        return len(self._tasks) < IN_HAND

    def offer(self, batch: Batch, rows: Sequence[Row]) -> None:
        """Applies a body that was stored just now; if that fails, a loop does it later."""
        task = asyncio.create_task(self._at_once(batch, rows), name="receipts-apply")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Waits for what is in hand."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def loop(self, stop: asyncio.Event) -> None:
        """Applies what nobody applied in time, and matches receipts with messages that came after them."""
        woken = asyncio.Event()
        listener = asyncio.create_task(self._listen(woken), name="receipts-wake-ups")
        last_match = self._clock.now() - _MATCH_EVERY
        try:
            while not stop.is_set():
                woken.clear()
                done = 0
                try:
                    done = await self.apply_due()
                    if self._clock.now() - last_match >= _MATCH_EVERY:
                        last_match = self._clock.now()
                        await self.match_waiting()
                except Exception as error:
                    if not isinstance(error, ServiceError) and not is_outage(error):
                        raise
                    log.warning("receipts wait for the database", error=type(error).__name__)
                if not done:
                    await _first(woken, stop, _POLL)
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def apply_due(self) -> int:
        """Applies bodies whose time has come and returns how many it looked at."""
        now = self._clock.now()
        async with self._database.system() as uow:
            found = await bodies.due(uow, now, _BATCH)
            count, oldest = await bodies.waiting(uow)
        measures.waiting(count, now - oldest if oldest else timedelta())
        for tenant_id, batch_id in found:
            await self._later(tenant_id, batch_id)
        return len(found)

    async def match_waiting(self) -> int:
        """Applies receipts whose messages are known by now; after a day they are given up."""
        async with self._database.system() as uow:
            await references.name_waiting(uow, 1000)
            found = await store.matchable(uow, 1000)
            given_up = await store.give_up(uow, self._clock.now() - UNMATCHED_FOR)
        if given_up:
            log.warning("receipts of unknown messages were given up", count=given_up)
        grouped: defaultdict[tuple[UUID, UUID, str], list[Matchable]] = defaultdict(list)
        for one in found:
            grouped[one.tenant_id, one.account_id, one.provider].append(one)
        for (tenant_id, account_id, provider), receipts in grouped.items():
            work = self._match(tenant_id, account_id, provider, receipts)
            await loops.apart(f"matching receipts for tenant {tenant_id}", work, None)
        return len(found)

    async def _match(
        self, tenant_id: UUID, account_id: UUID, provider: str, receipts: Sequence[Matchable]
    ) -> None:
        async with self._database.tenant(tenant_id) as uow:
            known = await store.lock(uow, sorted({one.message_id for one in receipts}))
            fresh = await store.mark_matched(uow, [one for one in receipts if one.message_id in known])
            items = defaultdict(list)
            for one in receipts:
                if one.receipt_id in fresh:
                    items[one.message_id].append(one.item)
            await applying.apply_items(
                uow, self._tools, known, items, account_id, provider, self._clock.now()
            )

    async def parse(self, batch: Batch, body: bytes) -> list[Row]:
        """Returns the receipts of a body.

        Raises:
            MalformedReceiptError: It is none of its provider's.
            ConfigurationError: Its account cannot be used.
        """
        if batch.message_id is not None:
            receipts = parse_report(body, batch.received_at)
            return parsed.rows(receipts, batch.account_id, batch.received_at, message_id=batch.message_id)
        account = await internal.by_id(self._database, batch.tenant_id, batch.account_id)
        if account is None:
            raise ConfigurationError("the account is gone")
        provider = await self._adapters.of(account)
        headers = {"content-type": batch.content_type}
        return parsed.rows(provider.parse_receipts(body, headers), batch.account_id, batch.received_at)

    async def _at_once(self, batch: Batch, rows: Sequence[Row]) -> None:
        async with self._gate:
            try:
                await self._apply(batch, rows)
            except Exception as error:  # noqa: BLE001 - whatever happens, the body is stored and tried again
                await self._put_off(batch.tenant_id, batch.batch_id, 0, error)

    async def _later(self, tenant_id: UUID, batch_id: UUID) -> None:
        attempts = 0
        try:
            async with self._database.tenant(tenant_id) as uow:
                taken = await bodies.take(uow, tenant_id, batch_id)
                if taken is None:
                    return
                batch, sealed = taken
                attempts = batch.attempt_count
                body = await self._tools.envelope.open(uow, sealed, aad_of_body(batch_id))
            if other := self._others.get(batch.content_type):
                await other(batch, body, self._clock.now())
            else:
                await self._apply(batch, await self.parse(batch, body))
        except Exception as error:  # noqa: BLE001 - one body that cannot be read must not end the loop
            await self._put_off(tenant_id, batch_id, attempts, error)

    async def _apply(self, batch: Batch, rows: Sequence[Row]) -> None:
        """Applies a body and notes it in one transaction; a platform's in one for each of its tenants."""
        total = Applied([])
        if references.is_needed(rows, batch.tenant_id):
            async with self._database.system() as uow:
                rows = await references.resolve(uow, batch.account_id, batch.tenant_id, rows)
        if batch.tenant_id == PLATFORM:
            by_tenant: defaultdict[UUID, list[Row]] = defaultdict(list)
            for row in rows:
                by_tenant[row.tenant_id or PLATFORM].append(row)
            for tenant_id, part in by_tenant.items():
                async with self._database.tenant(tenant_id) as uow:
                    total.add(await applying.apply_rows(uow, self._tools, batch, part, self._clock.now()))
            rows = []
        async with self._database.tenant(batch.tenant_id) as uow:
            if not await bodies.hold(uow, batch):
                return
            now = self._clock.now()
            total.add(await applying.apply_rows(uow, self._tools, batch, rows, now))
            await bodies.finish(uow, batch, len(total.fresh), total.failed, now)
        measures.applied(
            batch.provider, [row.item.kind for row in total.fresh], self._clock.now() - batch.received_at
        )
        measures.left_over(
            batch.provider, duplicates=total.duplicates, unmatched=total.unmatched, failed=total.failed
        )

    async def _put_off(self, tenant_id: UUID, batch_id: UUID, attempts: int, error: Exception) -> None:
        """Leaves a body for later: what an outage stopped comes soon, what cannot be read is kept for people."""
        if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError, ServiceError, OSError)):
            log.warning("receipts are applied later", error=type(error).__name__)
        elif isinstance(error, (ConfigurationError, MalformedReceiptError)):
            log.warning("receipts cannot be read", error=type(error).__name__)
        else:
            log.error("receipts could not be applied", exc_info=error)
        try:
            async with self._database.tenant(tenant_id) as uow:
                await bodies.put_off(
                    uow,
                    tenant_id,
                    batch_id,
                    type(error).__name__,
                    self._clock.now() + bodies.patience(attempts),
                    is_final=attempts + 1 >= MAX_TRIES,
                )
        except (psycopg.Error, ServiceError):
            # It is due by itself after its grace.
            log.warning("a body of receipts waits for the database")

    async def _listen(self, woken: asyncio.Event) -> None:
        async for _ in self._database.listen(WAKE):
            woken.set()


def aad_of_body(batch_id: UUID) -> bytes:
    """Returns the place a sealed body belongs to."""
    return b"receipt_batch" + batch_id.bytes


async def _first(woken: asyncio.Event, stop: asyncio.Event, seconds: float) -> None:
    """Waits for a wake-up, the stop or the time, whichever comes first."""
    tasks = [asyncio.create_task(wait_for(woken, seconds)), asyncio.create_task(wait_for(stop, seconds))]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
