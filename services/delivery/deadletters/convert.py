"""Dead letters as the contract shows them."""

from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp

from angarium.delivery.v1 import dead_letter_service_pb2 as pb
from services.delivery.deadletters.domain import DeadLetter, Filter
from services.delivery.enums import wire
from services.delivery.messages.announce import timestamp


def filter_of(asked: pb.DeadLetterFilter) -> Filter:
    """Returns what a filter asks for."""
    return Filter(
        channel=asked.channel or None,
        category=asked.category or None,
        reason=asked.reason or None,
        provider=asked.provider or None,
        campaign_id=_uuid(asked.campaign_id),
        run_id=_uuid(asked.run_id),
        contact_id=_uuid(asked.contact_id),
        start=_instant(asked.start_time) if asked.HasField("start_time") else None,
        end=_instant(asked.end_time) if asked.HasField("end_time") else None,
    )


def words(asked: pb.DeadLetterFilter) -> dict[str, str]:
    """Returns a filter as the audit trail keeps it."""
    return {
        name: str(value) for name, value in MessageToDict(asked, preserving_proto_field_name=True).items()
    }


def letter(one: DeadLetter) -> pb.DeadLetter:
    """Returns a dead letter."""
    return pb.DeadLetter(
        message_id=str(one.message_id),
        contact_id=str(one.contact_id or ""),
        channel=wire(one.channel),
        category=wire(one.category),
        campaign_id=str(one.campaign_id or ""),
        run_id=str(one.run_id or ""),
        template_name=one.template_name,
        provider=one.provider,
        reason=one.reason,
        last_error=one.last_error,
        attempt_count=one.attempt_count,
        create_time=timestamp(one.created_at),
        expire_time=timestamp(one.expire_at),
        resolution=wire(one.resolved),
        resolved_by=one.resolved_by or "",
        resolve_time=timestamp(one.resolved_at) if one.resolved_at else None,
        note=one.note,
    )


def _uuid(text: str) -> UUID | None:
    return UUID(text) if text else None


def _instant(value: Timestamp) -> datetime:
    return value.ToDatetime(tzinfo=UTC)
