"""What recipient variables make of a form that many share."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import orjson

from sandbox.letter import Letter

_VARIABLE = re.compile(r"%recipient\.([^%\s]+)%")


def filled(text: str, variables: dict[str, Any]) -> str:
    """Returns a text with its variables in place; an unknown one leaves nothing."""
    return _VARIABLE.sub(lambda match: str(variables.get(match[1], "")), text)


def letter(body: bytes, personal: str, public_id: str, accepted_at: float) -> Letter:
    """Returns the message as one recipient gets it."""
    form: dict[str, Any] = orjson.loads(body)
    own: dict[str, Any] = orjson.loads(personal)
    variables = own["variables"]

    def part(name: str) -> str:
        text: str = form.get(name) or ""
        return filled(text, variables) if own["is_batch"] else text

    headers = [
        ("From", form["from"]),
        ("To", own["to"]),
        ("Subject", part("subject")),
        ("Date", format_datetime(datetime.fromtimestamp(accepted_at, UTC))),
        ("Message-ID", f"<{public_id}>"),
    ]
    headers += [(name[2:], part(name)) for name in form if name.startswith("h:")]
    return Letter(headers=headers, html=part("html"), text=part("text"), attachments=form.get("files") or [])


def user_variables(form: dict[str, Any], own: dict[str, Any]) -> dict[str, str]:
    """Returns what came as `v:`, filled for one recipient."""
    return {
        name[2:]: filled(str(value), own["variables"]) if own["is_batch"] else str(value)
        for name, value in form.items()
        if name.startswith("v:")
    }
