"""Providers that sign nothing of their own (GAT-24): the account's token in the path, and a secret where one is set.

The secret comes as user and password, in a header, or as the key of a signature over time and body (GAT-25), which
whatever stands between a provider and us may add. Who may call can be narrowed to networks as well; a receipt that was
recorded before changes nothing.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks import postmark

SIGNATURE = "x-webhook-signature"
TIMESTAMP = "x-webhook-timestamp"
MILLISECONDS = 13
"""Digits of a time in milliseconds; seconds have ten."""


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
    _url: str = "",
) -> bool:
    """Returns whether the caller, who knows the account's token, knows its secret too where it has one."""
    if not verification.shared_secret:
        return True
    if SIGNATURE in headers:
        return is_signed(verification, headers, raw_body, now)
    return postmark.is_genuine(verification, headers, raw_body, now)


def is_signed(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
) -> bool:
    """Returns whether the secret signed this time and these bytes, recently enough."""
    stamp = headers.get(TIMESTAMP, "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= MILLISECONDS):
        return False
    seconds = int(stamp) / (1000 if len(stamp) == MILLISECONDS else 1)
    if abs(now.timestamp() - seconds) > verification.tolerance_seconds:
        return False
    expected = hmac.digest(
        verification.shared_secret.encode(), f"{stamp}.".encode() + raw_body, "sha256"
    ).hex()
    said = headers.get(SIGNATURE, "").encode("utf-8", "replace")
    return hmac.compare_digest(said, expected.encode())
