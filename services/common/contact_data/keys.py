"""Keys of people: what one of them seals is unreadable everywhere once the key is destroyed (GEN-36, W10).

A key is 16 random bytes in a row of its own, `person_key`. It never stands alone: what it seals lies inside a value
that is sealed with the tenant's data key, so that without the master key nothing opens, and without the person's row
nothing of the person does, in whatever copy of the data. Each sealed value has a cipher key and a nonce of its own,
derived from the person's secret and the place of the value, so that keys need not be unwrapped one by one.
"""

import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.contact_data import person as people
from services.common.db.arrays import uuids
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import KeyGoneError, SealedValueError
from services.common.security.keys import KeySet

SECRET_BYTES: Final = 16
_PERSON: Final = b"angarium/pers/1\0"

# The LIMIT keeps the planner at one probe per person; as a join, the keys of the whole tenant would be read.
_FIND: Final = """
SELECT uuid_send(k.contact_id), uuid_send(k.secret) FROM unnest(%(ids)b::uuid[]) AS r (id)
CROSS JOIN LATERAL (
    SELECT contact_id, secret FROM person_key WHERE tenant_id = %(tenant_id)s AND contact_id = r.id LIMIT 1
) AS k
"""

# In the order of the ids, so that two blocks with the same people do not wait for each other crosswise.
_MAKE: Final = """
INSERT INTO person_key (tenant_id, contact_id, secret)
SELECT %(tenant_id)s, r.id, r.secret FROM unnest(%(ids)b::uuid[], %(secrets)b::uuid[]) AS r (id, secret)
ON CONFLICT (tenant_id, contact_id) DO NOTHING
"""


class Keyring(NamedTuple):
    """The secrets of people, and those of them who were erased, each with the id that stands for them."""

    secrets: Mapping[UUID, bytes]
    erased: Mapping[UUID, UUID]


async def secrets_of(uow: UnitOfWork, contact_ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Returns the secrets of those people who have one, in one statement."""
    known = await _found(uow, [one.bytes for one in contact_ids])
    return {one: known[one.bytes] for one in contact_ids if one.bytes in known}


async def keyring(uow: UnitOfWork, hash_keys: KeySet, contact_ids: Sequence[UUID]) -> Keyring:
    """Returns a secret for everybody of a block; who had none gets one, unless they were erased."""
    secrets, erased = await block_ring(uow, hash_keys, [one.bytes for one in contact_ids])
    return Keyring({one: secrets[one.bytes] for one in contact_ids if one.bytes in secrets}, erased)


async def block_ring(
    uow: UnitOfWork, hash_keys: KeySet, contact_ids: Sequence[bytes]
) -> tuple[dict[bytes, bytes], dict[UUID, UUID]]:
    """Does what `keyring` does for people named by the 16 bytes of their ids: secrets by id, and who was erased."""
    known = await _found(uow, contact_ids)
    missing = sorted(set(contact_ids) - known.keys())
    if not missing:
        return known, {}
    erased = await people.tombstones(uow, hash_keys, missing)
    fresh = [one for one in missing if one not in erased]
    if fresh:
        random = os.urandom(SECRET_BYTES * len(fresh))
        secrets = [random[at : at + SECRET_BYTES] for at in range(0, len(random), SECRET_BYTES)]
        made = await uow.execute(
            _MAKE, {"tenant_id": uow.tenant_id, "ids": uuids(fresh), "secrets": uuids(secrets)}
        )
        # Another block may have been first with some of them.
        known |= zip(fresh, secrets, strict=True) if made == len(fresh) else await _found(uow, fresh)
    return known, {UUID(bytes=one): stand_in for one, stand_in in erased.items()}


async def _found(uow: UnitOfWork, contact_ids: Sequence[bytes]) -> dict[bytes, bytes]:
    if not contact_ids:
        return {}
    return dict(await uow.fetch_all(_FIND, {"tenant_id": uow.tenant_id, "ids": uuids(contact_ids)}))


async def destroy(uow: UnitOfWork, contact_id: UUID) -> int:
    """Destroys the key of a person: what it sealed is unreadable for good. Returns how many there were."""
    return await uow.execute(
        "DELETE FROM person_key WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )


def seal(secret: bytes, plaintext: bytes, place: bytes) -> bytes:
    """Returns a value sealed with a person's key for one place; a place is sealed once."""
    derived = blake2b(place, digest_size=44, key=secret, person=_PERSON).digest()
    return AESGCM(derived[:32]).encrypt(derived[32:], plaintext, None)


def unseal(secret: bytes | None, sealed: bytes, place: bytes) -> bytes:
    """Returns the plaintext; KeyGoneError when the person's key was destroyed."""
    if secret is None:
        raise KeyGoneError("the key of the person is gone")
    derived = blake2b(place, digest_size=44, key=secret, person=_PERSON).digest()
    try:
        return AESGCM(derived[:32]).decrypt(derived[32:], sealed, None)
    except InvalidTag:
        raise SealedValueError("value was altered or is not from here") from None
