"""What the door counts (GEN-45, GAT-20): requests by route, how long they took, and calls that were not genuine."""

from typing import Final

from services.common import telemetry

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})

REQUESTS: Final = telemetry.counter(
    "http_requests_total", "Requests answered.", ("route", "method", "status")
)
SECONDS: Final = telemetry.histogram(
    "http_seconds", "Time from headers to the end of the answer.", ("route",)
)
REFUSED: Final = telemetry.counter(
    "signatures_refused_total", "Calls that were not genuine, or came again.", ("source",)
)


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """Counts an answer; a method that no route has is `other`, so that nobody outside makes figures."""
    REQUESTS.labels(route, method if method in _METHODS else "other", str(status)).inc()
    SECONDS.labels(route).observe(seconds)
