"""DKIM signatures (RFC 6376): rsa-sha256, relaxed/relaxed; checked against another implementation in the tests."""

import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

Header: TypeAlias = tuple[bytes, bytes]

SIGNED: Final = (
    b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type",
    b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id",
)  # fmt: skip
# Named once more than they occur, so that nobody can add a second one unnoticed.
OVERSIGNED: Final = frozenset({b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id"})  # fmt: skip
SPACES: Final = re.compile(rb"[ \t]+")
FOLD: Final = re.compile(rb"\r\n(?=[ \t])")
TRAILING: Final = re.compile(rb"[ \t]+(?=\r\n)")
LINE: Final = 72


class DkimKeyError(ValueError):
    """A private key that cannot sign."""


class DkimSigner:
    """Signs with one key of one domain."""

    def __init__(self, domain: str, selector: str, private_key: str) -> None:
        try:
            key = load_pem_private_key(private_key.encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise DkimKeyError("the DKIM key is not an unencrypted PEM private key") from None
        if not isinstance(key, RSAPrivateKey) or key.key_size < 1024:
            raise DkimKeyError("the DKIM key is not an RSA key of at least 1024 bits")
        self._key = key
        self._tags = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}".encode()

    def header(self, headers: Sequence[Header], body: bytes, second: int) -> bytes:
        """The DKIM-Signature header line of a message, to be put before the others."""
        present = {name.lower(): value for name, value in headers}
        named = [name for name in SIGNED if name in present or name in OVERSIGNED]
        listed = b":".join([*named, *(name for name in named if name in OVERSIGNED and name in present)])
        digest = b64encode(sha256(relaxed_body(body)).digest())
        value = b"%b; t=%d;\r\n h=%b;\r\n bh=%b;\r\n b=" % (self._tags, second, _folded(listed), digest)
        signed = b"".join(relaxed_header(name, present[name]) for name in named if name in present)
        signed += relaxed_header(b"dkim-signature", value)[:-2]
        signature = b64encode(self._key.sign(signed, PKCS1v15(), SHA256()))
        lines = b"\r\n ".join(signature[start : start + LINE] for start in range(0, len(signature), LINE))
        return b"DKIM-Signature: " + value + lines + b"\r\n"


def _folded(names: bytes) -> bytes:
    half = names.index(b":", len(names) // 2) + 1
    return names[:half] + b"\r\n  " + names[half:]


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """A header line as it is signed."""
    return name.lower() + b":" + SPACES.sub(b" ", FOLD.sub(b"", value)).strip(b" \t") + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """A body as it is signed."""
    if b"  " in body or b"\t" in body or b" \r\n" in body:
        body = SPACES.sub(b" ", TRAILING.sub(b"", body))
    stripped = body.rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""
