"""Signed tokens for links and return paths (GEN-38): compact, bound to one purpose and one tenant, short-lived.

A link token is base64url, without padding, of

    version 1 | purpose 1 | key tag 2 | tenant 16 | issued 4 | expires 4 | body … | first 16 bytes of HMAC-SHA-256

A bounce token must survive mail systems that fold case, and fit a local part of 64 characters: it is base32 in lower
case of `version and key tag 1 | tenant 16 | message 16 | first 7 bytes of HMAC-SHA-256`. Its issue time is the one
inside the message's UUIDv7, its expiry a fixed time later.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from uuid import UUID

from services.common.security.keys import KeySet, derive
from services.common.security.mac import mac


class Purpose(IntEnum):
    """What a token is good for; it is worthless for anything else. Numbers are never reused."""

    OPEN = 1
    CLICK = 2
    UNSUBSCRIBE = 3
    PREFERENCES = 4
    CONFIRM = 5
    BOUNCE = 6
    FORM = 7
    FEEDBACK = 8
    PASS = 9
    TICKET = 10
    EXPORT = 11
    VIEW = 12
    MEDIA = 13
    STOP = 14


class InvalidToken(Exception):
    """A token that is malformed, forged, or made for another purpose or tenant; one answer for all (CON-97)."""

    reason = "INVALID_TOKEN"

    def __init__(self) -> None:
        super().__init__("token is not valid")


class ExpiredToken(Exception):
    """A genuine token whose time is over; `payload` is what it said."""

    reason = "TOKEN_EXPIRED"

    def __init__(self, payload: Payload) -> None:
        super().__init__("token has expired")
        self.payload = payload


@dataclass(frozen=True, slots=True)
class Payload:
    """What a genuine token says."""

    tenant_id: UUID
    body: bytes
    issued: datetime
    expires: datetime


BOUNCE_VALIDITY = timedelta(days=60)

_VERSION = 1
_HEAD = struct.Struct(">BB2s16sII")
_MAC_BYTES = 16
_LEAST_BYTES = _HEAD.size + _MAC_BYTES
_LONGEST_TOKEN = 1024

_BOUNCE_BYTES = 40
_BOUNCE_MAC_BYTES = 7
_BOUNCE_VERSION = 0b01 << 6
_TAG_MASK = 0b00111111

_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"", b"==", b"=")

_MESSAGE_LINK = struct.Struct(">16sI")


class TokenSigner:
    """Signs and verifies tokens; the first key signs, all verify, so keys rotate without voiding links."""

    def __init__(self, keys: KeySet) -> None:
        self._macs: dict[tuple[Purpose, bytes], list[hmac.HMAC]] = {}
        for name, key in keys:
            for purpose in Purpose:
                keyed = hmac.new(derive(key, f"token/{purpose.name}"), digestmod=hashlib.sha256)
                # Two key ids may share a tag; then both are tried.
                self._macs.setdefault((purpose, _tag(name)), []).append(keyed)
        name, key = keys.current
        self._tag = _tag(name)
        self._signing = {purpose: derive(key, f"token/{purpose.name}") for purpose in Purpose}
        self._bounce_macs: dict[int, list[hmac.HMAC]] = {}
        for (purpose, tag), macs in self._macs.items():
            if purpose is Purpose.BOUNCE:
                self._bounce_macs.setdefault(_small_tag(tag), []).extend(macs)

    def sign(
        self, purpose: Purpose, tenant_id: UUID, body: bytes, *, issued: datetime, expires: datetime
    ) -> str:
        """Returns a token of up to 1,024 characters; instants keep whole seconds."""
        return self.sign_many(purpose, tenant_id, (body,), issued=issued, expires=expires)[0]

    def sign_many(
        self,
        purpose: Purpose,
        tenant_id: UUID,
        bodies: Iterable[bytes],
        *,
        issued: datetime,
        expires: datetime,
    ) -> list[str]:
        """Returns the tokens of a block, in order."""
        issue = self.issuer(purpose, tenant_id, issued=issued, expires=expires)
        return [issue(body) for body in bodies]

    def issuer(
        self, purpose: Purpose, tenant_id: UUID, *, issued: datetime, expires: datetime
    ) -> Callable[[bytes], str]:
        """Returns what makes a token of each body, for little more than its signature."""
        if purpose is Purpose.BOUNCE:
            raise ValueError("a bounce token is made by sign_bounce")
        head = _HEAD.pack(
            _VERSION, purpose, self._tag, tenant_id.bytes, int(issued.timestamp()), int(expires.timestamp())
        )
        digest = mac(self._signing[purpose], head)

        def issue(body: bytes) -> str:
            signed = head + body + digest(body)[:_MAC_BYTES]
            token = binascii.b2a_base64(signed, newline=False).translate(_TO_URL).rstrip(b"=").decode()
            if len(token) > _LONGEST_TOKEN:
                raise ValueError("the body of a token is too long")
            return token

        return issue

    def verify(
        self, purpose: Purpose, token: str, now: datetime, *, tenant_id: UUID | None = None
    ) -> Payload:
        """Returns what a token says.

        Raises:
            InvalidToken: It is malformed, forged, for another purpose, or not of `tenant_id` where one is given.
            ExpiredToken: It is genuine but its time is over.
        """
        signed = _decoded(token)
        version, found_purpose, tag, tenant, issued, expires = _HEAD.unpack_from(signed)
        if version != _VERSION or found_purpose != purpose:
            raise InvalidToken
        said, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
        if not _genuine(self._macs.get((purpose, tag), ()), said, mac):
            raise InvalidToken
        if tenant_id is not None and tenant_id.bytes != tenant:
            raise InvalidToken
        payload = Payload(
            UUID(bytes=tenant),
            said[_HEAD.size :],
            datetime.fromtimestamp(issued, UTC),
            datetime.fromtimestamp(expires, UTC),
        )
        if now >= payload.expires:
            raise ExpiredToken(payload)
        return payload

    def sign_bounce(self, tenant_id: UUID, message_id: UUID) -> str:
        """Returns the local part, 64 characters, to which a message's bounces come back."""
        return self.bounce_issuer(tenant_id)(message_id)

    def bounce_issuer(self, tenant_id: UUID) -> Callable[[UUID], str]:
        """Returns what makes the local part of each of a tenant's messages, for little more than its signature."""
        head = bytes((_BOUNCE_VERSION | _small_tag(self._tag),)) + tenant_id.bytes
        digest = mac(self._signing[Purpose.BOUNCE], head)
        # Base32 spells groups of five bytes, so whole groups that all have in common are spelled once.
        cut = len(head) // 5 * 5
        opening, rest = base64.b32encode(head[:cut]), head[cut:]

        def issue(message_id: UUID) -> str:
            if message_id.version != 7:
                raise ValueError("a bounce token needs a UUIDv7: its issue time is read from it")
            message = message_id.bytes
            return (
                (opening + base64.b32encode(rest + message + digest(message)[:_BOUNCE_MAC_BYTES]))
                .decode()
                .lower()
            )

        return issue

    def verify_bounce(self, token: str, now: datetime, *, tenant_id: UUID | None = None) -> Payload:
        """Returns what a bounce token says, in any case of letters; its body is the message id."""
        if len(token) != _BOUNCE_BYTES * 8 // 5:
            raise InvalidToken
        try:
            signed = base64.b32decode(token, casefold=True)
        except (binascii.Error, ValueError):
            raise InvalidToken from None
        said, mac = signed[:-_BOUNCE_MAC_BYTES], signed[-_BOUNCE_MAC_BYTES:]
        if said[0] & ~_TAG_MASK != _BOUNCE_VERSION:
            raise InvalidToken
        if not _genuine(self._bounce_macs.get(said[0] & _TAG_MASK, ()), said, mac):
            raise InvalidToken
        tenant = UUID(bytes=said[1:17])
        if tenant_id is not None and tenant_id != tenant:
            raise InvalidToken
        issued = datetime.fromtimestamp(int.from_bytes(said[17:23], "big") / 1000, UTC)
        payload = Payload(tenant, said[17:], issued, issued + BOUNCE_VALIDITY)
        if now >= payload.expires:
            raise ExpiredToken(payload)
        return payload


