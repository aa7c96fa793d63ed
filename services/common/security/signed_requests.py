"""Requests that neighbours sign, as both sides compute it (GAT-26).

The signature is the hex HMAC-SHA-256, under the key's secret as text, over five lines joined by line feeds: method, path
with its query, timestamp in milliseconds, nonce, and the hex SHA-256 of the raw body.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

KEY: Final = "X-Signature-Key"
TIMESTAMP: Final = "X-Signature-Timestamp"
NONCE: Final = "X-Signature-Nonce"
SIGNATURE: Final = "X-Signature"

TOLERANCE: Final = timedelta(minutes=5)
_LONGEST_TIMESTAMP: Final = 15


def signature(secret: bytes, method: str, path: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Returns the signature of a request."""
    lines = (method.upper(), path, timestamp, nonce, hashlib.sha256(body).hexdigest())
    return hmac.digest(secret, "\n".join(lines).encode(), "sha256").hex()


def headers(
    key_id: str, secret: bytes, method: str, path: str, body: bytes, *, now: datetime, nonce: UUID
) -> dict[str, str]:
    """Returns the headers that sign a request."""
    timestamp = str(int(now.timestamp() * 1000))
    return {
        KEY: key_id,
        TIMESTAMP: timestamp,
        NONCE: str(nonce),
        SIGNATURE: signature(secret, method, path, timestamp, str(nonce), body),
    }


def is_timely(timestamp: str, now: datetime) -> bool:
    """Returns whether a timestamp is one, and at most five minutes away."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    return abs(now.timestamp() * 1000 - int(timestamp)) <= TOLERANCE.total_seconds() * 1000


def nonce_of(text: str) -> UUID | None:
    """Returns a nonce in the one form it is signed in, None when it has another."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def is_genuine(
    secrets: Iterable[bytes], given: str, method: str, path: str, timestamp: str, nonce: str, body: bytes
) -> bool:
    """Returns whether any of the secrets made a signature; each is compared in constant time."""
    found = False
    wanted = given.lower().encode()
    for secret in secrets:
        made = signature(secret, method, path, timestamp, nonce, body).encode()
        found |= hmac.compare_digest(made, wanted)
    return found
