"""Calls to other services: typed stubs that carry credential, tenant, trace and deadline, and raise ServiceError."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

import grpc
import grpc.aio

from services.common import telemetry
from services.common.errors import ServiceError
from services.common.rpc import context as call_context
from services.common.rpc import deadline
from services.common.rpc.authentication import TENANT_KEY
from services.common.rpc.calls import CORRELATION_ID_KEY
from services.common.rpc.method_config import service_config, timeout_of
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import SERVICE_TTL, issue_service
from services.common.service import MAX_MESSAGE_BYTES
from services.common.settings import CallingSettings

Stub = TypeVar("Stub")
Made_co = TypeVar("Made_co", covariant=True)

_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # Whoever is called says how much it takes.
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.enable_retries", 1),
    # A service that was away is found again within seconds, not within the default's two minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.dns_min_time_between_resolutions_ms", 5_000),
)
_SCHEMES = ("dns:", "ipv4:", "ipv6:", "unix:")
_SECONDS = telemetry.histogram("rpc_client_seconds", "Time of outgoing calls.", ("method", "code"))

_tenant: ContextVar[str] = ContextVar("outgoing_tenant", default="")


@contextmanager
def as_tenant(tenant_id: UUID) -> Iterator[None]:
    """Makes calls inside the block act for a tenant; without it they act for the current caller's."""
    token = _tenant.set(str(tenant_id))
    try:
        yield
    finally:
        _tenant.reset(token)


class StubClass(Protocol[Made_co]):
    """A generated stub class."""

    def __call__(self, channel: Any) -> Made_co:
        """Makes a stub on a channel."""


class Channels:
    """The channels of a process to the services, each opened on first use and kept."""

    def __init__(self, settings: CallingSettings, *, name: str = "") -> None:
        """Takes who calls from `name`, else from the setting SERVICE_NAME."""
        self._settings = settings
        self._name = name or settings.service_name
        if not self._name:
            raise ValueError("a calling process needs a name: set SERVICE_NAME")
        self._channels: dict[str, _Channel] = {}
        self._token = ""
        self._renew_at = 0.0

    def stub(self, stub_class: StubClass[Stub], service: str) -> Stub:
        """Returns a stub of a service; its calls raise ServiceError and nothing else."""
        channel = self._channels.get(service)
        if channel is None:
            channel = self._channels[service] = _Channel(self, service, self._open(service))
        return stub_class(channel)

    async def close(self) -> None:
        """Ends all channels; calls in hand are cancelled."""
        for channel in self._channels.values():
            await channel.inner.close()
        self._channels.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def credential(self) -> str:
        """Returns the bearer header of this process, renewed at half its life."""
        now = time.monotonic()
        if now >= self._renew_at:
            self._token = f"Bearer {issue_service(self._settings, self._name)}"
            self._renew_at = now + SERVICE_TTL.total_seconds() / 2
        return self._token

    def _open(self, service: str) -> grpc.aio.Channel:
        address = self._settings.address_of(service)
        target = address if address.startswith(_SCHEMES) else f"dns:///{address}"
        config = {**service_config(service), "loadBalancingConfig": [{"round_robin": {}}]}
        options = [*_OPTIONS, ("grpc.service_config", json.dumps(config))]
        credentials = self._tls()
        if credentials is None:
            return grpc.aio.insecure_channel(target, options)
        return grpc.aio.secure_channel(target, credentials, options)

    def _tls(self) -> grpc.ChannelCredentials | None:
        settings = self._settings
        if settings.tls_ca_file is None:
            return None
        own = settings.tls_certificate_file and settings.tls_key_file
        return grpc.ssl_channel_credentials(
            root_certificates=settings.tls_ca_file.read_bytes(),
            private_key=settings.tls_key_file.read_bytes() if own and settings.tls_key_file else None,
            certificate_chain=(
                settings.tls_certificate_file.read_bytes() if own and settings.tls_certificate_file else None
            ),
        )


