"""HTTP/2 to one origin: a kept-open connection that carries many requests at once (RFC 9113).

What is known of a request that failed is as exact as the protocol allows: a stream the server refused, or one beyond
the last it names when it leaves, was never worked on; of any other whose body had left, nobody can tell.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings

from services.delivery.providers.base import Account, Code, ConfigurationError, Result
from services.delivery.providers.http import Answer

ANSWER: Final = 64 * 1024
QUIET: Final = 30.0
"""After so many seconds without a word a connection is asked whether it still stands, before anything is sent on it."""

_OfStream = (
    h2.events.ResponseReceived | h2.events.DataReceived | h2.events.StreamEnded | h2.events.StreamReset
)


class Http2:
    """Requests to one origin; a connection that ended is made anew by the next request."""

    def __init__(self, account: Account, base: str, *, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(base)
        if not parts.hostname:
            raise ConfigurationError("the account has no address")
        self._host = parts.hostname
        self._is_secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._is_secure else 80)
        self._authority = parts.netloc
        self._timeout = account.timeout.total_seconds()
        self._proxy = account.guard.proxy
        self._tls = tls
        self._line: _Line | None = None
        self._opening = asyncio.Lock()

    async def post(self, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Posts bytes; what certainly was not worked on may be sent again, what else fails is unknown."""
        try:
            line = await self._open()
        except (TimeoutError, OSError) as error:
            return _unsent(error)
        fields = [
            (":method", "POST"),
            (":scheme", "https" if self._is_secure else "http"),
            (":authority", self._authority),
            (":path", path),
            *headers.items(),
            ("content-length", str(len(content))),
        ]
        return await line.post(fields, content, self._timeout)

    async def close(self) -> None:
        """Closes the connection once what is under way has been answered."""
        if self._line is not None:
            self._line.retire()
            self._line = None

    async def _open(self) -> "_Line":
        async with self._opening:
            line = self._line
            if line is not None and line.is_open and await line.still_stands(min(self._timeout, 2.0)):
                return line
            if line is not None:
                line.retire()
            self._line = await self._connect()
            return self._line

    async def _connect(self) -> "_Line":
        loop = asyncio.get_running_loop()
        context = None
        if self._is_secure:
            context = self._tls or ssl.create_default_context()
            context.set_alpn_protocols(["h2"])
        async with asyncio.timeout(self._timeout):
            if self._proxy is not None and self._is_secure:
                tunnel = await self._proxy.tunnel(self._host, self._port)
                _, line = await loop.create_connection(
                    _Line, sock=tunnel, ssl=context, server_hostname=self._host
                )
            else:
                _, line = await loop.create_connection(_Line, self._host, self._port, ssl=context)
            try:
                await line.ready
            except BaseException:
                line.leave()
                raise
        return line


class _Exchange:
    """One request and its answer."""

    __slots__ = ("answer", "body", "fields", "left", "written")

    def __init__(self, content: bytes) -> None:
        self.left = content
        self.written = False
        self.fields: dict[str, str] = {}
        self.body = bytearray()
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def answered(self) -> None:
        status = self.fields.get(":status", "")
        headers = {name.title(): value for name, value in self.fields.items()}
        self.settle(Answer(int(status) if status.isdigit() else 0, headers, bytes(self.body)))

    def settle(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, code: Code, words: str, *, untouched: bool = False) -> None:
        answer = Answer(0, {}, b"")
        is_unknown = self.written and not untouched
        answer.failure = (Result.UNKNOWN if is_unknown else Result.RETRYABLE, code, words)
        self.settle(answer)


