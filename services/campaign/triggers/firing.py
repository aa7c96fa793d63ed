"""The job that looks at what is due: checks it in blocks, writes its history and enqueues its message (JOB-10)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.budgets import handlers as budgets
from services.campaign.budgets.domain import NO_BRANCH, ZERO
from services.campaign.feedback.domain import Asking
from services.campaign.feedback.requests import FeedbackLinks
from services.campaign.notices.domain import Notice, Reader, Source
from services.campaign.notices.notices import Notices
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import Tenant
from services.campaign.triggers import (
    anchors,
    conditions,
    configs,
    contents,
    history,
    people,
    telling,
    variables,
)
from services.campaign.triggers.contents import Content
from services.campaign.triggers.domain import (
    OF_VISIT,
    SINCE_VISIT,
    STALE_AFTER,
    Anchor,
    Config,
    Entry,
    HistoryState,
    TriggerType,
)
from services.campaign.triggers.judging import Fire, Later, Situation, Skip, Verdict, importance
from services.campaign.triggers.people import Person
from services.campaign.triggers.stopping import key_of
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.common.jobs import BATCH_ROWS, Job, JobContext, JobCounts
from services.common.zones import local_day

logger = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=5)
TRIES: Final = 5
"""How often an occurrence is tried whose message cannot be enqueued (LIF-60)."""
COUPON_EXHAUSTED: Final = "coupon_exhausted"
BOOKED: Final = frozenset(
    {
        *SINCE_VISIT,
        TriggerType.FIRST_VISIT_FOLLOWUP,
        TriggerType.PACKAGE_EXPIRY,
        TriggerType.MEMBERSHIP_EXPIRY,
    }
)
"""Triggers whose messages lead to where one books."""


@dataclass(frozen=True, slots=True)
class Firing:
    """One occurrence that fires, with its entry."""

    anchor: Anchor
    fire: Fire
    entry: Entry
    person: Person


class Triggers:
    """Fires what is due; any number of processes may."""

    def __init__(self, notices: Notices, links: FeedbackLinks, booking_url: str) -> None:
        self._notices = notices
        self._links = links
        self._booking_url = booking_url

    def job(self) -> Job:
        """Returns the job."""
        return Job("process-triggers", EVERY, self.run)

    async def run(self, context: JobContext) -> JobCounts:
        """Works through the tenants with something due; one that fails stops no other (LIF-63)."""
        counts, after = JobCounts(), UUID(int=0)
        while not context.stopping:
            async with context.database.system() as uow:
                due = await anchors.tenants_due(uow, after, BATCH_ROWS)
            for tenant_id in due:
                counts = counts.plus(await self._work_through(context, tenant_id))
            if len(due) < BATCH_ROWS:
                break
            after = due[-1]
        return counts

    async def _work_through(self, context: JobContext, tenant_id: UUID) -> JobCounts:
        counts = JobCounts()
        while not context.stopping:
            try:
                done = await self.block(context.database, tenant_id)
            except Exception as error:
                if is_outage(error):
                    raise
                logger.warning("triggers of tenant %s could not be looked at", tenant_id, exc_info=error)
                return counts.plus(JobCounts(seen=1, failed=1))
            counts = counts.plus(done)
            if done.seen < BATCH_ROWS:
                break
        return counts

    async def block(self, database: Database, tenant_id: UUID) -> JobCounts:
        """Looks at a block of what is due, in one transaction; a bad one is set apart from the others (JOB-4)."""
        async with database.tenant(tenant_id) as uow:
            # Its rows stay locked, so that two processes do not count the same cooldown.
            known = await configs.every(uow, lock=True)
            due = await anchors.claim(uow, BATCH_ROWS)
            if not due:
                return JobCounts()
            try:
                async with uow.savepoint():
                    return await self._look_at(uow, known, due)
            except Exception as error:
                if is_outage(error):
                    raise
                logger.warning("a block of triggers is taken one by one", exc_info=error)
            counts = JobCounts()
            for one in due:
                counts = counts.plus(await self._alone(uow, known, one))
            return counts

    async def _alone(self, uow: UnitOfWork, known: Mapping[TriggerType, Config], anchor: Anchor) -> JobCounts:
        try:
            async with uow.savepoint():
                return await self._look_at(uow, known, [anchor])
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("trigger %s failed", anchor.trigger_type.word, exc_info=error)
        tried = replace(anchor, attempts=anchor.attempts + 1, due_at=uow.now() + EVERY)
        if tried.attempts < TRIES:
            await anchors.later(uow, [tried])
            return JobCounts(seen=1, failed=1)
        failed = _entry(uow, anchor, HistoryState.FAILED, known[anchor.trigger_type], "not_enqueued")
        await history.add(uow, [failed])
        await anchors.done(uow, [anchor])
        telling.skipped(uow, [failed])
        return JobCounts(seen=1, failed=1)

    async def _look_at(
        self, uow: UnitOfWork, known: Mapping[TriggerType, Config], due: Sequence[Anchor]
    ) -> JobCounts:
        situation = await gather(uow, known, due)
        verdicts = [(one, situation.judge(one)) for one in sorted(due, key=importance)]
        firing, skipped = await self._with_codes(uow, situation, *_entries(uow, situation, verdicts))
        # What another process wrote meanwhile is not written again.
        new = await history.add(uow, [*(one.entry for one in firing), *skipped])
        sent = [one for one in firing if one.entry.history_id in new]
        await self._enqueue(uow, situation, sent)
        later = [replace(one, due_at=verdict.at) for one, verdict in verdicts if isinstance(verdict, Later)]
        await anchors.later(uow, later)
        await anchors.done(uow, [one for one, verdict in verdicts if not isinstance(verdict, Later)])
        passed = [one for one in skipped if one.history_id in new]
        telling.skipped(uow, passed)
        telling.count(sent=[one.entry for one in sent], skipped=passed)
        return JobCounts(seen=len(due), done=len(sent), skipped=len(due) - len(sent))

    async def _with_codes(
        self, uow: UnitOfWork, situation: Situation, firing: list[Firing], skipped: list[Entry]
    ) -> tuple[list[Firing], list[Entry]]:
        """Gives those their code who get one; who finds none left is not written to."""
        for kind in {one.anchor.trigger_type for one in firing}:
            coupon = situation.contents[kind].coupon
            if coupon is None:
                continue
            readers = {
                one.entry.history_id: one.entry.contact_id
                for one in firing
                if one.anchor.trigger_type is kind
            }
            codes = await contents.codes(uow, coupon, situation.configs[kind].campaign_id, readers)
            left = []
            for one in firing:
                if one.entry.history_id not in readers:
                    left.append(one)
                elif code := codes.get(one.entry.history_id):
                    shown = {**one.anchor.variables, variables.COUPON_CODE: code}
                    left.append(replace(one, anchor=replace(one.anchor, variables=shown)))
                else:
                    ended = replace(one.entry, state=HistoryState.SKIPPED, skip_reason=COUPON_EXHAUSTED)
                    skipped.append(ended)
            firing = left
        return firing, skipped

    async def _enqueue(self, uow: UnitOfWork, situation: Situation, firing: Sequence[Firing]) -> None:
        links = await self._feedback_links(uow, firing)
        notices = []
        for one in firing:
            shown = {**one.anchor.variables, **links.get(one.entry.history_id, {})}
            shown |= self._since(situation, one)
            notices.append(_notice(situation.contents[one.anchor.trigger_type], one, shown))
        await self._notices.add(uow, notices)

    async def _feedback_links(self, uow: UnitOfWork, firing: Sequence[Firing]) -> dict[UUID, dict[str, Any]]:
        asked = [one for one in firing if one.anchor.trigger_type is TriggerType.FEEDBACK_REQUEST]
        if not asked:
            return {}
        askings = [
            Asking(one.anchor.contact_id, one.anchor.reference_id, one.entry.branch_id, one.anchor.anchor_at)
            for one in asked
        ]
        urls = await self._links.links_for(uow, askings)
        return {
            one.entry.history_id: {variables.FEEDBACK_URL: url} for one, url in zip(asked, urls, strict=True)
        }

    def _since(self, situation: Situation, one: Firing) -> dict[str, Any]:
        """Returns where somebody can book who is asked to come back, and for how long they were not there."""
        kind, zone = one.anchor.trigger_type, one.person.zone
        shown: dict[str, Any] = {variables.BOOKING_URL: self._booking_url} if kind in BOOKED else {}
        if kind in SINCE_VISIT:
            days = (local_day(situation.now, zone) - local_day(one.anchor.anchor_at, zone)).days
            shown[variables.DAYS_SINCE] = days
        return shown


async def gather(uow: UnitOfWork, known: Mapping[TriggerType, Config], due: Sequence[Anchor]) -> Situation:
    """Reads what a block is judged by: one statement for each kind of question."""
    owner, settings = await tenants.current_settings(uow)
    kinds = {one.trigger_type for one in due}
    visits = [(one.contact_id, one.reference_id) for one in due if one.trigger_type in OF_VISIT]
    found = await people.known(uow, {one.contact_id for one in due})
    branches = {one.branch_id or found[one.contact_id].branch_id for one in due if one.contact_id in found}
    return Situation(
        now=uow.now(),
        window_start=settings.send_window_start,
        markets=settings.marketing_enabled,
        spent=await spent(uow, owner, sorted(one for one in branches if one)),
        configs=known,
        contents={kind: await contents.of(uow, known[kind], owner, settings) for kind in kinds},
        people=found,
        known=await conditions.known(uow, due),
        fired=frozenset(
            await history.known(
                uow, sorted({(one.trigger_type, one.contact_id, one.occurrence_key) for one in due})
            )
        ),
        last=await history.last_sent(uow, [(one.contact_id, one.trigger_type) for one in due]),
        pending=await history.pending(uow, visits, OF_VISIT) if visits else {},
    )


async def spent(uow: UnitOfWork, owner: Tenant, branch_ids: Sequence[UUID]) -> frozenset[UUID | None]:
    """Returns the branches whose month has nothing left; None for the whole tenant (CAM-77)."""
    periods = await budgets.present(uow, owner, branch_ids)
    return frozenset(
        None if one.branch_id == NO_BRANCH else one.branch_id
        for one in periods
        if one.remaining is not None and one.remaining <= ZERO
    )


def _entries(
    uow: UnitOfWork, situation: Situation, verdicts: Sequence[tuple[Anchor, Verdict]]
) -> tuple[list[Firing], list[Entry]]:
    firing, skipped = [], []
    for anchor, verdict in verdicts:
        config = situation.configs[anchor.trigger_type]
        if isinstance(verdict, Skip):
            skipped.append(_entry(uow, anchor, HistoryState.SKIPPED, config, verdict.reason))
        elif isinstance(verdict, Fire):
            person = situation.people[anchor.contact_id]
            entry = _entry(uow, anchor, HistoryState.QUEUED, config)
            branch_id = anchor.branch_id or person.branch_id
            firing.append(Firing(anchor, verdict, replace(entry, branch_id=branch_id), person))
    return firing, skipped


def _entry(uow: UnitOfWork, anchor: Anchor, state: HistoryState, config: Config, reason: str = "") -> Entry:
    return Entry(
        history_id=uuid7(),
        trigger_type=anchor.trigger_type,
        contact_id=anchor.contact_id,
        reference_id=anchor.reference_id,
        occurrence_key=anchor.occurrence_key,
        state=state,
        triggered_at=uow.now(),
        skip_reason=reason,
        branch_id=anchor.branch_id,
        campaign_id=config.campaign_id,
    )


def _notice(content: Content, one: Firing, shown: Mapping[str, Any]) -> Notice:
    return Notice(
        source=Source.TRIGGER,
        key=str(one.entry.history_id),
        reader=Reader(contact_id=one.anchor.contact_id),
        category=content.category,
        template=content.name,
        channels=(one.fire.channel,),
        fallback_channel=one.fire.fallback_channel,
        variables=shown,
        expires_at=one.fire.due_at + STALE_AFTER,
        correlation_key=key_of(one.anchor),
        rule=one.anchor.trigger_type.word,
        branch_id=one.entry.branch_id,
        campaign_id=one.entry.campaign_id,
    )
