"""One trace tells what became of a message: from the call that asked for it to the webhook that said it arrived."""

from __future__ import annotations

import asyncio

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from services.common import telemetry
from tests.e2e.city import City
from tests.spans import Recorded, trace_of

SEND = "/angarium.delivery.v1.MessageService/SendMessage"
WEBHOOK = "POST /webhooks/{provider}/{account_token}"


@pytest.mark.req("GEN-45")
async def test_a_trace_follows_a_message_through_queue_provider_call_and_webhook(
    recorded: Recorded, city: City
) -> None:
    with telemetry.span("order paid"):
        await city.send("+12025550100")
    await city.until([("sms-help", "delivered", "", "")])
    await until_heard(recorded)

    [order] = named(recorded, "order paid")
    steps = [span for span in recorded.spans() if trace_of(span) == trace_of(order)]
    assert [span.kind for span in steps if span.name == SEND] == [SpanKind.SERVER, SpanKind.CLIENT]
    [worked] = [span for span in steps if span.name == "dispatch"]
    [call] = [span for span in steps if span.name == "send twilio"]
    heard = [span for span in steps if span.name == "receipts twilio"]
    assert worked.kind is SpanKind.CONSUMER
    assert call.kind is SpanKind.CLIENT
    assert call.parent is not None
    assert call.parent.span_id == worked.get_span_context().span_id
    asked = {span.name.rpartition("/")[2] for span in steps if span.parent == worked.get_span_context()}
    assert "EvaluateSendBatch" in asked

    # The webhook has a trace of its own, for it may be about many messages; each of theirs links to it.
    doors = named(recorded, WEBHOOK)
    assert doors
    assert heard
    traces = {trace_of(span) for span in doors}
    assert {link.context.trace_id for span in heard for link in span.links} <= traces
    assert trace_of(order) not in traces


@pytest.mark.req("GEN-35")
async def test_no_span_on_the_way_holds_a_number_or_a_token(recorded: Recorded, city: City) -> None:
    await city.send("+12025550100")
    await city.until([("sms-help", "delivered", "", "")])
    for span in recorded.spans():
        told = span.to_json()
        assert "2025550100" not in told
        assert "/webhooks/twilio/" not in told, "the path holds the account's token"


async def test_messages_of_different_traces_are_told_in_each_of_them(recorded: Recorded, city: City) -> None:
    async def order(number: str) -> int:
        with telemetry.span("order paid") as span:
            await city.send(number)
            assert isinstance(span, ReadableSpan)
            return trace_of(span)

    numbers = ["+12025550100", "+12035550100", "+12065550100"]
    traces = await asyncio.gather(*(order(number) for number in numbers))
    await city.until([("sms-help", "delivered", "", "")] * 3)
    await until_heard(recorded, 3)
    for trace in traces:
        steps = {span.name for span in recorded.spans() if trace_of(span) == trace}
        assert {"order paid", SEND, "dispatch", "send twilio", "receipts twilio"} <= steps


def named(recorded: Recorded, name: str) -> list[ReadableSpan]:
    return [span for span in recorded.spans() if span.name == name]


async def until_heard(recorded: Recorded, messages: int = 1) -> None:
    """A span ends after the commit that made its effect visible."""
    async with asyncio.timeout(10):
        while len({trace_of(one) for one in named(recorded, "receipts twilio") if one.links}) < messages:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
