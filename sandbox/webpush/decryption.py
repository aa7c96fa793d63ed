"""What a browser does with a message: finds its keys, decrypts, takes the padding off (RFC 8188, RFC 8291)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key

HEAD = 16 + 4 + 1


class UndecryptableError(ValueError):
    """A body that is not meant for this browser, or not well made."""


def decrypted(body: bytes, private_key: bytes, auth: bytes) -> bytes:
    """Returns the plaintext of a body of one record."""
    if len(body) < HEAD:
        raise UndecryptableError("the header is cut off")
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, records = body[HEAD : HEAD + length], body[HEAD + length :]
    if len(records) > size:
        raise UndecryptableError("more than one record")
    key = load_der_private_key(private_key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - the store makes no other
    own = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    try:
        secret = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        material = _derived(auth, secret, b"WebPush: info\0" + own + sender, 32)
        cipher = AESGCM(_derived(salt, material, b"Content-Encoding: aes128gcm\0", 16))
        padded = cipher.decrypt(_derived(salt, material, b"Content-Encoding: nonce\0", 12), records, None)
    except (InvalidTag, ValueError):
        raise UndecryptableError("not encrypted for this browser") from None
    plain = padded.rstrip(b"\0")
    if not plain.endswith(b"\x02"):
        raise UndecryptableError("the last record has no end")
    return plain[:-1]


def _derived(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
