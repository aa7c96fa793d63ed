"""Forms as bytes: multipart/form-data of texts and files."""

import secrets
from collections.abc import Iterable
from typing import Final

from services.delivery.providers.base import Attachment

_QUOTED: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})

Field = tuple[str, str]
File = tuple[str, Attachment]


def multipart(fields: Iterable[Field], files: Iterable[File] = ()) -> tuple[str, bytes]:
    """The content type and the body of a form; a name may stand in it several times."""
    boundary = secrets.token_hex(16)
    start = b"--" + boundary.encode() + b"\r\nContent-Disposition: form-data; name="
    parts: list[bytes] = []
    for name, value in fields:
        parts += (start, _quoted(name), b"\r\n\r\n", value.encode("utf-8", "replace"), b"\r\n")
    for name, file in files:
        kind = file.content_type.translate(_QUOTED).encode()
        parts += (start, _quoted(name), b"; filename=", _quoted(file.filename), b"\r\nContent-Type: ", kind)
        parts += (b"\r\n\r\n", file.content, b"\r\n")
    parts.append(b"--" + boundary.encode() + b"--\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)


def _quoted(text: str) -> bytes:
    return b'"' + text.translate(_QUOTED).encode("utf-8", "replace") + b'"'
