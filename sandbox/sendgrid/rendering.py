"""What a personalization makes of the shared content: substitutions in subject, bodies and headers."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

import orjson

from sandbox.letter import Letter

Substitute = Callable[[str], str]

_SPECIALS = re.compile(r"[()<>\[\]:;@\\,.\"]")


@lru_cache(maxsize=256)
def _pattern(tags: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(tag) for tag in sorted(tags, key=len, reverse=True)))


def substituter(values: dict[str, str], sections: dict[str, str] | None = None) -> Substitute:
    """Returns a function that replaces every tag by its value; sections are filled in first, then tags in them."""
    tags = {tag: value for tag, value in values.items() if tag}
    parts = {tag: value for tag, value in (sections or {}).items() if tag}
    if not tags and not parts:
        return lambda text: text

    def replace(text: str) -> str:
        if tags:
            text = _pattern(tuple(tags)).sub(lambda match: tags[match[0]], text)
        if parts:
            text = _pattern(tuple(parts)).sub(lambda match: parts[match[0]], text)
            if tags:
                text = _pattern(tuple(tags)).sub(lambda match: tags[match[0]], text)
        return text

    return replace


def subject_of(mail: dict[str, Any], block: dict[str, Any]) -> str:
    """Returns the subject one personalization's recipients see."""
    subject: str = block.get("subject") or mail.get("subject") or ""
    values: dict[str, str] = block.get("substitutions") or {}
    sections: dict[str, str] = mail.get("sections") or {}
    if not sections and not any(tag in subject for tag in values):
        return subject
    return substituter(values, sections)(subject)


def smtp_id(public_id: str, ordinal: int) -> str:
    """Returns the Message-ID that SendGrid gives to one personalization."""
    return f"<{public_id}.{ordinal}@geopod-ismtpd-1>"


def letter(body: bytes, personal: str, public_id: str, ordinal: int, accepted_at: float) -> Letter:
    """Returns the message as the personalization's recipients get it."""
    mail: dict[str, Any] = orjson.loads(body)
    block: dict[str, Any] = orjson.loads(personal)
    replace = substituter(block.get("substitutions") or {}, mail.get("sections") or {})
    bodies = {part["type"].lower(): replace(part["value"]) for part in mail.get("content") or []}
    headers = [
        ("From", _mailbox(block.get("from") or mail["from"])),
        ("To", ", ".join(_mailbox(entry) for entry in block["to"])),
    ]
    if block.get("cc"):
        headers.append(("Cc", ", ".join(_mailbox(entry) for entry in block["cc"])))
    headers.append(("Subject", replace(block.get("subject") or mail.get("subject") or "")))
    if mail.get("reply_to"):
        headers.append(("Reply-To", replace(_mailbox(mail["reply_to"]))))
    headers.append(("Date", format_datetime(datetime.fromtimestamp(accepted_at, UTC))))
    headers.append(("Message-ID", smtp_id(public_id, ordinal)))
    merged = {**(mail.get("headers") or {}), **(block.get("headers") or {})}
    headers += [(name, replace(value)) for name, value in merged.items()]
    return Letter(
        headers=headers,
        html=bodies.get("text/html", ""),
        text=bodies.get("text/plain", ""),
        attachments=[part["filename"] for part in mail.get("attachments") or []],
    )


def _mailbox(entry: dict[str, Any]) -> str:
    name = entry.get("name") or ""
    if not name:
        return str(entry["email"])
    if _SPECIALS.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{entry['email']}>"
