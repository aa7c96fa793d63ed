"""Messages nobody knows about: asked for at the provider, sent once more, or closed (DEL-78).

They are settled by whoever knows first: the provider's look-up here, a receipt, or the worker that handed them over.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import structlog

from services.common import loops, telemetry
from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.leases import wait_for
from services.delivery import columns
from services.delivery.accounts import internal
from services.delivery.accounts.adapters import Adapters
from services.delivery.accounts.prices import Prices
from services.delivery.costs import estimates
from services.delivery.costs.estimates import Taken
from services.delivery.dispatch import measures, recording, regroup
from services.delivery.dispatch.recording import DeadLetter
from services.delivery.messages import announce
from services.delivery.messages.announce import Sent, Stopped
from services.delivery.messages.domain import Channel, MessageClass, State
from services.delivery.messages.handlers import WAKE_DISPATCH
from services.delivery.providers import ConfigurationError, Lookup, Presence
from services.delivery.providers.base import stored_name
from services.delivery.providers.registry import KINDS
from services.delivery.receipts import polls
from services.delivery.receipts.domain import OUTCOME_UNKNOWN

log = structlog.get_logger("reconcile")

LIMIT: Final = 1000
UNKNOWABLE: Final = Lookup(Presence.UNKNOWABLE)
NEVER_HAD: Final = "provider_never_had_it"
ONCE_MORE: Final = "outcome_unknown_once_more"
"""Reason of a message that is sent a second time on the same account because nobody could tell (DEL-78)."""
_RECONCILED = telemetry.counter("messages_reconciled_total", "Unknown outcomes by how they ended.", ("end",))

# Taking is pushing the instant of the next look: another replica passes these over, a lost one delays them.
_TAKE = """
WITH due AS (
    SELECT tenant_id, message_id FROM message_wait WHERE state = 15 AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE message_wait w SET due_at = %(next)s FROM due d
WHERE w.tenant_id = d.tenant_id AND w.message_id = d.message_id
RETURNING w.tenant_id, uuid_send(w.message_id), w.account_id, w.started_at
"""

_FACTS = """
SELECT uuid_send(m.message_id), m.state, m.attempt_count, m.campaign_id, c.message_class,
    coalesce(m.expire_at, c.expire_at), c.cancelled_at,
    (SELECT count(*) FROM attempt a
     WHERE a.tenant_id = m.tenant_id AND a.message_id = m.message_id AND a.outcome = 4
       AND a.number > coalesce(m.series_start, 0)),
    coalesce(m.provider, ''), m.account_id, m.channel
FROM unnest(%(ids)b::uuid[]) AS r (id)
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
FOR UPDATE OF m
"""

_SENT = """
UPDATE message m SET state = 7, sent_at = coalesce(m.sent_at, %(now)s), reason = NULL, wake_at = NULL,
    provider_message_id = coalesce(nullif(r.provider_id, ''), m.provider_message_id)
FROM unnest(%(ids)b::uuid[], %(provider_ids)b::text[]) AS r (id, provider_id)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.state = 15
"""

_AGAIN = """
UPDATE message m SET state = 1, reason = r.reason, wake_at = NULL
FROM unnest(%(ids)b::uuid[], %(reasons)b::text[]) AS r (id, reason)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.state = 15
"""

_CLOSED = """
UPDATE message m SET state = 11, reason = %(reason)s, failure_code = %(reason)s, wake_at = NULL,
    failed_at = coalesce(m.failed_at, %(now)s)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[]) AND m.state = 15
"""

# What a provider never had was refused, as far as anybody is concerned: any account may try it now.
_ABSENT = """
UPDATE attempt SET outcome = 2, code = %(reason)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND outcome = 4
"""

_DROP = "DELETE FROM message_wait WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])"

_COUNT = "SELECT count(*) FROM message_wait WHERE state = 15"


class Unknown(NamedTuple):
    """One message of unknown outcome and the account it was handed to."""

    message_id: bytes
    account_id: UUID | None
    started_at: datetime


class Fact(NamedTuple):
    """What is stored of such a message."""

    message_id: bytes
    state: int
    attempts: int
    campaign_id: UUID | None
    message_class: int
    expire_at: datetime
    cancelled_at: datetime | None
    unknown_tries: int
    provider: str
    account_id: UUID
    channel: int


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited before something is concluded."""

    recheck: timedelta = timedelta(seconds=30)
    absent: timedelta = timedelta(minutes=10)
    """A provider that does not know a message may only be late; after this time it never had it."""
    unknowable: timedelta = timedelta(minutes=15)


@dataclass(slots=True)
class _Ends:
    """How the messages of one tenant ended."""

    sent: list[tuple[Fact, str]]
    again: list[tuple[Fact, str]]
    closed: list[Fact]
    settled: list[bytes]


