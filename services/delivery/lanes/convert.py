"""Lanes as the contract shows them."""

from datetime import datetime

from angarium.delivery.v1 import lane_service_pb2 as pb
from services.delivery.dispatch.measures import LONGEST_WAIT
from services.delivery.enums import wire
from services.delivery.lanes.store import LaneCounts


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
