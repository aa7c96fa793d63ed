"""The published rule of checking a call (docs/webhooks.md), as a partner would write it: Standard Webhooks, `v1`."""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping

TOLERANCE = 300
PREFIX = "whsec_"


def verdict(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> str:
    """Returns `verified`, or in words why a call is not to be believed."""
    if not secret:
        return "nobody told the secret"
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not (event_id and timestamp and signatures):
        return "a header is missing"
    if not timestamp.isascii() or not timestamp.isdigit():
        return "the time is none"
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE:
        return "the time is more than five minutes off"
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()
    for one in signatures.split(" "):
        scheme, _, value = one.partition(",")
        if scheme == "v1" and hmac.compare_digest(value.encode(), expected.encode()):
            return "verified"
    return "no signature fits"


def _key(secret: str) -> bytes:
    """Returns the key inside a secret: base64 after `whsec_`, any other secret as it stands."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX) + "==")
        except binascii.Error:
            return b""
    return secret.encode()
