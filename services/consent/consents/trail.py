"""The trail: each changed field of a person as a row of its own, and what such a row says afterwards (CON-2). Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.consent.consents.domain import Consent


class SealedProof(NamedTuple):
    """The proof of a change that is sealed already, with the salt that lies in it."""

    value: bytes | None
    salt: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One changed field of one person, as the audit trail keeps it (CON-2)."""

    contact_id: UUID | None
    address_hash: bytes | None
    field: str
    old_value: str | None
    new_value: str | None
    change_source: str
    channel: str | None = None
    message_class: str | None = None
    branch_id: UUID | None = None
    reason: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    source: str | None = None
    """With a consent: where it, or its withdrawal, came from."""
    wording_version: str | None = None
    jurisdiction: str | None = None
    evidence: Mapping[str, Any] | None = None
    expires_at: datetime | None = None
    """With a consent: when the new value ends by itself; of a pending one when it can no longer be confirmed."""
    occurred_at: datetime | None = None
    """When it was given or withdrawn, where that is not when it was recorded."""
    sealed: SealedProof | None = None
    """The proof, where it is stored with the consent too; sealing it once is enough."""


def consent_change(
    consent: Consent,
    old_status: str | None,
    change_source: str,
    *,
    reason: str | None = None,
    ip_address: str | None = None,
    user_agent: str | None = None,
) -> Change:
    """Returns the trail's row about a consent as it now stands.

    Whatever changes a status, or when it ends by itself, needs one: what stood at an instant is told from the trail
    alone. A confirmation asked for again is such a change too.
    """
    given = consent.status in ("granted", "pending")
    return Change(
        contact_id=consent.key.contact_id,
        address_hash=consent.key.address_hash,
        field=f"{consent.key.channel}_consent",
        old_value=old_status,
        new_value=consent.status,
        change_source=change_source,
        channel=consent.key.channel,
        message_class=consent.key.message_class,
        branch_id=consent.key.branch_id,
        reason=reason,
        ip_address=ip_address,
        user_agent=user_agent,
        source=consent.source,
        wording_version=consent.wording_version if given else None,
        jurisdiction=consent.jurisdiction,
        evidence=consent.evidence if given else None,
        expires_at=consent.ends_at,
    )


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the trail."""

    audit_id: UUID
    contact_id: UUID | None
    field: str
    old_value: str | None
    new_value: str | None
    channel: str | None
    message_class: str | None
    branch_id: UUID | None
    change_source: str
    reason: str | None
    created_by: str | None
    created_at: datetime
    source: str | None
    wording_version: str | None
    jurisdiction: str | None
    evidence: Mapping[str, Any] | None
    expires_at: datetime | None
    occurred_at: datetime | None
    sequence: int | None
    entry_hash: bytes | None
