"""What a confirmation link says inside its token: the consent, and which asking it belongs to (CON-57)."""

import struct
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.common.security.tokens import InvalidToken, Purpose, TokenSigner
from services.consent.consents.domain import Consent

PATH = "consent/confirm"

_BODY = struct.Struct(">16sBI")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One asking: a link is good for the newest one only."""

    consent_id: UUID
    count: int
    """How often it was asked, from 1."""
    link_version: int
    """Version of the contact's links it belongs to; 1 for addresses."""


def pack(said: Confirmation) -> bytes:
    """Returns the body of a confirmation token."""
    return _BODY.pack(said.consent_id.bytes, said.count, said.link_version)


def unpack(body: bytes) -> Confirmation:
    """Returns what a token's body says; InvalidToken when it is not a confirmation's."""
    try:
        consent_id, count, link_version = _BODY.unpack(body)
    except struct.error:
        raise InvalidToken from None
    return Confirmation(UUID(bytes=consent_id), count, link_version)


def sign(signer: TokenSigner, tenant_id: UUID, consent: Consent, link_version: int) -> str:
    """Returns the token of a pending consent; it is the same whenever it is asked for."""
    if consent.confirmation_sent_at is None or consent.confirmation_expires_at is None:
        raise ValueError("a consent that does not wait has no link")
    said = Confirmation(consent.consent_id, consent.confirmation_count, link_version)
    return signer.sign(
        Purpose.CONFIRM,
        tenant_id,
        pack(said),
        issued=consent.confirmation_sent_at,
        expires=consent.confirmation_expires_at,
    )


def is_newest(consent: Consent, said: Confirmation, issued: datetime) -> bool:
    """Returns whether a token belongs to the newest asking of a consent.

    A consent that was withdrawn and is asked for anew counts from one again; then the instant tells them apart.
    """
    sent_at = consent.confirmation_sent_at
    return (
        sent_at is not None
        and consent.confirmation_count == said.count
        and int(sent_at.timestamp()) == int(issued.timestamp())
    )
