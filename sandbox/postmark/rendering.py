"""A message of Postmark as its recipient gets it."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import orjson

from sandbox.letter import Letter

ORDINALS = 0xFFFF


def message_id(public_id: str, ordinal: int) -> str:
    """Returns the MessageID of one message: its batch's, with its place in the last digits."""
    return str(UUID(int=UUID(public_id).int | ordinal))


def batch_id(message: str) -> tuple[str, int] | None:
    """Returns the batch and the place that a MessageID names; None when it is none."""
    try:
        number = UUID(message).int
    except ValueError:
        return None
    return str(UUID(int=number & ~ORDINALS)), number & ORDINALS


def letter(personal: str, public_id: str, ordinal: int, accepted_at: float) -> Letter:
    """Returns the message as it was sent; nothing of it is shared."""
    mail: dict[str, Any] = orjson.loads(personal)
    headers = [("From", mail["From"]), ("To", mail["To"])]
    headers += [
        (name, mail[field]) for name, field in (("Cc", "Cc"), ("Reply-To", "ReplyTo")) if mail.get(field)
    ]
    headers += [
        ("Subject", mail.get("Subject") or ""),
        ("Date", format_datetime(datetime.fromtimestamp(accepted_at, UTC))),
        ("Message-ID", f"<{message_id(public_id, ordinal)}@mtasv.net>"),
    ]
    headers += [(one["Name"], one["Value"]) for one in mail.get("Headers") or []]
    return Letter(
        headers=headers,
        html=mail.get("HtmlBody") or "",
        text=mail.get("TextBody") or "",
        attachments=[one["Name"] for one in mail.get("Attachments") or []],
    )
