"""SQL of anchors: what waits to be looked at, in blocks."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.triggers.domain import Anchor, TriggerType
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=30)
"""How long anchors are kept that no longer wait; that nothing fires twice rests on the history."""

_FIELDS: Final = {
    "trigger_type": "int2",
    "contact_id": "uuid",
    "reference_id": "text",
    "occurrence_key": "text",
    "anchor_at": "timestamptz",
    "due_at": "timestamptz",
    "anchor_on": "date",
    "branch_id": "uuid",
    "variables": "text",
    "attempts": "int4",
}
_NAMES: Final = ", ".join(_FIELDS)
_WRITTEN: Final = ", ".join("variables::jsonb" if name == "variables" else name for name in _FIELDS)
_KEY: Final = {"trigger_type": "int2", "contact_id": "uuid", "reference_id": "text"}
_SAME: Final = "a.tenant_id = %(tenant_id)s AND " + " AND ".join(f"a.{name} = k.{name}" for name in _KEY)

# What is done stays done until its thing has another occurrence.
_PUT: Final = f"""
INSERT INTO trigger_anchor AS a (tenant_id, {_NAMES}, state, created_at, updated_at)
SELECT %(tenant_id)s, {_WRITTEN}, 1, %(now)s, %(now)s FROM {named_unnest(_FIELDS)}
ON CONFLICT (tenant_id, trigger_type, reference_id, contact_id) DO UPDATE SET
    occurrence_key = excluded.occurrence_key, anchor_at = excluded.anchor_at, due_at = excluded.due_at,
    anchor_on = excluded.anchor_on, branch_id = excluded.branch_id, variables = excluded.variables, state = 1,
    attempts = 0, updated_at = excluded.updated_at
WHERE a.state <> 2 OR a.occurrence_key <> excluded.occurrence_key
"""

_CLAIM: Final = f"""
SELECT {_NAMES} FROM trigger_anchor
WHERE tenant_id = %(tenant_id)s AND state = 1 AND due_at <= %(now)s
ORDER BY due_at, contact_id, trigger_type <> 4, trigger_type, reference_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""

_DONE: Final = f"""
UPDATE trigger_anchor AS a SET state = 2, variables = '{{}}', updated_at = %(now)s
FROM {named_unnest(_KEY, "k")} WHERE {_SAME}
"""

_LATER: Final = f"""
UPDATE trigger_anchor AS a SET due_at = k.due_at, attempts = k.attempts, updated_at = %(now)s
FROM {named_unnest({**_KEY, "due_at": "timestamptz", "attempts": "int4"}, "k")} WHERE {_SAME}
"""


_WAITING: Final = f"""
SELECT {_NAMES} FROM trigger_anchor
WHERE tenant_id = %(tenant_id)s AND trigger_type = %(type)s AND state = 1 AND anchor_at >= %(since)s
    AND anchor_at < %(until)s
    AND (%(at)s::timestamptz IS NULL
        OR (anchor_at, contact_id, reference_id) > (%(at)s, %(contact)s::uuid, %(reference)s::text))
ORDER BY anchor_at, contact_id, reference_id LIMIT %(limit)s
"""


async def put(uow: UnitOfWork, anchors: Sequence[Anchor]) -> int:
    """Writes anchors that wait, in place of what waited or was void; returns how many there were to write."""
    if not anchors:
        return 0
    return await uow.execute(_PUT, {"tenant_id": uow.tenant_id, "now": uow.now(), **_columns(anchors)})


async def claim(uow: UnitOfWork, limit: int) -> list[Anchor]:
    """Locks anchors that are to be looked at now and returns them, the longest due first."""
    rows = await uow.fetch_all(_CLAIM, {"tenant_id": uow.tenant_id, "now": uow.now(), "limit": limit})
    return [_anchor(row) for row in rows]


async def waiting(
    uow: UnitOfWork,
    trigger_type: TriggerType,
    since: datetime,
    until: datetime,
    after: Anchor | None,
    limit: int,
) -> list[Anchor]:
    """Returns a block of what waits of a trigger and happened, or ends, between two instants; after one of them."""
    rows = await uow.fetch_all(
        _WAITING,
        {
            "tenant_id": uow.tenant_id,
            "type": int(trigger_type),
            "since": since,
            "until": until,
            "at": after.anchor_at if after else None,
            "contact": after.contact_id if after else None,
            "reference": after.reference_id if after else None,
            "limit": limit,
        },
    )
    return [_anchor(row) for row in rows]


async def done(uow: UnitOfWork, anchors: Sequence[Anchor]) -> None:
    """Notes that anchors were looked at for the last time."""
    if anchors:
        await uow.execute(_DONE, {"tenant_id": uow.tenant_id, "now": uow.now(), **_keys(anchors)})


