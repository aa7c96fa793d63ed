"""Bytes that are no message of the method's type: refused like any malformed request, and shown to no handler."""

from __future__ import annotations

from typing import Any

import grpc
import pytest

from tests.common.rpc.conftest import Echo
from tests.common.rpc.echo import DESCRIPTOR, EchoRequest
from tests.common.rpc.faults import details, fault

GOOD = EchoRequest(text="x").SerializeToString()
WRONG = (b"\xff\xff\xff", b"\x0a\x05abc", b"\x0a\x02\xff\xfe")


async def answered(echo: Echo, name: str, *bodies: bytes) -> Any:
    """Calls a method with bodies as they are."""
    method = DESCRIPTOR.methods_by_name[name]
    streams = method.client_streaming, method.server_streaming
    kind = "_".join("stream" if one else "unary" for one in streams)
    call: Any = getattr(echo.channel, kind)(f"/{DESCRIPTOR.full_name}/{name}")
    given = iter(bodies) if method.client_streaming else bodies[0]
    found = call(given, metadata=echo.metadata())
    return [one async for one in found] if method.server_streaming else await found


@pytest.mark.req("REL-16", "REL-23", "API-16")
@pytest.mark.parametrize("name", ["Echo", "Expand", "Collect", "Chat"])
async def test_what_is_no_message_is_refused_and_no_handler_sees_it(echo: Echo, name: str) -> None:
    for junk in WRONG:
        found = await fault(answered(echo, name, junk))
        assert (found.code(), details(found).info.reason) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            "VALIDATION_FAILED",
        )
    assert echo.servicer.seen == []
    assert echo.lines("rpc failed") == []


@pytest.mark.parametrize("name", ["Collect", "Chat"])
async def test_a_stream_ends_at_the_first_message_that_cannot_be_read(echo: Echo, name: str) -> None:
    found = await fault(answered(echo, name, GOOD, WRONG[0], GOOD))
    assert found.code() is grpc.StatusCode.INVALID_ARGUMENT
