"""The ids a person is known by: of contacts that became part of others, what was kept under their ids stays there."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=30)
"""How long it stays known who an erased person was: longer than they are looked after."""

# Whatever is told first: what leads to a contact that leads on, leads to where that leads.
_RECORD: Final = """
INSERT INTO merged_contact (tenant_id, merged_id, kept_id, merged_at)
SELECT %(tenant_id)s, %(merged_id)s, kept_id, %(now)s FROM (SELECT coalesce(
    (SELECT kept_id FROM merged_contact WHERE tenant_id = %(tenant_id)s AND merged_id = %(kept_id)s), %(kept_id)s
) AS kept_id) AS root
WHERE kept_id <> %(merged_id)s
ON CONFLICT (tenant_id, merged_id) DO NOTHING
"""
_LEAD_ON: Final = """
UPDATE merged_contact AS m SET kept_id = root.kept_id FROM merged_contact AS root
WHERE m.tenant_id = %(tenant_id)s AND m.kept_id = %(merged_id)s
    AND root.tenant_id = m.tenant_id AND root.merged_id = %(merged_id)s
"""
_KEPT_OF: Final = """
SELECT merged_id, kept_id FROM merged_contact WHERE tenant_id = %s AND merged_id = ANY (%b::uuid[])
"""
_MERGED: Final = (
    "SELECT merged_id FROM merged_contact WHERE tenant_id = %s AND kept_id = %s ORDER BY merged_id"
)
_ERASED: Final = """
UPDATE merged_contact SET erased_at = %s WHERE tenant_id = %s AND kept_id = %s AND erased_at IS NULL
"""
_FORGET: Final = """
DELETE FROM merged_contact WHERE (tenant_id, merged_id) IN
    (SELECT tenant_id, merged_id FROM merged_contact WHERE erased_at < %s LIMIT %s)
"""


async def record(uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
    """Notes that a contact became part of another; a repeat changes nothing, and chains may be told in any order."""
    values = {"tenant_id": uow.tenant_id, "merged_id": merged_id, "kept_id": kept_id, "now": uow.now()}
    await uow.run_together((_RECORD, values), (_LEAD_ON, values))


async def kept_of(uow: UnitOfWork, contact_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Returns those of these contacts that became part of others, each with the one that is kept."""
    if not contact_ids:
        return {}
    return dict(await uow.fetch_all(_KEPT_OF, (uow.tenant_id, list(contact_ids))))


async def kept(uow: UnitOfWork, contact_id: UUID) -> UUID:
    """Returns the contact a contact became part of, or itself."""
    return (await kept_of(uow, [contact_id])).get(contact_id, contact_id)


async def parts(uow: UnitOfWork, contact_id: UUID) -> list[UUID]:
    """Returns the contacts that became part of a kept one."""
    return [merged_id for (merged_id,) in await uow.fetch_all(_MERGED, (uow.tenant_id, contact_id))]


async def person(uow: UnitOfWork, contact_id: UUID) -> list[UUID]:
    """Returns every id of the person a contact is, the kept one first."""
    root = await kept(uow, contact_id)
    return [root, *await parts(uow, root)]


async def note_erased(uow: UnitOfWork, contact_id: UUID) -> None:
    """Notes that a person was erased; a while later nobody knows their ids belonged together."""
    await uow.execute(_ERASED, (uow.now(), uow.tenant_id, contact_id))


async def forget(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes ids of people who were erased long ago; needs a unit of work across tenants."""
    return await uow.execute(_FORGET, (now - KEPT, limit))
