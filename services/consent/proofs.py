"""What proofs keep of a contact, sealed with the contact's own key: destroying the key makes it unreadable everywhere (W10).

A sealed proof says which key of the deployment it needs besides, so that neither the keys of people nor those of the
deployment open it alone. Each has a nonce of its own, because a consent is sealed anew whenever it changes.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import KeyGoneError, SealedValueError
from services.common.security.keys import KeySet, derive
from services.consent.ledger.canonical import canonical

logger = logging.getLogger(__name__)

_NONCE: Final = 16


class Proof(NamedTuple):
    """The personal part of a consent, or of an entry of the trail."""

    evidence: str | None = None
    """JSON."""
    ip_address: str | None = None
    user_agent: str | None = None
    reason: str | None = None
    salt: bytes | None = None
    """Of an entry: what hides the rest behind its commitment."""

    @property
    def is_personal(self) -> bool:
        """Returns whether there is anything to hide."""
        return any(self[:4])


NOTHING: Final = Proof()


async def seal(uow: UnitOfWork, wanted: Sequence[tuple[bytes | None, Proof]]) -> list[bytes | None]:
    """Returns proofs sealed for their people, who are named by the 16 bytes of their ids, in order.

    None stands for what is not sealed: of an address without a contact, and where there is nothing to hide. Of somebody
    who was erased meanwhile it is empty, and nothing else may be kept.
    """
    people = sorted({contact_id for contact_id, proof in wanted if contact_id and proof.is_personal})
    if not people:
        return [None] * len(wanted)
    secrets, _ = await person_keys.block_ring(uow, uow.keys, people)
    key_id, key = uow.keys.current
    head = bytes([len(key_id)]) + key_id.encode()
    random = os.urandom(_NONCE * len(wanted))
    sealed: list[bytes | None] = []
    for place, (contact_id, proof) in enumerate(wanted):
        if contact_id is None or not proof.is_personal:
            sealed.append(None)
            continue
        secret = secrets.get(contact_id)
        if secret is None:
            sealed.append(b"")
            continue
        nonce = random[place * _NONCE : (place + 1) * _NONCE]
        sealed.append(head + nonce + person_keys.seal(_mixed(secret, key), _packed(proof), nonce))
    return sealed


async def opened(uow: UnitOfWork, sealed: Sequence[tuple[UUID | None, bytes | None]]) -> list[Proof | None]:
    """Returns sealed proofs of people, in order; None where nothing is sealed, NOTHING where the key is gone."""
    people = sorted({contact_id for contact_id, value in sealed if contact_id and value})
    secrets = await person_keys.secrets_of(uow, people)
    return [_open(uow.keys, secrets, contact_id, value) for contact_id, value in sealed]


def _open(
    keys: KeySet, secrets: Mapping[UUID, bytes], contact_id: UUID | None, value: bytes | None
) -> Proof | None:
    if value is None:
        return None
    secret = secrets.get(contact_id) if contact_id else None
    if not value or secret is None:
        return NOTHING
    start = 1 + value[0]
    key_id = value[1:start].decode("utf-8", "replace")
    if key_id not in keys:
        return _unreadable(key_id)
    nonce = value[start : start + _NONCE]
    try:
        plain = person_keys.unseal(_mixed(secret, keys.by_id(key_id)), value[start + _NONCE :], nonce)
    except (KeyGoneError, SealedValueError):
        return _unreadable(key_id)
    return _unpacked(plain)


def _unreadable(key_id: str) -> Proof:
    """Returns nothing for what somebody altered, or sealed with a key this deployment does not have."""
    logger.error("a proof sealed with key %s cannot be read", key_id)
    return NOTHING


def _mixed(secret: bytes, key: bytes) -> bytes:
    return blake2b(secret, digest_size=person_keys.SECRET_BYTES, key=_own(key)).digest()


@lru_cache(maxsize=64)
def _own(key: bytes) -> bytes:
    return derive(key, "consent-proof/1")


def _packed(proof: Proof) -> bytes:
    salt = proof.salt or b""
    texts = orjson.dumps((proof.evidence, proof.ip_address, proof.user_agent, proof.reason))
    return bytes([len(salt)]) + salt + texts


def _unpacked(plain: bytes) -> Proof:
    start = 1 + plain[0]
    evidence, ip_address, user_agent, reason = orjson.loads(plain[start:])
    return Proof(evidence, ip_address, user_agent, reason, plain[1:start] or None)


def text_of(evidence: Mapping[str, object] | None) -> str | None:
    """Returns evidence as it is sealed; None when there is none."""
    return canonical(evidence) if evidence else None
