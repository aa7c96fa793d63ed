"""Reads what a failed call says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import grpc.aio
import pytest
from google.rpc import error_details_pb2, status_pb2

from services.common.errors import ServiceError


class Details(NamedTuple):
    """The details of a status, each at most once."""

    info: Any
    bad_request: Any
    precondition: Any
    quota: Any
    retry: Any


async def fault(call: Awaitable[Any]) -> grpc.aio.AioRpcError:
    """The error a raw call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


async def until(true: Callable[[], bool]) -> None:
    """Waits until something that no event tells becomes true."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for belongs to another task or to the transport
            await asyncio.sleep(0.01)


async def refusal(call: Awaitable[Any]) -> ServiceError:
    """The error a call through our own client ends with."""
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value


def details(error: grpc.aio.AioRpcError) -> Details:
    """The details an error carries; fails when one is there twice or is of an unknown kind."""
    trailers: dict[str, Any] = dict(error.trailing_metadata() or ())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    found: dict[str, Any] = {}
    for detail in status.details:
        kind = detail.TypeName().rpartition(".")[2]
        assert kind not in found, f"{kind} is there twice"
        message = getattr(error_details_pb2, kind)()
        assert detail.Unpack(message)
        found[kind] = message
    assert "ErrorInfo" in found
    return Details(
        found.pop("ErrorInfo"),
        found.pop("BadRequest", None),
        found.pop("PreconditionFailure", None),
        found.pop("QuotaFailure", None),
        found.pop("RetryInfo", None),
    )
