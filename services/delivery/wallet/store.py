"""The SQL of passes; what a pass shows is sealed with the key of its holder inside the tenant's (GEN-36)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.wallet.domain import Kind, State

_COLUMNS: Final = """pass_id, contact_id, ticket_ref, kind, state, version, issue, sealed, expires_at, download_expires_at,
created_at, updated_at, event_ref, offer_id"""

_GET: Final = f"SELECT {_COLUMNS} FROM wallet_pass WHERE tenant_id = %s AND pass_id = %s"

_OF_TICKET: Final = f"SELECT {_COLUMNS} FROM wallet_pass WHERE tenant_id = %s AND ticket_ref = %s"

_OF_CONTACT: Final = (
    f"SELECT {_COLUMNS} FROM wallet_pass WHERE tenant_id = %s AND contact_id = %s ORDER BY pass_id"
)

_LOCK_TICKET: Final = f"{_OF_TICKET} AND kind = %s FOR UPDATE"

_PUT: Final = """
INSERT INTO wallet_pass (tenant_id, pass_id, contact_id, ticket_ref, kind, state, version, issue, sealed, expires_at,
    download_expires_at, created_at, updated_at, event_ref, offer_id)
VALUES (%(tenant_id)s, %(pass_id)s, %(contact_id)s, %(ticket_ref)s, %(kind)s, %(state)s, %(version)s, %(issue)s,
    %(sealed)b, %(expires_at)s, %(download_expires_at)s, %(now)s, %(now)s, %(event_ref)s, %(offer_id)s)
ON CONFLICT (tenant_id, pass_id) DO UPDATE SET contact_id = excluded.contact_id, state = excluded.state,
    version = excluded.version, issue = excluded.issue, sealed = excluded.sealed, expires_at = excluded.expires_at,
    download_expires_at = excluded.download_expires_at, updated_at = excluded.updated_at,
    event_ref = excluded.event_ref, offer_id = excluded.offer_id
"""

_VOID: Final = """
UPDATE wallet_pass SET state = 2, updated_at = %s
WHERE tenant_id = %s AND ticket_ref = %s AND state = 1 RETURNING pass_id
"""

_VOID_BLOCK: Final = """
UPDATE wallet_pass SET state = 2, updated_at = %(now)s WHERE tenant_id = %(tenant_id)s AND pass_id IN (
    SELECT pass_id FROM wallet_pass
    WHERE tenant_id = %(tenant_id)s AND state = 1
        AND (event_ref = nullif(%(event_ref)s, '') OR ticket_ref = ANY(%(ticket_refs)s))
        AND (%(holders)s::uuid[] IS NULL OR contact_id = ANY(%(holders)s::uuid[]))
    ORDER BY pass_id LIMIT %(limit)s FOR UPDATE)
