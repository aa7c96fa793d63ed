"""Marking people as erased: from that commit on, every decision about them denies, and their addresses stay silent."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.consent import announcements
from services.consent.directory import store as directory_store
from services.consent.directory.domain import KnownContact
from services.consent.suppression import store as suppression_store
from services.consent.suppression.domain import Entry

_MARK: Final = """
UPDATE contact SET state = 'erased', updated_at = %s WHERE tenant_id = %s AND contact_id = %s AND state <> 'erased'
"""

# Links carry the version they were made for; a raised one voids them all.
_VOID_LINKS: Final = """
INSERT INTO preference AS known (tenant_id, contact_id, token_version, created_at, updated_at)
VALUES (%(tenant_id)s, %(contact_id)s, 2, %(now)s, %(now)s)
ON CONFLICT (tenant_id, contact_id) DO UPDATE SET token_version = known.token_version + 1,
    updated_at = excluded.updated_at, version = known.version + 1
"""

# Asked of campaign again when somebody needs the contact; only of one that still has its addresses.
_UNMARK: Final = "DELETE FROM contact WHERE tenant_id = %s AND contact_id = %s AND state = 'erased'"


async def mark(uow: UnitOfWork, contact_id: UUID, actor: str) -> list[UUID]:
    """Marks a locked contact as erased, suppresses its addresses and voids its links; returns the new entries."""
    await uow.execute(_MARK, (uow.now(), uow.tenant_id, contact_id))
    known = await directory_store.addresses(uow, [contact_id])
    added = await _suppress(
        uow, ((channel, digest, key_id) for _, channel, digest, _, key_id in known), actor
    )
    await uow.execute(_VOID_LINKS, {"tenant_id": uow.tenant_id, "contact_id": contact_id, "now": uow.now()})
    return added


async def unmark(uow: UnitOfWork, contact_id: UUID, suppression_ids: Sequence[UUID]) -> None:
    """Takes a mark back that nothing has followed yet; the voided links stay void."""
    await suppression_store.remove(uow, suppression_ids)
    await uow.execute(_UNMARK, (uow.tenant_id, contact_id))


async def suppress_known(uow: UnitOfWork, contact: KnownContact) -> int:
    """Suppresses addresses that events had not told of when the contact was marked; returns how many were new."""
    addresses = (
        (channel, digest, contact.hash_key_id or "")
        for channel, digest in (
            ("email", contact.email_hash),
            ("sms", contact.sms_hash),
            ("whatsapp", contact.whatsapp_hash),
        )
        if digest is not None
    )
    return len(await _suppress(uow, addresses, "system"))


async def _suppress(uow: UnitOfWork, addresses: Iterable[tuple[str, bytes, str]], actor: str) -> list[UUID]:
    entries = [
        Entry(channel=channel, identifier_hash=digest, key_id=key_id, scope="marketing", reason="erasure")
        for channel, digest, key_id in addresses
    ]
    if not entries:
        return []
    added = [one.stored for one in await suppression_store.add(uow, entries, actor) if one.is_new]
    announcements.suppressions_added(uow, added)
    return [one.suppression_id for one in added]
