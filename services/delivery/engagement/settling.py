"""Judging hits once what surrounds them is known: seconds after they came, and again when rules improve."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.jobs import Job, JobContext, JobCounts
from services.common.leases import Lease, wait_for, while_leased
from services.delivery.columns import in_slices
from services.delivery.engagement import announce, domain, link_store, measures, store
from services.delivery.engagement.announce import Told
from services.delivery.engagement.classes import Class
from services.delivery.engagement.domain import LONGEST_WINDOW, RULE_VERSION, Hit, Verdict
from services.delivery.engagement.store import Facts, Judged

log = structlog.get_logger("engagement")

SETTLE_AFTER: Final = timedelta(seconds=3)
"""How long a hit waits for its neighbours: a burst is recognised before it is told."""

BLOCK: Final = 1000
FIRST_JUDGEMENT: Final = 1
"""What a hit is stored with; each later verdict counts one more."""

_PAUSE: Final = 0.5
_EVERY: Final = timedelta(hours=1)

Verdicts = list[tuple[bytes, Hit, Verdict]]


class Settler:
    """Judges hits; one process at a time, under a lease."""

    def __init__(self, database: Database, clock: Clock, *, settle_after: timedelta = SETTLE_AFTER) -> None:
        self._database = database
        self._clock = clock
        self._settle_after = settle_after

    async def loop(self, stop: asyncio.Event) -> None:
        """Judges what is due until told to stop."""

        async def work(held: Lease) -> None:
            while held and not stop.is_set():
                try:
                    done = await self.settle_due()
                except Exception as error:
                    if not isinstance(error, ServiceError) and not is_outage(error):
                        raise
                    log.warning("hits wait for the database", error=type(error).__name__)
                    return
                if done < BLOCK:
                    await wait_for(stop, _PAUSE)

        await while_leased(self._database, "engagement", work, stop, ttl=timedelta(seconds=15))

    async def settle_due(self) -> int:
        """Judges up to a block of each tenant and returns how many hits that were."""
        before = self._clock.now() - self._settle_after
        async with self._database.system() as uow:
            tenants = await store.due_tenants(uow, before)
        done = 0
        for tenant_id in tenants:
            async with self._database.tenant(tenant_id) as uow:
                taken = await store.take(uow, before, BLOCK)
                if taken:
                    await settle(uow, [(one.message_id, one.hit) for one in taken])
            if taken:
                measures.settled(self._clock.now() - min(one.hit.at for one in taken))
            done += len(taken)
        return done


async def settle(uow: UnitOfWork, taken: Sequence[tuple[bytes, Hit]]) -> None:
    """Judges new hits of a tenant among their neighbours; whoever was judged too early is judged again."""
    messages = sorted({message_id for message_id, _ in taken})
    since = min(hit.at for _, hit in taken) - LONGEST_WINDOW
    neighbours = await store.around(uow, messages, since)
    facts = await store.facts(uow, messages)
    new = {hit.hit_id for _, hit in taken}
    fresh, changed = _verdicts(taken, neighbours, facts, new)
    await store.add(uow, fresh, RULE_VERSION)
    measures.judged((hit.kind, verdict.engagement_class) for _, hit, verdict in fresh)
    await _finish(uow, fresh, changed, facts, "burst")


async def judge_again(uow: UnitOfWork, messages: Sequence[bytes]) -> int:
    """Judges all hits of messages by the present rules and returns how many verdicts changed."""
    neighbours = [one for one in await store.around(uow, messages, None) if one.engagement_class]
    facts = await store.facts(uow, messages)
    _, changed = _verdicts((), neighbours, facts, set())
    moved = {hit.hit_id for _, hit, _ in changed}
    kept = _kept(neighbours, moved)
    if kept:
        await store.confirm(uow, kept, RULE_VERSION)
    await _finish(uow, [], changed, facts, "rules")
    return len(changed)


def _verdicts(
    taken: Iterable[tuple[bytes, Hit]],
    neighbours: Iterable[Judged],
    facts: Mapping[bytes, Facts],
    new: set[UUID],
) -> tuple[Verdicts, Verdicts]:
    """Returns the verdicts of new hits, and those of stored ones that are different now."""
    known: dict[UUID, Judged] = {one.hit.hit_id: one for one in neighbours}
    by_message: defaultdict[bytes, dict[UUID, Hit]] = defaultdict(dict)
    for message_id, hit in (*((one.message_id, one.hit) for one in known.values()), *taken):
        by_message[message_id][hit.hit_id] = hit
    fresh: Verdicts = []
    changed: Verdicts = []
    for message_id, members in by_message.items():
        hits = list(members.values())
        fact = facts.get(message_id, Facts())
        verdicts = domain.classify(hits, sent_at=fact.sent_at, delivered_at=fact.delivered_at)
        for hit, verdict in zip(hits, verdicts, strict=True):
            before = known.get(hit.hit_id)
            if hit.hit_id in new:
                fresh.append((message_id, hit, verdict))
            elif before is not None and before.engagement_class not in (0, verdict.engagement_class):
                changed.append((message_id, hit, verdict))
    return fresh, changed


def _kept(neighbours: Iterable[Judged], moved: set[UUID]) -> Verdicts:
    """Returns stored verdicts that stand under the present rules too."""
    return [
        (
            one.message_id,
            one.hit,
            Verdict(Class(one.engagement_class), one.reason, domain.alone(one.hit).family),
        )
        for one in neighbours
        if one.hit.hit_id not in moved
    ]


async def _finish(
    uow: UnitOfWork, fresh: Verdicts, changed: Verdicts, facts: Mapping[bytes, Facts], cause: str
) -> None:
    judgements: dict[UUID, int] = {}
    if changed:
        judgements = await store.judge_again(uow, changed, RULE_VERSION)
        measures.judged_again(cause, len(changed))
    people = {message_id for message_id, _, verdict in fresh if verdict.engagement_class is Class.HUMAN}
    people |= {message_id for message_id, _, _ in changed}
    counted = [message_id for message_id in people if message_id in facts]
    if counted:
        await store.count(uow, counted)
    told = [Told(*one, FIRST_JUDGEMENT) for one in fresh]
    told += [Told(*one, judgements[one[1].hit_id]) for one in changed if one[1].hit_id in judgements]
    if told:
        links = {one.hit.link_id for one in told if one.hit.link_id is not None}
        urls = await link_store.targets(uow, links) if links else {}
        announce.tell(uow, told, facts, urls)


def reclassify_job() -> Job:
    """Returns the job that judges history again when the rules are newer than it; idle otherwise."""
    return Job("engagement_rules", _EVERY, _reclassify)


async def _reclassify(context: JobContext) -> JobCounts:
    total = JobCounts()
    async with context.database.system() as uow:
        if await store.rule_version(uow) >= RULE_VERSION:
            return total
    place = (UUID(int=0), UUID(int=0))
    while not context.stopping:
        async with context.database.system() as uow:
            found = await store.outdated(uow, place, RULE_VERSION, BLOCK)
        if not found:
            async with context.database.system() as uow:
                await store.set_rule_version(uow, RULE_VERSION)
            break
        place = found[-1]
        by_tenant: defaultdict[UUID, dict[bytes, None]] = defaultdict(dict)
        for tenant_id, message_id in found:
            by_tenant[tenant_id][message_id.bytes] = None
        for tenant_id, messages in by_tenant.items():
            for part in in_slices(list(messages), 200):
                async with context.database.tenant(tenant_id) as uow:
                    changed = await judge_again(uow, part)
                total = total.plus(JobCounts(len(part), changed))
    return total
