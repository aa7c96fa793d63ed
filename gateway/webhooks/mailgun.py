"""Mailgun signs the time and a token, but not the body: a token counts for the first body it comes with, and no other."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks.once import OneTimeTokens

TOKEN_LENGTH = 200


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    _headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
    _url: str = "",
) -> bool:
    """Returns whether Mailgun signed this time and token, recently enough; whose body it is, `is_first` must say."""
    key, signature = verification.shared_secret, _signature(raw_body)
    stamp, token, said = (signature.get(name) for name in ("timestamp", "token", "signature"))
    if not key or not isinstance(token, str) or not isinstance(said, str):
        return False
    stamp = str(stamp) if isinstance(stamp, int | str) else ""
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12 or not 0 < len(token) <= TOKEN_LENGTH:
        return False
    tolerance = verification.tolerance_seconds
    if tolerance and abs(now.timestamp() - int(stamp)) > tolerance:
        return False
    data = (stamp + token).encode("utf-8", "replace")
    expected = hmac.new(key.encode(), data, hashlib.sha256).hexdigest()
    return hmac.compare_digest(said.encode("utf-8", "replace"), expected.encode())


async def is_first(tokens: OneTimeTokens, verification: delivery_pb2.VerificationMaterial, account_id: str, raw_body: bytes) -> bool:  # fmt: skip
    """Returns whether a genuine call's token was never seen with another body; ServiceError when nobody can say.

    The same body once more is let through: what it tells is known, or was not stored the first time.
    """
    token = str(_signature(raw_body).get("token"))
    # Kept for as long as a signature is accepted, and once more for clocks that differ.
    seconds = 2 * (verification.tolerance_seconds or 86_400)
    return await tokens.claim(f"mailgun:{account_id}:{token}", hashlib.sha256(raw_body).digest(), seconds)


def _signature(raw_body: bytes) -> Mapping[str, Any]:
    try:
        body = orjson.loads(raw_body)
    except orjson.JSONDecodeError:
        return {}
    signature = body.get("signature") if isinstance(body, dict) else None
    return signature if isinstance(signature, dict) else {}
