"""SQL of what events add to contacts: counts, sums, and times that only move one way (CAM-80)."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import orjson

from services.campaign.contacts.domain import MAX_COUNT, MAX_SPEND, Package
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Gain:
    """What one event adds to a contact; nothing of it depends on what other events added."""

    visits: int = 0
    purchases: int = 0
    spend_minor: int = 0
    visited_at: datetime | None = None
    purchased_at: datetime | None = None
    active_at: datetime | None = None
    attended: str | None = None

    @property
    def is_nothing(self) -> bool:
        """Returns whether nothing is added."""
        return not any(getattr(self, one.name) for one in fields(self))


_ADD: Final = """
UPDATE contact SET visit_count = least(greatest(visit_count + %(visits)s, 0), %(most)s),
    purchase_count = least(greatest(purchase_count + %(purchases)s, 0), %(most)s),
    total_spend_minor = least(greatest(total_spend_minor::numeric + %(spend)s, 0), %(most_spend)s)::bigint,
    first_visit_at = least(first_visit_at, %(visited_at)s::timestamptz),
    last_visit_at = greatest(last_visit_at, %(visited_at)s::timestamptz),
    last_purchase_at = greatest(last_purchase_at, %(purchased_at)s::timestamptz),
    last_activity_at = greatest(last_activity_at, %(visited_at)s::timestamptz, %(purchased_at)s::timestamptz, %(active_at)s::timestamptz),
    attended_event_refs = CASE WHEN %(attended)s::text IS NULL OR attended_event_refs @> ARRAY[%(attended)s::text]
        THEN attended_event_refs
        ELSE ARRAY(SELECT ref FROM unnest(attended_event_refs || %(attended)s::text) AS every (ref)
            ORDER BY ref COLLATE "C") END,
    version = version + 1, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND state < 3
"""
_ACTIVE: Final = """
UPDATE contact AS c SET last_activity_at = seen.active_at, updated_at = %(now)s
FROM unnest(%(ids)b::uuid[], %(times)b::timestamptz[]) AS seen (contact_id, active_at)
WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = seen.contact_id AND c.state < 3
    AND (c.last_activity_at IS NULL OR c.last_activity_at < seen.active_at)
"""


async def add(uow: UnitOfWork, contact_id: UUID, gain: Gain) -> None:
    """Adds to a contact; an erased one gains nothing."""
    if gain.is_nothing:
        return
    await uow.execute(
        _ADD,
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "visits": gain.visits,
            "purchases": gain.purchases,
            "spend": gain.spend_minor,
            "visited_at": gain.visited_at,
            "purchased_at": gain.purchased_at,
            "active_at": gain.active_at,
            "attended": gain.attended,
            "most": MAX_COUNT,
            "most_spend": MAX_SPEND,
            "now": uow.now(),
        },
    )


async def active(uow: UnitOfWork, seen: dict[UUID, datetime]) -> None:
    """Notes when contacts were last active; an earlier time changes nothing."""
    ids = sorted(seen)
    await uow.execute(
        _ACTIVE,
        {"tenant_id": uow.tenant_id, "ids": ids, "times": [seen[one] for one in ids], "now": uow.now()},
    )


async def write(uow: UnitOfWork, contact_id: UUID, **columns: Any) -> None:
    """Writes what follows from facts: points, memberships, packages."""
    assigned = ", ".join(f"{name} = %({name})s{_CASTS.get(name, '')}" for name in columns)
    await uow.execute(
        f"UPDATE contact SET {assigned}, version = version + 1, updated_at = %(now)s"  # noqa: S608 - names of columns
        " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND state < 3",
        {
            "tenant_id": uow.tenant_id,
            "contact_id": contact_id,
            "now": uow.now(),
            **{name: _sent(value) for name, value in columns.items()},
        },
    )


_CASTS: Final = {"packages": "::jsonb"}


def _sent(value: str | int | date | datetime | tuple[Package, ...] | None) -> Any:
    return orjson.dumps(value).decode() if isinstance(value, tuple) else value
