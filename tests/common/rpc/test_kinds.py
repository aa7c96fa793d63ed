"""All four kinds of RPC live inside the same surroundings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
import pytest

from tests.common.rpc.conftest import Echo
from tests.common.rpc.echo import EchoRequest
from tests.common.rpc.faults import details, fault, until

Invoke = Callable[..., Awaitable[Any]]


async def stream(*requests: Any) -> AsyncIterator[Any]:
    for request in requests:
        yield request


async def invoke_echo(stub: Any, *requests: Any, **named: Any) -> list[Any]:
    return [await stub.Echo(requests[-1], **named)]


async def invoke_expand(stub: Any, *requests: Any, **named: Any) -> list[Any]:
    return [response async for response in stub.Expand(requests[-1], **named)]


async def invoke_collect(stub: Any, *requests: Any, **named: Any) -> list[Any]:
    return [await stub.Collect(stream(*requests), **named)]


async def invoke_chat(stub: Any, *requests: Any, **named: Any) -> list[Any]:
    return [response async for response in stub.Chat(stream(*requests), **named)]


KINDS = pytest.mark.parametrize(
    ("invoke", "method"),
    [(invoke_echo, "Echo"), (invoke_expand, "Expand"), (invoke_collect, "Collect"), (invoke_chat, "Chat")],
    ids=["unary-unary", "unary-stream", "stream-unary", "stream-stream"],
)


@KINDS
async def test_a_permitted_caller_is_answered_and_told_in_one_line(
    echo: Echo, invoke: Invoke, method: str
) -> None:
    answers = await invoke(echo.stub, EchoRequest(text="a"), EchoRequest(text="b"), metadata=echo.metadata())

    assert "b" in answers[-1].text
    [line] = echo.lines()
    assert line["method"] == f"/angarium.testing.v1.EchoService/{method}"
    assert (line["code"], line["reason"]) == ("OK", "")
    assert line["caller"] == "person-1"
    assert line["tenant"] == str(echo.tenant)
    assert line["ms"] >= 0
    assert line["request_id"]


@KINDS
@pytest.mark.req("SEC-1", "API-17")
async def test_without_credential_nothing_is_answered(echo: Echo, invoke: Invoke, method: str) -> None:
    found = await fault(invoke(echo.stub, EchoRequest(text="a")))
    assert found.code() is grpc.StatusCode.UNAUTHENTICATED
    assert details(found).info.metadata["reason"] == "missing"
    assert echo.servicer.seen == []


@KINDS
@pytest.mark.req("SEC-5", "API-17")
async def test_a_role_without_the_permission_is_denied(echo: Echo, invoke: Invoke, method: str) -> None:
    found = await fault(invoke(echo.stub, EchoRequest(text="a"), metadata=echo.metadata("platform_admin")))
    assert found.code() is grpc.StatusCode.PERMISSION_DENIED
    assert echo.servicer.seen == []


@KINDS
@pytest.mark.req("GEN-31", "API-14", "GEN-30", "REL-23", "API-16")
async def test_every_broken_field_is_named(echo: Echo, invoke: Invoke, method: str) -> None:
    broken = EchoRequest(text="x" * 101, count=11)
    found = await fault(invoke(echo.stub, EchoRequest(text="fine"), broken, metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert {one.field for one in details(found).bad_request.field_violations} == {"text", "count"}
    assert "x" * 101 not in echo.servicer.seen


@KINDS
async def test_a_cancelled_call_is_counted_as_cancelled(echo: Echo, invoke: Invoke, method: str) -> None:
    call = asyncio.create_task(invoke(echo.stub, EchoRequest(text="sleep"), metadata=echo.metadata()))
    await until(lambda: echo.servicer.seen == ["sleep"])
    call.cancel()
    await asyncio.wait([call])
    await asyncio.wait_for(echo.servicer.cancelled.wait(), 5)
    await until(lambda: bool(echo.lines()))
    assert [line["code"] for line in echo.lines()] == ["CANCELLED"]


async def test_a_stream_may_bring_many_answers(echo: Echo) -> None:
    request = EchoRequest(text="many", count=10)
    answers = [response.count async for response in echo.stub.Expand(request, metadata=echo.metadata())]
    assert answers == list(range(10))


async def test_a_method_nobody_wrote_is_not_offered(echo: Echo) -> None:
    found = await fault(echo.stub.NotWritten(EchoRequest(), metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_calls_do_not_see_each_others_callers(echo: Echo) -> None:
    async def call(number: int) -> tuple[str, str]:
        metadata = echo.metadata(x_correlation_id=f"chain-{number}")
        answer = await echo.stub.Echo(EchoRequest(text=str(number)), metadata=metadata)
        return answer.text, answer.correlation_id

    answers = await asyncio.gather(*(call(number) for number in range(50)))
    assert answers == [(str(number), f"chain-{number}") for number in range(50)]
