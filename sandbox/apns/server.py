"""HTTP/2 as far as APNs speaks it: requests with a small body, each answered when it is ready."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import h2.settings

MOST_STREAMS = 1000
MOST_BODY = 64 * 1024


@dataclass
class Request:
    """One request, whole; `gone` answers when the other side has hung up."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    gone: asyncio.Future[None]


@dataclass
class Reply:
    """What is answered."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class HangUp(Exception):
    """Ends the connection without an answer."""


Handler = Callable[[Request], Awaitable[Reply]]


@dataclass
class _Arriving:
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)


class Connection(asyncio.Protocol):
    """One connection of a sender."""

    def __init__(self, handler: Handler, open_ones: set["Connection"]) -> None:
        self._handler = handler
        self._open_ones = open_ones
        self._h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )
        self._transport: asyncio.Transport | None = None
        self._arriving: dict[int, _Arriving] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - create_server makes no other
        self._transport = transport
        self._open_ones.add(self)
        self._h2.local_settings[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] = MOST_STREAMS
        self._h2.initiate_connection()
        self._flush()

    def data_received(self, data: bytes) -> None:
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._flush()
            self.close()
            return
        for event in events:
            self._take(event)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._open_ones.discard(self)
        if not self._gone.done():
            self._gone.set_result(None)
        for task in self._answering:
            task.cancel()

    def close(self) -> None:
        """Ends the connection."""
        if self._transport is not None:
            self._transport.close()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RequestReceived():
                fields = {str(name): str(value) for name, value in event.headers}
                self._arriving[event.stream_id] = _Arriving(fields)
            case h2.events.DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if (found := self._arriving.get(event.stream_id)) and len(found.body) < MOST_BODY:
                    found.body += event.data
            case h2.events.StreamReset():
                self._arriving.pop(event.stream_id, None)
            case h2.events.StreamEnded():
                if found := self._arriving.pop(event.stream_id, None):
                    task = asyncio.create_task(self._answer(event.stream_id, found))
                    self._answering.add(task)
                    task.add_done_callback(self._answering.discard)

    async def _answer(self, number: int, arrived: _Arriving) -> None:
        request = Request(
            arrived.headers.get(":method", ""),
            arrived.headers.get(":path", ""),
            arrived.headers,
            bytes(arrived.body),
            self._gone,
        )
        try:
            reply = await self._handler(request)
        except HangUp:
            if self._transport is not None:
                self._transport.abort()
            return
        with contextlib.suppress(h2.exceptions.ProtocolError):
            fields = [(":status", str(reply.status)), *reply.headers.items()]
            self._h2.send_headers(number, fields, end_stream=not reply.body)
            if reply.body:
                self._h2.send_data(number, reply.body, end_stream=True)
        self._flush()

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)
