"""Use cases of campaigns; each is one transaction, and each change one conditional statement (CAM-107)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.budgets import handlers as budgets
from services.campaign.campaigns import announce, branches, store
from services.campaign.campaigns.domain import (
    HARMLESS_FIELDS,
    Campaign,
    Kind,
    check_approver,
    voids_approval,
)
from services.campaign.campaigns.findings import Findings
from services.campaign.campaigns.recurrences import InvalidSchedule
from services.campaign.campaigns.schedules import check_recurrence, check_schedule, launch_at
from services.campaign.campaigns.states import LAUNCHED, Action, InvalidStatus, State, after
from services.campaign.ledger import store as ledger
from services.campaign.runs import pauses
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Order, RunState
from services.campaign.staff import alerts as staff
from services.campaign.tallies import store as tallies
from services.campaign.tenants import handlers as tenants
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted, denied, not_found
from services.common.rpc.context import Caller
from services.common.security.permissions import SUPER_OWNER, permitted
from services.common.zones import zone

TRANSACTIONAL = 1
OUTGREW: Final = "campaign-outgrew"
"""The platform's template that tells owners of a campaign which waits for approval again."""


async def get(uow: UnitOfWork, campaign_id: UUID, caller: Caller) -> Campaign:
    """Returns a campaign; NOT_FOUND when there is none for the caller."""
    found = await store.by_id(uow, campaign_id)
    if found is None or not branches.is_visible(found, caller):
        raise not_found("campaign", campaign_id)
    return found


def check_caller(campaign: Campaign, caller: Caller) -> None:
    """Denies what a caller may not have a campaign do."""
    branches.check(campaign, caller)
    if campaign.message_class == TRANSACTIONAL and not permitted(caller.roles, "campaign.transactional"):
        raise denied("transactional campaigns need the permission campaign.transactional")


async def create(uow: UnitOfWork, draft: Campaign, found: Findings) -> Campaign:
    """Creates a draft that was checked."""
    now = uow.now()
    created = replace(
        draft,
        audience_count=found.audience,
        estimated_cost=found.cost,
        requires_approval=found.needs_approval,
        created_at=now,
        updated_at=now,
    )
    await store.insert(uow, created)
    await announce.changed(uow, "created", created)
    await announce.record(uow, "create", None, created)
    return created


def changed(known: Campaign, etag: str, changes: Mapping[str, Any]) -> Campaign:
    """Returns a campaign with changes; VERSION_CONFLICT for a stale etag, InvalidStatus for what is under way."""
    if etag != str(known.version):
        raise aborted("the campaign was changed meanwhile: read it again")
    if known.state in LAUNCHED and set(changes) - HARMLESS_FIELDS:
        raise InvalidStatus(known.state, Action.EDIT)
    return replace(known, **changes)


async def update(uow: UnitOfWork, known: Campaign, wanted: Campaign, found: Findings | None) -> Campaign:
    """Writes a checked change; one of what, to whom or when voids an approval (CAM-57)."""
    void = known.state is not State.DRAFT and known.state not in LAUNCHED and voids_approval(known, wanted)
    saved = wanted
    if found is not None and (void or known.state is State.DRAFT):
        saved = replace(
            saved,
            audience_count=found.audience,
            estimated_cost=found.cost,
            requires_approval=found.needs_approval,
        )
    if void:
        saved = as_draft(replace(saved, state=after(known.state, Action.EDIT), next_run_at=None, due_at=None))
    elif saved.state is State.SCHEDULED and saved.scheduled_at is not None and found is not None:
        home = zone(found.owner.default_time_zone)
        due_at = launch_at(saved.scheduled_at, home, in_own_zones=saved.in_own_zones)
        saved = replace(saved, due_at=due_at)
    saved = await _save(uow, known, saved, Action.EDIT)
    if void:
        await announce.changed(uow, "rejected", saved, "changed after it was submitted")
    await announce.record(uow, "update", known, saved)
    return saved


