"""What may be shown of personal data: masked addresses, and texts and messages with their secrets struck out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

STRUCK = "***"

# Addresses and tokens as they turn up inside longer texts. A token is told from an identifier by its length and its
# mix of digits and letter cases.
_IN_TEXT = re.compile(
    r"""
      (?P<bearer>\b[Bb]earer\s+[^\s"',;]+)
    | (?P<login>(?<=://)[^\s/@]+(?=@))
    | (?P<email>[^\s@<>()\[\]"',:;=/\\]+@[^\s@<>()\[\]"',:;=/\\]+\.[^\s@<>()\[\]"',:;=/\\.]{2,})
    | (?P<phone>\+[1-9](?:[\s().-]{0,2}\d){6,14})
    | (?P<token>\b(?:eyJ[\w-]{8,}\.[\w-]+\.[\w-]+
        | (?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40,}
        | (?=[a-z]*\d)[a-z2-7]{50,})(?![\w-]))
    """,
    re.VERBOSE,
)
_SHORTEST_TOKEN = 40


def mask_email(email: str) -> str:
    """Returns the first character, three asterisks and the domain (GEN-35)."""
    local, at, domain = email.rpartition("@")
    return f"{local[:1]}{STRUCK}@{domain}" if at else STRUCK


def mask_phone(phone: str) -> str:
    """Returns the first 4 characters, four asterisks and the last 2; all asterisks when shorter than 8 (GEN-35)."""
    return f"{phone[:4]}****{phone[-2:]}" if len(phone) >= 8 else "*" * len(phone)


def redact_text(text: str) -> str:
    """Returns a text with addresses masked and tokens struck out."""
    suspicious = (
        len(text) >= _SHORTEST_TOKEN or "@" in text or "+" in text or "earer" in text or "eyJ" in text
    )
    return _IN_TEXT.sub(_mask, text) if suspicious else text


def _mask(match: re.Match[str]) -> str:
    if match.lastgroup == "email":
        return mask_email(match[0])
    if match.lastgroup == "phone":
        return mask_phone(match[0])
    return f"Bearer {STRUCK}" if match.lastgroup == "bearer" else STRUCK


def redact_message(message: Message) -> dict[str, Any]:
    """Returns a message's fields by name; those marked `debug_redact` are struck out, texts are redacted."""
    hidden = _redacted_fields(message.DESCRIPTOR)
    return {
        field.name: STRUCK if field.name in hidden else _field_value(field, value)
        for field, value in message.ListFields()
    }


@lru_cache(maxsize=1024)
def _redacted_fields(descriptor: Descriptor) -> frozenset[str]:
    return frozenset(field.name for field in descriptor.fields if field.GetOptions().debug_redact)


def _field_value(field: FieldDescriptor, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _single_value(value[key]) for key in value}
    if field.is_repeated:
        return [_single_value(item) for item in value]
    return _single_value(value)


def _single_value(value: Any) -> Any:
    if isinstance(value, Message):
        return redact_message(value)
    if isinstance(value, str):
        return redact_text(value)
    return f"<{len(value)} bytes>" if isinstance(value, bytes) else value
