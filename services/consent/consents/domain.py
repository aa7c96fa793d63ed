"""The states of a consent and what may change them (CON-55 to CON-60, section 4 of the rules)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

Status = Literal["pending", "granted", "revoked", "expired"]
ChangeSource = Literal["customer", "staff", "system", "unsubscribe", "provider"]

CONFIRMATION_TIME = timedelta(hours=72)
"""How long a double opt-in may be confirmed (CON-57)."""

OWN_ACTS = frozenset({"web_form", "preference_page", "sms_keyword", "double_opt_in"})
"""Sources of a grant that is the person's own act."""

OWN_WITHDRAWALS = frozenset({"web_form", "preference_page", "sms_keyword", "unsubscribe_link", "complaint"})
"""Sources of a revocation that the person made."""

OWN_OPT_OUTS = frozenset(
    {"customer_request", "unsubscribe_link", "sms_keyword", "complaint", "preference_page"}
)
"""Sources of an opt-out that the person made."""

CHANGE_SOURCES: dict[str, ChangeSource] = {
    "web_form": "customer",
    "staff": "staff",
    "pos": "staff",
    "import": "system",
    "api": "system",
    "sms_keyword": "customer",
    "double_opt_in": "customer",
    "preference_page": "customer",
    "unsubscribe_link": "unsubscribe",
    "complaint": "provider",
    "migration": "system",
}

# A wish the person stated counts as the person's own, whoever wrote it down.
SOURCE_OF_OPT_OUT = {
    "customer_request": "web_form",
    "unsubscribe_link": "unsubscribe_link",
    "manual": "staff",
    "sms_keyword": "sms_keyword",
    "complaint": "complaint",
    "preference_page": "preference_page",
    "import": "import",
}


class EvidenceRequiredError(Exception):
    """Raised when a grant after the person's own withdrawal brings no evidence (CON-58)."""

    reason = "EVIDENCE_REQUIRED"

    def __init__(self) -> None:
        super().__init__("the person withdrew: a new consent needs evidence")


@dataclass(frozen=True, slots=True)
class Key:
    """What a consent is for; one current row exists per key."""

    contact_id: UUID | None
    address_hash: bytes | None
    channel: str
    message_class: str
    branch_id: UUID | None


@dataclass(frozen=True, slots=True)
class Consent:
    """The current row of a key."""

    consent_id: UUID
    key: Key
    status: Status
    source: str
    granted_at: datetime | None = None
    revoked_at: datetime | None = None
    expires_at: datetime | None = None
    evidence: Mapping[str, Any] | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    confirmation_sent_at: datetime | None = None
    confirmation_expires_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmation_count: int = 0
    recorded_by: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 0

    def status_at(self, now: datetime) -> Status:
        """Returns the status at an instant; expiry does not wait for the job that records it."""
        if self.status == "granted" and self.expires_at is not None and self.expires_at <= now:
            return "expired"
        if self.status == "pending" and (self.confirmation_expires_at or now) <= now:
            return "expired"
        return self.status


@dataclass(frozen=True, slots=True)
class Grant:
    """A consent as somebody records it."""

    source: str
    evidence: Mapping[str, Any] | None
    expires_at: datetime | None
    double_opt_in: bool
    by_staff: bool
    """True when staff wrote it down, whatever source it names."""
    ip_address: str | None = None
    user_agent: str | None = None
    recorded_by: str | None = None

    @property
    def is_own_act(self) -> bool:
        """Returns whether the person acted."""
        return self.source in OWN_ACTS and not self.by_staff


@dataclass(frozen=True, slots=True)
class Terms:
    """What the tenant and the person's past ask of a new grant."""

    double_opt_in_channels: frozenset[str]
    validity: timedelta | None
    opt_out_source: str | None
    """Source of a global opt-out that stands; None when there is none."""


def grant(current: Consent | None, wanted: Grant, new: Consent, terms: Terms, now: datetime) -> Consent:
    """Returns the row as it stands after a grant: the current one itself when nothing changes.

    Args:
        current: The row of the key, if any.
        wanted: What is recorded.
        new: A fresh row of the key, used when there is none.
        terms: What the tenant and the past ask.
        now: The instant of the grant.

    Raises:
        EvidenceRequiredError: The person withdrew, and somebody else grants without evidence.
    """
    withdrawn = terms.opt_out_source in OWN_OPT_OUTS or (
        current is not None and current.status == "revoked" and current.source in OWN_WITHDRAWALS
    )
    guarded = withdrawn and not wanted.is_own_act
    if guarded and not wanted.evidence:
        raise EvidenceRequiredError
    status = None if current is None else current.status_at(now)
    key = new.key if current is None else current.key
    if status == "granted" and current is not None:
        if _is_repeat(current, wanted):
            return current
    elif _needs_confirmation(key, wanted, terms, guarded=guarded):
        if status == "pending" and current is not None:
            return current
        return _changed(
            current or new,
            wanted,
            status="pending",
            granted_at=None,
            revoked_at=None,
            expires_at=wanted.expires_at,
            confirmation_sent_at=now,
            confirmation_expires_at=now + CONFIRMATION_TIME,
            confirmation_count=1,
            confirmed_at=None,
        )
    return _changed(
        current or new,
        wanted,
        status="granted",
        granted_at=now,
        revoked_at=None,
        expires_at=wanted.expires_at or _expiry(key, terms, now),
        confirmation_expires_at=None,
        confirmed_at=now if wanted.source == "double_opt_in" else None,
    )


def deciding(rows: Mapping[UUID | None, Consent], branch_id: UUID | None) -> Consent | None:
    """Returns the row that decides for a message: that of its branch, else the tenant-wide one (CON-56)."""
    if branch_id is not None and branch_id in rows:
        return rows[branch_id]
    return rows.get(None)


def _is_repeat(current: Consent, wanted: Grant) -> bool:
    same_expiry = wanted.expires_at is None or wanted.expires_at == current.expires_at
    same_evidence = not wanted.evidence or dict(wanted.evidence) == dict(current.evidence or {})
    return current.source == wanted.source and same_expiry and same_evidence


def _needs_confirmation(key: Key, wanted: Grant, terms: Terms, *, guarded: bool) -> bool:
    if key.message_class != "marketing" or (wanted.source == "double_opt_in" and not wanted.by_staff):
        return False
    return (
        wanted.double_opt_in
        or key.channel in terms.double_opt_in_channels
        or (guarded and key.channel == "email")
    )


def _expiry(key: Key, terms: Terms, granted_at: datetime) -> datetime | None:
    if key.message_class != "marketing" or terms.validity is None:
        return None
    return granted_at + terms.validity


def _changed(row: Consent, wanted: Grant, **changes: Any) -> Consent:
    return replace(
        row,
        source=wanted.source,
        evidence=wanted.evidence or row.evidence,
        ip_address=wanted.ip_address,
        user_agent=wanted.user_agent,
        recorded_by=wanted.recorded_by,
        **changes,
    )


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


@dataclass(frozen=True, slots=True)
class Summary:
    """Where a person stands over all channels."""

    contact_id: UUID | None
    opted_out: bool
    opted_out_at: datetime | None
    opt_out_source: str | None
    is_dnd: bool
    channels: list[str]
    """Channels with a tenant-wide marketing consent that holds."""