async def delete(uow: UnitOfWork, campaign: Campaign) -> None:
    """Removes a draft."""
    if campaign.state is not State.DRAFT:
        raise InvalidStatus(campaign.state, "delete")
    if not await store.delete(uow, campaign):
        raise InvalidStatus(None, "delete")
    await announce.record(uow, "delete", campaign, None)


async def submit(uow: UnitOfWork, known: Campaign, found: Findings, actor: str) -> Campaign:
    """Submits a checked draft: pins its versions, and asks for approval where that is needed (CAM-98)."""
    action = Action.SUBMIT_FOR_APPROVAL if found.needs_approval else Action.SUBMIT
    pinned = {one.variant.key: one.version.version_id for one in found.contents}
    submitted = replace(
        known,
        state=after(known.state, action),
        template_version_id=None if known.variants else pinned[""],
        variants=tuple(replace(one, version_id=pinned[one.key]) for one in known.variants),
        audience_count=found.audience,
        estimated_cost=found.cost,
        requires_approval=found.needs_approval,
        submitted_by=actor,
        submitted_at=uow.now(),
        approved_by="",
        approved_at=None,
        rejected_by="",
        rejected_at=None,
        rejection_reason="",
    )
    submitted = await _save(uow, known, submitted, action)
    await announce.changed(uow, "submitted", submitted)
    await announce.record(uow, "submit", known, submitted)
    return submitted


async def approve(uow: UnitOfWork, known: Campaign, actor: str, comment: str) -> Campaign:
    """Approves a submitted campaign; SELF_APPROVAL for who made or submitted it."""
    target = after(known.state, Action.APPROVE)
    _, settings = await tenants.current_settings(uow)
    check_approver(known, actor, allow_self=settings.allow_self_approval)
    approved = replace(known, state=target, approved_by=actor, approved_at=uow.now())
    approved = await _save(uow, known, approved, Action.APPROVE)
    await announce.changed(uow, "approved", approved)
    await announce.record(uow, "approve", known, approved, comment=comment)
    return approved


async def reject(uow: UnitOfWork, known: Campaign, actor: str, reason: str) -> Campaign:
    """Returns a submitted campaign to draft."""
    rejected = replace(
        as_draft(replace(known, state=after(known.state, Action.REJECT))),
        rejected_by=actor,
        rejected_at=uow.now(),
        rejection_reason=reason,
    )
    rejected = await _save(uow, known, rejected, Action.REJECT)
    await announce.changed(uow, "rejected", rejected, reason)
    await announce.record(uow, "reject", known, rejected, reason=reason)
    return rejected


async def schedule(uow: UnitOfWork, known: Campaign, scheduled_at: datetime | None) -> Campaign:
    """Schedules an approved campaign: for a time, or for the next occurrence of its recurrence."""
    target = after(known.state, Action.SCHEDULE)
    home = zone((await tenants.current_settings(uow))[0].default_time_zone)
    if known.kind is Kind.TRIGGER:
        raise InvalidSchedule("is not for trigger campaigns: send it, and triggers may use it")
    if known.kind is Kind.RECURRING:
        if scheduled_at is not None:
            raise InvalidSchedule("is not for recurring campaigns: their recurrence says when")
        planned = check_recurrence(known.recurrence, home, uow.now())
    else:
        planned = scheduled_at or known.scheduled_at
    if planned is None:
        raise InvalidSchedule("is needed")
    if planned <= uow.now():
        raise InvalidSchedule("must lie ahead")
    check_schedule(planned, uow.now())
    scheduled = replace(
        known,
        state=target,
        scheduled_at=None if known.kind is Kind.RECURRING else planned,
        next_run_at=planned if known.kind is Kind.RECURRING else None,
        due_at=launch_at(planned, home, in_own_zones=known.in_own_zones),
    )
    scheduled = await _save(uow, known, scheduled, Action.SCHEDULE)
    await announce.changed(uow, "scheduled", scheduled)
    await announce.record(uow, "schedule", known, scheduled)
    return scheduled


