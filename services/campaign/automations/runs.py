"""SQL of runs and steps."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson

from services.campaign.automations.domain import RunState, StepState
from services.campaign.automations.records import Run, Step
from services.common.db.sets import columns, named_unnest, unnest
from services.common.db.uow import UnitOfWork

_RUN: Final = (
    "run_id, automation_id, version, contact_id, trigger_key, state, current_step, due_at, listens, behaviour,"
    " reference, data, event_id, ancestry, correlation_id, error, started_at, finished_at"
)
_STEP: Final = (
    "run_id, index, action, state, started_at, due_at, attempts, result::text, message_ids, call_id, handed_at, error,"
    " finished_at"
)

_RUNS: Final = f"SELECT {_RUN} FROM automation_run WHERE tenant_id = %s"  # noqa: S608 - constants
_NAMED: Final = f"SELECT {_RUN} FROM automation_run r WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - constants
_STEPS: Final = f"SELECT {_STEP} FROM automation_step WHERE tenant_id = %s"  # noqa: S608 - constants

# Tenants with something due are found by jumping from one to the next.
_TENANTS: Final = """
WITH RECURSIVE found AS (
    (SELECT tenant_id FROM automation_run WHERE due_at IS NOT NULL ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT next.tenant_id FROM found CROSS JOIN LATERAL (
        SELECT tenant_id FROM automation_run WHERE due_at IS NOT NULL AND tenant_id > found.tenant_id
        ORDER BY tenant_id LIMIT 1) AS next
)
SELECT tenant_id FROM found WHERE EXISTS (
    SELECT FROM automation_run r WHERE r.tenant_id = found.tenant_id AND r.due_at <= %s)
"""


async def due_tenants(uow: UnitOfWork) -> list[UUID]:
    """Returns tenants with runs that are due; needs a unit of work across tenants."""
    return [tenant_id for (tenant_id,) in await uow.fetch_all(_TENANTS, (uow.now(),))]


async def claim(uow: UnitOfWork, limit: int) -> list[Run]:
    """Locks runs that are due; nobody else moves them before the commit, and a crash leaves them as they were."""
    rows = await uow.fetch_all(
        f"{_RUNS} AND due_at <= %s ORDER BY due_at, run_id LIMIT %s FOR UPDATE SKIP LOCKED",
        (uow.tenant_id, uow.now(), limit),
    )
    return [_run(row) for row in rows]


async def by_id(uow: UnitOfWork, run_id: UUID, *, lock: bool = False) -> Run | None:
    """Returns a run, or None."""
    row = await uow.fetch_one(
        f"{_RUNS} AND run_id = %s{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, run_id),
    )
    return None if row is None else _run(row)


async def by_ids(uow: UnitOfWork, run_ids: Iterable[UUID], *, lock: bool = False) -> list[Run]:
    """Returns runs in the order of their ids, in which all who lock several do."""
    rows = await uow.fetch_all(
        f"{_RUNS} AND run_id = ANY(%b::uuid[]) ORDER BY run_id{' FOR UPDATE' if lock else ''}",
        (uow.tenant_id, sorted(set(run_ids))),
    )
    return [_run(row) for row in rows]


async def listening(uow: UnitOfWork, contact_ids: Sequence[UUID], event_name: str) -> list[Run]:
    """Locks the open runs of contacts that wait for an event, or are ended by it."""
    rows = await uow.fetch_all(
        f"{_RUNS} AND contact_id = ANY(%b::uuid[]) AND state <= 2"
        " AND %s = ANY(listens) ORDER BY run_id FOR UPDATE",
        (uow.tenant_id, list(contact_ids), event_name),
    )
    return [_run(row) for row in rows]


async def open_of(
    uow: UnitOfWork, *, automation_id: UUID | None = None, contact_id: UUID | None = None, limit: int = 1000
) -> list[Run]:
    """Locks open runs of an automation, of a contact, or of the whole tenant."""
    rows = await uow.fetch_all(
        f"{_NAMED} AND state <= 2"
        " AND (%(automation_id)s::uuid IS NULL OR automation_id = %(automation_id)s)"
        " AND (%(contact_id)s::uuid IS NULL OR contact_id = %(contact_id)s)"
        " ORDER BY run_id LIMIT %(limit)s FOR UPDATE",
        {
            "tenant_id": uow.tenant_id,
            "automation_id": automation_id,
            "contact_id": contact_id,
            "limit": limit,
        },
    )
    return [_run(row) for row in rows]


async def page(
    uow: UnitOfWork,
    *,
    automation_id: UUID | None,
    contact_id: UUID | None,
    state: int,
    branch_ids: Sequence[UUID],
    before: UUID | None,
    limit: int,
) -> list[Run]:
    """Returns runs, newest first; of contacts of these branches alone when any are named."""
    rows = await uow.fetch_all(
        f"{_NAMED}"
        " AND (%(automation_id)s::uuid IS NULL OR automation_id = %(automation_id)s)"
        " AND (%(contact_id)s::uuid IS NULL OR contact_id = %(contact_id)s)"
        " AND %(state)s IN (0, state) AND (%(before)s::uuid IS NULL OR run_id < %(before)s)"
        " AND (cardinality(%(branches)s::uuid[]) = 0 OR EXISTS (SELECT FROM contact c WHERE c.tenant_id = r.tenant_id"
        "   AND c.contact_id = r.contact_id AND c.branch_id = ANY(%(branches)s::uuid[])))"
        " ORDER BY run_id DESC LIMIT %(limit)s",
        {
            "tenant_id": uow.tenant_id,
            "automation_id": automation_id,
            "contact_id": contact_id,
            "state": state,
            "branches": list(branch_ids),
            "before": before,
            "limit": limit,
        },
    )
    return [_run(row) for row in rows]


_INSERT_FIELDS: Final = {
    "run_id": "uuid",
    "automation_id": "uuid",
    "version": "int4",
    "contact_id": "uuid",
    "trigger_key": "text",
    "state": "int2",
    "current_step": "int2",
    "due_at": "timestamptz",
    "listens": "text",
    "behaviour": "int2",
    "reference": "text",
    "data": "bytea",
    "event_id": "uuid",
    "ancestry": "text",
    "correlation_id": "text",
    "error": "text",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
}
_INSERT: Final = f"""
INSERT INTO automation_run (tenant_id, {", ".join(_INSERT_FIELDS)})
SELECT %s, run_id, automation_id, version, contact_id, trigger_key, state, current_step, due_at, listens::text[],
    behaviour, reference, data, event_id, ancestry::uuid[], correlation_id, error, started_at, finished_at
FROM {unnest(_INSERT_FIELDS)} ON CONFLICT DO NOTHING RETURNING run_id
"""  # noqa: S608 - constants


async def insert(uow: UnitOfWork, found: Sequence[Run]) -> set[UUID]:
    """Adds runs and returns which were new: what started one before starts none again."""
    rows = [
        (
            one.run_id,
            one.automation_id,
            one.version,
            one.contact_id,
            one.trigger_key,
            int(one.state),
            one.current_step,
            one.due_at,
            _array(one.listens),
            one.behaviour,
            one.reference,
            one.data,
            one.event_id,
            _array(map(str, one.ancestry)),
            one.correlation_id,
            one.error,
            one.started_at,
            one.finished_at,
        )
        for one in found
    ]
    new = await uow.fetch_all(_INSERT, [uow.tenant_id, *columns(rows, len(_INSERT_FIELDS))])
    return {run_id for (run_id,) in new}


_SAVE_FIELDS: Final = {
    "run_id": "uuid",
    "state": "int2",
    "current_step": "int2",
    "due_at": "timestamptz",
    "listens": "text",
    "error": "text",
    "finished_at": "timestamptz",
}
_SAVE: Final = f"""
UPDATE automation_run r SET state = now.state, current_step = now.current_step, due_at = now.due_at,
    listens = now.listens::text[], error = now.error, finished_at = now.finished_at,
    data = CASE WHEN now.state <= 2 THEN r.data END
FROM {named_unnest(_SAVE_FIELDS, "now")} WHERE r.tenant_id = %(tenant_id)s AND r.run_id = now.run_id
"""  # noqa: S608 - constants


async def save(uow: UnitOfWork, found: Sequence[Run]) -> None:
    """Writes back where locked runs stand."""
    if not found:
        return
    rows = [
        (
            one.run_id,
            int(one.state),
            one.current_step,
            one.due_at,
            _array(one.listens),
            one.error,
            one.finished_at,
        )
        for one in found
    ]
    values = dict(zip(_SAVE_FIELDS, columns(rows, len(_SAVE_FIELDS)), strict=True))
    await uow.execute(_SAVE, {**values, "tenant_id": uow.tenant_id})


_STEP_FIELDS: Final = {
    "run_id": "uuid",
    "index": "int2",
    "action": "text",
    "state": "int2",
    "started_at": "timestamptz",
    "due_at": "timestamptz",
    "attempts": "int2",
    "result": "text",
    "message_ids": "text",
    "call_id": "uuid",
    "handed_at": "timestamptz",
    "error": "text",
    "finished_at": "timestamptz",
}
_SAVE_STEPS: Final = f"""
INSERT INTO automation_step (tenant_id, {", ".join(_STEP_FIELDS)})
SELECT %(tenant_id)s, run_id, index, action, state, started_at, due_at, attempts, result::jsonb, message_ids::uuid[],
    call_id, handed_at, error, finished_at FROM {named_unnest(_STEP_FIELDS)}
ON CONFLICT (tenant_id, run_id, index) DO UPDATE SET state = excluded.state, due_at = excluded.due_at,
    attempts = excluded.attempts, result = excluded.result, message_ids = excluded.message_ids,
    call_id = excluded.call_id, handed_at = excluded.handed_at, error = excluded.error,
    finished_at = excluded.finished_at
"""  # noqa: S608 - constants


async def save_steps(uow: UnitOfWork, found: Sequence[Step]) -> None:
    """Writes steps of locked runs."""
    if not found:
        return
    rows = [
        (
            one.run_id,
            one.index,
            one.action,
            int(one.state),
            one.started_at,
            one.due_at,
            one.attempts,
            orjson.dumps(one.result).decode(),
            _array(map(str, one.message_ids)),
            one.call_id,
            one.handed_at,
            one.error,
            one.finished_at,
        )
        for one in found
    ]
    values = dict(zip(_STEP_FIELDS, columns(rows, len(_STEP_FIELDS)), strict=True))
    await uow.execute(_SAVE_STEPS, {**values, "tenant_id": uow.tenant_id})


async def steps_of(uow: UnitOfWork, run_ids: Sequence[UUID], *, pending: bool = False) -> list[Step]:
    """Returns the steps of runs in their order; only those that are not settled when asked."""
    rows = await uow.fetch_all(
        f"{_STEPS} AND run_id = ANY(%b::uuid[]){' AND state = 1' if pending else ''} ORDER BY run_id, index",
        (uow.tenant_id, list(run_ids)),
    )
    return [_step(row) for row in rows]


class Known(NamedTuple):
    """What a contact's earlier runs of an automation were."""

    number: int
    last_at: datetime


async def earlier(uow: UnitOfWork, automation_id: UUID, contact_ids: Sequence[UUID]) -> Mapping[UUID, Known]:
    """Returns how many runs contacts had of an automation, and when the last one started; skipped ones are none."""
    rows = await uow.fetch_all(
        "SELECT contact_id, count(*), max(started_at) FROM automation_run WHERE tenant_id = %s AND automation_id = %s"
        " AND contact_id = ANY(%b::uuid[]) AND state <> 6 GROUP BY contact_id",
        (uow.tenant_id, automation_id, list(contact_ids)),
    )
    return {contact_id: Known(count, last_at) for contact_id, count, last_at in rows}


def _run(row: Sequence[Any]) -> Run:
    found = Run(*row)
    found.state = RunState(found.state)
    return found


def _step(row: Sequence[Any]) -> Step:
    found = Step(*row)
    found.state = StepState(found.state)
    found.result = orjson.loads(found.result)  # type: ignore[arg-type]  # as it is stored
    return found


def _array(texts: Any) -> str:
    """Returns plain words or ids as the text of an array."""
    return "{" + ",".join(texts) + "}"