async def later(uow: UnitOfWork, anchors: Sequence[Anchor]) -> None:
    """Lets anchors be looked at again at the time they now name."""
    if anchors:
        values = {
            **_keys(anchors),
            "due_at": [one.due_at for one in anchors],
            "attempts": [one.attempts for one in anchors],
        }
        await uow.execute(_LATER, {"tenant_id": uow.tenant_id, "now": uow.now(), **values})


async def void(
    uow: UnitOfWork,
    types: Collection[TriggerType],
    *,
    contact_id: UUID | None = None,
    reference_id: str | None = None,
    before: datetime | None = None,
) -> int:
    """Voids what waits of some triggers: of a contact, about one thing, of what happened before an instant."""
    # Only what is asked for, so that whatever is named is looked up by its index.
    asked: dict[str, object] = {
        "contact_id = %(contact_id)s": contact_id,
        "reference_id = %(reference_id)s": reference_id,
        "anchor_at < %(before)s": before,
    }
    return await uow.execute(
        " AND ".join(
            (
                "UPDATE trigger_anchor SET state = 3, updated_at = %(now)s WHERE tenant_id = %(tenant_id)s",
                "state = 1 AND trigger_type = ANY(%(types)s::int2[])",
                *(condition for condition, value in asked.items() if value is not None),
            )
        ),
        {
            "tenant_id": uow.tenant_id,
            "types": [int(one) for one in types],
            "contact_id": contact_id,
            "reference_id": reference_id,
            "before": before,
            "now": uow.now(),
        },
    )


async def revive(
    uow: UnitOfWork, trigger_type: TriggerType, contact_id: UUID, since: datetime, due_after: datetime
) -> int:
    """Lets a void anchor of a contact wait again that is not older than an instant, unless it is stale."""
    return await uow.execute(
        "UPDATE trigger_anchor SET state = 1, updated_at = %s WHERE tenant_id = %s AND trigger_type = %s"
        " AND contact_id = %s AND state = 3 AND anchor_at >= %s AND due_at > %s",
        (uow.now(), uow.tenant_id, int(trigger_type), contact_id, since, due_after),
    )


async def look_now(uow: UnitOfWork, trigger_type: TriggerType) -> int:
    """Has everything that waits of a trigger of events looked at again: its time may have changed."""
    return await uow.execute(
        "UPDATE trigger_anchor SET due_at = %(now)s, updated_at = %(now)s"
        " WHERE tenant_id = %(tenant_id)s AND trigger_type = %(type)s AND state = 1 AND due_at > %(now)s",
        {"tenant_id": uow.tenant_id, "type": int(trigger_type), "now": uow.now()},
    )


async def make_anew(uow: UnitOfWork) -> None:
    """Has the anchors of the tenant's dates made and timed again soon: their timing changed, or the tenant's zone."""
    await uow.execute("UPDATE trigger_calendar SET made_on = NULL WHERE tenant_id = %s", (uow.tenant_id,))


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes anchors that stopped waiting long ago and do not begin again now; a step of the cleanup."""
    return await uow.execute(
        "DELETE FROM trigger_anchor WHERE (tenant_id, trigger_type, reference_id, contact_id) IN"
        " (SELECT tenant_id, trigger_type, reference_id, contact_id FROM trigger_anchor"
        " WHERE state > 1 AND updated_at < %s LIMIT %s FOR UPDATE SKIP LOCKED)",
        (now - KEPT, limit),
    )


async def tenants_due(uow: UnitOfWork, after: UUID, limit: int) -> list[UUID]:
    """Returns active tenants with anchors to look at, by id; needs a unit of work across tenants."""
    rows = await uow.fetch_all(
        "SELECT tenant_id FROM tenant AS t WHERE tenant_id > %s AND state = 1 AND EXISTS"
        " (SELECT FROM trigger_anchor AS a WHERE a.tenant_id = t.tenant_id AND a.state = 1 AND a.due_at <= %s)"
        " ORDER BY tenant_id LIMIT %s",
        (after, uow.now(), limit),
    )
    return [tenant_id for (tenant_id,) in rows]


async def erase(uow: UnitOfWork, contact_id: UUID) -> int:
    """Removes the anchors of a contact."""
    return await uow.execute(
        "DELETE FROM trigger_anchor WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )


def _columns(anchors: Sequence[Anchor]) -> dict[str, list[Any]]:
    rows = [tuple(_value(one, name) for name in _FIELDS) for one in anchors]
    return dict(zip(_FIELDS, columns(rows, len(_FIELDS)), strict=True))


def _keys(anchors: Sequence[Anchor]) -> dict[str, list[Any]]:
    return {name: [_value(one, name) for one in anchors] for name in _KEY}


def _value(anchor: Anchor, name: str) -> Any:
    value = getattr(anchor, name)
    if name == "variables":
        return orjson.dumps(dict(value)).decode()
    return int(value) if name == "trigger_type" else value


def _anchor(row: Sequence[Any]) -> Anchor:
    values = dict(zip(_FIELDS, row, strict=True))
    return Anchor(**{**values, "trigger_type": TriggerType(values["trigger_type"])})
