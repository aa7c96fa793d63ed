"""Between feedback and the contract."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from angarium.campaign.v1 import feedback_pb2
from angarium.campaign.v1 import feedback_service_pb2 as pb
from services.campaign.feedback.domain import RATINGS, Feedback, Summary
from services.campaign.tenants.domain import MarketingSettings
from services.common.errors import invalid


def feedback_to_proto(one: Feedback) -> feedback_pb2.Feedback:
    """Returns feedback as the contract shows it."""
    message = feedback_pb2.Feedback(
        feedback_id=str(one.feedback_id),
        request_id=str(one.request_id or ""),
        contact_id=str(one.contact_id),
        branch_id=str(one.branch_id or ""),
        reference_id=one.reference_id,
        rating=one.rating,
        comment=one.comment,
        source=f"SOURCE_{one.source.name}",
        is_low=one.is_low,
        handled_by=one.handled_by or "",
        handled_note=one.handled_note or "",
    )
    message.create_time.FromDatetime(one.created_at)
    message.update_time.FromDatetime(one.updated_at)
    if one.handled_at:
        message.handle_time.FromDatetime(one.handled_at)
    return message


def received(one: Feedback, message_id: UUID | None) -> events_pb2.FeedbackReceived:
    """Returns what is announced of feedback, with the message that asked: no word of its comment."""
    return events_pb2.FeedbackReceived(
        feedback_id=str(one.feedback_id),
        contact_id=str(one.contact_id),
        rating=one.rating,
        low=one.is_low,
        branch_id=str(one.branch_id or ""),
        reference_id=one.reference_id,
        source=one.source.value,
        message_id=str(message_id or ""),
    )


def summary_to_proto(found: Summary) -> pb.GetFeedbackSummaryResponse:
    """Returns a summary with all five ratings, also those nobody gave."""
    average = found.average
    return pb.GetFeedbackSummaryResponse(
        count=found.count,
        average=None if average is None else float(average),
        distribution=[pb.RatingCount(rating=one, count=found.counts.get(one, 0)) for one in RATINGS],
        unhandled_low_count=found.unhandled_low,
    )


def branding(settings: MarketingSettings) -> pb.PageBranding:
    """Returns how the tenant's pages look."""
    return pb.PageBranding(
        logo_url=settings.logo_url, primary_color=settings.primary_color, footer_text=settings.footer_text
    )


def within(
    request: pb.ListFeedbackRequest | pb.GetFeedbackSummaryRequest, branches: tuple[UUID, ...]
) -> Mapping[str, Any]:
    """Returns the range of time and the branches of a request; invalid when it ends before it starts."""
    start = _instant(request.start_time) if request.HasField("start_time") else None
    end = _instant(request.end_time) if request.HasField("end_time") else None
    if start and end and end < start:
        raise invalid("end_time", "must not be before start_time")
    return {
        "start": start,
        "end": end,
        "branch_id": UUID(request.branch_id) if request.branch_id else None,
        "branches": list(branches),
    }


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
