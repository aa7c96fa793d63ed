"""Traces and metrics.

Traces cost nothing until OTEL_EXPORTER_OTLP_ENDPOINT is set; then spans are exported, and one trace follows a
message from RPC through queue, provider call and webhook by the `traceparent` that each of them hands on. Without
an exporter an incoming `traceparent` is still handed on.

Metrics are Prometheus counters, gauges and histograms with fixed label names; a label never holds an address or an
id (GEN-45).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, Protocol, TypeVar

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server

from services.common.settings import BaseSettings

SpanKind = Literal["internal", "server", "client", "producer", "consumer"]
Value = str | int | float | bool
Facts = Mapping[str, Value]

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_FORBIDDEN_LABELS = re.compile(r"(^|_)(id|address|email|phone|recipient|contact|subject|token|url)$")

_traceparent: ContextVar[str] = ContextVar("traceparent", default="")
_tracing: Any = None


class Span(Protocol):
    """A step of a trace, to which facts may be added; they hold no personal data."""

    def set_attribute(self, key: str, value: Value) -> None:
        """Adds one fact."""

    def update_name(self, name: str) -> None:
        """Gives it the name that is known only by now."""


class _NoSpan:
    __slots__ = ()

    def set_attribute(self, key: str, value: Value) -> None:
        """Does nothing: nobody listens."""

    def update_name(self, name: str) -> None:
        """Does nothing either."""


NO_SPAN = _NoSpan()


def setup(settings: BaseSettings, role: str, *, index: int = 0) -> None:
    """Starts what the settings ask for: span export, and the metrics page on METRICS_PORT plus `index`."""
    global _tracing  # noqa: PLW0603 - one exporter per process, chosen once at start
    if settings.otel_exporter_otlp_endpoint:
        from services.common.tracing import Tracing

        _tracing = Tracing(settings, role)
    if settings.enable_metrics and settings.metrics_port:
        start_http_server(settings.metrics_port + index, addr=settings.metrics_host)


def shutdown() -> None:
    """Sends the spans that still wait."""
    if _tracing is not None:
        _tracing.shutdown()


def use_tracing(tracing: Any) -> None:
    """Puts a ready tracing in place, or none; for tests that look at spans."""
    global _tracing  # noqa: PLW0603 - the counterpart of `setup`
    _tracing = tracing


def tracing() -> Any:
    """Returns the running tracing, or None."""
    return _tracing


def current_traceparent() -> str:
    """Returns the W3C trace context of the work in hand, to be stored or sent with what it causes; may be empty."""
    if _tracing is not None and (own := _tracing.current_traceparent()):
        return str(own)
    return _traceparent.get()


def accept_traceparent(value: str) -> str:
    """Makes an incoming trace context current for the rest of the task; returns it, or empty when malformed."""
    accepted = value if value and _TRACEPARENT.fullmatch(value) else ""
    _traceparent.set(accepted)
    return accepted


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = "internal",
    parent: str | None = None,
    also: Iterable[str] = (),
    attributes: Facts | None = None,
) -> Iterator[Span]:
    """Records a step of the current trace, or of the trace `parent` names; an exception marks it as failed.

    `parent` is the traceparent stored with a message, event or receipt, so that its trace goes on. A step that works on
    things of several traces at once is recorded in each of them that `also` names, with a link to the first.
    """
    token = _traceparent.set(parent if _TRACEPARENT.fullmatch(parent) else "") if parent is not None else None
    try:
        if _tracing is None:
            yield NO_SPAN
        else:
            with _tracing.span(name, kind, parent, also, attributes) as started:
                yield started
    finally:
        if token is not None:
            _traceparent.reset(token)


def leading(traces: Iterable[str]) -> str:
    """Returns the trace in which work on things of these traces goes on; one that is recorded comes first."""
    return min((one for one in traces if one), key=lambda one: (not one.endswith("1"), one), default="")


Metric = TypeVar("Metric", Counter, Gauge, Histogram)
_metrics: dict[str, Counter | Gauge | Histogram] = {}


def counter(name: str, description: str, labels: Sequence[str] = ()) -> Counter:
    """Returns the counter of a name, made on first use; `angarium_` is put before the name."""
    return _metric(Counter, name, description, labels)


def gauge(name: str, description: str, labels: Sequence[str] = ()) -> Gauge:
    """Returns the gauge of a name, made on first use."""
    return _metric(Gauge, name, description, labels)


def histogram(
    name: str, description: str, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS
) -> Histogram:
    """Returns the histogram of a name, made on first use; the buckets suit seconds."""
    return _metric(Histogram, name, description, labels, buckets=buckets)


def _metric(kind: type[Metric], name: str, description: str, labels: Sequence[str], **options: Any) -> Metric:
    for label in labels:
        if _FORBIDDEN_LABELS.search(label):
            raise ValueError(f"metric {name}: label {label} would hold an id or an address")
    known = _metrics.get(name)
    if known is None:
        known = kind(f"angarium_{name}", description, labels, registry=REGISTRY, **options)
        _metrics[name] = known
    if not isinstance(known, kind):
        raise TypeError(f"metric {name} is of another kind")
    return known
