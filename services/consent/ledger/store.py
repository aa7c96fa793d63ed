"""SQL of the ledger: heads and entries, a block of any size in a fixed number of statements."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import Any, Literal
from uuid import UUID

from psycopg import sql

from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.consent.arrays import hashes as hash_array
from services.consent.ledger.canonical import canonical
from services.consent.ledger.domain import Entry, Head, Personal, StoredEntry
from services.consent.locks import lock_statement


@dataclass(frozen=True, slots=True)
class SealedHead:
    """A head as it is stored, with its seal."""

    head: Head
    mac: bytes
    key_id: str
    updated_at: datetime


_HEAD = (
    "chain_id, contact_id, address_hash, last_sequence, last_hash, erased_at IS NOT NULL, foreign_at IS NOT NULL,"
    " mac, key_id, updated_at"
)
_HEADS = f"""
SELECT {_HEAD} FROM consent_chain WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(contacts)b::uuid[])
UNION ALL
SELECT {_HEAD} FROM consent_chain WHERE tenant_id = %(tenant_id)s AND address_hash = ANY(%(hashes)b::bytea[])
"""


def _head(tenant_id: UUID, row: Sequence[Any]) -> SealedHead:
    return SealedHead(Head(tenant_id, *row[:7]), *row[7:])


async def locked_heads(
    uow: UnitOfWork, tenant_id: UUID, contacts: Sequence[UUID], hashes: Sequence[bytes]
) -> list[SealedHead]:
    """Makes other changes of these people wait, and returns the heads of their chains, in one round trip."""
    keys = [*(contact_id.bytes for contact_id in contacts), *hashes]
    _, found = await uow.run_together(
        lock_statement(tenant_id, keys),
        (_HEADS, {"tenant_id": tenant_id, "contacts": list(contacts), "hashes": hash_array(hashes)}),
    )
    return [_head(tenant_id, row) for row in found.rows]


_NEW = {
    "chain_id": "uuid",
    "contact_id": "uuid",
    "address_hash": "bytea",
    "last_sequence": "int8",
    "last_hash": "bytea",
    "mac": "bytea",
}
_INSERT_HEADS = f"""
INSERT INTO consent_chain (tenant_id, {", ".join(_NEW)}, key_id, created_at, updated_at)
SELECT %(tenant_id)s, {", ".join(_NEW)}, %(key_id)s, %(now)s, %(now)s FROM {named_unnest(_NEW)}
"""
_MOVED = {
    "chain": "uuid",
    "was": "int8",
    "sequence": "int8",
    "hash": "bytea",
    "seal": "bytea",
    "at": "timestamptz",
    "is_foreign": "bool",
}
_MOVE_HEADS = f"""
UPDATE consent_chain SET last_sequence = sequence, last_hash = hash, mac = seal, key_id = %(key_id)s, updated_at = at,
    foreign_at = CASE WHEN is_foreign THEN coalesce(foreign_at, at) END