async def unschedule(uow: UnitOfWork, known: Campaign, reason: str = "unscheduled") -> Campaign:
    """Takes a scheduled campaign off the schedule; it stays approved."""
    approved = off_schedule(replace(known, state=after(known.state, Action.UNSCHEDULE)))
    approved = await _save(uow, known, approved, Action.UNSCHEDULE)
    await announce.changed(uow, "approved", approved, reason)
    await announce.record(uow, "unschedule", known, approved, reason=reason)
    return approved


async def pause(uow: UnitOfWork, known: Campaign, note: str) -> Campaign:
    """Holds a campaign by hand."""
    return _next(await pauses.pause(uow, known, "manual", note), uow.now())


async def resume(uow: UnitOfWork, known: Campaign) -> Campaign:
    """Goes on with a held campaign that was checked."""
    return _next(await pauses.resume(uow, known), uow.now())


async def cancel(uow: UnitOfWork, known: Campaign, actor: str, reason: str) -> tuple[Campaign, int]:
    """Stops a campaign for good; returns how many were stopped before their hand-over."""
    now = uow.now()
    cancelled = replace(
        off_schedule(known),
        state=after(known.state, Action.CANCEL),
        scheduled_at=known.scheduled_at,
        completed_at=now,
        cancelled_by=actor,
        cancelled_at=now,
        paused_at=None,
    )
    cancelled = await _save(uow, known, cancelled, Action.CANCEL)
    stopped = 0
    run = await runs.newest(uow, known.campaign_id)
    if run is not None and await runs.change_state(
        uow, run.run_id, [RunState.RUNNING, RunState.PAUSED], RunState.CANCELLED, Order.CANCEL
    ):
        tally = (await tallies.of_runs(uow, [run.run_id]))[run.run_id]
        stopped = tally.counts[ledger.PENDING]
        await budgets.release(uow, run.run_id)
    await announce.changed(uow, "cancelled", cancelled, reason)
    await announce.record(uow, "cancel", known, cancelled, reason=reason)
    return cancelled, stopped


async def reopen(uow: UnitOfWork, known: Campaign, found: Findings) -> Campaign:
    """Asks for approval again because the audience outgrew the one that was approved (CAM-99)."""
    reopened = replace(
        off_schedule(known),
        scheduled_at=known.scheduled_at,
        state=after(known.state, Action.REOPEN),
        approved_by="",
        approved_at=None,
        requires_approval=True,
        audience_count=found.audience,
        estimated_cost=found.cost,
    )
    reopened = await _save(uow, known, reopened, Action.REOPEN)
    await announce.changed(uow, "submitted", reopened, "audience outgrew its approval")
    await announce.record(uow, "reopen", known, reopened)
    await staff.add(
        uow,
        OUTGREW,
        SUPER_OWNER,
        {"campaign": known.name, "before": known.audience_count, "now": found.audience},
    )
    return reopened


def as_draft(campaign: Campaign) -> Campaign:
    """Returns a campaign without what submitting and approving gave it: its pinned versions, and by whom."""
    return replace(
        campaign,
        template_version_id=None,
        variants=tuple(replace(one, version_id=None) for one in campaign.variants),
        submitted_by="",
        submitted_at=None,
        approved_by="",
        approved_at=None,
    )


def off_schedule(campaign: Campaign) -> Campaign:
    """Returns a campaign without a time that the launcher would take it at."""
    return replace(campaign, scheduled_at=None, next_run_at=None, due_at=None)


async def _save(uow: UnitOfWork, before: Campaign, saved: Campaign, action: Action) -> Campaign:
    if not await store.change(uow, before, saved):
        raise InvalidStatus(None, action)
    return _next(saved, uow.now())


def _next(campaign: Campaign, now: datetime) -> Campaign:
    return replace(campaign, version=campaign.version + 1, updated_at=now)
