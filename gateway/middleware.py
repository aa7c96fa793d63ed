"""What surrounds every request: its id, its time, its size, the headers that keep browsers safe, one log line."""

import asyncio
import time
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import figures, request_ids
from gateway.pages import notices
from gateway.problems import problem, unavailable
from services.common import telemetry

_log = structlog.get_logger("gateway")

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; form-action 'self'; "
            b"frame-ancestors 'none'; base-uri 'none'"
        ),
    ),
)
_HSTS = (b"strict-transport-security", b"max-age=31536000")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request may take (GAT-36)."""

    request_seconds: float
    """Apart from the wait for its body."""
    body_seconds: float


class Surroundings:
    """The outermost ASGI layer; pure ASGI, because it runs for every pixel."""

    def __init__(
        self, app: ASGIApp, patience: Patience, *, uses_tls: bool, endless: frozenset[str] = frozenset()
    ) -> None:
        """Surrounds an application; answers of the `endless` paths last as long as somebody listens."""
        self._app = app
        self._patience = patience
        self._endless = endless
        self._headers = (*SECURITY_HEADERS, _HSTS) if uses_tls else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs one request inside its limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = request_ids.begin(_header(scope, request_ids.HEADER.encode()))
        started = time.perf_counter()
        is_endless = scope["path"] in self._endless
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message.get("headers", ())}
                message["headers"] = [
                    *message.get("headers", ()),
                    *((name, value) for name, value in self._headers if name not in own),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        body = _Body(self._patience, receive)
        try:
            if is_endless:
                await self._traced(scope, receive, send_with_headers)
            else:
                async with asyncio.timeout(self._patience.request_seconds) as body.deadline:
                    await self._traced(scope, body.receive, send_with_headers)
        except TimeoutError:
            if not status:
                late = _too_slow() if body.is_awaited else _late(scope)
                await late(scope, receive, send_with_headers)
        except Exception:  # noqa: BLE001 - the last line before the socket: logged, and answered without detail
            _log.exception("request_failed", request_id=request_id, route=_route(scope))
            if not status:
                await problem(500, "INTERNAL")(scope, receive, send_with_headers)
        finally:
            seconds, route = time.perf_counter() - started, _route(scope)
            figures.answered(route, scope["method"], status, seconds)
            _log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs it as the first step of a trace; what the public says of traces is not listened to."""
        with telemetry.span(scope["method"], kind="server", parent="") as span:
            await self._app(scope, receive, send)
            span.update_name(f"{scope['method']} {_route(scope)}")


class _Body:
    """The body of a request: while it is waited for, its own time runs and that of the request stands still."""

    __slots__ = ("_is_whole", "_left", "_receive", "deadline", "is_awaited")

    def __init__(self, patience: Patience, receive: Receive) -> None:
        self._receive = receive
        self._left = patience.body_seconds
        self._is_whole = False
        self.deadline: asyncio.Timeout | None = None
        self.is_awaited = False

    async def receive(self) -> Message:
        if self._is_whole or self.deadline is None:
            return await self._receive()
        now = asyncio.get_running_loop().time
        began = now()
        work_left = (self.deadline.when() or began) - began
        self.deadline.reschedule(began + self._left)
        self.is_awaited = True
        message = await self._receive()
        self.is_awaited = False
        self._left -= now() - began
        self.deadline.reschedule(now() + work_left)
        self._is_whole = not message.get("more_body", False)
        return message


def _too_slow() -> Response:
    """Returns the answer to a client whose body did not arrive in time."""
    return problem(408, "DEADLINE_EXCEEDED", headers={"Connection": "close"})


def _late(scope: Scope) -> Response:
    """Returns the answer to a request that we could not finish in time: a page for people, JSON for machines."""
    if "text/html" in (_header(scope, b"accept") or ""):
        return notices.try_again(Request(scope))
    return unavailable()


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def _route(scope: Scope) -> str:
    """Returns the route's pattern: paths hold tokens, and tokens do not belong in logs."""
    route = scope.get("route")
    return str(getattr(route, "path", "unknown"))