FROM {named_unnest(_MOVED)}
WHERE tenant_id = %(tenant_id)s AND chain_id = chain AND last_sequence = was
"""
_ROW = {
    "consent_audit_id": "uuid",
    "chain_id": "uuid",
    "sequence": "int8",
    "previous_hash": "bytea",
    "entry_hash": "bytea",
    "commitment": "bytea",
    "salt": "bytea",
    "contact_id": "uuid",
    "address_hash": "bytea",
    "ip_address": "text",
    "user_agent": "text",
    "evidence": "text",
    "change_reason": "text",
    "field_changed": "text",
    "old_value": "text",
    "new_value": "text",
    "channel": "text",
    "message_class": "text",
    "branch_id": "uuid",
    "change_source": "text",
    "created_by": "text",
    "created_at": "timestamptz",
    "source": "text",
    "wording_version": "text",
    "jurisdiction": "text",
    "expires_at": "timestamptz",
    "occurred_at": "timestamptz",
}
_CASTS = {"ip_address": "ip_address::inet", "evidence": "evidence::jsonb"}
_INSERT_ENTRIES = f"""
INSERT INTO consent_audit (tenant_id, {", ".join(_ROW)})
SELECT %(tenant_id)s, {", ".join(_CASTS.get(name, name) for name in _ROW)} FROM {named_unnest(_ROW)}
"""


async def write(
    uow: UnitOfWork,
    tenant_id: UUID,
    *,
    new: Sequence[tuple[Head, bytes]],
    moved: Sequence[tuple[int, datetime, Head, bytes]],
    entries: Sequence[StoredEntry],
    key_id: str,
) -> int:
    """Writes entries with the heads they lead to, in one round trip; returns how many of the moved heads moved.

    Args:
        uow: The unit of work; the subjects are locked.
        tenant_id: The tenant.
        new: Heads of new chains, with their seals.
        moved: For each other head, where it stood, when it moved, as it now stands, and its seal.
        entries: The entries.
        key_id: Key of the seals.
    """
    common = {"tenant_id": tenant_id, "key_id": key_id}
    fresh = columns(
        [
            (head.chain_id, head.contact_id, head.address_hash, head.last_sequence, head.last_hash, mac)
            for head, mac in new
        ],
        len(_NEW),
    )
    steps = columns(
        [
            (head.chain_id, was, head.last_sequence, head.last_hash, mac, at, head.is_foreign)
            for was, at, head, mac in moved
        ],
        len(_MOVED),
    )
    rows = columns([_row(one) for one in entries], len(_ROW))
    results = await uow.run_together(
        (_INSERT_HEADS, {**dict(zip(_NEW, fresh, strict=True)), **common, "now": uow.now()}),
        (_MOVE_HEADS, {**dict(zip(_MOVED, steps, strict=True)), **common}),
        (_INSERT_ENTRIES, {**dict(zip(_ROW, rows, strict=True)), "tenant_id": tenant_id}),
    )
    return results[1].rowcount


def _row(stored: StoredEntry) -> tuple[Any, ...]:
    entry, personal = stored.entry, stored.personal
    return (
        entry.audit_id,
        entry.chain_id,
        entry.sequence,
        entry.previous_hash,
        stored.entry_hash,
        entry.commitment,
        stored.salt,
        personal.contact_id,
        personal.address_hash,
        personal.ip_address,
        personal.user_agent,
        personal.evidence,
        personal.change_reason,
        entry.field_changed,
        entry.old_value,
        entry.new_value,
        entry.channel,
        entry.message_class,
        entry.branch_id,
        entry.change_source,
        entry.created_by,
        entry.created_at,
        entry.source,
        entry.wording_version,
        entry.jurisdiction,
        entry.expires_at,
        entry.occurred_at,
    )


_ENTRY = (
    "tenant_id, consent_audit_id, chain_id, sequence, previous_hash, field_changed, old_value, new_value, channel,"
    " message_class, branch_id, change_source, created_by, created_at, source, wording_version, jurisdiction,"
    " expires_at, occurred_at, commitment, contact_id, address_hash, host(ip_address), user_agent, evidence::text,"
    " change_reason, salt, entry_hash"
)


def stored_entry(row: Sequence[Any]) -> StoredEntry:
    """Returns an entry from a row of its columns."""
    contact_id, address_hash, ip_address, user_agent, evidence, reason = row[20:26]
    personal = Personal(contact_id, address_hash, ip_address, user_agent, canonical_text(evidence), reason)
    return StoredEntry(Entry(*row[:20]), personal, row[26], row[27])


@lru_cache(maxsize=1024)
def canonical_text(evidence: str | None) -> str | None:
    """Returns JSON in its canonical form; evidence of many entries is the same."""
    return None if evidence is None else canonical(loads(evidence))


async def heads_after(uow: UnitOfWork, tenant_id: UUID, after: UUID | None, limit: int) -> list[SealedHead]:
    """Returns the next heads of a tenant by their chains' ids."""
    rows = await uow.fetch_all(
        f"SELECT {_HEAD} FROM consent_chain WHERE tenant_id = %(tenant_id)s"
        " AND (%(after)s::uuid IS NULL OR chain_id > %(after)s) ORDER BY chain_id LIMIT %(limit)s",
        {"tenant_id": tenant_id, "after": after, "limit": limit},
    )
    return [_head(tenant_id, row) for row in rows]


async def entries_between(
    uow: UnitOfWork, tenant_id: UUID, after: UUID | None, last: UUID | None
) -> AsyncIterator[list[StoredEntry]]:
    """Yields blocks of the entries of chains behind one id, up to another, by chain and place."""
    query = (
        f"SELECT {_ENTRY} FROM consent_audit WHERE tenant_id = %(tenant_id)s AND chain_id IS NOT NULL"
        " AND (%(after)s::uuid IS NULL OR chain_id > %(after)s) AND (%(last)s::uuid IS NULL OR chain_id <= %(last)s)"
        " ORDER BY chain_id, sequence, consent_audit_id"
    )
    async for rows in uow.stream(query, {"tenant_id": tenant_id, "after": after, "last": last}, size=5000):
        yield [stored_entry(row) for row in rows]


