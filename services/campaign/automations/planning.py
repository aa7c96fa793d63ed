"""Automations by the clock: each planned time makes one run for each member, block by block (LIF-65, LIF-108)."""

import logging
from typing import Final
from uuid import UUID

from services.campaign.automations import starting, store, timetable
from services.campaign.automations.domain import Automation, OnTime
from services.campaign.automations.means import Means
from services.campaign.automations.starting import Cause
from services.campaign.segments import store as segments
from services.campaign.segments.audience import of_segment
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import TenantState
from services.common.db.uow import UnitOfWork
from services.common.zones import zone

logger = logging.getLogger(__name__)

BLOCK: Final = 1000


async def plan(uow: UnitOfWork, means: Means, automation_id: UUID) -> bool:
    """Notes a planned time that has come and makes the next block of its runs; whether there may be more."""
    planned = await store.plan_of(uow, automation_id)
    found = await store.by_id(uow, automation_id)
    if planned is None or found is None:
        return False
    automation = found[0]
    trigger = automation.definition.trigger
    if not isinstance(trigger, OnTime):
        return False
    planned_at, filled_to = planned
    next_at, now, in_zone = automation.next_at, uow.now(), zone(trigger.zone)
    if planned_at is None and next_at is not None and next_at <= now:
        # Of several that were missed the last one counts, if it is not too old.
        planned_at = timetable.latest(trigger.cron, in_zone, next_at, now)
        next_at, filled_to = timetable.after(trigger.cron, in_zone, now), None
        if planned_at is None:
            logger.warning("automation %s missed its planned time", automation_id)
    if planned_at is not None and not await _is_active(uow):
        # Nothing begins meanwhile, and nothing is made up for.
        planned_at = filled_to = None
    if planned_at is not None:
        ids = await _members(uow, automation, filled_to)
        key = f"{planned_at:%Y-%m-%dT%H:%M:%SZ}"
        data = {"planned_time": key}
        await starting.start(uow, means, automation, [Cause(key, one, data) for one in ids])
        if len(ids) == BLOCK:
            filled_to = ids[-1]
        else:
            planned_at = filled_to = None
    await store.save_plan(uow, automation_id, next_at=next_at, planned_at=planned_at, filled_to=filled_to)
    return planned_at is not None


async def _is_active(uow: UnitOfWork) -> bool:
    assert uow.tenant_id is not None  # noqa: S101 - automations belong to a tenant's unit of work
    return (await tenants.tenant(uow, uow.tenant_id)).state is TenantState.ACTIVE


async def _members(uow: UnitOfWork, automation: Automation, after: UUID | None) -> list[UUID]:
    """Returns the next members, by their ids; nobody when the segment is gone."""
    definition = automation.definition
    segment = await segments.by_id(uow, definition.segment_id) if definition.segment_id else None
    if segment is None:
        return []
    found = await of_segment(uow, segment, definition.branch_ids)
    rows = await uow.fetch_all(
        f"SELECT c.contact_id FROM contact c WHERE {found.where}"  # noqa: S608 - compiled
        " AND (%(s_after)s::uuid IS NULL OR c.contact_id > %(s_after)s::uuid) ORDER BY c.contact_id LIMIT %(s_limit)s",
        {**found.params, "s_after": after, "s_limit": BLOCK},
        prepare=False,
    )
    return [contact_id for (contact_id,) in rows]
