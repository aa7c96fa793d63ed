"""SQL of merges: the redirect, the record, and the lines of campaigns that follow."""

from datetime import datetime
from typing import Final
from uuid import UUID

from services.campaign.contacts.domain import Contact, ContactState
from services.campaign.contacts.rows import TEXT_ARRAYS, WRITTEN
from services.common.contact_data.pieces import first_id, last_of_piece
from services.common.db.uow import UnitOfWork

_LEDGER: Final = "campaign_recipient"
_CLEARED: Final = {
    **dict.fromkeys(WRITTEN, "NULL"),
    **dict.fromkeys(("visit_count", "purchase_count", "total_spend_minor", "loyalty_points"), "0"),
    **dict.fromkeys(sorted(TEXT_ARRAYS), "'{}'"),
    "points_expiring": "0",
    "attributes": "'{}'",
    "packages": "'[]'",
    "engagement_score": "NULL",
    "language_code_changed_at": "NULL",
    "time_zone_changed_at": "NULL",
}
_CLEAR: Final = ", ".join(
    f"{name} = {nothing}" for name, nothing in _CLEARED.items() if name not in ("contact_id", "external_id")
)
_REDIRECT: Final = f"""
UPDATE contact SET {_CLEAR}, external_id = CASE WHEN %(keep)s THEN external_id END, merged_into = %(kept_id)s,
    state = {int(ContactState.MERGED)}, version = version + 1, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND contact_id = %(merged_id)s
"""  # noqa: S608 - names of columns

# What led to the merged contact leads on, so that a redirect is one step.
_LEAD_ON: Final = """
UPDATE contact SET merged_into = %(kept_id)s, updated_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND merged_into = %(merged_id)s
"""
_LEAD_RECORDS_ON: Final = """
UPDATE contact_merge SET kept_id = %(kept_id)s WHERE tenant_id = %(tenant_id)s AND kept_id = %(merged_id)s
"""
_NOTE: Final = """
INSERT INTO contact_merge (tenant_id, merged_id, kept_id, merged_by, merged_at)
VALUES (%(tenant_id)s, %(merged_id)s, %(kept_id)s, %(by)s, %(now)s)
"""
_MOVE_LINES: Final = """
UPDATE campaign_recipient AS line SET contact_id = merge.kept_id
FROM contact_merge AS merge
WHERE merge.tenant_id = %(tenant_id)s AND merge.moved_at IS NULL AND line.tenant_id = %(tenant_id)s
    AND line.contact_id = merge.merged_id AND line.recipient_id > %(after)s AND line.recipient_id <= %(last)s
"""


async def redirect(uow: UnitOfWork, merged_id: UUID, kept_id: UUID, *, keep_external_id: bool) -> None:
    """Leaves of a contact its id, and where that leads."""
    values = {
        "tenant_id": uow.tenant_id,
        "merged_id": merged_id,
        "kept_id": kept_id,
        "keep": keep_external_id,
        "now": uow.now(),
    }
    await uow.run_together((_REDIRECT, values), (_LEAD_ON, values), (_LEAD_RECORDS_ON, values))


async def write_keys(uow: UnitOfWork, contact: Contact) -> None:
    """Writes what of a kept contact no update names: its external id, and its state, the stricter of the two."""
    await uow.execute(
        "UPDATE contact SET external_id = %s, state = %s WHERE tenant_id = %s AND contact_id = %s",
        (contact.external_id, int(contact.state), uow.tenant_id, contact.contact_id),
    )


async def note(uow: UnitOfWork, merged_id: UUID, kept_id: UUID, by: str) -> None:
    """Writes down who made one contact part of another."""
    await uow.execute(
        _NOTE,
        {"tenant_id": uow.tenant_id, "merged_id": merged_id, "kept_id": kept_id, "by": by, "now": uow.now()},
    )


async def waiting_tenants(uow: UnitOfWork) -> list[UUID]:
    """Returns the tenants with merges whose lines did not follow yet; in a unit of work across tenants."""
    rows = await uow.fetch_all("SELECT DISTINCT tenant_id FROM contact_merge WHERE moved_at IS NULL")
    return [tenant_id for (tenant_id,) in rows]


async def move_piece(uow: UnitOfWork) -> int | None:
    """Lets one piece of the lines of campaigns follow all waiting merges; None once all did."""
    rows = await uow.fetch_all(
        "SELECT merged_id, moved_up_to FROM contact_merge WHERE tenant_id = %s AND moved_at IS NULL FOR UPDATE",
        (uow.tenant_id,),
    )
    if not rows:
        return None
    after = min(moved_up_to or first_id(merged_id) for merged_id, moved_up_to in rows)
    last = await last_of_piece(uow, _LEDGER, "recipient_id", after)
    values = {
        "tenant_id": uow.tenant_id,
        "merged": [merged_id for merged_id, _ in rows],
        "after": after,
        "last": last,
        "now": uow.now(),
    }
    if last is None:
        await uow.execute(
            "UPDATE contact_merge SET moved_at = %(now)s"
            " WHERE tenant_id = %(tenant_id)s AND merged_id = ANY(%(merged)b::uuid[])",
            values,
        )
        return None
    moved = await uow.execute(_MOVE_LINES, values)
    await uow.execute(
        "UPDATE contact_merge SET moved_up_to = %(last)s"
        " WHERE tenant_id = %(tenant_id)s AND merged_id = ANY(%(merged)b::uuid[])",
        values,
    )
    return moved


async def forget_moved(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes records of merges that were finished before an instant; the redirects stay."""
    return await uow.execute(
        "DELETE FROM contact_merge WHERE (tenant_id, merged_id) IN"
        " (SELECT tenant_id, merged_id FROM contact_merge WHERE moved_at < %s LIMIT %s)",
        (before, limit),
    )
