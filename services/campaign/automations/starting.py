"""Runs begin: once for a cause and a contact, as far as segment, branches, pauses and chains allow (LIF-5, LIF-72)."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.automations import runs
from services.campaign.automations.domain import (
    LONGEST_CHAIN,
    Automation,
    Definition,
    OnBehaviour,
    OnTime,
    RunState,
)
from services.campaign.automations.means import Means
from services.campaign.automations.records import Run
from services.campaign.automations.timetable import LATEST
from services.campaign.segments import store as segments
from services.campaign.segments.audience import compiler_of, everybody, membership
from services.campaign.segments.compiler import Compiler
from services.common.db.uow import UnitOfWork
from services.common.events.event import MAX_ITEMS, Event
from services.common.ids import uuid7
from services.common.rpc.context import correlation_id

logger = logging.getLogger(__name__)

NO_CONTACT: Final = "no_contact"
GONE: Final = "contact_gone"
BLOCKED: Final = "contact_blocked"
BRANCH: Final = "branch_excluded"
NO_MEMBER: Final = "not_member"
COOLDOWN: Final = "cooldown"
MOST_RUNS: Final = "max_runs"
ITSELF: Final = "caused_by_itself"
CHAIN: Final = "chain_too_long"


@dataclass(frozen=True, slots=True)
class Cause:
    """What starts a run for one contact."""

    trigger_key: str
    contact_id: UUID | None
    data: Mapping[str, Any] = field(default_factory=dict)
    event_id: UUID | None = None
    ancestry: Sequence[UUID] = ()
    reference: str = ""


async def start(uow: UnitOfWork, means: Means, automation: Automation, causes: Sequence[Cause]) -> list[Run]:
    """Starts runs and returns those that are new, the skipped ones included; a known cause starts none."""
    if not causes:
        return []
    ids = sorted({one.contact_id for one in causes if one.contact_id})
    # Locks the contacts, so that two causes at once count each other's runs and nobody is erased meanwhile.
    standing = await _standing(uow, automation.definition, ids)
    earlier = dict(await runs.earlier(uow, automation.automation_id, ids))
    made: list[Run] = []
    data: list[Mapping[str, Any]] = []
    for cause in causes:
        known = earlier.get(cause.contact_id) if cause.contact_id else None
        refused = _refused(uow, automation, cause, standing, known)
        run = _run(uow, automation, cause, refused)
        made.append(run)
        data.append({} if refused else cause.data)
        if not refused and cause.contact_id:
            earlier[cause.contact_id] = runs.Known((known.number if known else 0) + 1, uow.now())
    for run, sealed in zip(made, await means.seal(uow, [one.run_id for one in made], data), strict=True):
        run.data = sealed
    new = await runs.insert(uow, made)
    found = [one for one in made if one.run_id in new]
    announce(uow, "automation.run_started", [one for one in found if one.state is not RunState.SKIPPED])
    return found


def announce(uow: UnitOfWork, type: str, found: Sequence[Run]) -> None:
    """Tells what became of runs, in blocks by automation (EVT-103)."""
    by_automation: dict[UUID, list[Run]] = {}
    for one in found:
        by_automation.setdefault(one.automation_id, []).append(one)
    for automation_id, some in by_automation.items():
        for at in range(0, len(some), MAX_ITEMS):
            part = some[at : at + MAX_ITEMS]
            payload = events_pb2.AutomationRunsChanged(
                runs=[
                    events_pb2.AutomationRunChange(
                        automation_id=str(automation_id),
                        run_id=str(one.run_id),
                        contact_id=str(one.contact_id or ""),
                        error=one.error,
                    )
                    for one in part
                ]
            )
            uow.emit(Event(type, "automation", str(automation_id), payload, count=len(part)))


def _refused(
    uow: UnitOfWork,
    automation: Automation,
    cause: Cause,
    standing: Mapping[UUID, str],
    known: runs.Known | None,
) -> str:
    """Returns why a run does not begin; empty when it does."""
    if automation.automation_id in cause.ancestry:
        return ITSELF
    if len(cause.ancestry) >= LONGEST_CHAIN:
        logger.warning(
            "automation %s is not started: %d runs led to it already",
            automation.automation_id,
            len(cause.ancestry),
        )
        return CHAIN
    if cause.contact_id is None:
        return NO_CONTACT
    if wrong := standing.get(cause.contact_id, GONE):
        return wrong
    definition = automation.definition
    if known and definition.most_runs and known.number >= definition.most_runs:
        return MOST_RUNS
    if known and uow.now() - known.last_at < _pause(definition):
        return COOLDOWN
    return ""


def _pause(definition: Definition) -> timedelta:
    """Returns how long after a run the next may begin; by the clock, lateness of the one before does not count."""
    pause = timedelta(days=definition.cooldown_days)
    return pause - LATEST if isinstance(definition.trigger, OnTime) else pause


def _run(uow: UnitOfWork, automation: Automation, cause: Cause, refused: str) -> Run:
    now, definition, run_id = uow.now(), automation.definition, uuid7()
    run = Run(
        run_id=run_id,
        automation_id=automation.automation_id,
        version=automation.version,
        contact_id=cause.contact_id if refused != GONE else None,
        trigger_key=cause.trigger_key,
        state=RunState.RUNNING,
        current_step=0,
        due_at=now,
        listens=sorted({match.event_name for match in definition.stop_on}),
        behaviour=definition.trigger.behaviour if isinstance(definition.trigger, OnBehaviour) else 0,
        reference=cause.reference,
        event_id=cause.event_id,
        ancestry=list(cause.ancestry),
        correlation_id=correlation_id() or str(run_id),
        started_at=now,
    )
    if refused:
        run.end(RunState.SKIPPED, now, refused)
    return run


async def _standing(uow: UnitOfWork, definition: Definition, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Locks contacts and returns what keeps each of them out; empty for those who may begin."""
    if not ids:
        return {}
    compiler = await compiler_of(uow)
    is_active = everybody(compiler)
    in_branch = everybody(compiler, definition.branch_ids)
    is_member = await _membership(uow, definition, compiler)
    rows = await uow.fetch_all(
        f"SELECT c.contact_id, ({is_active}) IS TRUE, ({in_branch}) IS TRUE, ({is_member}) IS TRUE"  # noqa: S608 - compiled
        " FROM contact c WHERE c.tenant_id = %(a_tenant)s AND c.contact_id = ANY(%(s_ids)b::uuid[]) AND c.state < 3"
        " ORDER BY c.contact_id FOR NO KEY UPDATE OF c",
        {**compiler.params, "s_ids": list(ids)},
        prepare=False,
    )
    return {
        contact_id: "" if active and branch and member else _why(active=active, branch=branch)
        for contact_id, active, branch, member in rows
    }


def _why(*, active: bool, branch: bool) -> str:
    if not active:
        return BLOCKED
    return NO_MEMBER if branch else BRANCH


async def _membership(uow: UnitOfWork, definition: Definition, compiler: Compiler) -> str:
    if definition.segment_id is None:
        return "true"
    segment = await segments.by_id(uow, definition.segment_id)
    return membership(segment, compiler) if segment else "false"
