"""One trace follows the work from call to call, through what was stored in between."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import grpc.aio
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from services.common import telemetry
from tests.common.given import settings
from tests.common.rpc.conftest import Echo
from tests.common.rpc.echo import EchoRequest
from tests.common.rpc.faults import fault, refusal
from tests.spans import Recorded, parent_of, trace_of


def code_of(span: ReadableSpan) -> Any:
    return (span.attributes or {})["rpc.grpc.status_code"]


async def test_client_and_server_spans_are_of_one_trace(recorded: Recorded, echo: Echo) -> None:
    with telemetry.span("send block", kind="internal"):
        answer = await echo.calling("delivery").Echo(EchoRequest(text="x"))
    client, server = recorded.one(SpanKind.CLIENT), recorded.one(SpanKind.SERVER)
    outer = recorded.one(SpanKind.INTERNAL)
    assert trace_of(client) == trace_of(server) == trace_of(outer)
    assert parent_of(client) == outer.get_span_context().span_id
    assert parent_of(server) == client.get_span_context().span_id
    assert server.name == "/angarium.testing.v1.EchoService/Echo"
    assert code_of(client) == code_of(server) == 0
    # What the handler stores beside its event leads back to its own span.
    assert answer.traceparent.split("-")[2] == f"{server.get_span_context().span_id:016x}"


async def test_a_trace_goes_on_from_what_was_stored(recorded: Recorded, echo: Echo) -> None:
    stored = (await echo.calling("delivery").Echo(EchoRequest(text="x"))).traceparent
    with telemetry.span("publish", kind="producer", parent=stored):
        handed_on = telemetry.current_traceparent()
    with telemetry.span("apply", kind="consumer", parent=handed_on):
        pass
    assert len({trace_of(span) for span in recorded.spans()}) == 1
    producer, consumer = recorded.one(SpanKind.PRODUCER), recorded.one(SpanKind.CONSUMER)
    assert parent_of(producer) == recorded.one(SpanKind.SERVER).get_span_context().span_id
    assert parent_of(consumer) == producer.get_span_context().span_id


@pytest.mark.parametrize(
    ("text", "code", "server_fault"),
    [("not found", 5, False), ("domain", 9, False), ("bug", 13, True), ("unavailable", 14, True)],
)
async def test_spans_end_with_the_true_status(
    recorded: Recorded, echo: Echo, text: str, code: int, server_fault: bool
) -> None:
    await refusal(echo.calling("delivery").Echo(EchoRequest(text=text)))
    server = [span for span in recorded.spans() if span.kind is SpanKind.SERVER][-1]
    client = recorded.one(SpanKind.CLIENT)
    assert code_of(server) == code_of(client) == code
    assert (server.status.status_code is StatusCode.ERROR) is server_fault
    assert client.status.status_code is StatusCode.ERROR


@pytest.mark.req("GEN-35")
async def test_spans_hold_no_address(recorded: Recorded, echo: Echo) -> None:
    await fault(
        echo.stub.Echo(EchoRequest(text="bug", address="jane.doe@example.com"), metadata=echo.metadata())
    )
    with pytest.raises(ValueError, match="jane"), telemetry.span("provider call"):
        raise ValueError("jane.doe@example.com")
    spans = recorded.spans()
    assert len(spans) == 2
    assert all("jane.doe" not in span.to_json() for span in spans)


async def test_calls_at_once_keep_their_traces_apart(recorded: Recorded, echo: Echo) -> None:
    stub = echo.calling("delivery")
    for _ in range(3):
        await stub.Echo(EchoRequest(text="x"))
    assert len({trace_of(span) for span in recorded.spans()}) == 3


class Collector(trace_service_pb2_grpc.TraceServiceServicer):  # type: ignore[misc]
    """Stands where the operator's collector would."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.services: set[str] = set()

    async def Export(self, request: Any, _context: Any) -> Any:
        for resource in request.resource_spans:
            names = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add(names["service.name"])
            self.names += [span.name for scope in resource.scope_spans for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.mark.req("GEN-45")
async def test_spans_reach_the_collector_that_the_settings_name(echo: Echo) -> None:
    collector = Collector()
    server = grpc.aio.server()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    telemetry.setup(settings(otel_exporter_otlp_endpoint=f"http://127.0.0.1:{port}"), "serve")
    try:
        await echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata())
        await asyncio.to_thread(telemetry.shutdown)
    finally:
        telemetry.use_tracing(None)
        await server.stop(0)
    assert collector.names == ["/angarium.testing.v1.EchoService/Echo"]
    assert collector.services == {"echo"}


async def test_a_collector_that_is_away_delays_nobody(echo: Echo) -> None:
    telemetry.setup(settings(otel_exporter_otlp_endpoint="http://127.0.0.1:1"), "serve")
    try:
        began = time.monotonic()
        await echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata())
        assert time.monotonic() - began < 1
        await asyncio.to_thread(telemetry.shutdown)
        assert time.monotonic() - began < 5
    finally:
        telemetry.use_tracing(None)
