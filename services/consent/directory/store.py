"""SQL of the contact directory."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.common.db.arrays import hashes as hash_array
from services.common.db.arrays import some
from services.common.db.arrays import uuids as uuid_array
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.consent.decisions.facts import ContactState
from services.consent.directory.domain import KnownContact

_FIELDS = {
    "contact_id": "uuid",
    "state": "text",
    "branch_id": "uuid",
    "language": "text",
    "time_zone": "text",
    "region_code": "text",
    "email_hash": "bytea",
    "email_hint": "text",
    "sms_hash": "bytea",
    "whatsapp_hash": "bytea",
    "phone_hint": "text",
    "hash_key_id": "text",
}
_NAMES = ", ".join(_FIELDS)

# An erased contact stays erased, whatever comes late.
_UPSERT = f"""
INSERT INTO contact AS known (tenant_id, {_NAMES}, seen_at, created_at, updated_at)
SELECT %(tenant_id)s, {_NAMES}, %(seen_at)s, %(now)s, %(now)s FROM {named_unnest(_FIELDS)}
ON CONFLICT (tenant_id, contact_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _FIELDS if name != "contact_id")},
    seen_at = excluded.seen_at, updated_at = excluded.updated_at
WHERE known.seen_at <= excluded.seen_at AND known.state <> 'erased'
"""


async def upsert(uow: UnitOfWork, contacts: Sequence[KnownContact], seen_at: datetime) -> int:
    """Stores what was seen of contacts at an instant, unless something newer is known; returns how many changed."""
    rows = sorted({contact.contact_id.bytes: contact for contact in contacts}.items())
    values = dict(
        zip(_FIELDS, columns([known[: len(_FIELDS)] for _, known in rows], len(_FIELDS)), strict=True)
    )
    return await uow.execute(
        _UPSERT,
        {
            **{name: some(column) for name, column in values.items()},
            "contact_id": uuid_array([contact for contact, _ in rows]),
            **{name: hash_array(some(values[name])) for name in ("email_hash", "sms_hash", "whatsapp_hash")},
            "tenant_id": uow.tenant_id,
            "seen_at": seen_at,
            "now": uow.now(),
        },
    )


async def states(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> dict[UUID, ContactState]:
    """Returns the states of those contacts that are known."""
    rows = await uow.fetch_all(
        "SELECT contact_id, state FROM contact WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(ids)b::uuid[])",
        {"tenant_id": uow.tenant_id, "ids": list(contact_ids)},
    )
    return dict(rows)


async def block_states(uow: UnitOfWork, contacts: Sequence[bytes]) -> dict[bytes, ContactState]:
    """Returns the states of those contacts of a block that are known, all by the 16 bytes of their ids."""
    rows = await uow.fetch_all(
        "SELECT uuid_send(contact_id), state FROM contact"
        " WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(ids)b::uuid[])",
        {"tenant_id": uow.tenant_id, "ids": uuid_array(contacts)},
    )
    return dict(rows)


# A number shared by several contacts stands for the one known longest.
_BY_ADDRESS = """
SELECT asked.hash, known.contact_id
FROM unnest(%(hashes)b::bytea[]) AS asked (hash)
CROSS JOIN LATERAL (
    SELECT contact_id FROM contact
    WHERE tenant_id = %(tenant_id)s AND {column} = asked.hash AND state <> 'erased'
    ORDER BY contact_id LIMIT 1
) AS known
"""
_BEHIND = {
    channel: _BY_ADDRESS.format(column=column)
    for channel, column in {"email": "email_hash", "sms": "sms_hash", "whatsapp": "sms_hash"}.items()
}


def directory_channel(channel: str) -> str | None:
    """Returns the channel whose hash finds a contact by an address, or None where the directory knows none."""
    return {"email": "email", "sms": "sms", "whatsapp": "sms"}.get(channel)


def behind(uow: UnitOfWork, channel: str, hashes: Sequence[bytes]) -> tuple[str, dict[str, Any]]:
    """Returns the statement for the contacts behind hashes made for `directory_channel(channel)`: hash and contact."""
    return _BEHIND[channel], {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes)}


async def by_address(uow: UnitOfWork, channel: str, hashes: Sequence[bytes]) -> dict[bytes, UUID]:
    """Returns the contacts behind hashes made for `directory_channel(channel)`."""
    return dict(await uow.fetch_all(*behind(uow, channel, hashes)))


async def hints(uow: UnitOfWork, contact_id: UUID) -> dict[str, str]:
    """Returns the masked addresses of a contact by channel."""
    row = await uow.fetch_one(
        "SELECT email_hint, phone_hint FROM contact WHERE tenant_id = %s AND contact_id = %s",
        (uow.tenant_id, contact_id),
    )
    email, phone = row or (None, None)
    known = {"email": email, "sms": phone, "whatsapp": phone}
    return {channel: text for channel, text in known.items() if text}


_ADDRESSES = """
SELECT c.contact_id, known.channel, known.hash, coalesce(known.hint, ''), coalesce(c.hash_key_id, '')
FROM contact AS c
CROSS JOIN LATERAL (VALUES
    ('email', c.email_hash, c.email_hint),
    ('sms', c.sms_hash, c.phone_hint),
    ('whatsapp', c.whatsapp_hash, c.phone_hint)
) AS known (channel, hash, hint)
WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = ANY(%(ids)b::uuid[]) AND known.hash IS NOT NULL
"""


async def addresses(
    uow: UnitOfWork, contact_ids: Sequence[UUID]
) -> list[tuple[UUID | None, str, bytes, str, str]]:
    """Returns the known addresses of contacts: contact, channel, hash, masked form, key of the hash."""
    rows = await uow.fetch_all(_ADDRESSES, {"tenant_id": uow.tenant_id, "ids": list(contact_ids)})
    return [(contact, channel, digest, hint, key_id) for contact, channel, digest, hint, key_id in rows]
