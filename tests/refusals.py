"""What a call is refused with, as its caller reads it."""

from collections.abc import Awaitable
from typing import Any

import grpc
import pytest

from services.common.errors import ServiceError
from services.common.rpc.status import from_rpc_error


async def refused(call: Awaitable[Any], service: str = "delivery") -> ServiceError:
    """The error a call of a service ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return from_rpc_error(caught.value, service)


async def reason_of(call: Awaitable[Any], service: str = "delivery") -> str:
    """The reason of that error."""
    return (await refused(call, service)).reason
