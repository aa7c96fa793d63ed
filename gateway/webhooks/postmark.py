"""Postmark signs nothing: who calls is known by a secret, as user and password of the URL or in a header of its own.

Besides it there is the account token in the path; a bounce or complaint that was recorded before changes nothing.
"""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2

HEADER = "x-angarium-webhook-secret"


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    _raw_body: bytes,
    _now: datetime,
    _url: str = "",
) -> bool:
    """Returns whether the caller knows the account's secret; `user:password` when it comes by Basic authentication."""
    secret = verification.shared_secret.encode()
    if not secret:
        return False
    scheme, _, basic = headers.get("authorization", "").partition(" ")
    expected = base64.b64encode(secret)
    by_basic = scheme.lower() == "basic" and hmac.compare_digest(
        basic.strip().encode("utf-8", "replace"), expected
    )
    by_header = hmac.compare_digest(headers.get(HEADER, "").encode("utf-8", "replace"), secret)
    return by_basic or by_header
