"""Tokens in the paths of receipt webhooks: found by a keyed hash, shown from their sealed form (DEL-5)."""

import base64
import hmac
import secrets
from typing import Final
from uuid import UUID

from services.common.security.keys import KeySet, derive
from services.delivery.providers.registry import kind_of

TOKEN_BYTES: Final = 32


class WebhookTokens:
    """Makes tokens and finds them again without knowing them."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = [derive(key, "webhook_token") for _, key in keys]

    def make(self) -> str:
        """Returns a new token of 32 random bytes."""
        return base64.urlsafe_b64encode(secrets.token_bytes(TOKEN_BYTES)).rstrip(b"=").decode()

    def hash(self, token: str) -> bytes:
        """Returns the hash a token is stored with."""
        return _hash(self._keys[0], token)

    def hashes(self, token: str) -> list[bytes]:
        """Returns the hashes a token may be stored with: one for each key."""
        return [_hash(key, token) for key in self._keys]


def aad_of_token(account_id: UUID) -> bytes:
    """Returns the place a sealed token belongs to."""
    return b"webhook_token" + account_id.bytes


def path_of(provider: str, token: str) -> str:
    """Returns the path of an account's webhook on the gateway; empty for providers that have none."""
    return "" if not token or not kind_of(provider).has_webhook else f"/webhooks/{provider}/{token}"


def _hash(key: bytes, token: str) -> bytes:
    return hmac.digest(key, token.encode(), "sha256")
