"""What triggers must know of contacts, read for a block of them at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.contacts.domain import ContactState
from services.campaign.contacts.facts import FactKind
from services.common.db.uow import UnitOfWork
from services.common.zones import zone


@dataclass(frozen=True, slots=True)
class Person:
    """A contact as triggers see it."""

    contact_id: UUID
    zone: ZoneInfo
    branch_id: UUID | None
    branch_markets: bool
    """False for a contact of a branch that sends no marketing."""
    has_email: bool
    has_phone: bool
    first_visit_at: datetime | None
    last_visit_at: datetime | None
    visit_count: int
    birth: tuple[int, int] | None
    """Month and day."""
    anniversary: tuple[int, int] | None
    packages: Mapping[str, Mapping[str, Any]]
    """What is held, by the neighbour's id."""
    is_member: bool
    member_until: datetime | None
    points_expiring: int
    points_expire_on: date | None
    has_appointment: bool
    """True while one is booked that lies ahead."""


_READ: Final = f"""
SELECT c.contact_id, coalesce(nullif(c.time_zone, ''), nullif(b.time_zone, ''), t.default_time_zone), c.branch_id,
    coalesce(b.marketing_enabled, true), coalesce(c.email, '') <> '', coalesce(c.phone, '') <> '', c.first_visit_at,
    c.last_visit_at, c.visit_count, c.birth_month, c.birth_day, c.anniversary_month, c.anniversary_day, c.packages,
    c.membership_status = 'active', c.membership_expires_at, c.points_expiring, c.points_expire_on,
    EXISTS (
        SELECT FROM contact_fact AS f
        WHERE f.tenant_id = c.tenant_id AND f.contact_id = c.contact_id AND f.kind = {int(FactKind.APPOINTMENT)}
            AND f.data ->> 'state' = 'booked' AND (f.data ->> 'start_at')::timestamptz > %(now)s
    )
FROM contact AS c
JOIN tenant AS t ON t.tenant_id = c.tenant_id
LEFT JOIN branch AS b ON b.tenant_id = c.tenant_id AND b.branch_id = c.branch_id
WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = ANY(%(ids)b::uuid[]) AND c.state < {int(ContactState.ERASED)}
"""


async def known(uow: UnitOfWork, contact_ids: Collection[UUID]) -> dict[UUID, Person]:
    """Returns contacts by id; those that were erased or became part of another are left out."""
    if not contact_ids:
        return {}
    rows = await uow.fetch_all(
        _READ, {"tenant_id": uow.tenant_id, "ids": sorted(set(contact_ids)), "now": uow.now()}
    )
    return {row[0]: _person(*row) for row in rows}


def _person(
    contact_id: UUID, zone_name: str, branch_id: UUID | None, branch_markets: bool, *rest: Any
) -> Person:
    has_email, has_phone, first_visit_at, last_visit_at, visit_count, *dates = rest
    birth_month, birth_day, anniversary_month, anniversary_day, packages, is_member, member_until, *points = (
        dates
    )
    return Person(
        contact_id,
        zone(zone_name),
        branch_id,
        branch_markets,
        has_email,
        has_phone,
        first_visit_at,
        last_visit_at,
        visit_count,
        (birth_month, birth_day) if birth_month and birth_day else None,
        (anniversary_month, anniversary_day) if anniversary_month and anniversary_day else None,
        {one["package_ref"]: one for one in packages},
        bool(is_member),
        member_until,
        *points,
    )
