"""Values sealed by one service for another that holds the same ENCRYPTION_KEYS, without a table of keys between them.

A sealed value is `version 1 | key tag 4 | nonce 12 | ciphertext and tag`. The key is derived for one purpose, and the
value is bound to its tenant and place, so it opens nowhere else. It is for what travels; what stays is kept by
`envelope`, whose data keys can be destroyed.
"""

from __future__ import annotations

import hashlib
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.security.envelope import SealedValueError
from services.common.security.keys import KeySet, derive

_VERSION = b"\x01"
_TAG_END = 5
_NONCE_END = _TAG_END + 12
_SMALLEST = _NONCE_END + 16


class Sealer:
    """Seals and opens values of one purpose; the first key seals, all open."""

    def __init__(self, keys: KeySet, purpose: str) -> None:
        self._ciphers = {_tag(name): AESGCM(derive(key, f"sealed/{purpose}")) for name, key in keys}
        self._current = _tag(keys.current[0])

    def seal(self, tenant_id: UUID, plaintext: bytes, place: bytes) -> bytes:
        """Returns the sealed value, which opens for the same tenant and place only."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._current].encrypt(nonce, plaintext, tenant_id.bytes + place)
        return _VERSION + self._current + nonce + sealed

    def open(self, tenant_id: UUID, sealed: bytes, place: bytes) -> bytes:
        """Returns the plaintext; SealedValueError when it was altered, moved, or sealed by a key that is gone."""
        cipher = self._ciphers.get(sealed[1:_TAG_END])
        if len(sealed) < _SMALLEST or sealed[:1] != _VERSION or cipher is None:
            raise SealedValueError("not a value that these keys sealed")
        try:
            return cipher.decrypt(sealed[_TAG_END:_NONCE_END], sealed[_NONCE_END:], tenant_id.bytes + place)
        except InvalidTag:
            raise SealedValueError("value was altered or is not from here") from None


def _tag(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[: _TAG_END - 1]


NEW_ADDRESS = "preferences.address_added"
"""Purpose of addresses that contacts give to consent, for campaign alone."""


def new_address_place(contact_id: UUID, channel: str) -> bytes:
    """Returns the place a contact's new address is bound to."""
    return contact_id.bytes + channel.encode()
