"""Sending digests: one message per contact and channel takes the place of all that waited for it (DEL-91, JOB-26)."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common import telemetry
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7, uuid7_bytes
from services.common.jobs import Job, JobContext, JobCounts, apart
from services.common.rpc.context import Caller
from services.delivery.columns import in_slices
from services.delivery.compliance.client import Decision, Outcome
from services.delivery.digests import store, titles
from services.delivery.digests.domain import DIGEST, WORTH, Entry, category_of, lane_of, variables
from services.delivery.digests.store import LIMIT, Batch, Settled
from services.delivery.dispatch import judging, loading, recording
from services.delivery.dispatch.loading import Item
from services.delivery.messages import announce, convert, handlers
from services.delivery.messages.announce import Sent
from services.delivery.messages.domain import (
    MAX_BLOCK,
    Category,
    Channel,
    Content,
    Lane,
    Origin,
    Recipients,
    State,
)
from services.delivery.messages.handlers import Acceptance
from services.delivery.messages.reading import Block

log = structlog.get_logger("digests")

PERIOD: Final = timedelta(minutes=5)
PEOPLE: Final = 200
"""People whose digests are made together."""

MAKER: Final = Caller("service", "digest", None, frozenset({"service"}), service="delivery")
"""Stands as the creator of digests."""

_TAKEN: Final = (State.SENT, State.DELIVERED, State.READ, State.BOUNCED)
_LOST: Final = (State.FAILED, State.SKIPPED, State.EXPIRED, State.CANCELLED)
_SENT = telemetry.counter("digests_total", "Digests made.", ("channel",))
_ITEMS = telemetry.counter(
    "digest_items_total", "Messages that waited for a digest, by what became of them.", ("end",)
)


class Ready(NamedTuple):
    """A person's digest, ready to be stored."""

    contact_id: bytes
    person: pb.Recipient
    language: str
    branch_id: UUID | None
    entries: list[Entry]


class Kind(NamedTuple):
    """What digests of one block share."""

    category: Category
    lane: Lane
    branch_id: UUID | None


@dataclass(slots=True)
class _Sorted:
    """What becomes of messages whose digest is due."""

    digested: list[Item]
    leaving: list[bytes]
    dropped: list[bytes]


