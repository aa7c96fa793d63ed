"""Applying receipts: one transaction per raw body, a handful of statements however many receipts it holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import structlog

from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope
from services.common.security.keys import KeySet
from services.common.telemetry import Span
from services.delivery.accounts.prices import Prices
from services.delivery.costs import actual, estimates
from services.delivery.costs.actual import Priced
from services.delivery.costs.estimates import Taken
from services.delivery.fallbacks.handlers import Fallbacks
from services.delivery.messages.domain import State
from services.delivery.receipts import alarms, announce, domain, store
from services.delivery.receipts.bodies import Batch
from services.delivery.receipts.domain import Item, News, Standing
from services.delivery.receipts.parsed import NO_MESSAGE, Row
from services.delivery.receipts.recipients import addresses_of

log = structlog.get_logger("receipts")

_WAITING_APART = frozenset({State.DEFERRED, State.RETRYING, State.UNKNOWN})
_LOST = frozenset({State.FAILED, State.BOUNCED})


@dataclass(frozen=True, slots=True)
class Tools:
    """What applying needs besides the transaction."""

    envelope: Envelope
    hash_keys: KeySet
    prices: Prices
    default_zone: ZoneInfo
    fallbacks: Fallbacks


@dataclass(slots=True)
class Applied:
    """What came of the receipts of one body."""

    fresh: list[Row]
    duplicates: int = 0
    unmatched: int = 0
    failed: int = 0

    def add(self, other: "Applied") -> None:
        """Adds what came of a further part."""
        self.fresh += other.fresh
        self.duplicates += other.duplicates
        self.unmatched += other.unmatched
        self.failed += other.failed


async def apply_rows(
    uow: UnitOfWork, tools: Tools, batch: Batch, rows: Sequence[Row], now: datetime
) -> Applied:
    """Stores receipts and applies those that are new; one the database refuses does not stop the others."""
    if not rows:
        return Applied([])
    try:
        async with uow.savepoint():
            return await _apply(uow, tools, batch, rows, now)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        if len(rows) == 1:
            log.warning("a receipt cannot be stored", provider=batch.provider, error=type(error).__name__)
            return Applied([], failed=1)
    half = len(rows) // 2
    total = await apply_rows(uow, tools, batch, rows[:half], now)
    total.add(await apply_rows(uow, tools, batch, rows[half:], now))
    return total


async def _apply(uow: UnitOfWork, tools: Tools, batch: Batch, rows: Sequence[Row], now: datetime) -> Applied:
    known = await store.lock(uow, sorted({row.message_id for row in rows} - {NO_MESSAGE}))
    new = await store.add_receipts(uow, batch, rows, known)
    fresh = [row for row in rows if row.receipt_id in new]
    items: defaultdict[bytes, list[Item]] = defaultdict(list)
    unmatched = 0
    for row in fresh:
        if row.message_id in known:
            items[row.message_id].append(row.item)
        else:
            unmatched += 1
    await apply_items(uow, tools, known, items, batch.account_id, batch.provider, now)
    await alarms.raise_filtered(uow, batch.account_id, batch.provider, (row.item for row in fresh), now)
    # A price may come later than the status it comes with, so it counts although the receipt is known.
    await actual.settle(
        uow,
        tools.default_zone,
        (
            Priced(row.message_id, row.price, row.currency)
            for row in rows
            if row.price is not None and row.currency and row.message_id in known
        ),
    )
    return Applied(fresh, len(rows) - len(fresh), unmatched)


async def apply_items(
    uow: UnitOfWork,
    tools: Tools,
    known: Mapping[bytes, Standing],
    items: Mapping[bytes, Iterable[Item]],
    account_id: UUID,
    provider: str,
    now: datetime,
) -> None:
    """Applies receipts to locked messages and adds their events."""
    changed = []
    for message_id, given in items.items():
        news = domain.apply(known[message_id], given, account_id=account_id, provider=provider)
        if news.is_changed or news.reports:
            changed.append(news)
    if changed:
        with await _span(uow, provider, [one.after for one in changed]):
            await _write(uow, tools, changed, now)


async def _span(
    uow: UnitOfWork, provider: str, standings: Sequence[Standing]
) -> AbstractContextManager[Span]:
    """Returns this step of the webhook's trace, seen in the traces of the messages too."""
    traces: Sequence[str] = ()
    if telemetry.tracing() is not None:
        traces = await store.traces(uow, list({one.content_id for one in standings}))
    facts: telemetry.Facts = {"angarium.provider": provider, "messaging.batch.message_count": len(standings)}
    return telemetry.span(f"receipts {provider}", kind="consumer", also=traces, attributes=facts)


async def _write(uow: UnitOfWork, tools: Tools, changed: Sequence[News], now: datetime) -> None:
    await _save(uow, changed)
    moved = [one for one in changed if one.after.state is not one.before.state]
    waited = [one.after.message_id for one in moved if one.before.state in _WAITING_APART]
    if waited:
        await store.leave_waiting(uow, waited)
    settled = [one for one in changed if one.is_settled]
    if settled:
        await store.settle_unknown(uow, [one.after.message_id for one in settled], now)
        await _add_costs(uow, tools, settled, now)
    lost = [
        one.after.message_id for one in moved if one.after.state in _LOST and one.after.delivered_at is None
    ]
    await tools.fallbacks.make(uow, lost, now)
    reported = [one.after for one in changed if one.reports]
    addresses = await addresses_of(uow, tools.envelope, tools.hash_keys, reported)
    announce.tell(uow, changed, addresses)


async def _save(uow: UnitOfWork, changed: Sequence[News]) -> None:
    delivered: list[tuple[bytes, datetime]] = []
    others: list[Standing] = []
    for one in changed:
        if one.is_plain_delivery and one.after.delivered_at is not None:
            delivered.append((one.after.message_id, one.after.delivered_at))
        elif one.is_changed:
            others.append(one.after)
    if delivered:
        await store.save_delivered(uow, delivered)
    if others:
        await store.save(uow, others)


async def _add_costs(uow: UnitOfWork, tools: Tools, settled: Sequence[News], now: datetime) -> None:
    """Counts what the provider charges for messages that turned out to have been accepted (DEL-88)."""
    taken = [
        Taken(
            after.message_id,
            after.campaign_id,
            after.attempt_count,
            after.provider,
            after.account_id,
            after.channel,
        )
        for after in (one.after for one in settled)
        if after.provider and after.account_id
    ]
    await estimates.charge(uow, tools.prices, tools.default_zone, taken, now)
