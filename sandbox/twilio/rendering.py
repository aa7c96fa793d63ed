"""A text as its reader gets it."""

import orjson

from sandbox.letter import Letter


def letter(personal: str) -> Letter:
    """Returns a stored text."""
    kept = orjson.loads(personal)
    sender = kept.get("From") or kept.get("MessagingServiceSid") or ""
    return Letter(headers=[("From", sender), ("To", kept["To"])], html="", text=kept["Body"])
