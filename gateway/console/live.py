"""Updates by server-sent events: each part of a page again when it changed, and a heartbeat when nothing did."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway.console import guard
from gateway.console.calls import acting
from gateway.console.parts import VIEWS, Part
from gateway.console.streams import TooManyStreams
from gateway.console.visits import Visit
from services.common.errors import ServiceError

PATH: Final = "/console/live"
HEARTBEAT_SECONDS: Final = 15.0
_RETRY_MS: Final = 3000


async def show(visit: Visit) -> Response:
    """Answers with a stream for as long as the page is open, the session lasts and the gateway runs."""
    parts = [part for part in VIEWS.get(visit.query("view"), ()) if visit.may(part.needs)]
    if not parts:
        return guard.notice(404, "Not found", "Nothing on that page changes by itself.")
    return _Live(visit, parts)


class _Live(StreamingResponse):
    """A stream that has its place while it runs, and none before or after."""

    def __init__(self, visit: Visit, parts: Sequence[Part]) -> None:
        super().__init__(
            events(visit, parts), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
        )
        self._visit = visit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams, or says that there are too many streams already."""
        try:
            with self._visit.console.streams.opened(self._visit.session.session_id):
                await super().__call__(scope, receive, send)
        except TooManyStreams:
            refusal = guard.notice(
                429, "Too many pages", "Close a page of the console, then reload this one."
            )
            await refusal(scope, receive, send)


async def events(visit: Visit, parts: Sequence[Part]) -> AsyncIterator[str]:
    """Yields what happens, as lines of an event stream."""
    console = visit.console
    told: dict[str, str] = {}
    silent = 0.0
    interval = console.settings.console_refresh_ms / 1000
    yield f"retry: {_RETRY_MS}\n\n"
    while True:
        try:
            if await console.sessions.is_over(visit.session):
                yield _event("over", {})
                return
            with acting(visit.session):
                found = await asyncio.gather(*(part.html(visit) for part in parts))
        except ServiceError as error:
            yield _event("over" if error.reason == "UNAUTHENTICATED" else "away", {})
            if error.reason == "UNAUTHENTICATED":
                return
            found = []
        for part, html in zip(parts, found, strict=False):
            if told.get(part.name) != html:
                told[part.name] = html
                silent = 0.0
                yield _event("part", {"name": part.name, "html": html})
        if silent >= HEARTBEAT_SECONDS:
            silent = 0.0
            yield ": still here\n\n"
        if not await console.streams.breath(interval):
            # The browser comes again by itself, to whoever answers then.
            return
        silent += interval


def _event(name: str, document: dict[str, str]) -> str:
    return f"event: {name}\ndata: {json.dumps(document)}\n\n"
