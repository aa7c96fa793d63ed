"""SQL of activities."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=370)
"""How long activities are kept: a rule looks at most a year back."""
_AHEAD: Final = timedelta(days=1)
"""How far the clock of whoever tells of an activity may be ahead."""

OCCURRED_AT: Final = (
    "to_timestamp(('x' || replace(left(activity_id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)"
)
"""The SQL of when an activity happened."""


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that one contact did."""

    contact_id: UUID
    kind: int
    activity_id: UUID
    ref: str | None = None
    judgement: int = 0
    counts: bool = True


_COLUMNS = {
    "contact_id": "uuid",
    "kind": "int2",
    "activity_id": "uuid",
    "ref": "text",
    "judgement": "int2",
    "counts": "bool",
}
_ADD = f"""
INSERT INTO contact_activity AS a (tenant_id, {", ".join(_COLUMNS)})
SELECT %(tenant_id)s, {", ".join(f"rows.{name}" for name in _COLUMNS)}
FROM {named_unnest(_COLUMNS)} JOIN contact c ON c.tenant_id = %(tenant_id)s AND c.contact_id = rows.contact_id
WHERE c.state < 3
ON CONFLICT (tenant_id, contact_id, kind, activity_id) DO UPDATE
    SET judgement = EXCLUDED.judgement, counts = EXCLUDED.counts
    WHERE a.judgement < EXCLUDED.judgement
RETURNING a.contact_id
"""


def activity_id(kind: int, fact: str, at: datetime) -> UUID:
    """Returns the id of an activity: a UUIDv7 of when it happened, the same for everybody who tells of the fact."""
    digest = sha256(f"{kind}:{fact}".encode()).hexdigest()
    return UUID(f"{int(at.timestamp() * 1000):012x}7{digest[:3]}8{digest[3:18]}")


def is_kept(at: datetime, now: datetime) -> bool:
    """Returns whether something that happened then is kept at all."""
    return now - KEPT <= at <= now + _AHEAD


async def add(uow: UnitOfWork, activities: Sequence[Activity]) -> list[UUID]:
    """Writes activities down, each of which stands once; returns whose changed something.

    A repeat changes nothing. Of two verdicts on one open or click the higher one holds, whatever order they come in.
    """
    rows = await uow.fetch_all(
        _ADD,
        {
            "tenant_id": uow.tenant_id,
            **{name: [getattr(one, name) for one in activities] for name in _COLUMNS},
        },
    )
    return [contact_id for (contact_id,) in rows]


async def add_fact(
    uow: UnitOfWork, contact_id: UUID, kind: int, fact: str, at: datetime, ref: str | None
) -> bool:
    """Writes a fact down unless it is there; False when it was, told by another event at another time perhaps."""
    # Two events of one fact may come at the same moment: whoever holds the contact's row looks first.
    await uow.execute(
        "SELECT FROM contact WHERE tenant_id = %s AND contact_id = %s FOR NO KEY UPDATE",
        (uow.tenant_id, contact_id),
    )
    if await uow.fetch_value(f"SELECT EXISTS (SELECT FROM {_OF_FACT})", _named(uow, contact_id, kind, fact)):
        return False
    return bool(await add(uow, [Activity(contact_id, kind, activity_id(kind, fact, at), ref)]))


async def remove_fact(uow: UnitOfWork, contact_id: UUID, kind: int, fact: str) -> bool:
    """Removes a fact that was taken back; False when it is not there."""
    return bool(await uow.execute(f"DELETE FROM {_OF_FACT}", _named(uow, contact_id, kind, fact)))


# All but the time of an activity's id is drawn from its fact.
_OF_FACT = (
    "contact_activity WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND kind = %(kind)s"
    " AND right(activity_id::text, 21) = %(rest)s"
)


def _named(uow: UnitOfWork, contact_id: UUID, kind: int, fact: str) -> dict[str, object]:
    rest = str(activity_id(kind, fact, datetime.fromtimestamp(0, UTC)))[-21:]
    return {"tenant_id": uow.tenant_id, "contact_id": contact_id, "kind": kind, "rest": rest}


async def erase(uow: UnitOfWork, contact_id: UUID) -> int:
    """Forgets what a contact did."""
    return await uow.execute(
        "DELETE FROM contact_activity WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )
