"""Suppression between the contract and the domain."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from angarium.consent.v1 import suppression_service_pb2 as pb
from services.common.errors import ServiceError, Violation, invalid, invalid_many
from services.common.rpc.plainness import is_instant
from services.consent.rows import MAX_ROWS, row_errors
from services.consent.suppression.domain import StoredEntry
from services.consent.words import CHANNEL, SCOPE, SUPPRESSION_REASON, instant, text_of, timestamp

MAX_ADDRESS = 320
MAX_DETAIL = 500
ANY_CHANNEL = "all"
_UNADDRESSED = ("in_app", "webhook")


@dataclass(frozen=True, slots=True)
class Wish:
    """An address somebody wants suppressed, still in the open."""

    address: str
    channel: str
    scope: str
    reason: str
    detail: str | None
    expires_at: datetime | None


def wish(row: pb.AddSuppressionRequest | pb.SuppressionImportRow) -> Wish:
    """Returns what to suppress; silence means every channel and every message."""
    return Wish(
        address=row.address,
        channel=CHANNEL.word(row.channel) or ANY_CHANNEL,
        scope=SCOPE.word(row.scope) or "all",
        reason=SUPPRESSION_REASON.word(row.reason),
        detail=row.detail or None,
        expires_at=instant(row.expire_time) if row.HasField("expire_time") else None,
    )


def refuse_unaddressed(channel: int) -> None:
    """Raises VALIDATION_FAILED for a channel whose messages go to no address."""
    if CHANNEL.word(channel) in _UNADDRESSED:
        raise invalid("channel", "has no addresses to suppress")


def wishes(
    request: pb.ImportSuppressionsRequest, now: datetime
) -> tuple[dict[int, Wish], dict[int, ServiceError]]:
    """Returns the rows of a block that have a shape, and an error for each other row, by index."""
    if not 1 <= len(request.rows) <= MAX_ROWS:
        raise invalid("rows", f"must be 1 to {MAX_ROWS} rows")
    good: dict[int, Wish] = {}
    errors: dict[int, ServiceError] = {}
    for place, row in enumerate(request.rows):
        violations = list(_violations(row, now))
        if violations:
            errors[place] = invalid_many(violations)
        else:
            good[place] = wish(row)
    return good, errors


def _violations(row: pb.SuppressionImportRow, now: datetime) -> Iterator[Violation]:
    if not 1 <= len(row.address) <= MAX_ADDRESS:
        yield Violation("address", f"must have 1 to {MAX_ADDRESS} characters")
    if row.channel and (row.channel not in CHANNEL or CHANNEL.word(row.channel) in _UNADDRESSED):
        yield Violation("channel", "must be email, sms, whatsapp, push or none")
    if row.scope and row.scope not in SCOPE:
        yield Violation("scope", "is not known")
    if row.reason not in SUPPRESSION_REASON:
        yield Violation("reason", "is required")
    if len(row.detail) > MAX_DETAIL or "\0" in row.detail:
        yield Violation("detail", f"must be at most {MAX_DETAIL} characters, none of them NUL")
    if row.HasField("expire_time"):
        if not is_instant(row.expire_time):
            yield Violation("expire_time", "is no time that can be told")
        elif instant(row.expire_time) <= now:
            yield Violation("expire_time", "must lie ahead")


def suppression(stored: StoredEntry) -> pb.Suppression:
    """Returns an entry, its address only as a hint."""
    entry = stored.entry
    return pb.Suppression(
        suppression_id=str(stored.suppression_id),
        channel=0 if entry.channel == ANY_CHANNEL else CHANNEL.number(entry.channel),  # type: ignore[arg-type]
        address_hint=entry.hint,
        scope=SCOPE.number(entry.scope),  # type: ignore[arg-type]
        reason=SUPPRESSION_REASON.number(entry.reason),  # type: ignore[arg-type]
        detail=entry.detail or "",
        contact_id=text_of(entry.contact_id),
        suppress_time=timestamp(stored.suppressed_at),
        expire_time=timestamp(entry.expires_at),
        source_message_id=text_of(entry.source_message_id),
    )


def import_response(
    block_number: int, added: int, unchanged: int, errors: Mapping[int, ServiceError]
) -> pb.ImportSuppressionsResponse:
    """Returns what became of a block."""
    return pb.ImportSuppressionsResponse(
        block_number=block_number,
        added_count=added,
        unchanged_count=unchanged,
        errors=row_errors(errors),
    )
