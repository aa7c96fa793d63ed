"""Codes that prove a ticket: a signed text in a QR code, good for a slot of 30 seconds or until it expires (DEL-101).

The text is `<validation url>?ticket=…` (or the token alone), whose token names key, tenant, ticket, event, beginning
and end, under a MAC with a key of its own. A slot's code is good during the slots before and after it as well, so that
clocks may differ and a code may be shown just before it changes.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

import segno

from services.common.security.tokens import ExpiredToken, InvalidToken, Payload, Purpose, TokenSigner

SLOT: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(days=731)
DEFAULT_SCALE: Final = 8

_PARAMETER: Final = "ticket"
_SEPARATOR: Final = b"\0"


@dataclass(frozen=True, slots=True)
class Code:
    """The text of a code, and when a new one is due."""

    payload: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a genuine code says."""

    tenant_id: UUID
    ticket_ref: str
    event_ref: str


def rotating(
    signer: TokenSigner, tenant_id: UUID, ticket_ref: str, event_ref: str, url: str, now: datetime
) -> Code:
    """Returns the code of the slot that now belongs to."""
    begins = _slot(now)
    # Good in the slot before it as well: a scanner's clock may be behind.
    token = _token(signer, tenant_id, ticket_ref, event_ref, begins - SLOT, begins + 2 * SLOT)
    return Code(_text(url, token), begins + SLOT)


def lasting(
    signer: TokenSigner,
    tenant_id: UUID,
    ticket_ref: str,
    event_ref: str,
    url: str,
    now: datetime,
    expires_at: datetime,
) -> Code:
    """Returns a code that is good until an instant."""
    token = _token(signer, tenant_id, ticket_ref, event_ref, now - SLOT, expires_at)
    return Code(_text(url, token), expires_at)


def read(signer: TokenSigner, payload: str, now: datetime, tenant_id: UUID) -> Ticket:
    """Returns what a code says.

    Raises:
        InvalidToken: It is no code, forged, another tenant's, or not good yet.
        ExpiredToken: It is genuine, and its time is over.
    """
    found = signer.verify(Purpose.TICKET, _token_of(payload), now, tenant_id=tenant_id)
    if now < found.issued:
        raise InvalidToken
    return ticket_of(found)


def ticket_of(payload: Payload) -> Ticket:
    """Returns the ticket of a genuine token."""
    ticket_ref, _, event_ref = payload.body.partition(_SEPARATOR)
    return Ticket(payload.tenant_id, ticket_ref.decode(), event_ref.decode())


def picture(payload: str, scale: int) -> bytes:
    """Returns a code as PNG, with the quiet zone that scanners need."""
    out = io.BytesIO()
    segno.make_qr(payload, error="m").save(out, kind="png", scale=scale or DEFAULT_SCALE, border=4)
    return out.getvalue()


def _token(
    signer: TokenSigner, tenant_id: UUID, ticket_ref: str, event_ref: str, issued: datetime, expires: datetime
) -> str:
    body = ticket_ref.encode() + _SEPARATOR + event_ref.encode()
    return signer.sign(Purpose.TICKET, tenant_id, body, issued=issued, expires=expires)


def _text(url: str, token: str) -> str:
    if not url:
        return token
    return f"{url}{'&' if '?' in url else '?'}{urlencode({_PARAMETER: token})}"


def _token_of(payload: str) -> str:
    if "://" not in payload:
        return payload
    try:
        return parse_qs(urlsplit(payload).query).get(_PARAMETER, [""])[-1]
    except ValueError:
        return ""


def _slot(now: datetime) -> datetime:
    seconds = int(SLOT.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, UTC)


__all__ = ["Code", "ExpiredToken", "InvalidToken", "Ticket", "lasting", "picture", "read", "rotating"]
