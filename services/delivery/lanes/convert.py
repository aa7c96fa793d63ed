"""Lanes as the contract shows them."""

from datetime import datetime
from uuid import UUID

from angarium.delivery.v1 import lane_service_pb2 as pb
from services.delivery.dispatch.measures import LONGEST_WAIT
from services.delivery.enums import wire
from services.delivery.lanes.store import LaneCounts
from services.delivery.messages.domain import Lane


def lane_or_all(number: int) -> Lane | None:
    """Returns the lane a request names; None stands for all of them."""
    return Lane(number) if number else None


def tenant_or_all(text: str) -> UUID | None:
    """Returns the tenant a request names; None stands for all of them."""
    return UUID(text) if text else None


def metrics(counts: LaneCounts, now: datetime) -> pb.LaneMetrics:
    """Returns what is known of one lane."""
    found = pb.LaneMetrics(
        lane=wire(counts.lane),
        waiting_count=counts.waiting,
        active_count=counts.active,
        delayed_count=counts.delayed,
        completed_count=counts.completed,
        failed_count=counts.failed,
        unknown_count=counts.unknown,
        is_paused=counts.is_paused,
        overdue_count=counts.overdue,
    )
    found.longest_wait.FromTimedelta(LONGEST_WAIT[counts.lane])
    if counts.oldest is not None:
        found.oldest_age.FromTimedelta(max(now - counts.oldest, now - now))
    return found
