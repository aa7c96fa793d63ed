"""How tokens are sealed: with the key of their person inside, with the tenant's outside (GEN-36, SEC-45).

A device that is registered again is sealed again. What is sealed with a person's key must have a place of its own each
time, so each sealing adds a few random bytes to the device's id.
"""

import os
from typing import Final, NamedTuple
from uuid import UUID

import orjson

from services.common.contact_data import keys as person_keys
from services.common.security.envelope import KeyGoneError
from services.delivery.providers.webpush.encryption import decoded, unpadded

_SALT: Final = 8


class Token(NamedTuple):
    """What reaches a device."""

    token: str
    p256dh: bytes = b""
    auth: bytes = b""


def aad_of_device(device_id: UUID) -> bytes:
    """Returns the place of a device's token."""
    return b"push_device" + device_id.bytes


def sealed(secret: bytes, token: Token, device_id: UUID) -> bytes:
    """Returns a token sealed with its person's key, for the tenant's key to seal."""
    salt = os.urandom(_SALT)
    plain = orjson.dumps([token.token, unpadded(token.p256dh), unpadded(token.auth)])
    return salt + person_keys.seal(secret, plain, aad_of_device(device_id) + salt)


def unsealed(secret: bytes | None, record: bytes, device_id: UUID) -> Token | None:
    """Returns a token; None when the person was erased."""
    salt, body = record[:_SALT], record[_SALT:]
    try:
        token, p256dh, auth = orjson.loads(person_keys.unseal(secret, body, aad_of_device(device_id) + salt))
    except KeyGoneError:
        return None
    return Token(token, decoded(p256dh) if p256dh else b"", decoded(auth) if auth else b"")
