"""SQL of where a contact stands."""

from collections.abc import Sequence
from uuid import UUID

from services.common.db.arrays import hashes as hash_array
from services.common.db.uow import UnitOfWork
from services.consent.consents.domain import Consent
from services.consent.consents.store import READ_COLUMNS, consents_of

_MARKETING = f"""
SELECT {READ_COLUMNS} FROM consent
WHERE tenant_id = %s AND contact_id = %s AND message_class = 'marketing' AND branch_id IS NULL ORDER BY channel
"""  # noqa: S608 - constants


async def marketing(uow: UnitOfWork, contact_id: UUID) -> dict[str, Consent]:
    """Returns a contact's tenant-wide marketing rows by channel."""
    rows = await uow.fetch_all(_MARKETING, (uow.tenant_id, contact_id))
    return {consent.key.channel: consent for consent in await consents_of(uow, rows)}


async def is_registered(uow: UnitOfWork, hashes: Sequence[bytes], registries: Sequence[str]) -> bool:
    """Returns whether one of these registries lists a number now, for any kind of messages."""
    if not hashes or not registries:
        return False
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM dnd_entry WHERE phone_hash = ANY(%(hashes)b::bytea[])"
            " AND registry = ANY(%(registries)b::text[]) AND removed_at IS NULL)",
            {"hashes": hash_array(hashes), "registries": list(registries)},
        )
    )
