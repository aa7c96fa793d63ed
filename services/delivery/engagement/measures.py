"""What engagement tells its operators (GEN-45)."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from services.common import telemetry
from services.delivery.engagement.classes import Class, Kind

_HITS = telemetry.counter("engagement_hits_total", "Opens and clicks by who is behind them.", ("kind", "by"))
_REFUSED = telemetry.counter("engagement_refused_total", "Hits that were not counted.", ("kind", "why"))
_LAG = telemetry.histogram("engagement_settle_seconds", "Time from a hit to its verdict.")
_AGAIN = telemetry.counter("engagement_judged_again_total", "Verdicts that changed.", ("cause",))
_KINDS: Final = {kind: kind.name.lower() for kind in Kind}
_CLASSES: Final = {one: one.name.lower() for one in Class}


def judged(hits: Iterable[tuple[Kind, Class]]) -> None:
    """Counts hits that were judged."""
    for (kind, by), count in Counter(hits).items():
        _HITS.labels(_KINDS[kind], _CLASSES[by]).inc(count)


def refused(kind: Kind, why: str) -> None:
    """Counts a hit with a bad or expired token."""
    _REFUSED.labels(_KINDS[kind], why).inc()


def settled(lag: timedelta) -> None:
    """Observes how long the oldest hit of a block waited."""
    _LAG.observe(max(lag.total_seconds(), 0))


def judged_again(cause: str, count: int) -> None:
    """Counts verdicts that changed."""
    if count:
        _AGAIN.labels(cause).inc(count)
