"""More calls at once than the server has looked at: each is answered by the server itself."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from tests.common.rpc.conftest import Echo
from tests.common.rpc.echo import EchoRequest

CROWD = 4000


@pytest.mark.req("REL-21")
async def test_no_call_of_a_crowd_is_cancelled_unread(echo: Echo) -> None:
    metadata = echo.metadata()

    async def code() -> grpc.StatusCode:
        call = echo.stub.Echo(EchoRequest(text="hello"), metadata=metadata, timeout=60)
        return await call.code()

    codes = set(await asyncio.gather(*(code() for _ in range(CROWD))))
    assert grpc.StatusCode.OK in codes
    assert codes <= {grpc.StatusCode.OK, grpc.StatusCode.RESOURCE_EXHAUSTED}