RETURNING pass_id
"""

_LOCK_EVENT: Final = f"""
SELECT {_COLUMNS} FROM wallet_pass
WHERE tenant_id = %s AND event_ref = %s AND state = 1 AND pass_id > %s ORDER BY pass_id LIMIT %s FOR UPDATE
"""

_LOCK_TICKETS: Final = f"""
SELECT {_COLUMNS} FROM wallet_pass
WHERE tenant_id = %s AND kind = ANY(%s) AND ticket_ref = ANY(%s) ORDER BY pass_id FOR UPDATE
"""

_OF_OFFER: Final = f"""
SELECT {_COLUMNS} FROM wallet_pass WHERE tenant_id = %s AND offer_id = %s ORDER BY kind, ticket_ref
"""

_EXPIRE: Final = """
UPDATE wallet_pass SET state = 3, updated_at = %(now)s WHERE (tenant_id, pass_id) IN (
    SELECT tenant_id, pass_id FROM wallet_pass WHERE state = 1 AND expires_at <= %(now)s
    ORDER BY expires_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
"""

_FORGET: Final = """
DELETE FROM wallet_pass WHERE (tenant_id, pass_id) IN (
    SELECT tenant_id, pass_id FROM wallet_pass WHERE expires_at < %s AND state <> 1 LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A pass as it is stored."""

    pass_id: UUID
    contact_id: UUID
    ticket_ref: str
    kind: Kind
    state: State
    version: int
    issue: int
    sealed: bytes
    expires_at: datetime
    download_expires_at: datetime
    created_at: datetime
    updated_at: datetime
    event_ref: str
    offer_id: UUID | None


async def get(uow: UnitOfWork, pass_id: UUID, *, for_update: bool = False) -> Row | None:
    """Returns a pass of the tenant."""
    query = f"{_GET} FOR UPDATE" if for_update else _GET
    return _row(await uow.fetch_one(query, (uow.tenant_id, pass_id)))


async def of_ticket(uow: UnitOfWork, ticket_ref: str) -> list[Row]:
    """Returns the passes of a ticket."""
    rows = await uow.fetch_all(_OF_TICKET, (uow.tenant_id, ticket_ref))
    return [found for row in rows if (found := _row(row))]


async def of_contact(uow: UnitOfWork, contact_id: UUID) -> list[Row]:
    """Returns the passes of a person."""
    rows = await uow.fetch_all(_OF_CONTACT, (uow.tenant_id, contact_id))
    return [found for row in rows if (found := _row(row))]


async def lock_ticket(uow: UnitOfWork, ticket_ref: str, kind: Kind) -> Row | None:
    """Locks and returns the pass of a ticket in one wallet."""
    return _row(await uow.fetch_one(_LOCK_TICKET, (uow.tenant_id, ticket_ref, int(kind))))


async def put(uow: UnitOfWork, row: Row) -> None:
    """Stores a pass, new or changed."""
    await uow.execute(
        _PUT,
        {
            "tenant_id": uow.tenant_id,
            "pass_id": row.pass_id,
            "contact_id": row.contact_id,
            "ticket_ref": row.ticket_ref,
            "kind": int(row.kind),
            "state": int(row.state),
            "version": row.version,
            "issue": row.issue,
            "sealed": row.sealed,
            "expires_at": row.expires_at,
            "download_expires_at": row.download_expires_at,
            "now": row.updated_at,
            "event_ref": row.event_ref,
            "offer_id": row.offer_id,
        },
    )


async def void(uow: UnitOfWork, ticket_ref: str) -> list[UUID]:
    """Voids the active passes of a ticket and returns which they were."""
    rows = await uow.fetch_all(_VOID, (uow.now(), uow.tenant_id, ticket_ref))
    return [pass_id for (pass_id,) in rows]


async def void_block(
    uow: UnitOfWork,
    event_ref: str,
    ticket_refs: Sequence[str],
    holders: Sequence[UUID] | None,
    limit: int,
) -> list[UUID]:
    """Voids active passes of an event and of tickets, of some holders if given; returns which they were."""
    values = {
        "now": uow.now(),
        "tenant_id": uow.tenant_id,
        "event_ref": event_ref,
        "ticket_refs": list(ticket_refs),
        "holders": None if holders is None else list(holders),
        "limit": limit,
    }
    return [pass_id for (pass_id,) in await uow.fetch_all(_VOID_BLOCK, values)]


async def lock_event(uow: UnitOfWork, event_ref: str, after: UUID, limit: int) -> list[Row]:
    """Locks and returns a block of the active passes of an event."""
    rows = await uow.fetch_all(_LOCK_EVENT, (uow.tenant_id, event_ref, after, limit))
    return [found for row in rows if (found := _row(row))]


async def lock_tickets(uow: UnitOfWork, ticket_refs: Sequence[str], kinds: Sequence[Kind]) -> list[Row]:
    """Locks and returns the passes of tickets in some wallets."""
    values = (uow.tenant_id, [int(one) for one in kinds], list(ticket_refs))
    return [found for row in await uow.fetch_all(_LOCK_TICKETS, values) if (found := _row(row))]


async def of_offer(uow: UnitOfWork, offer_id: UUID) -> list[Row]:
    """Returns the passes that were offered together, wallet by wallet."""
    rows = await uow.fetch_all(_OF_OFFER, (uow.tenant_id, offer_id))
    return [found for row in rows if (found := _row(row))]


async def expire(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Expires passes whose time is over; needs a unit of work across tenants."""
    return await uow.execute(_EXPIRE, {"now": now, "limit": limit})


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes passes that ended before an instant; needs a unit of work across tenants."""
    return await uow.execute(_FORGET, (before, limit))


async def erase(uow: UnitOfWork, contact_id: UUID) -> int:
    """Removes the passes of a person and returns how many there were."""
    return await uow.execute(
        "DELETE FROM wallet_pass WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )


def _row(found: Sequence[Any] | None) -> Row | None:
    if found is None:
        return None
    return Row(*(*found[:3], Kind(found[3]), State(found[4]), *found[5:]))
