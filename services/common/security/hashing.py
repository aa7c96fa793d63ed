"""Keyed hashes of addresses: equal addresses of a tenant meet, nobody can compute one without the key (GEN-37)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from uuid import UUID

from services.common.security.keys import KeySet
from services.common.security.mac import mac

HASH_BYTES = 32


def address_hash(keys: KeySet, tenant_id: UUID, channel: str, canonical: str) -> bytes:
    """Returns the 32-byte hash of a canonical address under the current key."""
    _, key = keys.current
    return hmac.digest(key, _scope(tenant_id, channel) + canonical.encode(), "sha256")


def address_hashes(keys: KeySet, tenant_id: UUID, channel: str, canonicals: Iterable[str]) -> list[bytes]:
    """Returns the hashes of a block of canonical addresses, in order."""
    _, key = keys.current
    digest = mac(key, _scope(tenant_id, channel))
    return [digest(canonical.encode()) for canonical in canonicals]


def address_hash_candidates(keys: KeySet, tenant_id: UUID, channel: str, canonical: str) -> dict[str, bytes]:
    """Returns the hash under every key by key id, to find rows written before a rotation."""
    scoped = _scope(tenant_id, channel) + canonical.encode()
    return {name: hmac.digest(key, scoped, "sha256") for name, key in keys}


def _scope(tenant_id: UUID, channel: str) -> bytes:
    return b"angarium/address/1\0" + tenant_id.bytes + channel.encode() + b"\0"
