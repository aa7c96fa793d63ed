"""Sealed texts: nobody without the keys reads or alters them; each purpose has keys of its own.

A sealed text is base64url, without padding, of `version 1 | nonce 12 | ciphertext and tag` (AES-256-GCM).
"""

import base64
import binascii
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.security.keys import KeySet, derive

_VERSION = b"\x01"
_NONCE = 12
_SMALLEST = 1 + _NONCE + 16
LONGEST = 3_800
"""Characters of the longest sealed text; a browser keeps no cookie above 4,096 bytes with its name."""


class NotSealed(Exception):
    """A text that was altered, cut, made for another purpose, or never ours; one answer for all."""


class Sealer:
    """Seals with the first key and opens with any, so that keys rotate without signing everybody out."""

    def __init__(self, keys: KeySet, purpose: str) -> None:
        self._ciphers = [AESGCM(derive(key, f"console/{purpose}")) for _, key in keys]

    def seal(self, document: dict[str, Any]) -> str:
        """Returns a document sealed; ValueError when it is too long for a cookie."""
        nonce = os.urandom(_NONCE)
        plain = json.dumps(document, separators=(",", ":")).encode()
        sealed = base64.urlsafe_b64encode(_VERSION + nonce + self._ciphers[0].encrypt(nonce, plain, _VERSION))
        if len(sealed) > LONGEST:
            raise ValueError("what is to be sealed is too long")
        return sealed.rstrip(b"=").decode()

    def open(self, text: str) -> dict[str, Any]:
        """Returns the document of a sealed text; NotSealed for anything else."""
        if not text.isascii() or len(text) > LONGEST:
            raise NotSealed
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            raise NotSealed from None
        if len(sealed) < _SMALLEST or sealed[:1] != _VERSION:
            raise NotSealed
        nonce, secret = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        for cipher in self._ciphers:
            try:
                found: dict[str, Any] = json.loads(cipher.decrypt(nonce, secret, _VERSION))
            except InvalidTag:
                continue
            return found
        raise NotSealed
