"""Receipts: a person's chains as one JSON document, signed so that it can be checked without us."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.common.security.keys import KeySet
from services.consent.ledger.canonical import canonical
from services.consent.ledger.domain import FORMAT, StoredEntry, instant_text

KIND = "angarium.consent.receipt"
MEDIA_TYPE = "angarium-consent-receipt+json"


@dataclass(frozen=True, slots=True)
class Signed:
    """A document with its signature in the forms that tools take."""

    document: bytes
    key_id: str
    signed_bytes: bytes
    raw_signature: bytes

    @property
    def jws(self) -> str:
        """Returns the detached JWS in compact form (RFC 7515, appendix F)."""
        header, _, _ = self.signed_bytes.partition(b".")
        return f"{header.decode()}..{_base64(self.raw_signature)}"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that receipts are checked with."""

    key_id: str
    pem: str
    jwk: str


class ReceiptKeys:
    """The signing keys of a deployment; the first one signs, receipts by the others can still be checked."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(seed) for name, seed in keys}

    @property
    def current_id(self) -> str:
        """Returns the id of the key that signs."""
        return next(iter(self._keys))

    def sign(self, document: bytes) -> Signed:
        """Signs a document with the current key (EdDSA of RFC 8037)."""
        key_id = self.current_id
        header = canonical({"alg": "EdDSA", "kid": key_id, "typ": MEDIA_TYPE})
        signed = f"{_base64(header.encode())}.{_base64(document)}".encode()
        return Signed(document, key_id, signed, self._keys[key_id].sign(signed))

    @cached_property
    def public(self) -> list[PublicKey]:
        """Returns the public keys, the current one first."""
        return [_public(name, key) for name, key in self._keys.items()]


def _public(key_id: str, key: Ed25519PrivateKey) -> PublicKey:
    public = key.public_key()
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    jwk = {"alg": "EdDSA", "crv": "Ed25519", "kid": key_id, "kty": "OKP", "use": "sig", "x": _base64(raw)}
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(key_id, pem.decode(), canonical(jwk))


@dataclass(frozen=True, slots=True)
class ChainPart:
    """One chain of a person as a receipt shows it."""

    chain_id: UUID
    entries: Sequence[StoredEntry]
    is_whole: bool


def document(
    tenant_id: UUID,
    contact_id: UUID | None,
    hashes: Sequence[bytes],
    chains: Sequence[ChainPart],
    *,
    issuer: str,
    key_id: str,
    at: datetime,
) -> bytes:
    """Returns the canonical document of a receipt: every entry with what its hash is made of.

    Whoever holds it can recompute each commitment from `salt` and `personal`, each hash from `entry`, and see that
    each entry follows the one before.
    """
    subject: dict[str, Any] = (
        {"contact_id": str(contact_id)}
        if contact_id
        else {"address_hashes": sorted(digest.hex() for digest in hashes)}
    )
    content = {
        "document": KIND,
        "format": FORMAT,
        "issued_at": json.loads(instant_text(at)),
        "issuer": issuer,
        "key_id": key_id,
        "tenant_id": str(tenant_id),
        "subject": subject,
        "chains": [_chain(part) for part in chains],
    }
    return canonical(content).encode()


def _chain(part: ChainPart) -> dict[str, Any]:
    return {
        "chain_id": str(part.chain_id),
        "is_whole": part.is_whole,
        "entries": [
            {
                "entry": json.loads(one.entry.text()),
                "entry_hash": one.entry_hash.hex(),
                "personal": json.loads(one.personal.text()),
                "salt": one.salt.hex() if one.salt else None,
            }
            for one in part.entries
        ],
    }


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
