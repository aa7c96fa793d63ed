"""What an unsubscribe or preference link says inside its token: whom it concerns, never an address (CON-62)."""

import struct
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.common.security.tokens import InvalidToken, Purpose

VALIDITY = timedelta(days=365)
PURPOSES = {"unsubscribe": Purpose.UNSUBSCRIBE, "preferences": Purpose.PREFERENCES}
"""What links are for, each word that of its page too."""

_HEAD = struct.Struct(">BBI")
_HAS_CONTACT, _HAS_MESSAGE, _HAS_CAMPAIGN = 1, 2, 4
_ALL = _HAS_CONTACT | _HAS_MESSAGE | _HAS_CAMPAIGN
_CHANNELS = ("", "email", "sms", "whatsapp", "push")
"""Numbers are part of tokens that live a year: never reordered. The empty word stands for every channel."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link concerns: a contact, or the address behind a hash; and what carried it."""

    contact_id: UUID | None
    address_hash: bytes | None
    channel: str
    """The channel it stops; empty for every channel."""
    token_version: int
    """Version of the contact's links it belongs to; 1 for addresses."""
    message_id: UUID | None = None
    campaign_id: UUID | None = None


def pack(link: Link) -> bytes:
    """Returns the body of a link's token."""
    person = link.contact_id.bytes if link.contact_id else link.address_hash or b""
    message = link.message_id.bytes if link.message_id else None
    return pack_parts(
        link.channel,
        person,
        link.token_version,
        message,
        link.campaign_id.bytes if link.campaign_id else None,
    )


def pack_parts(
    channel: str, person: bytes, token_version: int, message_id: bytes | None, campaign_id: bytes | None
) -> bytes:
    """Returns the body of a link's token from ids as bytes: a contact has 16 of them, an address hash 32."""
    flags = (
        (_HAS_CONTACT if len(person) == 16 else 0)
        | (_HAS_MESSAGE if message_id else 0)
        | (_HAS_CAMPAIGN if campaign_id else 0)
    )
    head = _HEAD.pack(flags, _CHANNELS.index(channel), token_version)
    return b"".join((head, person, message_id or b"", campaign_id or b""))


def unpack(body: bytes) -> Link:
    """Returns what a token's body says; InvalidToken when it is not a link's."""
    try:
        flags, channel, token_version = _HEAD.unpack_from(body)
        word = _CHANNELS[channel]
    except (struct.error, IndexError):
        raise InvalidToken from None
    sizes = (
        16 if flags & _HAS_CONTACT else 32,
        16 if flags & _HAS_MESSAGE else 0,
        16 if flags & _HAS_CAMPAIGN else 0,
    )
    if flags & ~_ALL or len(body) != _HEAD.size + sum(sizes):
        raise InvalidToken
    rest = body[_HEAD.size :]
    person, message, campaign = rest[: sizes[0]], rest[sizes[0] : sum(sizes[:2])], rest[sum(sizes[:2]) :]
    is_contact = bool(flags & _HAS_CONTACT)
    return Link(
        contact_id=UUID(bytes=person) if is_contact else None,
        address_hash=None if is_contact else person,
        channel=word,
        token_version=token_version,
        message_id=UUID(bytes=message) if message else None,
        campaign_id=UUID(bytes=campaign) if campaign else None,
    )
