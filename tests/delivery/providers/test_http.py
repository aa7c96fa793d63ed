"""What is known of a request over HTTP: whether it arrived, what its answer says, and that waiting in line is no silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from services.delivery.providers import Account, Code, Result
from services.delivery.providers.http import Connection

NOBODY = uuid4()


@asynccontextmanager
async def answering(answer: bytes, *, after: float = 0.0) -> AsyncIterator[str]:
    """A server that gives one answer to each request, after some seconds, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(after)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def connected(base: str, *, seconds: float = 5.0, at_once: int = 10) -> AsyncIterator[Connection]:
    account = Account(uuid4(), "any", timeout=timedelta(seconds=seconds), max_concurrency=at_once)
    connection = Connection(account, base)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.req("DEL-78", "DEL-82")
@pytest.mark.parametrize(
    ("status", "result", "code"),
    [
        (429, Result.RETRYABLE, Code.RATE_LIMITED),
        (503, Result.RETRYABLE, Code.UNAVAILABLE),
        # A gateway may have passed it on; an acceptance or refusal without its words may be any.
        (504, Result.UNKNOWN, Code.CONNECTION),
        (200, Result.UNKNOWN, Code.CONNECTION),
        (400, Result.UNKNOWN, Code.CONNECTION),
    ],
)
async def test_an_answer_that_breaks_off_is_judged_by_its_status_where_that_says_enough(
    status: int, result: Result, code: Code
) -> None:
    cut = f"HTTP/1.1 {status} Words\r\nRetry-After: 7\r\nContent-Length: 100\r\n\r\n{{".encode()
    async with answering(cut) as base, connected(base) as connection:
        answer = await connection.post("/", b"{}", {})
        outcome = answer.outcome(NOBODY, 0.0)
    assert (outcome.result, outcome.code) == (result, code)
    assert outcome.retry_after == (timedelta(seconds=7) if result is Result.RETRYABLE else None)


@pytest.mark.req("DEL-76", "DEL-78")
async def test_waiting_for_a_connection_is_no_silence_of_the_provider() -> None:
    taken = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with (
        answering(taken, after=0.25) as base,
        connected(base, seconds=0.7, at_once=1) as connection,
    ):
        answers = await asyncio.gather(*(connection.post("/", b"{}", {}) for _ in range(10)))
    assert [answer.status for answer in answers] == [202] * 10
