"""What dispatch tells its operators (GEN-45, DEL-64)."""

from datetime import timedelta
from typing import Final

from services.common import telemetry
from services.delivery.messages.domain import Channel, Lane, State

LONGEST_WAIT: Final = {
    Lane.CRITICAL: timedelta(seconds=30),
    Lane.HIGH: timedelta(minutes=5),
    Lane.NORMAL: timedelta(minutes=30),
    Lane.LOW: timedelta(hours=4),
}
"""Waiting longer than this in a lane, not by deferral, alerts (DEL-62)."""

_SENT = telemetry.counter(
    "messages_total", "Messages by what became of them.", ("channel", "provider", "state")
)
_STOPPED = telemetry.counter("messages_stopped_total", "Messages not handed over.", ("channel", "state"))
_PUT_BACK = telemetry.counter(
    "messages_put_back_total", "Messages put back into the queue.", ("channel", "reason")
)
_WAITED = telemetry.histogram(
    "lane_wait_seconds",
    "Time from due to the worker.",
    ("lane",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 14400),
)
_OVERDUE = telemetry.counter(
    "lane_overdue_total", "Blocks that waited longer than their lane allows.", ("lane",)
)
_HAND_OVER = telemetry.histogram("provider_seconds", "Time of one hand-over.", ("channel", "provider"))
_DEPTH = telemetry.gauge("lane_depth", "Messages due and not claimed.", ("lane",))
_OLDEST = telemetry.gauge("lane_oldest_seconds", "Age of the oldest message due.", ("lane",))
_UNKNOWN = telemetry.gauge("messages_unknown", "Messages whose outcome is unknown.")


def settled(channel: Channel, provider: str, state: State, count: int) -> None:
    """Counts messages after a hand-over."""
    _SENT.labels(channel.name.lower(), provider, state.name.lower()).inc(count)


def stopped(channel: Channel, state: State, count: int = 1) -> None:
    """Counts messages that did not get as far as a hand-over."""
    _STOPPED.labels(channel.name.lower(), state.name.lower()).inc(count)


def put_back(channel: Channel, reason: str, count: int) -> None:
    """Counts messages that were put back."""
    _PUT_BACK.labels(channel.name.lower(), reason).inc(count)


def waited(lane: Lane, time: timedelta) -> None:
    """Observes how long a block waited for its worker."""
    _WAITED.labels(lane.name.lower()).observe(max(time.total_seconds(), 0))
    if time > LONGEST_WAIT[lane]:
        _OVERDUE.labels(lane.name.lower()).inc()


def handed_over(channel: Channel, provider: str, seconds: float) -> None:
    """Observes how long a provider took."""
    _HAND_OVER.labels(channel.name.lower(), provider).observe(seconds)


def depth(lane: Lane, waiting: int, oldest_seconds: float) -> None:
    """Sets what waits in a lane."""
    _DEPTH.labels(lane.name.lower()).set(waiting)
    _OLDEST.labels(lane.name.lower()).set(oldest_seconds)


def unknown(count: int) -> None:
    """Sets how many outcomes are unknown."""
    _UNKNOWN.set(count)
