"""How long notices are kept, and what of them is told to and forgotten for a person (GEN-47, CON-51)."""

from datetime import datetime
from typing import Final

from services.campaign.notices import store
from services.campaign.notices.notices import Notices
from services.common.contact_data.collections import Rows
from services.common.contact_data.person import Erased, Person
from services.common.db.uow import UnitOfWork

TOLD: Final = Rows(
    "notices",
    "SELECT notice_id, source, rule, template, state, reason, due_at, message_ids, created_at FROM notice"
    " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s",
)

_ADDRESSES: Final = "SELECT email, phone FROM contact WHERE tenant_id = %s AND contact_id = %s"
_BY_CONTACT: Final = "DELETE FROM notice WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s"
# The first condition on hashes picks the index.
_BY_ADDRESS: Final = """
DELETE FROM notice
WHERE tenant_id = %(tenant_id)s AND address_hashes <> '{}'::bytea[] AND address_hashes && %(hashes)s::bytea[]
"""


async def erase(uow: UnitOfWork, person: Person, notices: Notices) -> Erased:
    """Removes a person's notices; must come before their contact is cleared, whose addresses find the bare ones."""
    assert uow.tenant_id is not None  # noqa: S101 - contacts belong to a tenant's unit of work
    row = await uow.fetch_one(_ADDRESSES, (uow.tenant_id, person.contact_id))
    hashes = notices.hashes(uow.tenant_id, *(row or (None, None)))
    values = {"tenant_id": uow.tenant_id, "contact_id": person.contact_id, "hashes": hashes}
    gone = await uow.execute(_BY_CONTACT, values) + await uow.execute(_BY_ADDRESS, values)
    return Erased("notice", deleted=gone)


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes notices settled long ago; a step of the cleanup."""
    return await store.delete_old(uow, now - store.KEPT, limit)
