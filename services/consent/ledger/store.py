"""SQL of the ledger: heads and entries, a block of any size in a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json import loads
from typing import Any, NamedTuple
from uuid import UUID

from services.common.db.arrays import Array, blobs, instants, ints, some
from services.common.db.arrays import hashes as hash_array
from services.common.db.arrays import uuids as uuid_array
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork
from services.consent import proofs
from services.consent.ledger.canonical import canonical
from services.consent.ledger.domain import Entry, Head, Kind, Personal, StoredEntry
from services.consent.ledger.lines import Line
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
    uow: UnitOfWork, tenant_id: UUID, contacts: Sequence[bytes], hashes: Sequence[bytes]
) -> list[SealedHead]:
    """Makes other changes of these people wait, and returns the heads of their chains, in one round trip.

    Contacts are named by the 16 bytes of their ids.
    """
    _, found = await uow.run_together(
        lock_statement(tenant_id, [*contacts, *hashes]),
        (_HEADS, {"tenant_id": tenant_id, "contacts": uuid_array(contacts), "hashes": hash_array(hashes)}),
    )
    return [head_of(tenant_id, row) for row in found.rows]


class NewHead(NamedTuple):
    """The head of a chain that begins; its fields are the columns."""

    chain_id: bytes
    contact_id: bytes | None
    address_hash: bytes | None
    last_sequence: int
    last_hash: bytes
    mac: bytes


class MovedHead(NamedTuple):
    """The head of a chain that went on: where it stood, and where it stands."""

    chain_id: bytes
    was: int
    sequence: int
    digest: bytes
    mac: bytes
    at: int
    """Microseconds since 1970."""
    is_foreign: bool


class ChainedLine(NamedTuple):
    """A line at its place in a chain."""

    line: Line
    audit_id: bytes
    chain_id: bytes
    sequence: int
    previous: bytes
    digest: bytes
    commitment: bytes
    salt: bytes
    at: int
    """Microseconds since 1970."""


_NEW = {
    "chain_id": "uuid",
    "contact_id": "uuid",
    "address_hash": "bytea",
    "last_sequence": "int4",
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
_OWN = {
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
    "created_at": "timestamptz",
    "expires_at": "timestamptz",
    "occurred_at": "timestamptz",
}
_KIND = {name: "uuid" if name == "branch_id" else "text" for name in Kind._fields}
_CASTS = {"ip_address": "ip_address::inet", "evidence": "evidence::jsonb"}
# An array that is shorter than the others stands for nulls, so what no entry has is sent as an empty one.
_INSERT_ENTRIES = f"""
INSERT INTO consent_audit (tenant_id, created_by, {", ".join(_OWN)}, {", ".join(_KIND)})
SELECT %(tenant_id)s, %(created_by)s, {", ".join(_CASTS.get(name, f"own.{name}") for name in _OWN)},
    {", ".join(f"kinds.{name}" for name in _KIND)}
FROM {named_unnest({**_OWN, "kind_number": "int4"}, "own")}
JOIN unnest({", ".join(f"%({name})b::{kind}[]" for name, kind in _KIND.items())}) WITH ORDINALITY
    AS kinds ({", ".join(_KIND)}, number) ON kinds.number = own.kind_number
"""


async def write(
    uow: UnitOfWork,
    tenant_id: UUID,
    *,
    new: Sequence[NewHead],
    moved: Sequence[MovedHead],
    entries: Sequence[ChainedLine],
    created_by: str | None,
    key_id: str,
) -> int:
    """Writes entries with the heads they lead to, in one round trip; returns how many of the moved heads moved.

    Args:
        uow: The unit of work; the subjects are locked.
        tenant_id: The tenant.
        new: Heads of new chains, with their seals.
        moved: Heads of the others.
        entries: The entries.
        created_by: Who made them.
        key_id: Key of the seals.
    """
    common = {"tenant_id": tenant_id, "key_id": key_id}
    results = await uow.run_together(
        (_INSERT_HEADS, {**_new_heads(new), **common, "now": uow.now()}),
        (_MOVE_HEADS, {**_moved_heads(moved), **common}),
        (
            _INSERT_ENTRIES,
            {**await _entries(uow, entries), "tenant_id": tenant_id, "created_by": created_by},
        ),
    )
    return results[1].rowcount


def _new_heads(new: Sequence[NewHead]) -> dict[str, Array]:
    chains, contacts, digests, sequences, last, macs = columns(new, len(_NEW))
    return {
        "chain_id": uuid_array(chains),
        "contact_id": uuid_array(some(contacts)),
        "address_hash": hash_array(some(digests)),
        "last_sequence": ints(sequences),
        "last_hash": hash_array(last),
        "mac": hash_array(macs),
    }


def _moved_heads(moved: Sequence[MovedHead]) -> dict[str, Any]:
    chains, was, sequences, digests, macs, instants_, foreign = columns(moved, len(_MOVED))
    return {
        "chain": uuid_array(chains),
        "was": was,
        "sequence": sequences,
        "hash": hash_array(digests),
        "seal": hash_array(macs),
        "at": instants(instants_),
        "is_foreign": foreign,
    }


async def _entries(uow: UnitOfWork, entries: Sequence[ChainedLine]) -> dict[str, Any]:
    sealed = await _sealed(uow, entries)
    kinds: dict[Kind, int] = {}
    numbers = [kinds.setdefault(one.line.kind, len(kinds) + 1) for one in entries]
    # Beside a sealed proof nothing stands in plain words.
    plain = [one if proof is None else None for one, proof in zip(entries, sealed, strict=True)]
    return {
        "consent_audit_id": uuid_array([one.audit_id for one in entries]),
        "chain_id": uuid_array([one.chain_id for one in entries]),
        "sequence": [one.sequence for one in entries],
        "previous_hash": hash_array([one.previous for one in entries]),
        "entry_hash": hash_array([one.digest for one in entries]),
        "commitment": hash_array([one.commitment for one in entries]),
        "salt": blobs(some([one and one.salt for one in plain])),
        "sealed_proof": blobs(some(sealed)),
        "contact_id": uuid_array(some([one.line.contact for one in entries])),
        "address_hash": hash_array(some([one.line.address_hash for one in entries])),
        "ip_address": some([one and one.line.ip_address for one in plain]),
        "user_agent": some([one and one.line.user_agent for one in plain]),
        "evidence": some([one and one.line.evidence for one in plain]),
        "change_reason": some([one and one.line.reason for one in plain]),
        "created_at": instants([one.at for one in entries]),
        "expires_at": instants(some([one.line.expires_at for one in entries])),
        "occurred_at": instants(some([one.line.occurred_at for one in entries])),
        "kind_number": ints(numbers),
        **dict(zip(_KIND, columns(kinds, len(_KIND)), strict=True)),
    }


async def _sealed(uow: UnitOfWork, entries: Sequence[ChainedLine]) -> list[bytes | None]:
    """Returns the proof of each entry, sealing those that are not sealed yet; None for what stands in plain words."""
    found = [one.line.sealed.value if one.line.sealed else None for one in entries]
    unsealed = [place for place, one in enumerate(entries) if found[place] is None and one.line.contact]
    made = await proofs.seal(
        uow, [(entries[place].line.contact, _proof(entries[place])) for place in unsealed]
    )
    for place, value in zip(unsealed, made, strict=True):
        found[place] = value
    return found


def _proof(one: ChainedLine) -> Proof:
    line = one.line
    return Proof(line.evidence, line.ip_address, line.user_agent, line.reason, one.salt)


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
