from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import pytest
import structlog

from services.common import logs
from services.common.rpc.client import Channels
from services.common.rpc.server import RunningServer, start_server
from services.common.security.jwt import issue_person
from services.common.service import Registration, Service
from services.common.settings import CommonSettings
from tests.common.given import ReadyDatabase, settings
from tests.common.rpc.echo import DESCRIPTOR, EchoServicer, echo_pb2_grpc

TENANT = uuid4()


class Echo:
    """A running echo service, and every way to call it."""

    def __init__(
        self, server: RunningServer, given: CommonSettings, servicer: EchoServicer, log: io.StringIO
    ) -> None:
        self.server = server
        self.settings = given
        self.servicer = servicer
        self.log = log
        self.tenant = TENANT
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        self.stub = echo_pb2_grpc.EchoServiceStub(self.channel)
        self.opened: list[Channels] = []

    def metadata(self, *roles: str, tenant: UUID | None = TENANT, **more: str) -> tuple[tuple[str, str], ...]:
        token = issue_person(self.settings, tenant, "person-1", roles or ("super_owner",))
        return (
            ("authorization", f"Bearer {token}"),
            *((key.replace("_", "-"), value) for key, value in more.items()),
        )

    def calling(self, name: str = "delivery", **changes: Any) -> Any:
        """A stub as the service `name` has it."""
        channels = Channels(
            self.settings.model_copy(update={"delivery_address": f"127.0.0.1:{self.server.port}", **changes}),
            name=name,
        )
        self.opened.append(channels)
        return channels.stub(echo_pb2_grpc.EchoServiceStub, "delivery")

    def lines(self, event: str = "rpc") -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.log.getvalue().splitlines()]
        return [line for line in found if line["event"] == event]

    async def close(self) -> None:
        for channels in self.opened:
            await channels.close()
        await self.channel.close()
        await self.server.stop(0)


StartEcho = Callable[..., Awaitable[Echo]]


@pytest.fixture
async def start_echo() -> AsyncIterator[StartEcho]:
    running: list[Echo] = []

    async def start(**changes: Any) -> Echo:
        given = settings(**changes)
        log = io.StringIO()
        logs.setup(given, "serve", stream=log)
        servicer = EchoServicer()
        database: Any = ReadyDatabase()
        registration = Registration(DESCRIPTOR, echo_pb2_grpc.add_EchoServiceServicer_to_server, servicer)
        server = await start_server(Service("echo", database, [registration]), given)
        running.append(Echo(server, given, servicer, log))
        return running[-1]

    yield start
    for echo in running:
        await echo.close()
    structlog.reset_defaults()


@pytest.fixture
async def echo(start_echo: StartEcho) -> Echo:
    return await start_echo()
