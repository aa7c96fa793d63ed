"""SendGrid's signed Event Webhook (GAT-21): ECDSA P-256, SHA-256, over the timestamp header and the raw body."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    now: datetime,
    _url: str = "",
) -> bool:
    """Returns whether the provider signed exactly these bytes, recently enough for the account."""
    stamp = headers.get(TIMESTAMP, "")
    if not verification.public_key or not _is_recent(stamp, verification.tolerance_seconds, now):
        return False
    try:
        signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
        key = _public_key(verification.public_key)
        key.verify(signature, stamp.encode() + raw_body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError, TypeError):
        return False
    return True


def _is_recent(stamp: str, tolerance_seconds: int, now: datetime) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return not tolerance_seconds or abs(now.timestamp() - int(stamp)) <= tolerance_seconds


@lru_cache(maxsize=256)
def _public_key(encoded: str) -> ec.EllipticCurvePublicKey:
    """Returns the key SendGrid shows as base64 of DER; ValueError for anything but a P-256 key."""
    key = load_der_public_key(base64.b64decode(encoded, validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise ValueError("not a P-256 public key")
    return key