def conclude(fact: Fact, found: Lookup, started_at: datetime, now: datetime, patience: Patience) -> str:
    """Returns `sent`, `again`, `once_more`, `closed` or `wait` for a message whose outcome is unknown."""
    if found.presence is Presence.FOUND:
        return "sent"
    age = now - started_at
    is_over = fact.expire_at <= now or fact.cancelled_at is not None
    if found.presence is Presence.NOT_FOUND:
        if age < patience.absent:
            return "wait"
        return "closed" if is_over else "again"
    if fact.message_class == MessageClass.MARKETING:
        return "closed" if age >= patience.unknowable else "wait"
    return "once_more" if fact.unknown_tries < 2 and not is_over else "closed"


class Reconciler:
    """Looks after messages of unknown outcome."""

    def __init__(
        self,
        database: Database,
        adapters: Adapters,
        prices: Prices,
        clock: Clock,
        patience: Patience,
        zone: ZoneInfo,
    ) -> None:
        self._database = database
        self._adapters = adapters
        self._prices = prices
        self._clock = clock
        self._patience = patience
        self._zone = zone

    async def loop(self, stop: asyncio.Event) -> None:
        """Reconciles what is due until told to stop."""
        pause = min(self._patience.recheck.total_seconds() / 2, 5.0)
        while not stop.is_set():
            try:
                while not stop.is_set() and await self.run_once() == LIMIT:
                    pass
            except (psycopg.Error, ServiceError, OSError) as error:
                log.warning("unknown outcomes cannot be looked for", error=type(error).__name__)
            await wait_for(stop, pause)

    async def run_once(self) -> int:
        """Reconciles up to 1,000 messages and returns how many it looked at."""
        now = self._clock.now()
        async with self._database.system() as uow:
            rows = await uow.fetch_all(
                _TAKE, {"now": now, "limit": LIMIT, "next": now + self._patience.recheck}
            )
            measures.unknown(await uow.fetch_value(_COUNT))
        by_tenant: defaultdict[UUID, list[Unknown]] = defaultdict(list)
        for tenant_id, *unknown in rows:
            by_tenant[tenant_id].append(Unknown(*unknown))
        for tenant_id, unknown in by_tenant.items():
            await loops.apart(
                f"reconciling for tenant {tenant_id}", self._reconcile(tenant_id, unknown), None
            )
        return len(rows)

    async def _reconcile(self, tenant_id: UUID, unknown: Sequence[Unknown]) -> None:
        found = await self._look_up(tenant_id, unknown)
        now = self._clock.now()
        started = {one.message_id: one.started_at for one in unknown}
        async with self._database.tenant(tenant_id) as uow:
            rows = await uow.fetch_all(
                _FACTS,
                {"tenant_id": tenant_id, "ids": columns.uuids([one.message_id for one in unknown])},
            )
            ends = self._ends([Fact(*row) for row in rows], found, started, now)
            await self._record(uow, ends, now)
        for end, count in (("sent", ends.sent), ("again", ends.again), ("closed", ends.closed)):
            _RECONCILED.labels(end).inc(len(count))

    async def _look_up(self, tenant_id: UUID, unknown: Sequence[Unknown]) -> Mapping[bytes, Lookup]:
        by_account: defaultdict[UUID | None, list[bytes]] = defaultdict(list)
        for one in unknown:
            by_account[one.account_id].append(one.message_id)
        found: dict[bytes, Lookup] = {}
        for account_id, ids in by_account.items():
            account = await internal.by_id(self._database, tenant_id, account_id) if account_id else None
            if account is None:
                continue
            try:
                provider = await self._adapters.of(account)
                answers = await provider.look_up([UUID(bytes=id) for id in ids])
            except ConfigurationError:
                continue
            found |= {id.bytes: answer for id, answer in answers.items()}
        return found

    def _ends(
        self,
        facts: Sequence[Fact],
        found: Mapping[bytes, Lookup],
        started: Mapping[bytes, datetime],
        now: datetime,
    ) -> _Ends:
        ends = _Ends([], [], [], [])
        for fact in facts:
            if fact.state != State.UNKNOWN:
                ends.settled.append(fact.message_id)
                continue
            answer = found.get(fact.message_id, UNKNOWABLE)
            match conclude(fact, answer, started[fact.message_id], now, self._patience):
                case "sent":
                    ends.sent.append((fact, stored_name(answer.provider_message_id)))
                case "again":
                    ends.again.append((fact, NEVER_HAD))
                case "once_more":
                    ends.again.append((fact, ONCE_MORE))
                case "closed":
                    ends.closed.append(fact)
        return ends

    async def _record(self, uow: UnitOfWork, ends: _Ends, now: datetime) -> None:
        row: dict[str, Any] = {"tenant_id": uow.tenant_id, "now": now}
        sent = [fact.message_id for fact, _ in ends.sent]
        again = [fact.message_id for fact, _ in ends.again]
        closed = [fact.message_id for fact in ends.closed]
        over = [*sent, *again, *closed, *ends.settled]
        if not over:
            return
        await uow.execute(_DROP, {**row, "ids": columns.uuids(over)})
        if sent:
            await self._ask_later(uow, ends.sent, now)
            await self._record_sent(uow, row, ends.sent, now)
        if again:
            await self._send_again(uow, row, ends.again, now)
        if closed:
            await uow.execute(_CLOSED, {**row, "ids": columns.uuids(closed), "reason": OUTCOME_UNKNOWN})
            letters = [
                DeadLetter(fact.message_id, OUTCOME_UNKNOWN, fact.attempts, OUTCOME_UNKNOWN, fact.campaign_id)
                for fact in ends.closed
            ]
            recording.bury(uow, letters, now)
        _announce(uow, ends, now)

    async def _ask_later(self, uow: UnitOfWork, sent: Sequence[tuple[Fact, str]], now: datetime) -> None:
        """Notes whose provider is asked what became of messages, or what they cost."""
        grouped: defaultdict[tuple[UUID, str], list[polls.Sent]] = defaultdict(list)
        for fact, name in sent:
            kind = KINDS.get(fact.provider)
            if name and kind is not None and kind.polls:
                grouped[fact.account_id, fact.provider].append(
                    polls.Sent(fact.message_id, name, fact.attempts)
                )
        for (account_id, provider), members in grouped.items():
            await uow.execute(*polls.adding(uow.tenant_id, account_id, provider, members, now))

    async def _record_sent(
        self, uow: UnitOfWork, row: Mapping[str, Any], sent: Sequence[tuple[Fact, str]], now: datetime
    ) -> None:
        """Records messages that their providers have, and what they cost (DEL-88)."""
        await uow.execute(
            _SENT,
            {
                **row,
                "ids": columns.uuids([fact.message_id for fact, _ in sent]),
                "provider_ids": columns.texts([id for _, id in sent]),
            },
        )
        taken = [
            Taken(
                fact.message_id,
                fact.campaign_id,
                fact.attempts,
                fact.provider,
                fact.account_id,
                Channel(fact.channel),
            )
            for fact, _ in sent
        ]
        await estimates.charge(uow, self._prices, self._zone, taken, now)

    async def _send_again(
        self, uow: UnitOfWork, row: Mapping[str, Any], again: Sequence[tuple[Fact, str]], now: datetime
    ) -> None:
        ids = [fact.message_id for fact, _ in again]
        await uow.execute(
            _AGAIN,
            {**row, "ids": columns.uuids(ids), "reasons": columns.texts([reason for _, reason in again])},
        )
        absent = [id for id, (_, reason) in zip(ids, again, strict=True) if reason == NEVER_HAD]
        if absent:
            await uow.execute(_ABSENT, {**row, "ids": columns.uuids(absent), "reason": NEVER_HAD})
        recording.log(
            uow, [(id, "reconciled", reason) for id, (_, reason) in zip(ids, again, strict=True)],
            actor="reconcile", now=now,
        )  # fmt: skip
        tenants = columns.uuids([row["tenant_id"].bytes] * len(ids))
        _, lanes = await regroup.add_blocks(uow, tenants, columns.uuids(ids), [State.PENDING], now)

        def wake() -> None:
            for lane in lanes:
                self._database.wake(WAKE_DISPATCH, str(lane))

        uow.after_commit(wake)


def _announce(uow: UnitOfWork, ends: _Ends, now: datetime) -> None:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    sent: defaultdict[tuple[str, str, UUID], list[Sent]] = defaultdict(list)
    for fact, provider_id in ends.sent:
        key = (str(fact.campaign_id or ""), fact.provider, fact.account_id)
        sent[key].append(Sent(fact.message_id, fact.attempts, 1, provider_id))
    closed: defaultdict[str, list[Stopped]] = defaultdict(list)
    for fact in ends.closed:
        closed[str(fact.campaign_id or "")].append(Stopped(fact.message_id, OUTCOME_UNKNOWN, OUTCOME_UNKNOWN))
    for (campaign, provider, account_id), messages in sent.items():
        uow.emit(announce.sent(uow.tenant_id, campaign, provider, account_id, now, messages))
    for campaign, stopped in closed.items():
        uow.emit(announce.stopped("failed", uow.tenant_id, campaign, now, stopped))
