"""Signed tokens that providers want with every request, made once and used for as long as they are good."""

import time
from collections.abc import Callable
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from services.delivery.providers.base import ConfigurationError

FEWEST_BITS: Final = 2048


def rsa_key(pem: str) -> rsa.RSAPrivateKey:
    """Returns an RSA key of at least 2,048 bits; ConfigurationError for anything else."""
    found = _key(pem)
    if not isinstance(found, rsa.RSAPrivateKey) or found.key_size < FEWEST_BITS:
        raise ConfigurationError("the private key is not an RSA key of 2,048 bits or more")
    return found


def p256_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Returns a key on the curve P-256; ConfigurationError for anything else."""
    found = _key(pem)
    if not isinstance(found, ec.EllipticCurvePrivateKey) or not isinstance(found.curve, ec.SECP256R1):
        raise ConfigurationError("the private key is not a key on the curve P-256")
    return found


def _key(pem: str) -> Any:
    # Copied out of a JSON file, line ends are often still written as they stand there.
    try:
        return load_pem_private_key(pem.replace("\\n", "\n").encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigurationError("the private key is not an unencrypted key in PEM") from None


class Signed:
    """A token that is signed anew once it has been used for so many seconds."""

    def __init__(
        self,
        key: Any,
        algorithm: str,
        claims: Callable[[int], dict[str, Any]],
        headers: dict[str, Any],
        seconds: float,
    ) -> None:
        self._key, self._algorithm, self._claims, self._headers = key, algorithm, claims, headers
        self._seconds = seconds
        self._token = ""
        self._made_at = 0.0

    def token(self) -> str:
        """Returns the token."""
        now = time.time()
        if not self._token or not 0 <= now - self._made_at < self._seconds:
            self._token = jwt.encode(self._claims(int(now)), self._key, self._algorithm, self._headers)
            self._made_at = now
        return self._token

    def refuse(self, token: str, *, no_sooner_than: float = 0.0) -> bool:
        """Forgets a token that was refused, unless it is too young to be replaced; whether a fresh one is worth a try."""
        if token != self._token:
            return True
        if time.time() - self._made_at < no_sooner_than:
            return False
        self._token = ""
        return True
