"""Webhooks of Meta (GAT-24): HMAC-SHA256 of the raw body with the app's secret; no time, so replays end at stored receipts."""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from angarium.campaign.v1 import whatsapp_template_service_pb2 as campaign_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.webhooks.told import Told, decision, inner, objects, whatsapp_text, wish

SIGNATURE = "x-hub-signature-256"
PREFIX = "sha256="
LONGEST_CHALLENGE = 200
TEMPLATES = "message_template_status_update"


def is_genuine(
    verification: delivery_pb2.VerificationMaterial,
    headers: Mapping[str, str],
    raw_body: bytes,
    _now: datetime,
    _url: str = "",
) -> bool:
    """Returns whether the app's secret signed exactly these bytes."""
    secret, said = verification.shared_secret, headers.get(SIGNATURE, "")
    if not secret or not said.startswith(PREFIX):
        return False
    expected = hmac.new(secret.encode(), raw_body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(said.removeprefix(PREFIX).encode("utf-8", "replace"), expected.encode())


def challenge(verification: delivery_pb2.VerificationMaterial, query: Mapping[str, str]) -> str | None:
    """Returns what confirms the webhook to whoever sets it up; None unless they name the account's token."""
    token, said = verification.challenge_token, query.get("hub.verify_token", "")
    is_known = hmac.compare_digest(said.encode("utf-8", "replace"), token.encode()) and bool(token)
    answer = query.get("hub.challenge", "")
    is_plain = answer.isascii() and answer.isalnum() and len(answer) <= LONGEST_CHALLENGE
    return answer if is_known and is_plain and query.get("hub.mode") == "subscribe" else None


def told(raw_body: bytes) -> Told:
    """Returns the texts and wishes of people that a call brings beside statuses."""
    texts: list[delivery_pb2.RecordInboundMessageRequest] = []
    decisions: list[campaign_pb2.RecordWhatsAppTemplateStatusRequest] = []
    has_statuses = False
    for business, field, value in _changes(raw_body):
        if field == TEMPLATES:
            decided = _decision(business, value)
            decisions += [decided] if decided else []
            continue
        to = inner(value, "metadata", "display_phone_number")
        found = [_text(message, to) for message in objects(value.get("messages"))]
        found += [_wish(one) for one in objects(value.get("user_preferences"))]
        texts += [one for one in found if one is not None]
        has_statuses |= bool(value.get("statuses"))
    return Told(texts, has_statuses or not (texts or decisions), decisions)


def values(raw_body: bytes) -> Iterator[Mapping[str, Any]]:
    """Yields what each change of each entry of a call says."""
    return (value for _, _, value in _changes(raw_body))


def _changes(raw_body: bytes) -> Iterator[tuple[str, object, Mapping[str, Any]]]:
    """Yields business account, field and value of each change."""
    try:
        body = orjson.loads(raw_body)
    except orjson.JSONDecodeError:
        return
    for entry in objects(body.get("entry") if isinstance(body, dict) else None):
        for change in objects(entry.get("changes")):
            value = change.get("value")
            if isinstance(value, dict):
                yield str(entry.get("id") or ""), change.get("field"), value


def _decision(
    business: str, value: Mapping[str, Any]
) -> campaign_pb2.RecordWhatsAppTemplateStatusRequest | None:
    return decision(
        value.get("event"),
        name=value.get("message_template_name"),
        language=value.get("message_template_language"),
        template_id=value.get("message_template_id"),
        reason=value.get("reason"),
        business=f"meta:{business}",
    )


def _text(message: Mapping[str, Any], to: object) -> delivery_pb2.RecordInboundMessageRequest | None:
    words = (
        inner(message, "text", "body"),
        inner(message, "button", "text"),
        inner(message, "interactive", "button_reply", "title"),
        inner(message, "interactive", "list_reply", "title"),
    )
    said = next((one for one in words if one), None)
    return whatsapp_text(message.get("from"), said, message.get("id"), to=to)


def _wish(one: Mapping[str, Any]) -> delivery_pb2.RecordInboundMessageRequest | None:
    value = one.get("value")
    if value not in ("stop", "resume"):
        return None
    return wish(one.get("wa_id"), one.get("timestamp"), stop=value == "stop")
