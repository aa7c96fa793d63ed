"""Twilio's callbacks (GAT-22): HMAC-SHA1 with the account's auth token over the public URL and the parameters."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks.told import Told

SIGNATURE = "x-twilio-signature"
BODY_HASH = "bodySHA256"
FORM = "application/x-www-form-urlencoded"
WHATSAPP = "whatsapp:"
FIELDS = 200
OPT_OUT_WORDS = frozenset({"STOP", "START", "HELP"})
PORTS = {"https": 443, "http": 80}


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    _now: datetime,
    url: str,
) -> bool:
    """Returns whether Twilio signed this call to this URL; it says no time, so replays end at stored receipts."""
    secret, signature = verification.shared_secret, headers.get(SIGNATURE, "")
    if not secret or not signature or not signature.isascii():
        return False
    signed = _signed(headers, raw_body, url)
    if signed is None:
        return False
    genuine = False
    # Twilio's signer is not of one mind about the default port; both are compared whatever the first one gives.
    for place in _with_and_without_port(url):
        expected = base64.b64encode(hmac.digest(secret.encode(), (place + signed).encode(), hashlib.sha1))
        genuine |= hmac.compare_digest(expected, signature.encode())
    return genuine


def told(raw_body: bytes) -> Told:
    """Returns the text of a person that a callback brings; any other tells of a message of ours."""
    text = inbound(raw_body)
    return Told((text,) if text else (), text is None)


def inbound(raw_body: bytes) -> delivery_pb2.RecordInboundMessageRequest | None:
    """Returns the text of a person that a callback brings, or None when it tells of a message of ours."""
    fields = dict(reversed(_fields(raw_body) or []))
    sid, sender = fields.get("MessageSid", ""), fields.get("From", "")
    if "MessageStatus" in fields or "Body" not in fields or not sid or not sender:
        return None
    # Twilio answers by itself where it knows the word, also one of the customer's own.
    word = fields.get("OptOutType", "").upper()
    is_whatsapp = sender.startswith(WHATSAPP)
    return delivery_pb2.RecordInboundMessageRequest(
        channel=enums_pb2.CHANNEL_WHATSAPP if is_whatsapp else enums_pb2.CHANNEL_SMS,
        from_address=sender.removeprefix(WHATSAPP)[:320],
        to_address=fields.get("To", "").removeprefix(WHATSAPP)[:320],
        text=word if word in OPT_OUT_WORDS else fields["Body"][:16384],
        provider_message_id=sid[:255],
        is_answered=word in OPT_OUT_WORDS,
    )


def _signed(headers: Mapping[str, str], raw_body: bytes, url: str) -> str | None:
    """Returns what is signed behind the URL; None for a body that nothing would vouch for."""
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type == FORM or not raw_body:
        fields = _fields(raw_body)
        return None if fields is None else "".join(name + value for name, value in sorted(set(fields)))
    said = dict(parse_qsl(urlsplit(url).query)).get(BODY_HASH, "")
    expected = hashlib.sha256(raw_body).hexdigest()
    return "" if hmac.compare_digest(said.lower().encode(), expected.encode()) else None


def _fields(raw_body: bytes) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(raw_body.decode(), keep_blank_values=True, max_num_fields=FIELDS, errors="strict")
    except ValueError:
        return None


def _with_and_without_port(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        port, default = parts.port, PORTS.get(parts.scheme)
    except ValueError:
        yield url
        return
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    rest = url[len(f"{parts.scheme}://{parts.netloc}") :]
    if port is not None and port != default:
        yield url
        return
    yield f"{parts.scheme}://{host}{rest}"
    yield f"{parts.scheme}://{host}:{default}{rest}"
