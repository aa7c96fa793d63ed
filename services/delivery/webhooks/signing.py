"""How calls are signed and checked: by the house's headers, and by those of Standard Webhooks (DEL-92).

A secret of the house's making is `whsec_` and 32 bytes in base64, and those bytes are the key; a secret of the tenant's
own is the key as it stands. With each secret comes a pair of Ed25519 keys, so that a partner may check calls with a key
that cannot make any. While a secret is being rotated, calls carry the signatures of both.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX: Final = "whsec_"
PUBLIC_PREFIX: Final = "whpk_"
TOLERANCE: Final = timedelta(minutes=5)
_SEED_BYTES: Final = 32
_SECRET_BYTES: Final = 32
_SHORTEST_KEY: Final = 16
_MOST_SIGNATURES: Final = 20


class SigningKeys(NamedTuple):
    """What signs the calls of a subscription."""

    secret: str
    seed: bytes

    @classmethod
    def make(cls, secret: str = "") -> "SigningKeys":
        """Returns new keys, with a secret of the tenant's own or a random one."""
        made = secret or PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
        return cls(made, secrets.token_bytes(_SEED_BYTES))

    @classmethod
    def unpack(cls, packed: bytes) -> "SigningKeys":
        """Returns keys from the bytes they are stored as."""
        return cls(packed[_SEED_BYTES:].decode(), packed[:_SEED_BYTES])

    def pack(self) -> bytes:
        """Returns the bytes the keys are stored as, before they are sealed."""
        return self.seed + self.secret.encode()

    @property
    def key(self) -> bytes:
        """Returns the key of HMAC-SHA-256."""
        return _decoded(self.secret) if self.secret.startswith(PREFIX) else self.secret.encode()

    @property
    def public_key(self) -> bytes:
        """Returns the key that checks Ed25519 signatures."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    def symmetric(self, signed: bytes) -> bytes:
        """Returns the HMAC of what is signed."""
        return hmac.digest(self.key, signed, "sha256")

    def asymmetric(self, signed: bytes) -> bytes:
        """Returns the Ed25519 signature of what is signed."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(signed)


class Verdict(NamedTuple):
    """What checking a call found: why it does not hold, or the scheme that holds."""

    reason: str
    scheme: str = ""

    @property
    def is_valid(self) -> bool:
        """Returns whether the call holds."""
        return not self.reason


def problem_of(secret: str) -> str:
    """Returns what is wrong with a secret of a tenant's own; empty when nothing is."""
    if secret.startswith(PREFIX) and len(_decoded(secret)) < _SHORTEST_KEY:
        return f"after {PREFIX} there must be base64 of at least {_SHORTEST_KEY} bytes"
    return ""


def _decoded(secret: str) -> bytes:
    """Returns the key inside a secret of Standard Webhooks; empty when there is none. Padding may be missing."""
    text = secret.removeprefix(PREFIX).rstrip("=")
    return _bytes(text + "=" * (-len(text) % 4))


def shown(public_key: bytes) -> str:
    """Returns a public key as partners write it."""
    return PUBLIC_PREFIX + base64.b64encode(public_key).decode()


def headers(keys: Sequence[SigningKeys], event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Returns the headers of one call; `keys` are the current ones, and during a rotation those before."""
    timestamp = str(int(at.timestamp()))
    signed = _signed(event_id, timestamp, body)
    macs = [one.symmetric(signed) for one in keys]
    standard = [f"v1,{base64.b64encode(mac).decode()}" for mac in macs]
    standard += [f"v1a,{base64.b64encode(one.asymmetric(signed)).decode()}" for one in keys]
    return {
        "X-Webhook-Id": event_id,
        "X-Webhook-Timestamp": timestamp,
        "X-Webhook-Signature": ",".join(f"v1={mac.hex()}" for mac in macs),
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(standard),
    }


def verify(keys: Sequence[SigningKeys], given: Mapping[str, str], body: bytes, now: datetime) -> Verdict:
    """Checks a call as its receiver would; whatever the headers hold, it answers and never raises."""
    found = {name.lower(): value for name, value in given.items()}
    verdict = Verdict("missing_header")
    for prefix, schemes in (("webhook-", _standard), ("x-webhook-", _own)):
        names = [prefix + word for word in ("id", "timestamp", "signature")]
        if not all(name in found for name in names):
            continue
        event_id, timestamp, signature = (found[name] for name in names)
        if problem := _problem_of_time(timestamp, now):
            verdict = Verdict(problem)
            continue
        scheme = schemes(keys, signature, _signed(event_id, timestamp, body))
        if scheme:
            return Verdict("", scheme)
        verdict = Verdict("no_match")
    return verdict


def _problem_of_time(timestamp: str, now: datetime) -> str:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return "bad_timestamp"
    age = now.timestamp() - int(timestamp)
    if age > TOLERANCE.total_seconds():
        return "too_old"
    return "too_new" if age < -TOLERANCE.total_seconds() else ""


def _standard(keys: Sequence[SigningKeys], signature: str, signed: bytes) -> str:
    for scheme, value in _parts(signature, " ", ","):
        given = _bytes(value)
        for one in keys:
            if scheme == "v1" and hmac.compare_digest(given, one.symmetric(signed)):
                return scheme
            if scheme == "v1a" and _holds(one.public_key, given, signed):
                return scheme
    return ""


def _own(keys: Sequence[SigningKeys], signature: str, signed: bytes) -> str:
    for scheme, value in _parts(signature, ",", "="):
        given = value.lower().encode()
        for one in keys:
            if scheme == "v1" and hmac.compare_digest(given, one.symmetric(signed).hex().encode()):
                return "x-v1"
    return ""


def _parts(signature: str, between: str, inside: str) -> Iterator[tuple[str, str]]:
    """Yields scheme and value of each signature of a header; more than anybody sends are not looked at."""
    for part in signature.split(between, _MOST_SIGNATURES)[:_MOST_SIGNATURES]:
        scheme, _, value = part.strip().partition(inside)
        yield scheme, value


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _holds(public_key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _signed(event_id: str, timestamp: str, body: bytes) -> bytes:
    return b".".join((event_id.encode(), timestamp.encode(), body))
