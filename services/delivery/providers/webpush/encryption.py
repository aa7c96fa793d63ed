"""Messages that only one browser can read (RFC 8291, in the coding aes128gcm of RFC 8188)."""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD: Final = 4096
POINT_BYTES: Final = 65
AUTH_BYTES: Final = 16
_LAST: Final = b"\x02"
"""Ends the only record."""


def encrypted(
    plaintext: bytes,
    p256dh: bytes,
    auth: bytes,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> bytes:
    """Returns the body of a request; ValueError for keys that no browser gives.

    Args:
        plaintext: At most 3,993 bytes.
        p256dh: The browser's public key.
        auth: The secret of the subscription.
        key: The sender's key of this one message; a new one unless a test gives it.
        salt: 16 bytes; new ones unless a test gives them.
    """
    if len(auth) != AUTH_BYTES:
        raise ValueError("the secret of a subscription has 16 bytes")
    browser = point(p256dh)
    key = key or ec.generate_private_key(ec.SECP256R1())
    salt = salt or os.urandom(16)
    own = public_bytes(key.public_key())
    secret = key.exchange(ec.ECDH(), browser)
    material = _derived(auth, secret, b"WebPush: info\0" + p256dh + own, 32)
    cipher = AESGCM(_derived(salt, material, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derived(salt, material, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4, "big") + bytes((len(own),)) + own
    return head + cipher.encrypt(nonce, plaintext + _LAST, None)


def point(encoded: bytes) -> ec.EllipticCurvePublicKey:
    """Returns a public key from its 65 bytes; ValueError when it is no point of the curve."""
    if len(encoded) != POINT_BYTES:
        raise ValueError("a public key has 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), encoded)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """Returns a public key as its 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def unpadded(data: bytes) -> str:
    """Returns base64url without padding, as keys and tokens are written."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Returns the bytes of base64url, padded or not; ValueError for anything else."""
    bare = text.rstrip("=")
    if not bare.isascii() or not bare.replace("-", "").replace("_", "").isalnum():
        raise ValueError("not base64url")
    return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
