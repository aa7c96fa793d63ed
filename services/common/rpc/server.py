"""The RPC server of a service: its methods with what surrounds them, health, reflection and channelz."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import grpc
import grpc.aio
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_channelz.v1 import channelz
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from services.common.logs import call_line
from services.common.rpc import deadline
from services.common.rpc.access import ContractError, access_of
from services.common.rpc.authentication import Admission
from services.common.rpc.calls import Kind, Method, Surroundings
from services.common.rpc.health import Health
from services.common.rpc.method_config import service_config, timeout_of
from services.common.rpc.reflection import MethodPool
from services.common.rpc.validation import check_of
from services.common.service import Registration, Service
from services.common.settings import CommonSettings

_READS_MAY_LAST = 5.0

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # Clients ping every 30 s while a call is open; the default would take that for abuse and hang up.
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    # Clients look names up again when a connection ends, and so find replicas that came later. Calls in hand finish
    # on the old connection.
    ("grpc.max_connection_age_ms", 10 * 60 * 1000),
    # A thousand calls that nobody has looked at yet are gRPC's limit; it cancels what comes on top without a word. Refusing
    # is for whoever can say why, and when to come back.
    ("grpc.server.max_pending_requests", 100_000),
    ("grpc.server.max_pending_requests_hard_limit", 100_000),
)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers calls on `port`."""

    port: int
    health: Health
    _server: grpc.aio.Server
    _surroundings: Surroundings
    _watch: asyncio.Task[None]

    async def stop(self, grace: float = 0.0) -> None:
        """Says not serving, takes no new calls, and gives those in hand `grace` seconds.

        Streams that only read may have no end: they are ended after a quarter of it, and their callers go on with
        another process.
        """
        await self.health.drain()
        self._watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._watch
        stopping = asyncio.create_task(self._server.stop(grace))
        await asyncio.wait({stopping}, timeout=min(grace / 4, _READS_MAY_LAST))
        self._surroundings.end_reads()
        await stopping

    async def wait(self) -> None:
        """Returns when the server has stopped."""
        await self._server.wait_for_termination()


async def start_server(
    service: Service, settings: CommonSettings, *, address: str = "127.0.0.1:0", share_port: bool = False
) -> RunningServer:
    """Starts answering calls; ContractError names a method that does not say who may call it.

    While the database is away or not migrated, health says so and every other call is refused as unavailable.
    `share_port` lets several processes listen on the same port.
    """
    production = settings.production
    options = [
        *_OPTIONS,
        ("grpc.max_receive_message_length", service.max_message_bytes),
        ("grpc.max_send_message_length", service.max_message_bytes),
        ("grpc.so_reuseport", int(share_port)),
        ("grpc.enable_channelz", int(not production)),
    ]
    server = grpc.aio.server(options=options)
    names = [registration.descriptor.full_name for registration in service.registrations]
    health = Health(service.database, names, notes=service.notes)
    line = call_line(settings, "serve")
    surroundings = Surroundings(service.name, Admission(settings), health, settings.rpc_max_running, line)
    for registration in service.registrations:
        _register(server, surroundings, service.name, registration)
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    if not production:
        health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
        reflection.enable_server_reflection(
            [*names, health_name, reflection.SERVICE_NAME], server, pool=cast("Any", MethodPool())
        )
        channelz.add_channelz_servicer(server)
    port = _listen(server, settings, address)
    await server.start()
    # Where all is well, calls are answered when this returns.
    await health.check()
    watch = asyncio.create_task(health.loop(), name="health")
    return RunningServer(port, health, server, surroundings, watch)


def _listen(server: grpc.aio.Server, settings: CommonSettings, address: str) -> int:
    """Opens the port, with TLS where a certificate is set, asking callers for theirs where an authority is set."""
    if settings.tls_certificate_file is None or settings.tls_key_file is None:
        return server.add_insecure_port(address)
    authority = settings.tls_ca_file.read_bytes() if settings.tls_ca_file else None
    credentials = grpc.ssl_server_credentials(
        [(settings.tls_key_file.read_bytes(), settings.tls_certificate_file.read_bytes())],
        root_certificates=authority,
        require_client_auth=authority is not None,
    )
    return server.add_secure_port(address, credentials)


def _register(
    server: grpc.aio.Server, surroundings: Surroundings, service: str, registration: Registration
) -> None:
    """Puts every method of a registration behind the surroundings."""
    descriptor = registration.descriptor
    captured = _Captured()
    registration.add(registration.servicer, captured)
    handlers = captured.handlers.get(descriptor.full_name)
    if handlers is None or set(handlers) != set(descriptor.methods_by_name):
        raise ContractError(f"{descriptor.full_name} is registered with the stubs of another service")
    config = service_config(service)
    wrapped = {
        method.name: surroundings.around(_method(descriptor, method, config), handlers[method.name])
        for method in descriptor.methods
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(descriptor.full_name, wrapped),))
    server.add_registered_method_handlers(descriptor.full_name, wrapped)


def _method(service: ServiceDescriptor, method: MethodDescriptor, config: dict[str, Any]) -> Method:
    path = f"/{service.full_name}/{method.name}"
    kind: Kind
    if method.client_streaming:
        kind = "stream_stream" if method.server_streaming else "stream_unary"
    else:
        kind = "unary_stream" if method.server_streaming else "unary_unary"
    seconds = (timeout_of(config, path) or deadline.UNARY_SECONDS) if kind == "unary_unary" else None
    return Method(
        path,
        kind,
        access_of(method),
        check_of(GetMessageClass(method.input_type)),
        seconds,
        read_only=method.GetOptions().idempotency_level == descriptor_pb2.MethodOptions.NO_SIDE_EFFECTS,
    )


class _Captured:
    """Stands where the generated code expects a server, and keeps the handlers it is given."""

    def __init__(self) -> None:
        self.handlers: dict[str, Mapping[str, Any]] = {}

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Ignores what comes again by name."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Keeps the handlers of a service by method."""
        self.handlers[service] = handlers
