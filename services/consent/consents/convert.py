"""Consents between the contract and the domain."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict, ParseDict, SerializeToJsonError
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.consent.v1 import consent_pb2, consent_service_pb2
from services.common.errors import ServiceError, Violation, invalid, invalid_many
from services.common.rpc.context import Caller
from services.consent import proofs
from services.consent.consents.contact_domain import CONSENT_FLAGS, Position
from services.consent.consents.domain import Consent, Grant, Summary
from services.consent.consents.import_domain import BlockResult, Candidate, Terms
from services.consent.consents.trail import AuditRow
from services.consent.ledger.domain import micros_of
from services.consent.rows import MAX_ROWS, row_errors
from services.consent.schema import CONSENT_CHANNELS, JURISDICTION, MESSAGE_CLASSES
from services.consent.words import (
    CHANNEL,
    CONSENT_SOURCE,
    CONSENT_STATE,
    MESSAGE_CLASS,
    OPT_OUT_SOURCE,
    instant,
    text_of,
    timestamp,
)

MAX_EVIDENCE_BYTES = 4096
MAX_ADDRESS = 320
MAX_WORDING = 100
_JURISDICTION = re.compile(JURISDICTION)
_NO_JSON = "holds a number that is not finite, which JSON does not have"
_UNREADABLE = (SerializeToJsonError, ValueError)
_ID_LENGTH, _ID_BYTES = 36, 16
_FIRST_MICROS = micros_of(datetime(1, 1, 1, tzinfo=UTC))


def evidence_of(evidence: Struct) -> dict[str, Any] | None:
    """Returns evidence as JSON holds it, None when there is none; VALIDATION_FAILED above 4 KB."""
    if evidence.ByteSize() > MAX_EVIDENCE_BYTES:
        raise invalid("evidence", "must be at most 4 KB")
    try:
        return MessageToDict(evidence) or None
    except _UNREADABLE:
        raise invalid("evidence", _NO_JSON) from None


def grant(request: consent_service_pb2.GrantConsentRequest, caller: Caller) -> Grant:
    """Returns a grant as its caller records it."""
    return Grant(
        source=CONSENT_SOURCE.word(request.source),
        evidence=evidence_of(request.evidence),
        expires_at=instant(request.expire_time) if request.HasField("expire_time") else None,
        double_opt_in=request.double_opt_in,
        by_staff=caller.kind == "person",
        by_service=caller.kind == "service",
        wording_version=request.wording_version or None,
        jurisdiction=request.jurisdiction or None,
        ip_address=request.ip_address or None,
        user_agent=request.user_agent or None,
        recorded_by=caller.subject,
    )


def classes(number: int) -> Sequence[str]:
    """Returns the classes a revocation is for: the named one, or all."""
    word = MESSAGE_CLASS.word(number)
    return (word,) if word else MESSAGE_CLASSES


def consent(found: Consent, now: datetime) -> consent_pb2.Consent:
    """Returns a consent as it stands now: expiry is tested against the clock."""
    return consent_pb2.Consent(
        consent_id=str(found.consent_id),
        contact_id=text_of(found.key.contact_id),
        channel=CHANNEL.number(found.key.channel),  # type: ignore[arg-type]
        message_class=MESSAGE_CLASS.number(found.key.message_class),  # type: ignore[arg-type]
        branch_id=text_of(found.key.branch_id),
        state=CONSENT_STATE.number(found.status_at(now)),  # type: ignore[arg-type]
        grant_time=timestamp(found.granted_at),
        revoke_time=timestamp(found.revoked_at),
        expire_time=timestamp(found.expires_at),
        source=CONSENT_SOURCE.number(found.source),  # type: ignore[arg-type]
        evidence=ParseDict(dict(found.evidence), Struct()) if found.evidence else None,
        confirm_time=timestamp(found.confirmed_at),
        create_time=timestamp(found.created_at),
        update_time=timestamp(found.updated_at),
        etag=str(found.version),
        wording_version=found.wording_version or "",
        jurisdiction=found.jurisdiction or "",
        confirmation_count=found.confirmation_count,
        confirmation_expire_time=(
            timestamp(found.confirmation_expires_at) if found.status_at(now) == "pending" else None
        ),
    )


def summary(found: Summary) -> consent_pb2.ConsentSummary:
    """Returns where a person stands."""
    return consent_pb2.ConsentSummary(
        contact_id=text_of(found.contact_id),
        marketing_opted_out=found.opted_out,
        opt_out_time=timestamp(found.opted_out_at),
        opt_out_source=OPT_OUT_SOURCE.number(found.opt_out_source),  # type: ignore[arg-type]
        consented_channels=[CHANNEL.number(channel) for channel in found.channels],  # type: ignore[misc]
        is_dnd=found.is_dnd,
    )


def contact_consent(found: Position, now: datetime) -> consent_service_pb2.ContactConsent:
    """Returns where a contact stands over all channels."""
    return consent_service_pb2.ContactConsent(
        contact_id=str(found.contact_id),
        is_dnd=found.is_dnd,
        marketing_opted_out=found.opted_out,
        opt_out_time=timestamp(found.opted_out_at),
        opt_out_source=OPT_OUT_SOURCE.number(found.opt_out_source),  # type: ignore[arg-type]
        preferred_channel=CHANNEL.number(found.preferred_channel),  # type: ignore[arg-type]
        language_code=found.language_code,
        consents=[consent(row, now) for row in found.consents.values()],
        etag=found.etag,
        **{flag: found.consents_to(channel, now) for flag, channel in CONSENT_FLAGS.items()},
    )


def audit_entry(row: AuditRow) -> consent_service_pb2.ConsentAuditEntry:
    """Returns one row of the trail."""
    return consent_service_pb2.ConsentAuditEntry(
        consent_audit_entry_id=str(row.audit_id),
        contact_id=text_of(row.contact_id),
        field_changed=row.field,
        old_value=row.old_value or "",
        new_value=row.new_value or "",
        channel=CHANNEL.number(row.channel),  # type: ignore[arg-type]
        message_class=MESSAGE_CLASS.number(row.message_class),  # type: ignore[arg-type]
        branch_id=text_of(row.branch_id),
        change_source=row.change_source,
        change_reason=row.reason or "",
        created_by=row.created_by or "",
        create_time=timestamp(row.created_at),
        sequence=row.sequence or 0,
        entry_hash=row.entry_hash or b"",
        source=CONSENT_SOURCE.number(row.source),  # type: ignore[arg-type]
        wording_version=row.wording_version or "",
        jurisdiction=row.jurisdiction or "",
        evidence=ParseDict(dict(row.evidence), Struct()) if row.evidence else None,
        expire_time=timestamp(row.expires_at),
        occur_time=timestamp(row.occurred_at),
    )


def candidates(
    request: consent_service_pb2.ImportConsentsRequest, now: datetime
) -> tuple[list[Candidate], dict[int, ServiceError]]:
    """Returns the rows of a block that have a shape, and an error for each other row."""
    if not 1 <= len(request.rows) <= MAX_ROWS:
        raise invalid("rows", f"must be 1 to {MAX_ROWS} rows")
    good: list[Candidate] = []
    errors: dict[int, ServiceError] = {}
    # Rows of a file mostly say the same of different people: that is looked at once.
    known: dict[tuple[Any, ...], tuple[Terms, list[Violation]]] = {}
    latest = micros_of(now)
    for place, row in enumerate(request.rows):
        said = _said(row)
        found = known.get(said)
        if found is None:
            found = known[said] = _terms(row)
        terms, violations = found
        contact, event_at = _id(row.subject.contact_id), _micros(row.event_time)
        if violations or not contact or not _FIRST_MICROS <= event_at <= latest or row.subject.address:
            violations = [*_subject_violations(row), *violations, *_time_violations(row, event_at, latest)]
        if violations:
            errors[place] = invalid_many(violations)
        else:
            good.append(Candidate(place, contact or b"", row.subject.address, terms, event_at))
    return good, errors


def _said(row: consent_service_pb2.ConsentImportRow) -> tuple[Any, ...]:
    """Returns all that a row says but of whom, and since when."""
    return (
        row.channel,
        row.message_class,
        row.branch_id,
        row.state,
        row.source,
        row.wording_version,
        row.jurisdiction,
        row.evidence.SerializeToString(deterministic=True),
    )


def _terms(row: consent_service_pb2.ConsentImportRow) -> tuple[Terms, list[Violation]]:
    """Returns what rows that say the same have in common, and what is wrong with it."""
    branch_id, evidence, unreadable = _id(row.branch_id), None, []
    try:
        evidence = proofs.text_of(MessageToDict(row.evidence))
    except _UNREADABLE:
        unreadable = [Violation("evidence", _NO_JSON)]
    terms = Terms(
        channel=CHANNEL.word(row.channel),
        message_class=MESSAGE_CLASS.word(row.message_class),
        branch_id=UUID(bytes=branch_id) if branch_id else None,
        status=CONSENT_STATE.word(row.state),
        source=CONSENT_SOURCE.word(row.source),
        evidence=evidence,
        wording_version=row.wording_version or None,
        jurisdiction=row.jurisdiction or None,
    )
    return terms, [*unreadable, *_terms_violations(row, terms)]


def _terms_violations(row: consent_service_pb2.ConsentImportRow, terms: Terms) -> Iterator[Violation]:
    if row.branch_id and not terms.branch_id:
        yield Violation("branch_id", "is not an id")
    if terms.channel not in CONSENT_CHANNELS:
        yield Violation("channel", "must be email, sms, whatsapp or push")
    if not terms.message_class:
        yield Violation("message_class", "is required")
    if not terms.source:
        yield Violation("source", "is required")
    if terms.status not in ("granted", "revoked"):
        yield Violation("state", "must be granted or revoked")
    if terms.status == "granted" and not row.evidence.fields:
        yield Violation("evidence", "is required for a grant")
    if row.evidence.ByteSize() > MAX_EVIDENCE_BYTES:
        yield Violation("evidence", "must be at most 4 KB")
    if len(row.wording_version) > MAX_WORDING or "\0" in row.wording_version:
        yield Violation("wording_version", f"must be at most {MAX_WORDING} characters, none of them NUL")
    if row.jurisdiction and not _JURISDICTION.fullmatch(row.jurisdiction):
        yield Violation("jurisdiction", "must be a country or a part of one, such as DE or US-FL")


def _time_violations(
    row: consent_service_pb2.ConsentImportRow, event_at: int, latest: int
) -> Iterator[Violation]:
    if not row.HasField("event_time"):
        yield Violation("event_time", "is required")
    elif event_at > latest:
        yield Violation("event_time", "must not lie ahead")
    elif event_at < _FIRST_MICROS:
        yield Violation("event_time", "is no instant between the years 1 and 9999")


def _subject_violations(row: consent_service_pb2.ConsentImportRow) -> Iterator[Violation]:
    if not (row.subject.contact_id or row.subject.address):
        yield Violation("subject", "is required")
    if row.subject.contact_id and not _id(row.subject.contact_id):
        yield Violation("subject.contact_id", "is not an id")
    if len(row.subject.address) > MAX_ADDRESS:
        yield Violation("subject.address", "is too long")


def _id(text: str) -> bytes | None:
    """Returns the 16 bytes of an id; None of what is none."""
    if len(text) == _ID_LENGTH:
        try:
            found = bytes.fromhex(text.replace("-", ""))
        except ValueError:
            return None
        if len(found) == _ID_BYTES:
            return found
    try:
        return UUID(text).bytes
    except ValueError:
        return None


def _micros(time: Timestamp) -> int:
    return time.seconds * 1_000_000 + time.nanos // 1000


def import_response(
    block_number: int, result: BlockResult, errors: Mapping[int, ServiceError]
) -> consent_service_pb2.ImportConsentsResponse:
    """Returns what became of a block."""
    return consent_service_pb2.ImportConsentsResponse(
        block_number=block_number,
        changed_count=result.changed,
        unchanged_count=result.unchanged,
        overridden_count=result.overridden,
        errors=row_errors({**result.errors, **errors}),
    )
