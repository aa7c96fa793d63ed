"""What surrounds every RPC: trace, log line, errors, deadline, admission and validation, in this order.

The surroundings are put around a handler once, when it is registered, instead of being a chain of interceptors per
call: an interceptor of grpc.aio costs an awaited call and a new handler object each time.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, NoReturn, cast

import grpc
import grpc.aio
import structlog
from google.protobuf.message import DecodeError, Message

from services.common import telemetry
from services.common.errors import (
    ServiceError,
    as_service_error,
    deadline_exceeded,
    exhausted,
    internal,
    unavailable,
)
from services.common.logs import CallLine
from services.common.rpc import context as call_context
from services.common.rpc import deadline
from services.common.rpc.access import Access
from services.common.rpc.authentication import Admission
from services.common.rpc.context import Caller
from services.common.rpc.health import Health
from services.common.rpc.status import to_status, trailers
from services.common.rpc.validation import Check

Context = grpc.aio.ServicerContext[Any, Any]
Kind = Literal["unary_unary", "unary_stream", "stream_unary", "stream_stream"]
Answer = Callable[[Any, Context], Awaitable[Any]]

REQUEST_ID_KEY = "x-request-id"
CORRELATION_ID_KEY = "x-correlation-id"

_ID = re.compile(r"[\w.:-]{1,64}")
_OVERLOAD_WAIT = timedelta(seconds=1)
_CROSSING_SECONDS = 0.25
"""How long messages that cross with a refusal are waited for."""
_ANSWERED = telemetry.counter("rpc_total", "Answered calls.", ("method", "code"))
_SECONDS = telemetry.histogram("rpc_seconds", "Time to answer a call.", ("method",))
_RUNNING = telemetry.gauge("rpc_running", "Calls in hand.")


@dataclass(frozen=True, slots=True)
class Method:
    """What is known of a method before any call."""

    path: str
    kind: Kind
    access: Access
    check: Check | None
    default_seconds: float | None
    """Deadline of callers that set none; None for streams, which may last."""
    read_only: bool = False


class Call:
    """One call in hand."""

    __slots__ = ("caller", "metadata", "method", "request_id", "seconds", "span", "started")

    def __init__(self, method: Method, metadata: dict[str, Any]) -> None:
        self.method = method
        self.metadata = metadata
        self.request_id = _id_of(metadata, REQUEST_ID_KEY) or secrets.token_hex(12)
        self.started = time.perf_counter()
        self.caller: Caller | None = None
        self.span: Any = None
        self.seconds: float | None = None
        """Time-out that this process must keep itself, because the caller set no deadline."""


class Surroundings:
    """Puts the surroundings around the handlers of one server, and counts its calls in hand."""

    def __init__(
        self, service: str, admission: Admission, health: Health, max_running: int, line: CallLine
    ) -> None:
        self._service = service
        self._health = health
        self._line = line
        self._admission = admission
        self._max_running = max_running
        self._running = 0
        self._reads: set[asyncio.Task[Any]] = set()
        self._ending = False
        self._log = structlog.get_logger("rpc").bind()
        self._seconds: dict[str, Any] = {}
        self._answered: dict[tuple[str, grpc.StatusCode], Any] = {}
        _RUNNING.set_function(lambda: self._running)

    def around(self, method: Method, handler: Any) -> Any:
        """Returns a handler of the same kind that lives inside the surroundings."""
        self._seconds[method.path] = _SECONDS.labels(method.path)
        answer = _as_coroutine(method, getattr(handler, method.kind))
        make: Any = getattr(grpc, f"{method.kind}_rpc_method_handler")
        return make(
            self._surround(method, answer),
            _readable(handler.request_deserializer),
            handler.response_serializer,
        )

    def end_reads(self) -> None:
        """Ends the streams that only read; their callers are told to come back."""
        self._ending = True
        for task in self._reads:
            task.cancel()

    def _surround(self, method: Method, answer: Answer) -> Answer:
        check = method.check if method.kind.startswith("unary") else None
        if method.kind == "unary_stream" and method.read_only:
            answer = self._endable(answer)

        async def surrounded(request: Any, context: Context) -> Any:
            call = self._enter(method, context)
            try:
                self._admit(call, context)
                if request is _UNREADABLE:
                    raise _unreadable()
                if check is not None:
                    check(request)
                if call.seconds is None:
                    response = await answer(request, context)
                else:
                    async with asyncio.timeout(call.seconds):
                        response = await answer(request, context)
            except BaseException as error:  # noqa: BLE001 - everything is answered and told, nothing swallowed
                await self._fail(call, context, error, request)
            self._leave(call, grpc.StatusCode.OK)
            return response

        return surrounded

    def _endable(self, answer: Answer) -> Answer:
        """Returns an answer that `end_reads` ends."""

        async def answer_until_ended(request: Any, context: Context) -> None:
            task = asyncio.ensure_future(answer(request, context))
            self._reads.add(task)
            try:
                await task
            except asyncio.CancelledError:
                if not self._ending or not task.cancelled():
                    task.cancel()
                    raise
                raise unavailable(self._service) from None
            finally:
                self._reads.discard(task)

        return answer_until_ended

    def _enter(self, method: Method, context: Context) -> Call:
        """Gives the call its ids and its place in a trace; nothing here may fail."""
        metadata: dict[str, Any] = dict(context.invocation_metadata() or ())
        call = Call(method, metadata)
        call_context.enter_call(call.request_id, _id_of(metadata, CORRELATION_ID_KEY) or call.request_id)
        traceparent = telemetry.accept_traceparent(metadata.get("traceparent", ""))
        tracing = telemetry.tracing()
        if tracing is not None:
            call.span = tracing.start_server_span(method.path, traceparent)
        self._running += 1
        return call

    def _admit(self, call: Call, context: Context) -> None:
        """Refuses calls that are too many, too late, unknown or not allowed, and those that could not be answered."""
        method = call.method
        if self._running > self._max_running and method.default_seconds is not None:
            raise exhausted("RATE_LIMITED", "too many calls in hand", retry_after=_OVERLOAD_WAIT)
        left: Any = context.time_remaining()
        if left is None:  # the caller set no deadline
            left = call.seconds = method.default_seconds
        if left is not None:
            deadline.begin(left)
        call.caller = self._admission.admit(method.access, call.metadata, context.peer())
        call_context.set_caller(call.caller)
        if not self._health.serving.is_set():
            raise self._health.refusal()

    async def _fail(self, call: Call, context: Context, error: BaseException, request: Any) -> NoReturn:
        """Tells the caller what an exception means, and the log what it was."""
        if isinstance(error, asyncio.CancelledError):
            late = deadline.remaining() <= 0
            self._leave(call, grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED)
            raise error
        if not isinstance(error, Exception) or isinstance(error, grpc.aio.AbortError):
            self._leave(call, _code_set(context))
            raise error
        known = self._explain(call, error)
        status = to_status(known, self._service, call.request_id)
        self._leave(call, known.status, known.reason)
        if call.method.kind.startswith("stream"):
            await _read_on(request)
        await context.abort(known.status, status.message, trailing_metadata=tuple(trailers(status)))

    def _explain(self, call: Call, error: Exception) -> ServiceError:
        if isinstance(error, TimeoutError) and deadline.remaining() <= 0:
            return deadline_exceeded("the work took too long")
        known = as_service_error(error)
        if known is None or known.reason == "INTERNAL":
            self._log.error("rpc failed", method=call.method.path, exc_info=error)
            return internal()
        if known.origin and known.status is grpc.StatusCode.UNAUTHENTICATED:
            # The caller's credential was fine; it is ours that another service refused.
            self._log.error("own credential refused", method=call.method.path, dependency=known.origin)
            return internal()
        if known.status is grpc.StatusCode.UNAVAILABLE and (
            known is not error or error.__cause__ is not None
        ):
            self._log.warning("dependency failed", method=call.method.path, error=_text_of(error))
        return known

    def _leave(self, call: Call, code: grpc.StatusCode, reason: str = "") -> None:
        """Counts the call and writes its one line."""
        self._running -= 1
        path = call.method.path
        seconds = time.perf_counter() - call.started
        self._seconds[path].observe(seconds)
        answered = self._answered.get((path, code))
        if answered is None:
            answered = self._answered[path, code] = _ANSWERED.labels(path, code.name)
        answered.inc()
        if call.span is not None:
            telemetry.tracing().end_rpc_span(call.span, code, reason, server=True)
        caller = call.caller
        self._line(
            method=path,
            code=code.name,
            reason=reason,
            ms=round(seconds * 1000, 2),
            caller=caller.subject if caller is not None else "",
            tenant=str(caller.tenant_id) if caller is not None and caller.tenant_id is not None else "",
            request_id=call.request_id,
        )


class CheckedRequests:
    """The messages of a request stream, each checked before the handler sees it."""

    __slots__ = ("_check", "_next")

    def __init__(self, requests: Any, check: Check | None) -> None:
        self._next = aiter(requests).__anext__
        self._check = check

    def __aiter__(self) -> CheckedRequests:
        return self

    async def __anext__(self) -> Message:
        request: Message = await self._next()
        if request is _UNREADABLE:
            raise _unreadable()
        if self._check is not None:
            self._check(request)
        return request


_UNREADABLE: Any = object()
"""Stands where a message should be that could not be read from its bytes."""


def _readable(parse: Callable[[bytes], Message]) -> Callable[[bytes], Message]:
    """Returns what parses a message and never raises: gRPC would answer UNKNOWN with the parser's own words."""

    def parse_or_tell(data: bytes) -> Message:
        try:
            return parse(data)
        except DecodeError:
            return cast("Message", _UNREADABLE)

    return parse_or_tell


