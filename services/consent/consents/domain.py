"""The states of a consent and what may change them (CON-55 to CON-60, section 4 of the rules)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

Status = Literal["pending", "granted", "revoked", "expired"]
ChangeSource = Literal["customer", "staff", "system", "unsubscribe", "provider"]

CONFIRMATION_TIME = timedelta(hours=72)
"""How long a double opt-in may be confirmed (CON-57)."""

MAX_ASKS = 3
ASK_PAUSE = timedelta(minutes=10)
"""How often, and how close together, a person is asked to confirm (CON-18)."""

TEXT_CHANNELS = frozenset({"sms", "whatsapp"})
"""Channels on which a person can send words back."""

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


class NotPendingError(Exception):
    """Raised when a confirmation is asked for that nobody waits for (CON-18)."""

    reason = "VALIDATION_FAILED"
    violations = (("consent_id", "does not wait for a confirmation"),)

    def __init__(self) -> None:
        super().__init__("the consent does not wait for a confirmation")


class AskedEnoughError(Exception):
    """Raised when a person would be asked too often or too soon; `retry_after` says how long to wait (CON-18)."""

    reason = "RATE_LIMITED"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("the person was asked to confirm often enough for now")
        self.retry_after = retry_after


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
    revoked_source: str | None = None
    """Where the withdrawal came from that still stands; a grant that holds ends it."""
    expires_at: datetime | None = None
    wording_version: str | None = None
    jurisdiction: str | None = None
    evidence: Mapping[str, Any] | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    confirmation_sent_at: datetime | None = None
    confirmation_expires_at: datetime | None = None
    confirmed_at: datetime | None = None
    confirmation_count: int = 0
    sealed_address: bytes | None = field(default=None, repr=False)
    """The bare address to ask, encrypted; only while the consent waits."""
    recorded_by: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: int = 0

    @property
    def ends_at(self) -> datetime | None:
        """Returns when its status ends by itself: `status_at` says expired from then on."""
        if self.status == "pending":
            return min(filter(None, (self.confirmation_expires_at, self.expires_at)), default=None)
        return self.expires_at if self.status == "granted" else None

    def status_at(self, now: datetime) -> Status:
        """Returns the status at an instant; expiry does not wait for the job that records it."""
        if self.status in ("granted", "pending") and self.expires_at is not None and self.expires_at <= now:
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
    """True when the person must confirm, whatever the tenant asks."""
    by_staff: bool
    """True when staff wrote it down, whatever source it names."""
    by_service: bool = False
    """True when a service vouches for it: only then does a source prove that the address is the person's."""
    wording_version: str | None = None
    jurisdiction: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    recorded_by: str | None = None
    is_new_address: bool = False
    """True when it brings an address nobody confirmed yet: what was confirmed for another one does not cover it."""

    @property
    def is_own_act(self) -> bool:
        """Returns whether the person acted."""
        return self.source in OWN_ACTS and not self.by_staff

    def proves(self, channel: str) -> bool:
        """Returns whether the act itself came from the person's address, so that nobody need be asked to confirm."""
        if not self.by_service:
            return False
        return self.source == "double_opt_in" or (self.source == "sms_keyword" and channel in TEXT_CHANNELS)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the tenant and the person's past ask of a new grant."""

    double_opt_in_channels: frozenset[str]
    validity: timedelta | None
    opt_out_source: str | None
    """Source of a global opt-out that stands; None when there is none."""
    wider_withdrawal: str | None = None
    """For a branch: source of a withdrawal that stands for the whole tenant."""


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
        AskedEnoughError: It waits, was asked three times, and a new address is to be asked once more.
    """
    withdrawals = {terms.wider_withdrawal, current.revoked_source if current else None}
    withdrawn = terms.opt_out_source in OWN_OPT_OUTS or not OWN_WITHDRAWALS.isdisjoint(withdrawals)
    guarded = withdrawn and not wanted.is_own_act
    if guarded and not wanted.evidence:
        raise EvidenceRequiredError
    status = None if current is None else current.status_at(now)
    row = current or new
    if wanted.is_new_address and status in ("granted", "pending"):
        return _asked_at_new_address(row, wanted, status, now)
    if status == "granted" and _is_repeat(row, wanted):
        return row
    if status not in ("granted", "pending"):
        # What proved a consent that ended proves nothing about the next one.
        row = replace(row, evidence=None, wording_version=None, jurisdiction=None, confirmation_count=0)
    if status == "pending" and not wanted.proves(row.key.channel):
        # What waits is confirmed by the person and by nothing else; who asks again reminds the person.
        return _changed(row, wanted, **_asking(row, now)) if _wait_to_ask(row, now) is None else row
    if status != "granted" and _needs_confirmation(row.key, wanted, terms, guarded=guarded):
        return _changed(
            row,
            wanted,
            status="pending",
            granted_at=None,
            expires_at=wanted.expires_at,
            confirmed_at=None,
            **_asking(row, now),
        )
    return _changed(
        row,
        wanted,
        expires_at=wanted.expires_at or _asked_expiry(row, status) or _expiry(row.key, terms, now),
        **_granted(row, now, confirmed=wanted.proves(row.key.channel)),
    )


def _asked_at_new_address(row: Consent, wanted: Grant, status: Status, now: datetime) -> Consent:
    """Returns a consent that waits until the owner of another address confirms; links to the former one are void."""
    if status == "granted":
        row = replace(row, confirmation_count=0, granted_at=None, confirmed_at=None)
    elif row.confirmation_count >= MAX_ASKS:
        raise AskedEnoughError((row.confirmation_expires_at or now) - now)
    return _changed(
        row, wanted, status="pending", expires_at=wanted.expires_at or row.expires_at, **_asking(row, now)
    )


def ask_again(current: Consent, now: datetime) -> Consent:
    """Returns a waiting consent with one more asking; its former link is worthless from here on (CON-18).

    Raises:
        NotPendingError: It does not wait.
        AskedEnoughError: It was asked three times, or less than ten minutes ago.
    """
    if current.status_at(now) != "pending":
        raise NotPendingError
    wait = _wait_to_ask(current, now)
    if wait is not None:
        raise AskedEnoughError(wait)
    return replace(current, **_asking(current, now))


def _asking(row: Consent, now: datetime) -> dict[str, Any]:
    return {
        "confirmation_sent_at": now,
        "confirmation_expires_at": now + CONFIRMATION_TIME,
        "confirmation_count": row.confirmation_count + 1,
    }


def _wait_to_ask(row: Consent, now: datetime) -> timedelta | None:
    """Returns how long to wait before a person may be asked again; None when it may be now."""
    if row.confirmation_count == 0:
        # An import made it wait and asked nobody yet.
        return None
    if row.confirmation_count >= MAX_ASKS:
        return (row.confirmation_expires_at or now) - now
    next_at = (row.confirmation_sent_at or now - ASK_PAUSE) + ASK_PAUSE
    return next_at - now if next_at > now else None


def _granted(row: Consent, now: datetime, *, confirmed: bool) -> dict[str, Any]:
    """Returns what a grant that holds changes; an earlier confirmation still proves a consent that goes on."""
    goes_on = row.status_at(now) == "granted"
    return {
        "status": "granted",
        "granted_at": now,
        "revoked_at": None,
        "revoked_source": None,
        "confirmation_expires_at": None,
        "confirmed_at": now if confirmed else row.confirmed_at if goes_on else None,
        "sealed_address": None,
    }


def deciding(rows: Mapping[UUID | None, Consent], branch_id: UUID | None) -> Consent | None:
    """Returns the row that decides for a message: that of its branch, else the tenant-wide one (CON-56)."""
    if branch_id is not None and branch_id in rows:
        return rows[branch_id]
    return rows.get(None)


def _is_repeat(current: Consent, wanted: Grant) -> bool:
    same_expiry = wanted.expires_at is None or wanted.expires_at == current.expires_at
    same_evidence = not wanted.evidence or dict(wanted.evidence) == dict(current.evidence or {})
    same_wording = (wanted.wording_version or current.wording_version) == current.wording_version
    same_law = (wanted.jurisdiction or current.jurisdiction) == current.jurisdiction
    return current.source == wanted.source and same_expiry and same_evidence and same_wording and same_law


def _needs_confirmation(key: Key, wanted: Grant, terms: Terms, *, guarded: bool) -> bool:
    if key.message_class != "marketing" or wanted.proves(key.channel):
        return False
    return (
        wanted.double_opt_in
        or key.channel in terms.double_opt_in_channels
        or (guarded and key.channel == "email")
    )


def _asked_expiry(row: Consent, status: Status | None) -> datetime | None:
    """Returns the end that was asked for together with what is now confirmed."""
    return row.expires_at if status == "pending" else None


def _expiry(key: Key, terms: Terms, granted_at: datetime) -> datetime | None:
    if key.message_class != "marketing" or terms.validity is None:
        return None
    return granted_at + terms.validity


def _changed(row: Consent, wanted: Grant, **changes: Any) -> Consent:
    return replace(
        row,
        source=wanted.source,
        wording_version=wanted.wording_version or row.wording_version,
        jurisdiction=wanted.jurisdiction or row.jurisdiction,
        evidence=wanted.evidence or row.evidence,
        ip_address=wanted.ip_address,
        user_agent=wanted.user_agent,
        recorded_by=wanted.recorded_by,
        **changes,
    )


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