class Digests:
    """Makes digests, and settles what was in them."""

    def __init__(self, acceptance: Acceptance, default_zone: ZoneInfo) -> None:
        self._deps = acceptance
        self._default_zone = default_zone

    def job(self) -> Job:
        """Returns the job (JOB-26)."""
        return Job("digests", PERIOD, self.run)

    async def run(self, context: JobContext) -> JobCounts:
        """Settles digests that left, then makes those that are due; a person whose digest fails is tried again."""
        counts = JobCounts()
        while not context.stopping:
            settled = await self._settle()
            counts = counts.plus(settled)
            if settled.seen < LIMIT or settled.failed:
                break
        failed: set[tuple[UUID, UUID, int]] = set()
        while not context.stopping:
            async with self._deps.database.system() as uow:
                batches = await store.due(uow, self._deps.clock.now(), PEOPLE + len(failed))
            batches = [
                one._replace(
                    contact_ids=[
                        id for id in one.contact_ids if (one.tenant_id, id, one.channel) not in failed
                    ]
                )
                for one in batches
            ]
            batches = [one for one in batches if one.contact_ids]
            if not batches:
                break
            for batch in batches:
                made = await apart(batch.tenant_id, len(batch.contact_ids), self._make(batch))
                if made.failed:
                    # Whoever could not be asked, or whose digest cannot be made, has the next run's attention.
                    failed.update((batch.tenant_id, id, batch.channel) for id in batch.contact_ids)
                counts = counts.plus(made)
        return counts

    # Making

    async def _make(self, batch: Batch) -> JobCounts:
        deps = self._deps
        async with deps.database.tenant(batch.tenant_id) as uow:
            now = deps.clock.now()
            found = await store.items(uow, batch, now, LIMIT)
            waiting = [one.message_id for one in found if one.state == State.DEFERRED]
            loaded = await loading.load(uow, deps.envelope, waiting, now)
        gone = {one.message_id for one in found} - {item.message_id for item in loaded.items}
        # What expired, was cancelled or erased is told by the worker, as always.
        stopped = [stop.item.message_id for stop in loaded.stops]
        sorted_out = _Sorted([], [], [id for id in gone if id not in stopped])
        await self._ask(batch, loaded.items, sorted_out)
        created = {one.message_id: one.created_at for one in found}
        shown = await titles.entries(
            deps.templates, batch.tenant_id, sorted_out.digested, created, self._default_zone
        )
        sorted_out.leaving += [
            item.message_id for item in sorted_out.digested if item.message_id not in shown
        ]
        ready = [_ready(members, shown) for members in _by_person(sorted_out.digested, shown).values()]
        version_id = await self._version(batch.tenant_id, Channel(batch.channel)) if ready else None
        async with deps.database.tenant(batch.tenant_id) as uow:
            now = deps.clock.now()
            if dropped := [*sorted_out.dropped, *stopped]:
                await store.drop(uow, dropped, now)
            if leaving := [*sorted_out.leaving, *stopped]:
                await store.leave(uow, leaving, now)
            gathered = 0
            if version_id is not None:
                gathered = await self._store(uow, Channel(batch.channel), version_id, ready, now)
        _ITEMS.labels("left").inc(len(sorted_out.leaving))
        _ITEMS.labels("dropped").inc(len(dropped))
        return JobCounts(len(found), gathered, len(sorted_out.leaving) + len(dropped))

    async def _ask(self, batch: Batch, items: Sequence[Item], sorted_out: _Sorted) -> None:
        """Parts messages that still wait for a digest from those that go on by themselves, to be judged there."""
        if not items:
            return
        decisions = await judging.forecast(self._deps.compliance, batch.tenant_id, items)
        for item, decision in zip(items, decisions, strict=True):
            if _is_digested(decision) and item.contact_id is not None and item.recipient.address:
                sorted_out.digested.append(item)
            else:
                sorted_out.leaving.append(item.message_id)

    async def _store(
        self, uow: UnitOfWork, channel: Channel, version_id: UUID, ready: Sequence[Ready], now: datetime
    ) -> int:
        """Stores digests of what still waits, in blocks of those that are alike; returns how many messages are in them."""
        waiting = await store.lock(uow, [entry.message_id for one in ready for entry in one.entries])
        alike: defaultdict[Kind, list[Ready]] = defaultdict(list)
        for one in ready:
            entries = [entry for entry in one.entries if entry.message_id in waiting]
            if entries:
                kind = Kind(category_of(entries), lane_of(entries), one.branch_id)
                alike[kind].append(one._replace(entries=entries))
        gathered = 0
        for kind, people in alike.items():
            for part in in_slices(people, MAX_BLOCK):
                gathered += await self._store_block(uow, channel, version_id, kind, part, now)
        return gathered

    async def _store_block(
        self,
        uow: UnitOfWork,
        channel: Channel,
        version_id: UUID,
        kind: Kind,
        people: Sequence[Ready],
        now: datetime,
    ) -> int:
        ids = uuid7_bytes(len(people))
        persons = [_person(one, channel) for one in people]
        recipients = Recipients(
            ids=ids,
            contacts=[one.contact_id for one in people],
            languages=[one.language for one in people],
            packed=[convert.packed(one) for one in persons],
            positions=list(range(len(people))),
        )
        content = Content(
            content_id=uuid7().bytes,
            channel=channel,
            category=kind.category,
            lane=kind.lane,
            origin=Origin.DIGEST,
            template_version_id=version_id,
            due_at=now,
            expire_at=now + WORTH,
            is_scheduled=False,
            branch_id=kind.branch_id,
            template_name=DIGEST,
            has_own_expiry=True,
        )
        read = convert.Read(recipients, persons, [], 0)
        await handlers.stored(self._deps, uow, Block(content, read, len(people), None), MAKER)
        pairs = [(entry.message_id, id) for one, id in zip(people, ids, strict=True) for entry in one.entries]
        store.gather(uow, [item for item, _ in pairs], [digest for _, digest in pairs], now + WORTH)
        recording.log(
            uow,
            [(item, "digest", str(UUID(bytes=digest))) for item, digest in pairs],
            actor=MAKER.subject,
            now=now,
        )
        _SENT.labels(channel.name.lower()).inc(len(people))
        return len(pairs)

    async def _version(self, tenant_id: UUID, channel: Channel) -> UUID:
        return await self._deps.templates.active(tenant_id, DIGEST, channel)

    # Settling

    async def _settle(self) -> JobCounts:
        """Makes messages sent whose digest was taken; those of a digest that never leaves go on by themselves."""
        deps = self._deps
        now = deps.clock.now()
        async with deps.database.system() as uow:
            found = await store.settled(uow, [int(state) for state in (*_TAKEN, *_LOST)], now, LIMIT)
        by_tenant: defaultdict[UUID, list[Settled]] = defaultdict(list)
        for one in found:
            by_tenant[one.tenant_id].append(one)
        counts = JobCounts()
        for tenant_id, members in by_tenant.items():
            counts = counts.plus(await apart(tenant_id, len(members), self._end(tenant_id, members, now)))
            await asyncio.sleep(0)
        return counts

    async def _end(self, tenant_id: UUID, members: Sequence[Settled], now: datetime) -> JobCounts:
        """Settles the messages of one tenant whose digests were taken, or never will be."""
        taken = [one for one in members if one.digest_state in _TAKEN]
        lost = [one.message_id for one in members if one.digest_state in _LOST]
        done = 0
        async with self._deps.database.tenant(tenant_id) as uow:
            if taken:
                done = await _send(uow, taken, now)
            if lost:
                await store.leave(uow, lost, now)
        _ITEMS.labels("sent").inc(len(taken))
        _ITEMS.labels("left").inc(len(lost))
        return JobCounts(len(members), done)