class _Channel:
    """What a generated stub is built on: a channel whose calls are dressed and whose errors are ours.

    It stands in place of client interceptors, which cost a task and two call objects for each call.
    """

    def __init__(self, channels: Channels, service: str, inner: grpc.aio.Channel) -> None:
        self.channels = channels
        self.service = service
        self.inner = inner
        self._config = service_config(service)

    def unary_unary(self, method: str, *arguments: Any, **named: Any) -> Callable[..., Awaitable[Any]]:
        """Returns the callable of a unary method."""
        call = self.inner.unary_unary(method, *arguments, **named)
        seconds = timeout_of(self._config, method) or deadline.UNARY_SECONDS

        async def send(request: Any, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - gRPC's word
            outgoing = _Outgoing(self, method, timeout or seconds)
            try:
                response = await call(request, timeout=outgoing.timeout, metadata=outgoing.metadata)
            except BaseException as error:  # noqa: BLE001 - told and raised again
                raise outgoing.failed(error) from None
            outgoing.done(grpc.StatusCode.OK)
            return response

        return send

    def stream_unary(self, method: str, *arguments: Any, **named: Any) -> Callable[..., Awaitable[Any]]:
        """Returns the callable of a method that takes a stream."""
        call = self.inner.stream_unary(method, *arguments, **named)
        seconds = timeout_of(self._config, method)

        async def send(requests: Any, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109 - gRPC's word
            outgoing = _Outgoing(self, method, timeout or seconds)
            try:
                response = await call(requests, timeout=outgoing.timeout, metadata=outgoing.metadata)
            except BaseException as error:  # noqa: BLE001 - told and raised again
                raise outgoing.failed(error) from None
            outgoing.done(grpc.StatusCode.OK)
            return response

        return send

    def unary_stream(self, method: str, *arguments: Any, **named: Any) -> Callable[..., AsyncIterator[Any]]:
        """Returns the callable of a method that answers with a stream."""
        return self._streaming(method, self.inner.unary_stream(method, *arguments, **named))

    def stream_stream(self, method: str, *arguments: Any, **named: Any) -> Callable[..., AsyncIterator[Any]]:
        """Returns the callable of a method that takes and answers a stream."""
        return self._streaming(method, self.inner.stream_stream(method, *arguments, **named))

    def _streaming(self, method: str, call: Any) -> Callable[..., AsyncIterator[Any]]:
        seconds = timeout_of(self._config, method)

        async def receive(
            request: Any,
            *,
            timeout: float | None = None,  # noqa: ASYNC109 - gRPC's word
        ) -> AsyncIterator[Any]:
            outgoing = _Outgoing(self, method, timeout or seconds)
            responses = call(request, timeout=outgoing.timeout, metadata=outgoing.metadata)
            try:
                async for response in responses:
                    yield response
            except GeneratorExit:
                outgoing.done(grpc.StatusCode.CANCELLED)
                raise
            except BaseException as error:  # noqa: BLE001 - told and raised again
                raise outgoing.failed(error) from None
            else:
                outgoing.done(grpc.StatusCode.OK)
            finally:
                responses.cancel()

        return receive


class _Outgoing:
    """One outgoing call: its deadline, metadata and span."""

    __slots__ = ("_channel", "_method", "_span", "_started", "metadata", "timeout")

    def __init__(self, channel: _Channel, method: str, seconds: float | None) -> None:
        self._channel = channel
        self._method = method
        self.timeout = deadline.outgoing(seconds)
        self._started = time.perf_counter()
        tracing = telemetry.tracing()
        if tracing is None:
            self._span, traceparent = None, telemetry.current_traceparent()
        else:
            self._span, traceparent = tracing.start_client_span(method)
        metadata = [("authorization", channel.channels.credential())]
        if tenant := _tenant.get() or _callers_tenant():
            metadata.append((TENANT_KEY, tenant))
        if traceparent:
            metadata.append(("traceparent", traceparent))
        if correlation_id := call_context.correlation_id():
            metadata.append((CORRELATION_ID_KEY, correlation_id))
        self.metadata = tuple(metadata)

    def done(self, code: grpc.StatusCode, reason: str = "") -> None:
        """Counts the call and ends its span."""
        _SECONDS.labels(self._method, code.name).observe(time.perf_counter() - self._started)
        if self._span is not None:
            telemetry.tracing().end_rpc_span(self._span, code, reason, server=False)

    def failed(self, error: BaseException) -> BaseException:
        """Returns what to raise for an exception of the transport."""
        if isinstance(error, grpc.aio.AioRpcError):
            known = from_rpc_error(error, self._channel.service)
            self.done(error.code(), known.reason)
            return known
        self.done(grpc.StatusCode.CANCELLED)
        return error


def _callers_tenant() -> str:
    caller = call_context.maybe_caller()
    return str(caller.tenant_id) if caller is not None and caller.tenant_id is not None else ""


__all__ = ["Channels", "ServiceError", "as_tenant"]
