"""What receipts tell their operators (GEN-45)."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from services.common import telemetry
from services.delivery.receipts.domain import Kind

_RECEIPTS = telemetry.counter("receipts_total", "Receipts by what they say.", ("provider", "kind"))
_DUPLICATES = telemetry.counter("receipts_duplicate_total", "Receipts known before.", ("provider",))
_UNMATCHED = telemetry.counter("receipts_unmatched_total", "Receipts of unknown messages.", ("provider",))
_FAILED = telemetry.counter("receipts_failed_total", "Receipts that could not be applied.", ("provider",))
_REFUSED = telemetry.counter("receipt_bodies_refused_total", "Bodies that were no receipts.", ("provider",))
_LAG = telemetry.histogram("receipt_apply_seconds", "Time from hearing to applying.", ("provider",))
_WAITING = telemetry.gauge("receipt_bodies_waiting", "Raw bodies that are not applied.")
_OLDEST = telemetry.gauge("receipt_bodies_oldest_seconds", "Age of the oldest one.")
_WORDS: Final = {kind: kind.name.lower() for kind in Kind}


def applied(provider: str, kinds: Iterable[Kind], lag: timedelta) -> None:
    """Counts receipts that were applied."""
    for kind, count in Counter(kinds).items():
        _RECEIPTS.labels(provider, _WORDS[kind]).inc(count)
    _LAG.labels(provider).observe(max(lag.total_seconds(), 0))


def left_over(provider: str, *, duplicates: int = 0, unmatched: int = 0, failed: int = 0) -> None:
    """Counts receipts that changed nothing."""
    for counter, count in ((_DUPLICATES, duplicates), (_UNMATCHED, unmatched), (_FAILED, failed)):
        if count:
            counter.labels(provider).inc(count)


def refused(provider: str) -> None:
    """Counts a body that was none of the provider's."""
    _REFUSED.labels(provider).inc()


def waiting(count: int, oldest: timedelta) -> None:
    """Sets what waits to be applied."""
    _WAITING.set(count)
    _OLDEST.set(max(oldest.total_seconds(), 0))
