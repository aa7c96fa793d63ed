"""What this service knows of contacts."""

from typing import NamedTuple
from uuid import UUID

from services.consent.decisions.facts import ContactState


class KnownContact(NamedTuple):
    """What campaign tells of a contact: state, defaults, and hashes of its addresses."""

    contact_id: UUID
    state: ContactState
    branch_id: UUID | None = None
    language: str | None = None
    time_zone: str | None = None
    region_code: str | None = None
    email_hash: bytes | None = None
    email_hint: str | None = None
    sms_hash: bytes | None = None
    whatsapp_hash: bytes | None = None
    phone_hint: str | None = None
    hash_key_id: str | None = None
    registry_hashes: tuple[bytes, ...] = ()
    """By which registries know the number; told only when asked for, and not kept."""
