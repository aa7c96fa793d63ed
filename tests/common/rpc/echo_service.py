"""The echo service as a process of its own, with a loop that fails once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from services.common.main import run
from services.common.service import Loop, Registration, Service
from services.common.settings import CommonSettings
from tests.common.given import ReadyDatabase
from tests.common.rpc.echo import DESCRIPTOR, EchoServicer, echo_pb2_grpc

log = structlog.get_logger("echo")
failed: list[bool] = []


async def loop(stop: asyncio.Event) -> None:
    if not failed:
        failed.append(True)
        raise RuntimeError("first time")
    log.info("loop works")
    await stop.wait()
    await asyncio.sleep(0.2)
    log.info("loop finished its work")


@asynccontextmanager
async def build(settings: CommonSettings) -> AsyncIterator[Service]:
    database: Any = ReadyDatabase()
    if os.environ.get("WAIT_FOR_DATABASE"):
        log.info("waiting")
        await asyncio.sleep(60)
    add = echo_pb2_grpc.add_EchoServiceServicer_to_server
    yield Service("echo", database, [Registration(DESCRIPTOR, add, EchoServicer())], [Loop("works", loop)])
    log.info("closed")


if __name__ == "__main__":
    run("echo", CommonSettings, build)
