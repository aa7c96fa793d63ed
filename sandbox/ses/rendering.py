"""A message of SES as its recipient gets it."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import orjson

from sandbox.letter import Letter, decode_words, parse_mime

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


class RenderingError(ValueError):
    """A template names a value that nobody gave."""


def message_id(public_id: str, ordinal: int) -> str:
    """Returns the MessageId of one message: its request's, with its place at the end."""
    return f"0107{public_id}-{ordinal:06}"


def filled(template: str, values: dict[str, Any]) -> str:
    """Returns a part with its values in place: simple substitutions only, nothing escaped.

    Raises:
        RenderingError: A value is missing.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise RenderingError(f"Attribute '{match[1]}' is not present in the rendering data.")
        return str(values[match[1]])

    return _VARIABLE.sub(value, template)


def values_of(body: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any]:
    """Returns the values of one entry: the request's, overruled by its own."""
    shared = body["DefaultContent"]["Template"].get("TemplateData") or "{}"
    own = (entry.get("ReplacementEmailContent") or {}).get("ReplacementTemplate") or {}
    return {**orjson.loads(shared), **orjson.loads(own.get("ReplacementTemplateData") or "{}")}


def letter(body: bytes, personal: str, public_id: str, ordinal: int, accepted_at: float) -> Letter:
    """Returns the message as it would be sent."""
    request: dict[str, Any] = orjson.loads(body)
    kept: dict[str, Any] = orjson.loads(personal)
    if raw := kept.get("raw"):
        return parse_mime(raw.encode("utf-8", "surrogateescape"))
    if "BulkEmailEntries" in request:
        entry = request["BulkEmailEntries"][ordinal]
        values = values_of(request, entry)
        parts = {
            name: filled(text, values)
            for name, text in request["DefaultContent"]["Template"]["TemplateContent"].items()
        }
        own, files = entry.get("ReplacementHeaders"), None
    else:
        simple = request["Content"]["Simple"]
        entry = request
        parts = {"Subject": simple["Subject"]["Data"]}
        parts |= {name: part["Data"] for name, part in simple["Body"].items()}
        own, files = simple.get("Headers"), simple.get("Attachments")
    destination = entry["Destination"]
    found = [("From", decode_words(request["FromEmailAddress"]))]
    found += [
        (name, ", ".join(map(decode_words, destination[field])))
        for name, field in (("To", "ToAddresses"), ("Cc", "CcAddresses"))
        if destination.get(field)
    ]
    if request.get("ReplyToAddresses"):
        found.append(("Reply-To", ", ".join(request["ReplyToAddresses"])))
    found += [
        ("Subject", parts.get("Subject") or ""),
        ("Date", format_datetime(datetime.fromtimestamp(accepted_at, UTC))),
        ("Message-ID", f"<{message_id(public_id, ordinal)}@email.amazonses.com>"),
    ]
    found += [(one["Name"], one["Value"]) for one in own or ()]
    return Letter(
        headers=found,
        html=parts.get("Html") or "",
        text=parts.get("Text") or "",
        attachments=[one.get("FileName") or "file" for one in files or ()],
    )
