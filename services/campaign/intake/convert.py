"""Between the inbox and the contract."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2

from angarium.campaign.v1 import event_intake_service_pb2 as pb
from services.campaign.intake.catalogue import CANONICAL
from services.campaign.intake.domain import IntakeKey, Outcome, Result, State
from services.campaign.intake.door import MOST_EVENTS
from services.campaign.intake.store import Filter, Stored
from services.campaign.intake.values import stamped
from services.common import objects
from services.common.errors import invalid

_TEXTS: Final = (
    "event_id",
    "type",
    "tenant_id",
    "branch_ref",
    "source",
    "aggregate_type",
    "aggregate_id",
    "correlation_id",
    "causation_id",
)


def envelope(message: pb.InboundEnvelope) -> dict[str, Any]:
    """Returns an envelope as the door reads it."""
    found: dict[str, Any] = {name: getattr(message, name) for name in _TEXTS}
    found["version"] = message.version or 1
    if message.HasField("occur_time"):
        found["occurred_at"] = _spelled(message.occur_time)
    if message.HasField("sequence"):
        found["sequence"] = message.sequence
    content = message.WhichOneof("content")
    if content == "data":
        found["data"] = _said(message.data)
    elif content == "data_json":
        found["data"] = _parsed(message.data_json)
    return found


def envelopes(request: pb.IngestEventsRequest) -> Sequence[Any]:
    """Returns the envelopes of a request in either form; invalid when there is none, or too many."""
    if not request.events_json:
        return [envelope(one) for one in request.events]
    try:
        given = orjson.loads(request.events_json)
    except orjson.JSONDecodeError:
        raise invalid("events_json", "must be JSON") from None
    if isinstance(given, Mapping) and "events" in given:
        given = given["events"]
    found = [given] if isinstance(given, Mapping) else given
    if not isinstance(found, list) or not 1 <= len(found) <= MOST_EVENTS:
        raise invalid("events_json", f"must be an envelope, or a list of 1 to {MOST_EVENTS} of them")
    return found


def response(results: Sequence[Result]) -> pb.IngestEventsResponse:
    """Returns what became of a block."""
    outcomes = [one.outcome for one in results]
    return pb.IngestEventsResponse(
        results=[_result(index, one) for index, one in enumerate(results)],
        accepted_count=outcomes.count(Outcome.ACCEPTED),
        duplicate_count=outcomes.count(Outcome.DUPLICATE),
        rejected_count=outcomes.count(Outcome.REJECTED),
    )


def _result(index: int, one: Result) -> pb.IngestResult:
    return pb.IngestResult(
        index=index,
        event_id=one.event_id,
        state=int(one.outcome),  # type: ignore[arg-type]  # numbered as in the contract
        reason=one.reason,
        violations=[
            error_details_pb2.BadRequest.FieldViolation(field=field, description=description)
            for field, description in one.violations
        ],
    )


def event(stored: Stored, data: str = "") -> pb.InboundEvent:
    """Returns an event as it is kept."""
    return pb.InboundEvent(
        event_id=str(stored.event_id),
        type=stored.type,
        named_type=stored.named_type,
        source=stored.source,
        branch_ref=stored.branch_ref,
        aggregate_type=stored.aggregate_type,
        aggregate_id=stored.aggregate_id,
        sequence=stored.sequence,
        correlation_id=stored.correlation_id,
        causation_id=stored.causation_id,
        state=int(stored.state),  # type: ignore[arg-type]  # numbered as in the contract
        attempts=stored.attempts,
        error=stored.error,
        steps=stored.steps,
        key_id=stored.key_id,
        occur_time=_moment(stored.occurred_at),
        receive_time=_moment(stored.received_at),
        next_attempt_time=_moment(stored.due_at) if stored.state is State.FAILED else None,
        finish_time=_moment(stored.finished_at),
        fact=stored.fact,
        data_json=data,
    )


def wanted(request: pb.ListInboundEventsRequest) -> Filter:
    """Returns which events a list asks for; aliases mean their canonical type."""
    return Filter(
        state=int(request.state) or None,
        type=CANONICAL.get(request.type, request.type) or None,
        source=request.source or None,
        aggregate_type=request.aggregate_type or None,
        aggregate_id=request.aggregate_id or None,
        start=_instant(request.receive_time_from) if request.HasField("receive_time_from") else None,
        end=_instant(request.receive_time_until) if request.HasField("receive_time_until") else None,
    )


def key(one: IntakeKey, now: datetime) -> pb.IntakeKey:
    """Returns a key without its secrets."""
    overlaps = one.previous_until is not None and one.previous_until > now
    return pb.IntakeKey(
        key_id=one.key_id,
        source=one.source,
        event_types=one.types,
        is_active=one.is_active,
        previous_expire_time=_moment(one.previous_until) if overlaps else None,
        created_by=one.created_by,
        create_time=_moment(one.created_at),
        rotate_time=_moment(one.rotated_at),
        revoke_time=_moment(one.revoked_at),
        last_use_time=_moment(one.used_at),
    )


def _spelled(value: Timestamp) -> str:
    """Returns an instant as text; nonsense that no calendar has is passed on as text that is refused."""
    try:
        return stamped(_instant(value))
    except (ValueError, OverflowError):
        return "out of range"


def _instant(value: Timestamp) -> datetime:
    return value.ToDatetime(tzinfo=UTC)


def _moment(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    value = Timestamp()
    value.FromDatetime(instant.astimezone(UTC))
    return value


def _parsed(text: bytes) -> Any:
    try:
        return orjson.loads(text or b"{}")
    except orjson.JSONDecodeError:
        return "not JSON"


def _said(data: Struct) -> Any:
    """Returns the data of an envelope; what JSON cannot say is passed on as text that is refused."""
    try:
        return objects.plain(data)
    except ValueError:
        return "not JSON"
