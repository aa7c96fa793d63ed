"""The key that signs the Event Webhook, as SendGrid's accounts have one."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Signer:
    """Signs timestamp + body with ECDSA on P-256; the public key is base64 of SubjectPublicKeyInfo."""

    _key: ec.EllipticCurvePrivateKey

    @property
    def public_key(self) -> str:
        """The key as SendGrid shows it: base64 of the DER, without PEM lines."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(der).decode()

    def sign(self, timestamp: str, body: bytes) -> str:
        """Returns the header's value: base64 of the DER signature over timestamp directly followed by the body."""
        return base64.b64encode(self._key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


def stranger() -> Signer:
    """Returns a signer nobody trusts, for forged webhooks."""
    return Signer(ec.generate_private_key(ec.SECP256R1()))


def load(path: Path) -> Signer:
    """Returns the signer of a PEM file, which is made (readable by its owner only) when absent."""
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        pem = _create(path)
    key = serialization.load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} is no ECDSA key")
    return Signer(key)


def _create(path: Path) -> bytes:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    part.replace(path)  # a half-written key never stands under the final name
    return pem
