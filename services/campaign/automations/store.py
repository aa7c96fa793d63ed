"""SQL of automations and their versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from angarium.campaign.v1 import automation_pb2 as pb
from services.campaign.automations import definitions
from services.campaign.automations.domain import Automation, AutomationState, Definition
from services.campaign.automations.program import Program, program_of
from services.common.db.uow import UnitOfWork

CarriedOut = tuple[Definition, Program]
"""A definition with its steps."""

_SELECT: Final = """
SELECT a.automation_id, a.name, v.definition::text, a.state, a.version, a.edition, a.created_by, a.enabled_at, a.next_at,
    a.created_at, a.updated_at
FROM automation a JOIN automation_version v USING (tenant_id, automation_id, version)
WHERE a.tenant_id = %(tenant_id)s
"""


async def insert(uow: UnitOfWork, one: Automation, stored: Mapping[str, Any]) -> None:
    """Adds an automation with its first version."""
    await uow.execute(
        "INSERT INTO automation (tenant_id, automation_id, name, kind, starts_on, state, version, edition, segment_id,"
        " created_by, enabled_at, next_at, created_at, updated_at) VALUES (%(tenant_id)s, %(automation_id)s, %(name)s,"
        " %(kind)s, %(starts_on)s, %(state)s, %(version)s, %(edition)s, %(segment_id)s, %(created_by)s,"
        " %(enabled_at)s, %(next_at)s, %(now)s, %(now)s)",
        _values(uow, one),
    )
    await add_version(uow, one, stored)


async def add_version(uow: UnitOfWork, one: Automation, stored: Mapping[str, Any]) -> None:
    """Adds a version of an automation."""
    await uow.execute(
        "INSERT INTO automation_version (tenant_id, automation_id, version, definition, events, created_at)"
        " VALUES (%s, %s, %s, %s::jsonb, %s::text[], %s)",
        (
            uow.tenant_id,
            one.automation_id,
            one.version,
            orjson.dumps(stored).decode(),
            one.definition.events,
            uow.now(),
        ),
    )


async def save(uow: UnitOfWork, one: Automation) -> None:
    """Writes a changed automation; what is being planned of another version is given up."""
    await uow.execute(
        "UPDATE automation SET name = %(name)s, kind = %(kind)s, starts_on = %(starts_on)s, state = %(state)s,"
        " planned_at = CASE WHEN version = %(version)s AND %(state)s = 1 THEN planned_at END,"
        " version = %(version)s, edition = %(edition)s, segment_id = %(segment_id)s, enabled_at = %(enabled_at)s,"
        " next_at = %(next_at)s, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND automation_id = %(automation_id)s",
        _values(uow, one),
    )


async def by_id(
    uow: UnitOfWork, automation_id: UUID, *, lock: bool = False
) -> tuple[Automation, pb.Automation] | None:
    """Returns an automation and its definition as the contract shows it, or None."""
    row = await uow.fetch_one(
        f"{_SELECT} AND a.automation_id = %(id)s{' FOR UPDATE OF a' if lock else ''}",
        {"tenant_id": uow.tenant_id, "id": automation_id},
    )
    return None if row is None else _automation(row)


async def shown_version(uow: UnitOfWork, automation_id: UUID, version: int) -> pb.Automation | None:
    """Returns one version's definition as the contract shows it, or None."""
    found = await uow.fetch_value(
        "SELECT definition::text FROM automation_version"
        " WHERE tenant_id = %s AND automation_id = %s AND version = %s",
        (uow.tenant_id, automation_id, version),
    )
    return None if found is None else _parsed(found)[0]


async def page(
    uow: UnitOfWork, *, state: int, text: str, branch_ids: Sequence[UUID], before: UUID | None, limit: int
) -> list[tuple[Automation, pb.Automation]]:
    """Returns automations, newest first; of these branches alone when any are named."""
    rows = await uow.fetch_all(
        f"{_SELECT} AND CASE WHEN %(state)s = 0 THEN a.state < 3 ELSE a.state = %(state)s END"
        " AND (%(text)s = '' OR position(lower(%(text)s) IN lower(a.name)) > 0)"
        " AND (cardinality(%(branches)s::text[]) = 0 OR v.definition->'branch_ids' ?| %(branches)s::text[])"
        " AND (%(before)s::uuid IS NULL OR a.automation_id < %(before)s)"
        " ORDER BY a.automation_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "state": state,
            "text": text,
            "branches": [str(one) for one in branch_ids],
            "before": before,
            "limit": limit,
        },
    )
    return [_automation(row) for row in rows]


async def started_by(uow: UnitOfWork, kind: int, starts_on: str) -> list[Automation]:
    """Returns the enabled automations that an event or a behaviour starts."""
    rows = await uow.fetch_all(
        f"{_SELECT} AND a.kind = %(kind)s AND a.starts_on = %(starts_on)s AND a.state = 1 ORDER BY a.automation_id",
        {"tenant_id": uow.tenant_id, "kind": kind, "starts_on": starts_on},
    )
    return [_automation(row)[0] for row in rows]


