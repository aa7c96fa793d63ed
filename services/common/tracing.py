"""Spans by the OpenTelemetry SDK; imported only where an exporter is configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from grpc import StatusCode
from opentelemetry import trace
from opentelemetry.context import attach, detach
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, Span, SpanKind, Status
from opentelemetry.trace import StatusCode as SpanStatus
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.common.settings import BaseSettings

_KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
# A caller's mistake is not an error of the server's span; these are.
_SERVER_FAULTS = frozenset(
    {
        StatusCode.UNKNOWN,
        StatusCode.DEADLINE_EXCEEDED,
        StatusCode.UNIMPLEMENTED,
        StatusCode.INTERNAL,
        StatusCode.UNAVAILABLE,
        StatusCode.DATA_LOSS,
    }
)
_REPEATS = 100
"""Traces at most in which one step is recorded."""

_PROPAGATOR = TraceContextTextMapPropagator()


class Tracing:
    """Records spans and sends them to the collector in the background."""

    def __init__(self, settings: BaseSettings, role: str, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create(
            {
                "service.name": settings.service_name or role,
                "service.namespace": "angarium",
                "deployment.environment.name": settings.environment,
            }
        )
        self._provider = TracerProvider(resource=resource)
        if exporter is None:
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

            # A collector that is away must not hold up the end of the process.
            exporter = OTLPSpanExporter(endpoint=settings.otel_exporter_otlp_endpoint, timeout=2)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("angarium")

    def shutdown(self) -> None:
        """Sends what waits and stops."""
        self._provider.shutdown()

    def flush(self) -> None:
        """Sends what waits."""
        self._provider.force_flush()

    def current_traceparent(self) -> str:
        """Returns the trace context of the current span, empty outside one."""
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier)
        return carrier.get("traceparent", "")

    def start_server_span(self, method: str, traceparent: str) -> Span:
        """Starts the span of an incoming call and makes it current for the rest of the task."""
        context = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None
        span = self._tracer.start_span(method, context, SpanKind.SERVER, _rpc_attributes(method))
        attach(trace.set_span_in_context(span))
        return span

    def start_client_span(self, method: str) -> tuple[Span, str]:
        """Starts the span of an outgoing call; returns it with the trace context to send."""
        span = self._tracer.start_span(method, None, SpanKind.CLIENT, _rpc_attributes(method))
        carrier: dict[str, str] = {}
        _PROPAGATOR.inject(carrier, trace.set_span_in_context(span))
        return span, carrier["traceparent"]

    @staticmethod
    def end_rpc_span(span: Span, code: StatusCode, reason: str, *, server: bool) -> None:
        """Ends a call's span with its canonical code and, for a failure, its reason."""
        span.set_attribute("rpc.grpc.status_code", code.value[0])
        if reason:
            span.set_attribute("error.type", reason)
        if code is not StatusCode.OK and (not server or code in _SERVER_FAULTS):
            span.set_status(Status(SpanStatus.ERROR, reason))
        span.end()

    @contextmanager
    def span(
        self,
        name: str,
        kind: str,
        parent: str | None,
        also: Iterable[str],
        attributes: Mapping[str, str | int | float | bool] | None,
    ) -> Iterator[Span]:
        """Records a step as a child of the current span, or of the trace that `parent` names, and in the traces of `also`."""
        context = _PROPAGATOR.extract({"traceparent": parent}) if parent else None
        span = self._tracer.start_span(name, context, _KINDS[kind], attributes)
        token = attach(trace.set_span_in_context(span, context))
        try:
            yield span
        except Exception as error:
            # The class alone: an exception's text may hold what a trace must not.
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(SpanStatus.ERROR))
            raise
        finally:
            detach(token)
            span.end()
            self._repeat(span, also)

    def _repeat(self, span: Span, traces: Iterable[str]) -> None:
        """Records an ended step in further traces, each with a link to where it was recorded first."""
        if not isinstance(span, ReadableSpan):
            return  # not sampled
        link = Link(span.get_span_context())
        others = {_trace_of(traceparent): traceparent for traceparent in traces if traceparent}
        others.pop(f"{link.context.trace_id:032x}", None)
        for traceparent in islice(others.values(), _REPEATS):
            copy = self._tracer.start_span(
                span.name,
                _PROPAGATOR.extract({"traceparent": traceparent}),
                span.kind,
                span.attributes,
                [link],
                span.start_time,
            )
            copy.set_status(span.status)
            copy.end(span.end_time)


def _trace_of(traceparent: str) -> str:
    return traceparent.split("-")[1]


def _rpc_attributes(method: str) -> dict[str, str]:
    service, _, name = method.lstrip("/").partition("/")
    return {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}
