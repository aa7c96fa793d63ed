"""Links by which somebody stops messages of a kind to their address, without being anybody's contact (EVT-63).

They are made where the message is, and followed where suppression is. What they say is a hash of the address.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from services.common.security.tokens import InvalidToken

VALIDITY: Final = timedelta(days=365)
SCOPES: Final = ("group_payment",)
"""What can be stopped; numbers are part of tokens that live a year: never reordered."""

_HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class StopLink:
    """Which e-mail address, and what it stops."""

    scope: str
    address_hash: bytes
    key_id: str
    """Key of the hash."""
    hint: str
    """Masked form of the address, for the page."""


def pack(link: StopLink) -> bytes:
    """Returns the body of a link's token."""
    key = link.key_id.encode()
    return bytes((SCOPES.index(link.scope), len(key))) + link.address_hash + key + link.hint.encode()


def unpack(body: bytes) -> StopLink:
    """Returns what a token's body says; InvalidToken when it is not a link's."""
    if len(body) < 2 + _HASH_BYTES or body[0] >= len(SCOPES):
        raise InvalidToken
    rest = body[2 + _HASH_BYTES :]
    try:
        key, hint = rest[: body[1]].decode(), rest[body[1] :].decode()
    except UnicodeDecodeError:
        raise InvalidToken from None
    return StopLink(SCOPES[body[0]], body[2 : 2 + _HASH_BYTES], key, hint)
