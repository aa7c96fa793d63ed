"""What a webhook call tells besides receipts: texts of people, and what was decided about templates."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from angarium.campaign.v1 import whatsapp_template_service_pb2 as campaign_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from services.common.whatsapp import standing_of

STOP, START = "STOP", "START"
LONGEST = 16384


class Told(NamedTuple):
    """The texts of a call, whether it tells, or may tell, of messages of ours too, and decisions about templates."""

    texts: Sequence[delivery_pb2.RecordInboundMessageRequest]
    has_receipts: bool
    decisions: Sequence[campaign_pb2.RecordWhatsAppTemplateStatusRequest] = ()


NOTHING = Told((), True)
"""A call that tells nothing here; whether it tells of messages is for delivery to see."""


def document(raw_body: bytes) -> Any:
    """Returns a call's body as JSON; None when it is none."""
    try:
        return orjson.loads(raw_body)
    except orjson.JSONDecodeError:
        return None


def decision(
    standing: object,
    *,
    name: object,
    language: object,
    template_id: object,
    reason: object,
    business: str = "",
) -> campaign_pb2.RecordWhatsAppTemplateStatusRequest | None:
    """Returns where a template stands as it is recorded; None for a word nobody lists, or a template without a name."""
    state = standing_of(standing)
    if state is None or not (name or template_id):
        return None
    return campaign_pb2.RecordWhatsAppTemplateStatusRequest(
        business_account=business[:200],
        whatsapp_template_id=str(template_id or "")[:200],
        whatsapp_template_name=str(name or "")[:512],
        language_code=str(language or "")[:35],
        state=f"WHATS_APP_APPROVAL_STATE_{state.upper()}",
        reason="" if reason in (None, "NONE") else str(reason)[:2000],
    )


def whatsapp_text(
    sender: object, text: object, name: object, *, to: object = "", is_answered: bool = False
) -> delivery_pb2.RecordInboundMessageRequest | None:
    """Returns a text of a person as it is recorded; None when it has no words, or its sender no number."""
    digits = sender.removeprefix("+") if isinstance(sender, str) else ""
    if not (digits.isascii() and digits.isdigit()) or not isinstance(text, str) or not text or not name:
        return None
    own = to.removeprefix("+") if isinstance(to, str) else ""
    return delivery_pb2.RecordInboundMessageRequest(
        channel=enums_pb2.CHANNEL_WHATSAPP,
        from_address=f"+{digits}"[:320],
        to_address=f"+{own}"[:320] if own.isascii() and own.isdigit() else "",
        text=text[:LONGEST],
        provider_message_id=str(name)[:255],
        is_answered=is_answered,
    )


def wish(sender: object, at: object, *, stop: bool) -> delivery_pb2.RecordInboundMessageRequest | None:
    """Returns what a person chose in WhatsApp's own settings; WhatsApp has confirmed it to them."""
    # No such choice has a name of its own; that of one made of the number must not show it.
    word = STOP if stop else START
    name = hashlib.sha256(f"{sender}:{at}:{word}".encode()).hexdigest()
    return whatsapp_text(sender, word, f"wish:{name}", is_answered=True)


def objects(value: object) -> list[Mapping[str, Any]]:
    """Returns the objects of a list, none when it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inner(value: Mapping[str, Any], *names: str) -> object:
    """Returns what stands at the end of a path, None when there is no such place."""
    found: object = value
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
