"""A message as its recipient gets it, whichever way it came in."""

import email
import email.message
import email.policy
from dataclasses import dataclass, field
from email.header import decode_header, make_header
from functools import lru_cache


@dataclass(frozen=True)
class Letter:
    """Headers in order, and the bodies a mail client chooses from."""

    headers: list[tuple[str, str]]
    html: str
    text: str
    attachments: list[str] = field(default_factory=list)

    def header(self, name: str) -> str:
        """Returns the first header of that name, unfolded; empty when it is missing."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


def parse_mime(raw: bytes) -> Letter:
    """Reads a raw message; what cannot be decoded is replaced, never refused."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    html = message.get_body(("html",))
    text = message.get_body(("plain",))
    return Letter(
        headers=[(key, str(value)) for key, value in message.items()],
        html=_content(html) if html is not None else "",
        text=_content(text) if text is not None else "",
        attachments=[part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
    )


def _content(part: email.message.MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


@lru_cache(maxsize=1024)
def decode_words(value: str) -> str:
    """Decodes RFC 2047 words of a header; a broken one is returned as it stands."""
    if "=?" not in value:
        return value
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, ValueError):
        return value
