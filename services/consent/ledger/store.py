"""SQL of the ledger: heads and entries, a block of any size in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import Any
from uuid import UUID

from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.consent import proofs
from services.consent.arrays import hashes as hash_array
from services.consent.ledger.canonical import canonical
from services.consent.ledger.domain import Entry, Head, Personal, StoredEntry
from services.consent.locks import lock_statement
from services.consent.proofs import Proof


@dataclass(frozen=True, slots=True)
class SealedHead:
    """A head as it is stored, with its seal."""

    head: Head
    mac: bytes
    key_id: str
    updated_at: datetime


HEAD_COLUMNS = (
    "chain_id, contact_id, address_hash, last_sequence, last_hash, erased_at IS NOT NULL, foreign_at IS NOT NULL,"
    " mac, key_id, updated_at"
)
_HEADS = f"""
SELECT {HEAD_COLUMNS} FROM consent_chain WHERE tenant_id = %(tenant_id)s AND contact_id = ANY(%(contacts)b::uuid[])
UNION ALL
SELECT {HEAD_COLUMNS} FROM consent_chain WHERE tenant_id = %(tenant_id)s AND address_hash = ANY(%(hashes)b::bytea[])
"""


def head_of(tenant_id: UUID, row: Sequence[Any]) -> SealedHead:
    """Returns a head from a row of `HEAD_COLUMNS`."""
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
    return [head_of(tenant_id, row) for row in found.rows]


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
    "sealed_proof": "bytea",
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
    own = [_proof(one) for one in entries]
    made = await proofs.seal(
        uow,
        [
            (one.personal.contact_id if one.sealed is None else None, proof)
            for one, proof in zip(entries, own, strict=True)
        ],
    )
    sealed = [new if one.sealed is None else one.sealed for one, new in zip(entries, made, strict=True)]
    rows = columns([_row(*one) for one in zip(entries, own, sealed, strict=True)], len(_ROW))
    results = await uow.run_together(
        (_INSERT_HEADS, {**dict(zip(_NEW, fresh, strict=True)), **common, "now": uow.now()}),
        (_MOVE_HEADS, {**dict(zip(_MOVED, steps, strict=True)), **common}),
        (_INSERT_ENTRIES, {**dict(zip(_ROW, rows, strict=True)), "tenant_id": tenant_id}),
    )
    return results[1].rowcount


def _proof(stored: StoredEntry) -> Proof:
    personal = stored.personal
    return Proof(
        personal.evidence, personal.ip_address, personal.user_agent, personal.change_reason, stored.salt
    )


def _row(stored: StoredEntry, proof: Proof, sealed: bytes | None) -> tuple[Any, ...]:
    entry, personal = stored.entry, stored.personal
    if sealed is not None:
        proof = proofs.NOTHING
    return (
        entry.audit_id,
        entry.chain_id,
        entry.sequence,
        entry.previous_hash,
        stored.entry_hash,
        entry.commitment,
        proof.salt,
        sealed,
        personal.contact_id,
        personal.address_hash,
        proof.ip_address,
        proof.user_agent,
        proof.evidence,
        proof.reason,
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


ENTRY_COLUMNS = (
    "tenant_id, consent_audit_id, chain_id, sequence, previous_hash, field_changed, old_value, new_value, channel,"
    " message_class, branch_id, change_source, created_by, created_at, source, wording_version, jurisdiction,"
    " expires_at, occurred_at, commitment, contact_id, address_hash, host(ip_address), user_agent, evidence::text,"
    " change_reason, salt, entry_hash, sealed_proof"
)


async def stored_entries(uow: UnitOfWork, rows: Sequence[Sequence[Any]]) -> list[StoredEntry]:
    """Returns entries from rows of their columns, their proofs opened."""
    found = await proofs.opened(uow, [(row[20], row[28]) for row in rows])
    return [_stored(row, proof) for row, proof in zip(rows, found, strict=True)]


def _stored(row: Sequence[Any], proof: Proof | None) -> StoredEntry:
    contact_id, address_hash, ip_address, user_agent, evidence, reason, salt, digest = row[20:28]
    plain = Proof(canonical_text(evidence), ip_address, user_agent, reason, salt)
    # Beside a sealed proof nothing stands in plain words; what somebody wrote there is not passed over.
    if proof is None or plain != proofs.NOTHING:
        proof = plain
    personal = Personal(
        contact_id, address_hash, proof.ip_address, proof.user_agent, proof.evidence, proof.reason
    )
    return StoredEntry(Entry(*row[:20]), personal, proof.salt, digest)


@lru_cache(maxsize=1024)
def canonical_text(evidence: str | None) -> str | None:
    """Returns JSON in its canonical form; evidence of many entries is the same."""
    return None if evidence is None else canonical(loads(evidence))


def evidence_text(evidence: Mapping[str, Any] | None) -> str | None:
    """Returns evidence as it is stored and hashed; None when there is none."""
    return canonical(evidence) if evidence else None