class _Line(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=True, header_encoding="utf-8")
        )
        self._exchanges: dict[int, _Exchange] = {}
        self._transport: asyncio.Transport | None = None
        self._loop = loop
        self._heard_at = loop.time()
        self._pong: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._is_leaving = False
        self.ready: asyncio.Future[None] = loop.create_future()

    @property
    def is_open(self) -> bool:
        """Returns whether more requests may be sent on it."""
        return self._transport is not None and not self._transport.is_closing() and not self._is_leaving

    async def still_stands(self, seconds: float) -> bool:
        """Returns whether the other side is there: after a silence it is asked."""
        if self._loop.time() - self._heard_at < QUIET:
            return True
        self._pong = self._loop.create_future()
        self._h2.ping(b"angarium")
        self._flush()
        try:
            async with asyncio.timeout(seconds):
                await self._pong
        except (TimeoutError, ConnectionError):
            return False
        return self.is_open

    async def post(self, fields: list[tuple[str, str]], content: bytes, seconds: float) -> Answer:
        exchange = _Exchange(content)
        number = 0
        try:
            async with asyncio.timeout(seconds):
                while self.is_open and self._is_full():
                    self._room.clear()
                    await self._room.wait()
                if not self.is_open:
                    exchange.fail(Code.CONNECTION, "the connection ended before the request was sent")
                    return exchange.answer.result()
                number = self._h2.get_next_available_stream_id()
                self._exchanges[number] = exchange
                self._h2.send_headers(number, fields, end_stream=not content)
                self._write(number, exchange)
                self._flush()
                # What is known when the time is over is still to be said, so it outlives the wait.
                return await asyncio.shield(exchange.answer)
        except TimeoutError:
            exchange.fail(Code.TIMEOUT, "no answer in time")
            # Silence may be the line's as well as the request's: the next request gets a new one.
            self.retire()
            return exchange.answer.result()
        except h2.exceptions.ProtocolError:
            exchange.fail(Code.CONNECTION, "the connection broke")
            self.retire()
            return exchange.answer.result()
        finally:
            self._exchanges.pop(number, None)
            self._room.set()
            if self._is_leaving and not self._exchanges:
                self.leave()

    def retire(self) -> None:
        """Takes no more requests; closes when those under way are answered."""
        self._is_leaving = True
        if not self._exchanges:
            self.leave()

    def leave(self) -> None:
        """Closes the connection now."""
        self._is_leaving = True
        if self._transport is not None and not self._transport.is_closing():
            with contextlib.suppress(h2.exceptions.ProtocolError):
                self._h2.close_connection()
                self._flush()
            self._transport.close()

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - create_connection makes no other
        self._transport = transport
        secured = transport.get_extra_info("ssl_object")
        if secured is not None and secured.selected_alpn_protocol() != "h2":
            self.ready.set_exception(ConnectionError("the server does not speak HTTP/2"))
            transport.close()
            return
        self._h2.initiate_connection()
        self._h2.update_settings({h2.settings.SettingCodes.ENABLE_PUSH: 0})
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._heard_at = self._loop.time()
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.ProtocolError:
            self._flush()
            self.leave()
            return
        for event in events:
            self._take(event)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._is_leaving = True
        for exchange in self._exchanges.values():
            exchange.fail(Code.CONNECTION, "the connection ended without an answer")
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("the server hung up"))
        self.ready.exception()
        if self._pong is not None and not self._pong.done():
            self._pong.set_exception(ConnectionError("the server hung up"))
        self._room.set()

    def _take(self, event: h2.events.Event) -> None:
        match event:
            case h2.events.RemoteSettingsChanged():
                if not self.ready.done():
                    self.ready.set_result(None)
                self._room.set()
                self._write_on()  # a larger initial window is one for what is under way too (RFC 9113, 6.9.2)
            case h2.events.WindowUpdated():
                self._write_on(event.stream_id)
            case h2.events.ConnectionTerminated():
                self._ends(event)
            case h2.events.PingAckReceived():
                if self._pong is not None and not self._pong.done():
                    self._pong.set_result(None)
            case h2.events.DataReceived():
                self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                self._hear(event)
            case h2.events.ResponseReceived() | h2.events.StreamEnded() | h2.events.StreamReset():
                self._hear(event)

    def _hear(self, event: _OfStream) -> None:
        exchange = self._exchanges.get(event.stream_id)
        match event:
            case _ if exchange is None:
                return  # nobody waits for it any more
            case h2.events.ResponseReceived():
                exchange.fields = {str(name): str(value) for name, value in event.headers}
            case h2.events.DataReceived():
                if len(exchange.body) < ANSWER:
                    exchange.body += event.data
            case h2.events.StreamReset():
                untouched = event.error_code == h2.errors.ErrorCodes.REFUSED_STREAM
                exchange.fail(Code.CONNECTION, "the request was broken off", untouched=untouched)
            case h2.events.StreamEnded():
                exchange.answered()

    def _ends(self, event: h2.events.ConnectionTerminated) -> None:
        """The server leaves: what lies beyond the last request it names was never looked at."""
        self._is_leaving = True
        last = event.last_stream_id or 0
        for number, exchange in self._exchanges.items():
            if number > last:
                exchange.fail(Code.CONNECTION, "the server left before the request", untouched=True)
        self._room.set()

    def _is_full(self) -> bool:
        return self._h2.open_outbound_streams >= self._h2.remote_settings.max_concurrent_streams

    def _write_on(self, stream: int = 0) -> None:
        """Writes more of bodies that waited for room: of one request, or of all."""
        for number, exchange in self._exchanges.items():
            if exchange.left and stream in (0, number):
                self._write(number, exchange)

    def _write(self, number: int, exchange: _Exchange) -> None:
        """Gives as much of a body to the connection as the other side has room for."""
        with contextlib.suppress(h2.exceptions.StreamClosedError):
            while exchange.left:
                size = min(
                    self._h2.local_flow_control_window(number),
                    self._h2.max_outbound_frame_size,
                    len(exchange.left),
                )
                if size <= 0:
                    return
                piece, exchange.left = exchange.left[:size], exchange.left[size:]
                # Once its last piece is with the connection, the other side may have it all.
                exchange.written = not exchange.left
                self._h2.send_data(number, piece, end_stream=not exchange.left)

    def _flush(self) -> None:
        data = self._h2.data_to_send()
        if data and self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


def _unsent(error: Exception) -> Answer:
    answer = Answer(0, {}, b"")
    code = Code.TIMEOUT if isinstance(error, TimeoutError) else Code.CONNECTION
    if isinstance(error, ssl.SSLError):
        code = Code.TLS
    answer.failure = (Result.RETRYABLE, code, "the request could not be sent")
    return answer
