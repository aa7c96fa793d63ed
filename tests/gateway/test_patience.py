"""The door waits so long and no longer: for headers, for bodies, for the services behind; and it ends in peace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from angarium.delivery.v1 import receipt_service_pb2 as delivery_pb2
from gateway.middleware import Patience, Surroundings
from gateway.patience import MOST_HEADER_BYTES
from gateway.settings import GatewaySettings
from services.common.settings import read
from tests.common.given import COMPLETE
from tests.gateway.conftest import FIELDS, Gateway, netloc, running

WEBHOOK = "/webhooks/mailgun/unknown"
HANGS = 30
"""Seconds after which a test says that something hangs; nothing waits so long."""


@asynccontextmanager
async def line(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection."""
    place = netloc(url)
    reader, writer = await asyncio.open_connection(place.host, place.port)
    try:
        async with asyncio.timeout(HANGS):
            yield reader, writer
    finally:
        writer.close()


@pytest.mark.req("GAT-36")
def test_the_door_is_as_patient_as_it_says() -> None:
    known = {name: value for name, value in COMPLETE.items() if name in FIELDS}
    settings = read(
        GatewaySettings,
        **{**known, "service_name": "gateway", "redis_url": "redis://h", "bind_address": "h:1"},
    )
    patience = (settings.header_seconds, settings.body_seconds, settings.request_seconds)
    assert patience == (5, 15, 10)
    assert settings.shutdown_grace_seconds == 20


@pytest.mark.req("GAT-36")
async def test_who_is_slow_with_headers_is_cut_also_on_a_second_request(gateway: Gateway) -> None:
    async def half_a_request(url: str) -> None:
        async with line(url) as (reader, writer):
            writer.write(b"GET /health HTTP/1.1\r\nHost: m.example\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")

    async def silence(url: str) -> None:
        async with line(url) as (reader, _):
            assert await reader.read() == b""

    async def one_and_a_half(url: str) -> None:
        async with line(url) as (reader, writer):
            writer.write(b"GET /health HTTP/1.1\r\nHost: m.example\r\n\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
            writer.write(b"GET /health HTTP/1.1\r\nX-Slow: ")
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")

    async with running(gateway.clock, **gateway.behind, header_seconds=1.0) as (_, url):
        await asyncio.gather(half_a_request(url), silence(url), one_and_a_half(url))


@pytest.mark.req("GAT-36", "GAT-20")
async def test_headers_end_somewhere(gateway: Gateway) -> None:
    async with line(gateway.url) as (reader, writer):
        writer.write(b"GET /health HTTP/1.1\r\n")
        for number in range(MOST_HEADER_BYTES // 1000 + 2):
            writer.write(b"X-Many-%d: " % number + b"x" * 1000 + b"\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 431 ")


@pytest.mark.req("GAT-36")
async def test_who_is_slow_with_a_body_is_cut_and_nothing_is_stored(gateway: Gateway) -> None:
    async with (
        running(gateway.clock, **gateway.behind, body_seconds=0.2, request_seconds=20.0) as (_, url),
        line(url) as (reader, writer),
    ):
        writer.write(b"POST /unsubscribe/good HTTP/1.1\r\nHost: m\r\nContent-Length: 26\r\n\r\nList-")
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"DEADLINE_EXCEEDED" in answer
    assert gateway.consent.unsubscribed == []


@pytest.mark.req("GAT-36")
async def test_the_wait_for_a_body_is_not_counted_as_ours() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        # Longer than a request may take us, shorter than its body may take.
        await asyncio.sleep(0.6)
        return {"type": "http.request", "body": b"late", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive())["body"]
        await PlainTextResponse(body)(scope, receive, send)

    door = Surroundings(app, Patience(request_seconds=0.5, body_seconds=HANGS), uses_tls=False)
    await door({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)
    assert [message.get("status", message.get("body")) for message in sent] == [200, b"late"]


@pytest.mark.req("GAT-36", "GAT-35")
@pytest.mark.parametrize(("accept", "shown"), [("application/json", "request_id"), ("text/html", "<h1>")])
async def test_what_takes_too_long_behind_is_answered_so_that_one_comes_again(
    gateway: Gateway, accept: str, shown: str
) -> None:
    gateway.delivery.gate.clear()
    async with (
        running(gateway.clock, **gateway.behind, request_seconds=0.2) as (_, url),
        aiohttp.ClientSession() as session,
        session.post(url + WEBHOOK, data=b"{}", headers={"Accept": accept}) as answer,
    ):
        assert answer.status == 503
        assert answer.headers["Retry-After"]
        assert shown in await answer.text()
        gateway.delivery.gate.set()


@pytest.mark.req("GAT-36")
async def test_what_is_in_hand_when_the_door_closes_is_finished(gateway: Gateway) -> None:
    gateway.delivery.gate.clear()
    async with running(gateway.clock, **gateway.behind) as (server, url), aiohttp.ClientSession() as session:
        asking = asyncio.create_task(session.post(url + WEBHOOK, data=b"{}"))
        async with asyncio.timeout(HANGS):
            await gateway.delivery.arrived.wait()
            server.should_exit = True
            while server.servers and any(one.is_serving() for one in server.servers):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            with pytest.raises(aiohttp.ClientConnectorError):
                await session.get(f"{url}/health")
            gateway.delivery.gate.set()
            assert (await asking).status == 401
    assert gateway.delivery.of(delivery_pb2.ResolveWebhookAccountRequest)