def message_link_body(message_id: UUID, link: int) -> bytes:
    """Returns the body of a CLICK token: the message, and the number of the link in it."""
    return _MESSAGE_LINK.pack(message_id.bytes, link)


def read_message_link(body: bytes) -> tuple[UUID, int]:
    """Returns message id and link number of a CLICK token's body; InvalidToken when it is something else."""
    if len(body) != _MESSAGE_LINK.size:
        raise InvalidToken
    message, link = _MESSAGE_LINK.unpack(body)
    return UUID(bytes=message), link


def read_message(body: bytes) -> UUID:
    """Returns the message id of an OPEN or bounce token's body; InvalidToken when it is something else."""
    if len(body) != 16:
        raise InvalidToken
    return UUID(bytes=body)


def _tag(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:2]


def _small_tag(tag: bytes) -> int:
    return tag[0] & _TAG_MASK


def _genuine(macs: Iterable[hmac.HMAC], said: bytes, mac: bytes) -> bool:
    for keyed in macs:
        own = keyed.copy()
        own.update(said)
        if hmac.compare_digest(own.digest()[: len(mac)], mac):
            return True
    return False


def _decoded(token: str) -> bytes:
    """Returns the bytes of a link token; each token has exactly one spelling."""
    if not token.isascii() or len(token) > _LONGEST_TOKEN:
        raise InvalidToken
    spelled = token.encode()
    try:
        signed = binascii.a2b_base64(spelled.translate(_FROM_URL) + _PADDING[len(spelled) % 4])
    except binascii.Error:
        raise InvalidToken from None
    if len(signed) < _LEAST_BYTES:
        raise InvalidToken
    if binascii.b2a_base64(signed, newline=False).translate(_TO_URL).rstrip(b"=") != spelled:
        raise InvalidToken
    return signed
