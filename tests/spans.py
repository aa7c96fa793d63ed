"""The spans of a test, kept in memory instead of sent to a collector."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from services.common.tracing import Tracing
from tests.common.given import settings


class Recorded:
    """The spans of a test."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracing = Tracing(settings(), "serve", self._exporter)

    def spans(self) -> list[ReadableSpan]:
        self.tracing.flush()
        return list(self._exporter.get_finished_spans())

    def one(self, kind: SpanKind) -> ReadableSpan:
        [found] = [span for span in self.spans() if span.kind is kind]
        return found


def parent_of(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def trace_of(span: ReadableSpan) -> int:
    return span.get_span_context().trace_id if span.get_span_context() else 0
