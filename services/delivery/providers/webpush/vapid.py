"""Who sends: a token per push service, signed with the key that pages subscribed with (RFC 8292)."""

from collections import OrderedDict
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from services.delivery.providers.base import ConfigurationError
from services.delivery.providers.jose import Signed, p256_key
from services.delivery.providers.webpush.encryption import decoded, public_bytes, unpadded

LIFE: Final = 12 * 3600
"""Push services take at most 24 hours; half of that leaves room for clocks that differ."""
SIGNED_FOR: Final = LIFE / 2
MOST: Final = 1000
_KEY_BYTES: Final = 32


class Vapid:
    """The key of an account."""

    def __init__(self, private_key: str, subject: str) -> None:
        self._key = vapid_key(private_key)
        self._subject = subject
        self._tokens: OrderedDict[str, Signed] = OrderedDict()
        self.public_key = unpadded(public_bytes(self._key.public_key()))

    def authorization(self, endpoint: str) -> str:
        """Returns the header for the push service an endpoint belongs to."""
        parts = urlsplit(endpoint)
        origin = f"{parts.scheme}://{parts.netloc}"
        signed = self._tokens.get(origin)
        if signed is None:
            if len(self._tokens) >= MOST:
                self._tokens.popitem(last=False)
            signed = self._tokens[origin] = Signed(
                self._key,
                "ES256",
                lambda now: {"aud": origin, "exp": now + LIFE, "sub": self._subject},
                {"typ": "JWT"},
                SIGNED_FOR,
            )
        return f"vapid t={signed.token()},k={self.public_key}"


def vapid_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Returns a private key, written in PEM or as its 32 bytes in base64url; ConfigurationError for anything else."""
    if "-----" in text:
        return p256_key(text)
    try:
        secret = decoded(text.strip())
        if len(secret) != _KEY_BYTES:
            raise ValueError
        return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    except ValueError:
        raise ConfigurationError("the VAPID key is neither PEM nor 32 bytes in base64url") from None
