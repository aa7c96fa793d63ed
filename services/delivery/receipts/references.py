"""Messages by the names their providers give them, where those echo nothing of ours (DEL-85).

A name is written when its provider takes a message, and found again by its receipts; a provider that names a message
twice tells both names in one receipt.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.receipts.parsed import NO_MESSAGE, Row

_ADD = """
INSERT INTO provider_reference (tenant_id, account_id, provider_message_id, message_id)
SELECT r.tenant_id, %(account_id)s, r.name, r.id
FROM unnest(%(tenants)b::uuid[], %(names)b::text[], %(ids)b::uuid[]) AS r (tenant_id, name, id)
ON CONFLICT DO NOTHING
"""

_FIND = """
SELECT provider_message_id, tenant_id, uuid_send(message_id) FROM provider_reference
WHERE account_id = %(account_id)s AND provider_message_id = ANY (%(names)b::text[])
"""

# What was heard before the name was written gets its message, and a platform's its tenant; matching goes on from there.
_NAME_WAITING = """
UPDATE receipt r SET tenant_id = p.tenant_id, message_id = p.message_id
FROM (SELECT w.tenant_id, w.message_id, w.receipt_id, n.tenant_id, n.message_id FROM receipt w
    JOIN provider_reference n ON n.account_id = w.account_id AND n.provider_message_id = w.provider_message_id
    WHERE w.state = 2 AND (w.tenant_id = %(nobody)s OR (w.message_id = %(nobody)s AND w.tenant_id = n.tenant_id))
    ORDER BY w.received_at LIMIT %(limit)s) AS p (heard_by, called, receipt_id, tenant_id, message_id)
WHERE r.tenant_id = p.heard_by AND r.message_id = p.called AND r.receipt_id = p.receipt_id AND r.state = 2
  AND NOT EXISTS (SELECT 1 FROM receipt k WHERE k.tenant_id = p.tenant_id AND k.message_id = p.message_id
    AND k.receipt_id = p.receipt_id)
"""

_FORGET = """
DELETE FROM provider_reference WHERE (tenant_id, account_id, provider_message_id) IN (
    SELECT tenant_id, account_id, provider_message_id FROM provider_reference WHERE created_at < %s LIMIT %s)
"""

_NOBODY = UUID(int=0)


class Named(NamedTuple):
    """A message of a tenant, and one of the names its provider has for it."""

    tenant_id: UUID
    message_id: bytes
    name: str


def add(uow: UnitOfWork, account_id: UUID, named: Sequence[Named]) -> None:
    """Writes names with the transaction; one that is known stays whose it is."""
    if named:
        uow.defer(
            _ADD,
            {
                "account_id": account_id,
                "tenants": columns.uuids([one.tenant_id.bytes for one in named]),
                "names": columns.texts([one.name for one in named]),
                "ids": columns.uuids([one.message_id for one in named]),
            },
        )


async def resolve(uow: UnitOfWork, account_id: UUID, tenant_id: UUID, rows: Sequence[Row]) -> list[Row]:
    """Returns receipts with the messages their names stand for, and learns other names of these.

    Needs a unit of work across tenants: a platform's account (tenant 0) carries messages of all of them.
    """
    asked = [row for row in rows if _is_asked(row, tenant_id)]
    names = {name for row in asked for name in (row.provider_message_id, row.also_named) if name}
    found = await _find(uow, account_id, tenant_id, names)
    resolved, learned = [], []
    for row in rows:
        one = None
        if _is_asked(row, tenant_id):
            one = found.get(row.provider_message_id) or found.get(row.also_named)
        if one is None:
            resolved.append(row)
            continue
        resolved.append(replace(row, message_id=one.message_id, tenant_id=one.tenant_id))
        learned += [
            Named(one.tenant_id, one.message_id, name)
            for name in (row.provider_message_id, row.also_named)
            if name and name not in found
        ]
    add(uow, account_id, learned)
    return resolved


async def name_waiting(uow: UnitOfWork, limit: int) -> int:
    """Gives messages to receipts that were heard before their names were known; needs a unit of work across tenants."""
    return await uow.execute(_NAME_WAITING, {"nobody": _NOBODY, "limit": limit})


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes names written before an instant; needs a unit of work across tenants (GEN-47)."""
    return await uow.execute(_FORGET, (before, limit))


def is_needed(rows: Iterable[Row], tenant_id: UUID) -> bool:
    """Returns whether any receipt names its message, or of a platform's account its tenant, by its provider's name only."""
    return any(_is_asked(row, tenant_id) for row in rows)


def _is_asked(row: Row, tenant_id: UUID) -> bool:
    is_whose_unknown = tenant_id == _NOBODY and row.tenant_id is None
    return bool(row.provider_message_id) and (row.message_id == NO_MESSAGE or is_whose_unknown)


async def _find(
    uow: UnitOfWork, account_id: UUID, tenant_id: UUID, names: Iterable[str]
) -> Mapping[str, Named]:
    rows = await uow.fetch_all(_FIND, {"account_id": account_id, "names": columns.texts(sorted(names))})
    return {
        name: Named(owner, message_id, name)
        for name, owner, message_id in rows
        if tenant_id in (owner, _NOBODY)
    }
