"""SQL of soft bounces: they are counted per address until a delivery comes between, or become an entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.db.arrays import hashes as hash_array
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class SoftBounce:
    """One soft bounce of an address."""

    address_hash: bytes
    channel: str
    message_id: UUID
    contact_id: UUID | None
    bounced_at: datetime


_ROW = {
    "address_hash": "bytea",
    "channel": "text",
    "message_id": "uuid",
    "contact_id": "uuid",
    "bounced_at": "timestamptz",
}
_ADD = f"""
INSERT INTO soft_bounce (tenant_id, {", ".join(_ROW)})
SELECT %(tenant_id)s, {", ".join(_ROW)} FROM {named_unnest(_ROW)}
ON CONFLICT DO NOTHING
"""  # noqa: S608 - names are words of this module
_REACHED = """
SELECT address_hash, channel FROM soft_bounce
WHERE tenant_id = %(tenant_id)s AND address_hash = ANY(%(hashes)b::bytea[]) AND bounced_at > %(since)s
GROUP BY address_hash, channel HAVING count(*) >= %(limit)s
"""


async def add(uow: UnitOfWork, bounces: Sequence[SoftBounce]) -> None:
    """Notes soft bounces; a message counts once."""
    values = columns(
        [(one.address_hash, one.channel, one.message_id, one.contact_id, one.bounced_at) for one in bounces],
        len(_ROW),
    )
    await uow.execute(_ADD, {**dict(zip(_ROW, values, strict=True)), "tenant_id": uow.tenant_id})


async def reached(
    uow: UnitOfWork, hashes: Sequence[bytes], *, since: datetime, limit: int
) -> set[tuple[bytes, str]]:
    """Returns those addresses, with their channel, that bounced at least `limit` times since an instant."""
    rows = await uow.fetch_all(
        _REACHED,
        {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes), "since": since, "limit": limit},
    )
    return {(digest, channel) for digest, channel in rows}


async def forget(uow: UnitOfWork, hashes: Sequence[bytes]) -> None:
    """Starts the count of addresses anew."""
    await uow.execute(
        "DELETE FROM soft_bounce WHERE tenant_id = %(tenant_id)s AND address_hash = ANY(%(hashes)b::bytea[])",
        {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes)},
    )


# Which address a delivered message went to is known from the decision about it.
_FORGET_DELIVERED = """
DELETE FROM soft_bounce AS b USING decision AS d
WHERE b.tenant_id = %(tenant_id)s AND d.tenant_id = %(tenant_id)s AND d.message_id = ANY(%(messages)b::uuid[])
    AND d.channel = b.channel AND (d.contact_id = b.contact_id OR d.address_hash = b.address_hash)
    AND (d.created_at > b.bounced_at OR d.message_id = b.message_id)
"""


async def forget_delivered(uow: UnitOfWork, message_ids: Sequence[UUID]) -> None:
    """Starts the count anew for addresses that got one of these messages."""
    some = await uow.fetch_value(
        "SELECT EXISTS (SELECT FROM soft_bounce WHERE tenant_id = %s)", (uow.tenant_id,)
    )
    if some:
        await uow.execute(_FORGET_DELIVERED, {"tenant_id": uow.tenant_id, "messages": list(message_ids)})


async def delete_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes bounces too old to count; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM soft_bounce WHERE (tenant_id, address_hash, channel, message_id) IN"
        " (SELECT tenant_id, address_hash, channel, message_id FROM soft_bounce WHERE bounced_at < %s LIMIT %s)",
        (before, limit),
    )
