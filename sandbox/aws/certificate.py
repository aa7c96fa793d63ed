"""The key that signs notifications, and its certificate as Amazon keeps one at a well-known place."""

import base64
import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

NAME = "sns.amazonaws.com"
AUTHORITY = "Angarium Sandbox CA"
VALID = timedelta(days=3650)


@dataclass(frozen=True)
class NoticeSigner:
    """Signs with SHA-256; `pem` is its certificate and the one that issued it."""

    _key: rsa.RSAPrivateKey
    pem: bytes

    @property
    def path(self) -> str:
        """Where the certificate is found."""
        return f"/SimpleNotificationService-{hashlib.md5(self.pem, usedforsecurity=False).hexdigest()}.pem"

    def sign(self, said: bytes) -> str:
        """Returns the signature as it stands in a notification."""
        return base64.b64encode(self._key.sign(said, padding.PKCS1v15(), hashes.SHA256())).decode()


def made() -> NoticeSigner:
    """Returns a signer nobody knows yet."""
    key = rsa.generate_private_key(65537, 2048)
    return NoticeSigner(key, _chain(key))


def load(path: Path) -> NoticeSigner:
    """Returns the signer of a file, which is made (readable by its owner only) when absent."""
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        kept = _create(path)
    key = serialization.load_pem_private_key(kept, None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError(f"{path} is no RSA key")
    return NoticeSigner(key, kept[kept.index(b"-----BEGIN CERTIFICATE-----") :])


def _create(path: Path) -> bytes:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    kept = private + _chain(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(kept)
    part.replace(path)
    return kept


def _chain(key: rsa.RSAPrivateKey) -> bytes:
    issuer = rsa.generate_private_key(65537, 2048)
    chain = [_certificate(key, NAME, issuer), _certificate(issuer, AUTHORITY, issuer)]
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in chain)


def _certificate(key: rsa.RSAPrivateKey, name: str, issuer: rsa.RSAPrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + VALID)
        .sign(issuer, hashes.SHA256())
    )
