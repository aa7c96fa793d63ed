"""The person an export or erasure is about, and who was erased before."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from services.common.db.uow import UnitOfWork
from services.common.security.keys import KeySet
from services.common.security.mac import mac

_HASHED: Final = b"angarium/person/1\0"

_FIND = (
    "SELECT tombstone_id, progress FROM erased_person WHERE tenant_id = %s AND person_hash = ANY(%s::bytea[])"
)

_ADD = """
INSERT INTO erased_person (tenant_id, person_hash, hash_key_id, tombstone_id, progress, erased_at)
VALUES (%s, %s, %s, %s, '{}', %s)
ON CONFLICT (tenant_id, person_hash) DO NOTHING
"""

_ADVANCE = """
UPDATE erased_person SET progress = progress || %s WHERE tenant_id = %s AND tombstone_id = %s
"""

_COUNTS = "SELECT progress -> %s::text FROM erased_person WHERE tenant_id = %s AND tombstone_id = %s"

_ANYBODY = "SELECT EXISTS (SELECT FROM erased_person WHERE tenant_id = %s)"

_ERASED = "SELECT person_hash, tombstone_id FROM erased_person WHERE tenant_id = %s AND person_hash = ANY(%b::bytea[])"

_FINISH = "UPDATE erased_person SET progress = progress - %s::text WHERE tenant_id = %s AND tombstone_id = %s"


COUNTS: Final = "counts"
"""Where the totals stand beside the progress of tables."""


class Erased(NamedTuple):
    """What was done to one store."""

    store: str
    deleted: int = 0
    anonymized: int = 0
    shredded: int = 0

    def plus(self, other: "Erased | None") -> "Erased":
        """Returns this together with what else was done to the store."""
        if other is None:
            return self
        return Erased(
            self.store,
            self.deleted + other.deleted,
            self.anonymized + other.anonymized,
            self.shredded + other.shredded,
        )


@dataclass(frozen=True, slots=True)
class Person:
    """A person who is being erased: the id that goes, and the one that stands for them wherever rows must stay."""

    contact_id: UUID
    tombstone_id: UUID
    progress: Mapping[str, Any]
    """How far each large table was looked through, by its name."""


def person_hash(key: bytes, tenant_id: UUID, contact_id: UUID) -> bytes:
    """Returns what an erased person is known by: nobody can compute it without the key, nor read the id from it."""
    return hmac.digest(key, _HASHED + tenant_id.bytes + contact_id.bytes, "sha256")


def every_hash(keys: KeySet, tenant_id: UUID, contact_id: UUID) -> list[bytes]:
    """Returns the person's hash under every key, the current one first."""
    return [person_hash(key, tenant_id, contact_id) for _, key in keys]


async def begin(uow: UnitOfWork, keys: KeySet, contact_id: UUID, tombstone_id: UUID) -> Person:
    """Notes that a person is erased and returns them; a repeat finds the stand-in and the progress of the first."""
    tenant_id = _tenant(uow)
    hashes = every_hash(keys, tenant_id, contact_id)
    row = await uow.fetch_one(_FIND, (tenant_id, hashes))
    if row is None:
        await uow.execute(_ADD, (tenant_id, hashes[0], keys.current[0], tombstone_id, uow.now()))
        row = await uow.fetch_one(_FIND, (tenant_id, hashes))
    if row is None:
        raise LookupError("an erased person was not written down")
    return Person(contact_id, row[0], row[1])


async def tombstones(uow: UnitOfWork, keys: KeySet, contact_ids: Sequence[bytes]) -> dict[bytes, UUID]:
    """Returns those of these contacts, by the bytes of their ids, that were erased, with the id that stands for each."""
    if not contact_ids:
        return {}
    tenant_id = _tenant(uow)
    # Most tenants have erased nobody, and then nobody has to be hashed.
    if not await uow.fetch_value(_ANYBODY, (tenant_id,)):
        return {}
    by_hash: dict[bytes, bytes] = {}
    for _, key in keys:
        digest = mac(key, _HASHED + tenant_id.bytes)
        by_hash |= {digest(one): one for one in contact_ids}
    rows = await uow.fetch_all(_ERASED, (tenant_id, list(by_hash)))
    return {by_hash[bytes(digest)]: tombstone_id for digest, tombstone_id in rows}


async def advance(uow: UnitOfWork, person: Person, table: str, cursor: str | None) -> None:
    """Notes how far a table was looked through for a person; None means to the end."""
    tenant_id = _tenant(uow)
    if cursor is not None:
        await uow.execute(_ADVANCE, (Jsonb({table: cursor}), tenant_id, person.tombstone_id))
    else:
        await uow.execute(_FINISH, (table, tenant_id, person.tombstone_id))


async def add_counts(uow: UnitOfWork, person: Person, done: Iterable[Erased]) -> None:
    """Adds what a transaction did to the totals of an erasure, so that a repeat still tells all that was done."""
    changed = [one for one in done if one.deleted or one.anonymized or one.shredded]
    if not changed:
        return
    totals = await counts(uow, person, lock=True)
    for one in changed:
        totals[one.store] = one.plus(totals.get(one.store))
    written = {name: list(one[1:]) for name, one in totals.items()}
    await uow.execute(_ADVANCE, (Jsonb({COUNTS: written}), _tenant(uow), person.tombstone_id))


async def counts(uow: UnitOfWork, person: Person, *, lock: bool = False) -> dict[str, Erased]:
    """Returns all that was done to forget a person, by store."""
    query = f"{_COUNTS} FOR UPDATE" if lock else _COUNTS
    found = await uow.fetch_value(query, (COUNTS, _tenant(uow), person.tombstone_id))
    return {name: Erased(name, *numbers) for name, numbers in (found or {}).items()}


def _tenant(uow: UnitOfWork) -> UUID:
    if uow.tenant_id is None:
        raise ValueError("people belong to a tenant's unit of work")
    return uow.tenant_id
