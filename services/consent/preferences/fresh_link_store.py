"""SQL of askings for fresh links."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.common.db.arrays import hashes as hash_array
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody's wish for a fresh link, at an address that may be anybody's."""

    request_id: UUID
    purpose: str
    """The page the old link led to."""
    channel: str
    """The channel the old link stopped; empty for every channel."""
    sealed_address: bytes = field(repr=False)
    language: str
    """Language of the page; empty when unknown."""
    expires_at: datetime


async def add(uow: UnitOfWork, asked: Asked) -> None:
    """Notes an asking."""
    await uow.execute(
        "INSERT INTO fresh_link"
        " (tenant_id, request_id, purpose, channel, sealed_address, language, expires_at, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            uow.tenant_id,
            asked.request_id,
            asked.purpose,
            asked.channel or None,
            asked.sealed_address,
            asked.language or None,
            asked.expires_at,
            uow.now(),
        ),
    )


async def by_id(uow: UnitOfWork, request_id: UUID) -> Asked | None:
    """Returns an asking; None when there is none, or it was long ago."""
    row = await uow.fetch_one(
        "SELECT request_id, purpose, coalesce(channel, ''), sealed_address, coalesce(language, ''), expires_at"
        " FROM fresh_link WHERE tenant_id = %s AND request_id = %s",
        (uow.tenant_id, request_id),
    )
    return Asked(*row) if row else None


_KNOWN_ON = """
SELECT channel FROM consent WHERE tenant_id = %(tenant_id)s AND address_hash = ANY(%(hashes)b::bytea[])
UNION SELECT channel FROM suppression WHERE tenant_id = %(tenant_id)s AND identifier_hash = ANY(%(hashes)b::bytea[])
"""


async def known_on(uow: UnitOfWork, hashes: Sequence[bytes]) -> set[str]:
    """Returns the channels of consents and suppression entries of an address by its hashes, `all` for every one."""
    rows = await uow.fetch_all(_KNOWN_ON, {"tenant_id": uow.tenant_id, "hashes": hash_array(hashes)})
    return {channel for (channel,) in rows}


async def delete_over(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Forgets askings whose time passed, with their addresses; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM fresh_link WHERE (tenant_id, request_id) IN"
        " (SELECT tenant_id, request_id FROM fresh_link WHERE expires_at <= %s LIMIT %s)",
        (now, limit),
    )