async def _send(uow: UnitOfWork, taken: Sequence[Settled], now: datetime) -> int:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    known = {one.message_id: one for one in taken}
    changed = await store.send(uow, [(one.message_id, one.sent_at or now) for one in taken], now)
    grouped: defaultdict[tuple[str, str, UUID | None, datetime], list[Sent]] = defaultdict(list)
    for id, campaign_id in changed:
        one = known[id]
        key = (str(campaign_id or ""), one.provider, one.account_id, one.sent_at or now)
        # The digest was the one that was handed over and that costs.
        grouped[key].append(Sent(id, 0, 0, ""))
    for (campaign, provider, account_id, at), sent in grouped.items():
        for part in in_slices(sent, MAX_BLOCK):
            uow.emit(announce.sent(uow.tenant_id, campaign, provider, account_id or UUID(int=0), at, part))
    return len(changed)


def _is_digested(decision: Decision) -> bool:
    return decision.outcome is Outcome.DEFER and decision.reason == DIGEST


def _by_person(items: Sequence[Item], shown: dict[bytes, Entry]) -> dict[bytes, list[Item]]:
    people: defaultdict[bytes, list[Item]] = defaultdict(list)
    for item in items:
        if item.contact_id is not None and item.message_id in shown:
            people[item.contact_id].append(item)
    return people


def _ready(items: Sequence[Item], shown: dict[bytes, Entry]) -> Ready:
    """Returns a person's digest; where and how they are reached is what the newest message says."""
    newest = max(items, key=lambda item: item.message_id)
    branches = {item.content.branch_id for item in items}
    return Ready(
        newest.contact_id or b"",
        newest.recipient,
        newest.recipient.language_code,
        branches.pop() if len(branches) == 1 else None,
        [shown[item.message_id] for item in items],
    )


def _person(one: Ready, channel: Channel) -> pb.Recipient:
    person = pb.Recipient(
        contact_id=str(UUID(bytes=one.contact_id)),
        address="" if channel is Channel.IN_APP else one.person.address,
        name=one.person.name,
        language_code=one.person.language_code,
        time_zone=one.person.time_zone,
    )
    person.variables.update(variables(one.entries, channel, one.language))
    return person
