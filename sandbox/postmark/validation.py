"""What Postmark checks of one message before it takes it."""

import re
from email.utils import getaddresses
from typing import Any

_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]]{1,64}@[^\s@<>]{1,253}")
MAX_FIELDS, MAX_NAME, MAX_VALUE, MAX_TAG, MAX_BODY = 10, 20, 80, 1000, 5_000_000
STREAM = re.compile(r"[a-z][a-z0-9_-]{0,29}")


def people(field: Any) -> list[tuple[str, str]]:
    """Returns names and addresses of a field; empty when it does not read."""
    if not isinstance(field, str):
        return []
    found = getaddresses([field])
    return found if found and all(_ADDRESS.fullmatch(address) for _, address in found) else []


def problem(message: Any) -> tuple[int, str] | None:
    """Returns Postmark's code and words for what is wrong with a message, None when nothing is."""
    if not isinstance(message, dict):
        return 402, "Received invalid JSON input."
    if not people(message.get("From")):
        return 300, "Invalid 'From' address."
    sender = people(message["From"])[0][1]
    if sender.startswith("unverified@"):
        return 400, f"The 'From' address you supplied ({sender}) is not a Sender Signature on your account."
    if not people(message.get("To")):
        return 300, "Zero recipients specified" if not message.get("To") else "Error parsing 'To'"
    for name in ("Cc", "Bcc", "ReplyTo"):
        if message.get(name) and not people(message[name]):
            return 300, f"Error parsing '{name}'"
    if sum(len(people(message.get(name))) for name in ("To", "Cc", "Bcc")) > 50:
        return 300, "Too many recipients: at most 50."
    if not message.get("HtmlBody") and not message.get("TextBody"):
        return 300, "Provide either email TextBody or HtmlBody or both."
    return _limits(message)


def _limits(message: dict[str, Any]) -> tuple[int, str] | None:
    for name in ("HtmlBody", "TextBody"):
        if len(message.get(name) or "") > MAX_BODY:
            return 300, f"'{name}' is too large."
    if len(message.get("Subject") or "") > 2000:
        return 300, "'Subject' is too long."
    if len(message.get("Tag") or "") > MAX_TAG:
        return 300, "'Tag' is too long."
    if not STREAM.fullmatch(message.get("MessageStream") or "outbound"):
        return 1226, "The message stream for the provided 'ID' was not found."
    metadata = message.get("Metadata") or {}
    if not isinstance(metadata, dict) or len(metadata) > MAX_FIELDS:
        return 300, f"Metadata: at most {MAX_FIELDS} fields."
    for name, value in metadata.items():
        if len(name) > MAX_NAME or not isinstance(value, str) or len(value) > MAX_VALUE:
            return 300, f"Metadata: names of at most {MAX_NAME} characters, texts of at most {MAX_VALUE}."
    headers = message.get("Headers") or []
    if not isinstance(headers, list) or not all(
        isinstance(one, dict) and isinstance(one.get("Name"), str) and isinstance(one.get("Value"), str)
        for one in headers
    ):
        return 300, "Invalid 'Headers'."
    if message.get("TrackLinks") not in (None, "None", "HtmlAndText", "HtmlOnly", "TextOnly"):
        return 300, "Invalid 'TrackLinks'."
    attachments = message.get("Attachments") or []
    if not isinstance(attachments, list) or not all(
        isinstance(one, dict) and one.get("Name") and one.get("Content") and one.get("ContentType")
        for one in attachments
    ):
        return 300, "Invalid 'Attachments'."
    return None