_THESE = "WHERE tenant_id = %(tenant_id)s AND chain_id = ANY(%(chains)b::uuid[])"


async def chains(
    uow: UnitOfWork, tenant_id: UUID, chain_ids: Sequence[UUID]
) -> tuple[list[SealedHead], list[StoredEntry]]:
    """Returns chains whole, with what makes their people wait already taken."""
    parameters = {"tenant_id": tenant_id, "chains": list(chain_ids)}
    heads, entries = await uow.run_together(
        (
            f"SELECT {_HEAD} FROM consent_chain {_THESE}",
            parameters,
        ),
        (
            f"SELECT {_ENTRY} FROM consent_audit {_THESE} ORDER BY chain_id, sequence, consent_audit_id",
            parameters,
        ),
    )
    return [_head(tenant_id, row) for row in heads.rows], [stored_entry(row) for row in entries.rows]


async def totals(uow: UnitOfWork, tenant_id: UUID) -> int:
    """Returns how many entries the heads of a tenant's chains tell of."""
    found: int = await uow.fetch_value(
        "SELECT coalesce(sum(last_sequence), 0)::int8 FROM consent_chain WHERE tenant_id = %(tenant_id)s",
        {"tenant_id": tenant_id},
    )
    return found


def evidence_text(evidence: Mapping[str, Any] | None) -> str | None:
    """Returns evidence as it is stored and hashed; None when there is none."""
    return canonical(evidence) if evidence else None


_ERASED = {"chain": "uuid", "stand_in": "uuid", "seal": "bytea", "is_foreign": "bool"}
_ERASE_HEADS = f"""
UPDATE consent_chain SET contact_id = stand_in, address_hash = NULL, mac = seal, key_id = %(key_id)s,
    erased_at = %(now)s, updated_at = %(now)s, foreign_at = CASE WHEN is_foreign THEN coalesce(foreign_at, %(now)s) END
FROM {named_unnest(_ERASED)}
WHERE tenant_id = %(tenant_id)s AND chain_id = chain
"""
_GONE = {"gone_contact": "uuid", "gone_address": "bytea", "stand_in": "uuid"}
_ERASE_ENTRIES = f"""
UPDATE consent_audit SET contact_id = stand_in, address_hash = NULL, ip_address = NULL, user_agent = NULL,
    evidence = NULL, change_reason = NULL, salt = NULL
FROM {named_unnest(_GONE)}
WHERE tenant_id = %(tenant_id)s AND {{column}} = {{gone}}
"""


async def erase(
    uow: UnitOfWork,
    role: str,
    heads: Sequence[tuple[Head, bytes]],
    people: Sequence[tuple[UUID | None, bytes | None, UUID]],
    key_id: str,
) -> int:
    """Puts stand-ins in the place of people, in the role that may; returns how many entries changed.

    Args:
        uow: The unit of work; the people are locked.
        role: The role of erasures.
        heads: Heads as they stand afterwards, with their seals.
        people: Contact or address hash, and the stand-in for it.
        key_id: Key of the seals.
    """
    changed = columns(
        [(head.chain_id, head.contact_id, mac, head.is_foreign) for head, mac in heads], len(_ERASED)
    )
    gone = dict(zip(_GONE, columns(people, len(_GONE)), strict=True))
    common = {"tenant_id": uow.tenant_id, "key_id": key_id, "now": uow.now()}
    enter = sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role))
    _, _, contacts, addresses, _ = await uow.run_together(
        (enter, ()),
        (_ERASE_HEADS, {**dict(zip(_ERASED, changed, strict=True)), **common}),
        (_ERASE_ENTRIES.format(column="contact_id", gone="gone_contact"), {**gone, **common}),
        (_ERASE_ENTRIES.format(column="address_hash", gone="gone_address"), {**gone, **common}),
        ("RESET ROLE", ()),
    )
    return contacts.rowcount + addresses.rowcount


_FORGET = """
WITH gone AS (
    DELETE FROM consent_chain WHERE (tenant_id, chain_id) IN (
        SELECT tenant_id, chain_id FROM consent_chain WHERE erased_at < %(before)s LIMIT %(limit)s
    ) RETURNING tenant_id, chain_id
), entries AS (
    DELETE FROM consent_audit AS a USING gone
    WHERE a.tenant_id = gone.tenant_id AND a.chain_id = gone.chain_id
)
SELECT count(*) FROM gone
"""


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes chains of people erased before an instant, whole; needs a unit of work across tenants."""
    found: int = await uow.fetch_value(_FORGET, {"before": before, "limit": limit})
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
