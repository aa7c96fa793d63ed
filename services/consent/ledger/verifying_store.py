"""SQL of reading chains: block by block for a verification, whole for a receipt."""

from collections.abc import AsyncIterator, Sequence
from typing import Literal
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.consent.ledger.domain import StoredEntry
from services.consent.ledger.store import ENTRY_COLUMNS, HEAD_COLUMNS, SealedHead, head_of, stored_entries


async def heads_after(uow: UnitOfWork, tenant_id: UUID, after: UUID | None, limit: int) -> list[SealedHead]:
    """Returns the next heads of a tenant by their chains' ids."""
    rows = await uow.fetch_all(
        f"SELECT {HEAD_COLUMNS} FROM consent_chain WHERE tenant_id = %(tenant_id)s"  # noqa: S608 - names are words of this package
        " AND (%(after)s::uuid IS NULL OR chain_id > %(after)s) ORDER BY chain_id LIMIT %(limit)s",
        {"tenant_id": tenant_id, "after": after, "limit": limit},
    )
    return [head_of(tenant_id, row) for row in rows]


async def entries_between(
    uow: UnitOfWork, tenant_id: UUID, after: UUID | None, last: UUID | None
) -> AsyncIterator[list[StoredEntry]]:
    """Yields blocks of the entries of chains behind one id, up to another, by chain and place."""
    query = (
        f"SELECT {ENTRY_COLUMNS} FROM consent_audit WHERE tenant_id = %(tenant_id)s AND chain_id IS NOT NULL"  # noqa: S608 - names are words of this package
        " AND (%(after)s::uuid IS NULL OR chain_id > %(after)s) AND (%(last)s::uuid IS NULL OR chain_id <= %(last)s)"
        " ORDER BY chain_id, sequence, consent_audit_id"
    )
    async for rows in uow.stream(query, {"tenant_id": tenant_id, "after": after, "last": last}, size=5000):
        yield await stored_entries(uow, rows)


_THESE = "WHERE tenant_id = %(tenant_id)s AND chain_id = ANY(%(chains)b::uuid[])"


async def chains(
    uow: UnitOfWork, tenant_id: UUID, chain_ids: Sequence[UUID]
) -> tuple[list[SealedHead], list[StoredEntry]]:
    """Returns chains whole, with what makes their people wait already taken."""
    parameters = {"tenant_id": tenant_id, "chains": list(chain_ids)}
    heads, entries = await uow.run_together(
        (
            f"SELECT {HEAD_COLUMNS} FROM consent_chain {_THESE}",  # noqa: S608 - names are words of this package
            parameters,
        ),
        (
            f"SELECT {ENTRY_COLUMNS} FROM consent_audit {_THESE} ORDER BY chain_id, sequence, consent_audit_id",  # noqa: S608 - names are words of this package
            parameters,
        ),
    )
    return [head_of(tenant_id, row) for row in heads.rows], await stored_entries(uow, entries.rows)


async def totals(uow: UnitOfWork, tenant_id: UUID) -> int:
    """Returns how many entries the heads of a tenant's chains tell of."""
    found: int = await uow.fetch_value(
        "SELECT coalesce(sum(last_sequence), 0)::int8 FROM consent_chain WHERE tenant_id = %(tenant_id)s",
        {"tenant_id": tenant_id},
    )
    return found


_CHAIN_IDS = """
SELECT chain_id FROM consent_chain WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s
UNION SELECT chain_id FROM consent_audit
WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s AND chain_id IS NOT NULL
"""


async def chains_of(uow: UnitOfWork, tenant_id: UUID, contact_id: UUID) -> list[UUID]:
    """Returns the chains that say they are about a contact."""
    rows = await uow.fetch_all(_CHAIN_IDS, {"tenant_id": tenant_id, "contact_id": contact_id})
    return sorted(chain_id for (chain_id,) in rows)


_UNTOLD = """
SELECT count(*), (array_agg(person ORDER BY person DESC))[1],
    coalesce(array_agg(person) FILTER (WHERE h.chain_id IS NULL), '{{}}')
FROM (
    SELECT DISTINCT {column} AS person FROM consent
    WHERE tenant_id = %(tenant_id)s AND {column} IS NOT NULL AND (%(after)s::{kind} IS NULL OR {column} > %(after)s)
    ORDER BY person LIMIT %(limit)s
) AS people
LEFT JOIN consent_chain AS h ON h.tenant_id = %(tenant_id)s AND h.{column} = person
"""
UNTOLD_PEOPLE = 10_000
_KINDS = {"contact_id": "uuid", "address_hash": "bytea"}


async def untold(
    uow: UnitOfWork, tenant_id: UUID, column: Literal["contact_id", "address_hash"], after: object
) -> tuple[object, list[object]]:
    """Looks at the next people who have consents, and returns the last of them and those no chain tells of.

    The last is None when there are no more.
    """
    row = await uow.fetch_one(
        _UNTOLD.format(column=column, kind=_KINDS[column]),
        {"tenant_id": tenant_id, "after": after, "limit": UNTOLD_PEOPLE},
    )
    count, last, missing = row or (0, None, [])
    return last if count == UNTOLD_PEOPLE else None, missing


async def is_untold(uow: UnitOfWork, tenant_id: UUID, contact_id: UUID) -> bool:
    """Returns whether a contact has a consent and no chain that tells of it."""
    return bool(
        await uow.fetch_value(
            "SELECT EXISTS (SELECT FROM consent WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)"
            " AND NOT EXISTS (SELECT FROM consent_chain"
            " WHERE tenant_id = %(tenant_id)s AND contact_id = %(contact_id)s)",
            {"tenant_id": tenant_id, "contact_id": contact_id},
        )
    )
