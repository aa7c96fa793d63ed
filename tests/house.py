"""A service as its callers meet it: built by its own bootstrap, served on a port, called with a token."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

import grpc

from services.common.db.testing import database_environment
from services.common.errors import ServiceError
from services.common.rpc.authentication import TENANT_KEY
from services.common.rpc.server import start_server
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import issue_person, issue_service
from services.common.service import Service
from services.common.settings import CommonSettings, read
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.ports import free_ports

SERVICES = ("consent", "campaign", "delivery", "analytics")
S = TypeVar("S", bound=CommonSettings)
T = TypeVar("T")


def settings_for(cls: type[S], owner_url: str, redis_url: str, service: str, **changes: Any) -> S:
    """Complete settings of a service on a cloned database."""
    place = {name.lower(): value for name, value in database_environment(owner_url, service).items()}
    place["db_port"] = int(place["db_port"])
    own = {"receipt_keys": RECEIPT_KEYS} if "receipt_keys" in cls.model_fields else {}
    return read(
        cls, **{**COMPLETE, **own, **place, "redis_url": redis_url, "service_name": service, **changes}
    )


@dataclass
class Served:
    """A running service, and its callers."""

    service: Service
    settings: CommonSettings
    port: int
    tenant_id: UUID = field(default_factory=uuid4)
    channels: list[grpc.aio.Channel] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def person(
        self, stub: Callable[[Any], T], *roles: str, tenant_id: UUID | None = None, subject: str = "anna"
    ) -> T:
        """A stub as a person with these roles calls it; without roles, as a super owner."""
        token = issue_person(
            self.settings, tenant_id or self.tenant_id, subject, list(roles or ("super_owner",)), []
        )
        return self._stub(stub, token, None)

    def caller(self, stub: Callable[[Any], T], name: str, *, tenant_id: UUID | None = None) -> T:
        """A stub as another service calls it for a tenant."""
        return self._stub(stub, issue_service(self.settings, name), tenant_id or self.tenant_id)

    def stranger(self, stub: Callable[[Any], T]) -> T:
        """A stub without any credential."""
        return self._stub(stub, None, None)

    def _stub(self, stub: Callable[[Any], T], token: str | None, tenant_id: UUID | None) -> T:
        metadata = []
        if token:
            metadata.append(("authorization", f"Bearer {token}"))
        if tenant_id:
            metadata.append((TENANT_KEY, str(tenant_id)))
        channel = grpc.aio.insecure_channel(self.address)
        self.channels.append(channel)
        return stub(cast("Any", _Calls(channel, tuple(metadata), self.service.name)))


class _Calls:
    """Stands in a stub's channel: adds metadata, raises ServiceError."""

    def __init__(self, channel: grpc.aio.Channel, metadata: Sequence[tuple[str, str]], service: str) -> None:
        self._channel = channel
        self._metadata = metadata
        self._service = service

    def unary_unary(self, *arguments: Any, **named: Any) -> Any:
        return self._answering(self._channel.unary_unary(*arguments, **named))

    def stream_unary(self, *arguments: Any, **named: Any) -> Any:
        return self._answering(self._channel.stream_unary(*arguments, **named))

    def unary_stream(self, *arguments: Any, **named: Any) -> Any:
        return self._streaming(self._channel.unary_stream(*arguments, **named))

    def stream_stream(self, *arguments: Any, **named: Any) -> Any:
        return self._streaming(self._channel.stream_stream(*arguments, **named))

    def _answering(self, call: Any) -> Any:
        async def send(request: Any, **named: Any) -> Any:
            try:
                return await call(request, metadata=self._metadata, timeout=30, **named)
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error, self._service) from None

        return send

    def _streaming(self, call: Any) -> Any:
        async def receive(request: Any, **named: Any) -> AsyncIterator[Any]:
            try:
                async for response in call(request, metadata=self._metadata, timeout=60, **named):
                    yield response
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error, self._service) from None

        return receive


@asynccontextmanager
async def serving(
    build: Callable[..., AbstractAsyncContextManager[Service]], settings: CommonSettings, **options: Any
) -> AsyncIterator[Served]:
    """Serves a service while the block runs, on `port` or on any; its loops run when `loops=True`."""
    loops, port = options.pop("loops", False), options.pop("port", 0)
    async with build(settings, **options) as service:
        server = await start_server(service, settings, address=f"127.0.0.1:{port}")
        stop = asyncio.Event()
        tasks = [asyncio.create_task(loop.run(stop)) for loop in service.loops] if loops else []
        served = Served(service, settings, server.port)
        try:
            yield served
        finally:
            stop.set()
            await asyncio.gather(*tasks)
            await asyncio.gather(*(channel.close() for channel in served.channels))
            await server.stop()


@asynccontextmanager
async def whole_house(
    owner_url: str, redis_url: str, *, are_neighbours: bool = False
) -> AsyncIterator[dict[str, Served]]:
    """Serves the four services on one database, each found by its name as a newcomer would find it.

    Neighbours find each other where they are served; others find nobody.
    """
    ports = dict(zip(SERVICES, free_ports(len(SERVICES)), strict=True))
    known = {f"{name}_address": f"127.0.0.1:{port}" for name, port in ports.items()}
    places = known if are_neighbours else {}
    async with AsyncExitStack() as stack:
        served: dict[str, Served] = {}
        for name in SERVICES:
            cls: type[CommonSettings] = getattr(
                importlib.import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings"
            )
            # Many refused calls in a row are what some tests are about.
            settings = settings_for(cls, owner_url, redis_url, name, enable_rate_limiting=False, **places)
            build: Any = importlib.import_module(f"services.{name}.bootstrap").build
            served[name] = await stack.enter_async_context(serving(build, settings, port=ports[name]))
        yield served


__all__ = ["SERVICES", "Served", "ServiceError", "serving", "settings_for", "whole_house"]