async def tenants_with(uow: UnitOfWork, starts_on: Sequence[str]) -> list[UUID]:
    """Returns tenants that watch for behaviours; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT DISTINCT tenant_id FROM automation WHERE state = 1 AND kind = 3 AND starts_on = ANY(%s)",
        (list(starts_on),),
    )
    return [tenant_id for (tenant_id,) in rows]


async def hears(uow: UnitOfWork, *event_names: str) -> set[str] | None:
    """Returns which events any version of an automation of the tenant names; None when there is no automation."""
    row = await uow.fetch_one(
        "SELECT count(*), ARRAY(SELECT name FROM unnest(%(names)s::text[]) AS named (name) WHERE EXISTS ("
        "SELECT FROM automation_version v WHERE v.tenant_id = %(tenant_id)s AND named.name = ANY(v.events)))"
        " FROM automation_version WHERE tenant_id = %(tenant_id)s",
        {"tenant_id": uow.tenant_id, "names": list(event_names)},
    )
    return set(row[1]) if row and row[0] else None


async def uses_segment(uow: UnitOfWork, segment_id: UUID) -> bool:
    """Returns whether an automation that is not archived is for a segment (CAM-36)."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM automation WHERE tenant_id = %s AND segment_id = %s AND state < 3)",
            (uow.tenant_id, segment_id),
        )
    )


_VERSIONS: Final = """
SELECT v.automation_id, v.version, v.definition::text
FROM unnest(%s::uuid[], %s::int[]) AS wanted (automation_id, version)
JOIN automation_version v ON v.tenant_id = %s AND v.automation_id = wanted.automation_id AND v.version = wanted.version
"""


async def programs(uow: UnitOfWork, wanted: Sequence[tuple[UUID, int]]) -> dict[tuple[UUID, int], CarriedOut]:
    """Returns definitions with their steps, by automation and version."""
    ids = sorted(set(wanted))
    if not ids:
        return {}
    rows = await uow.fetch_all(
        _VERSIONS, ([one for one, _ in ids], [version for _, version in ids], uow.tenant_id)
    )
    return {(automation_id, version): _carried_out(text) for automation_id, version, text in rows}


@lru_cache(maxsize=512)
def _parsed(text: str) -> tuple[pb.Automation, Definition]:
    return definitions.from_stored(orjson.loads(text))


@lru_cache(maxsize=512)
def _carried_out(text: str) -> CarriedOut:
    definition = _parsed(text)[1]
    return definition, program_of(definition.actions)


def _automation(row: Sequence[Any]) -> tuple[Automation, pb.Automation]:
    automation_id, name, text, state, version, edition, created_by, enabled_at, next_at, *times = row
    message, definition = _parsed(text)
    found = Automation(
        automation_id,
        name,
        definition,
        AutomationState(state),
        version,
        edition,
        created_by,
        enabled_at,
        next_at,
        *times,
    )
    return found, message


def _values(uow: UnitOfWork, one: Automation) -> dict[str, Any]:
    return {
        "tenant_id": uow.tenant_id,
        "automation_id": one.automation_id,
        "name": one.name,
        "kind": int(one.definition.kind),
        "starts_on": one.definition.starts_on,
        "state": int(one.state),
        "version": one.version,
        "edition": one.edition,
        "segment_id": one.definition.segment_id,
        "created_by": one.created_by,
        "enabled_at": one.enabled_at,
        "next_at": one.next_at,
        "now": uow.now(),
    }


async def due_plans(uow: UnitOfWork, now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """Returns automations whose planned time has come, or whose runs are being made; needs a unit of work across tenants."""
    return [
        (tenant_id, automation_id)
        for tenant_id, automation_id in await uow.fetch_all(
            "SELECT tenant_id, automation_id FROM automation WHERE planned_at IS NOT NULL"
            " UNION SELECT tenant_id, automation_id FROM automation WHERE next_at <= %s LIMIT %s",
            (now, limit),
        )
    ]


async def plan_of(uow: UnitOfWork, automation_id: UUID) -> tuple[datetime | None, UUID | None] | None:
    """Locks an automation for its planned runs; None when somebody else makes them now."""
    row = await uow.fetch_one(
        "SELECT planned_at, filled_to FROM automation WHERE tenant_id = %s AND automation_id = %s AND state = 1"
        " FOR UPDATE SKIP LOCKED",
        (uow.tenant_id, automation_id),
    )
    return None if row is None else (row[0], row[1])


async def save_plan(
    uow: UnitOfWork,
    automation_id: UUID,
    *,
    next_at: datetime | None,
    planned_at: datetime | None,
    filled_to: UUID | None,
) -> None:
    """Writes down what is planned next, and up to whom the runs of a planned time were made."""
    await uow.execute(
        "UPDATE automation SET next_at = %s, planned_at = %s, filled_to = %s, updated_at = %s"
        " WHERE tenant_id = %s AND automation_id = %s",
        (next_at, planned_at, filled_to, uow.now(), uow.tenant_id, automation_id),
    )