def _unreadable() -> ServiceError:
    return ServiceError("VALIDATION_FAILED", "the request cannot be read as a message of its type")


async def _read_on(requests: Any) -> None:
    """Reads what a caller has under way, and drops it.

    A status that crosses with messages resets the stream, and the caller may learn of the reset alone.
    """
    with suppress(Exception):
        async with asyncio.timeout(_CROSSING_SECONDS):
            async for _ in requests:
                continue


def _as_coroutine(method: Method, behaviour: Any) -> Answer:
    """Returns a coroutine function that answers as the servicer's method does, whichever way that is written."""
    if inspect.isasyncgenfunction(behaviour):

        async def answer(request: Any, context: Context) -> None:
            responses = behaviour(request, context)
            try:
                async for response in responses:
                    await context.write(response)
            finally:
                await responses.aclose()

    elif inspect.iscoroutinefunction(behaviour):
        answer = behaviour
    else:
        return _not_offered
    if method.kind.startswith("unary"):
        return answer

    async def answer_checked(requests: Any, context: Context) -> Any:
        return await answer(CheckedRequests(requests, method.check), context)

    return answer_checked


def _text_of(error: BaseException) -> str:
    """Returns what a driver said, which callers are not told."""
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {cause}"


def _id_of(metadata: dict[str, Any], key: str) -> str:
    """Returns an id a caller sent, or empty when it sent none or something else."""
    value = metadata.get(key)
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


async def _not_offered(_request: Any, context: Context) -> None:
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, "method is not offered")


def _code_set(context: Context) -> grpc.StatusCode:
    code: Any = context.code()
    if isinstance(code, grpc.StatusCode):
        return code
    return next((known for known in grpc.StatusCode if known.value[0] == code), grpc.StatusCode.UNKNOWN)
