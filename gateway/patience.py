"""How long and how much the door listens before it knows what is asked (GAT-36): slow and endless headers are cut."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEADER_BYTES: Final = 65_536
_CLOSED: Final = b"connection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW: Final = b"HTTP/1.1 408 Request Timeout\r\n" + _CLOSED
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\n" + _CLOSED


class PatientProtocol(HttpToolsProtocol):
    """HTTP whose headers arrive in time, and end; a connection that says nothing is closed by the same clock."""

    header_seconds = 5.0
    _waiting: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the library
        """Begins to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Takes what arrived, as long as the headers are not too many."""
        super().data_received(data)
        if self._waiting is not None:
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER_BYTES:
                self._cut(_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begins to wait for the headers of a request."""
        super().on_message_begin()
        if self._waiting is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """Ends the wait."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the wait for somebody who left."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._header_bytes = 0
        self._waiting = self.loop.call_later(self.header_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        if self._is_busy():
            self._wait()  # with the answer to the request before, which is not to be cut off
        else:
            self._cut(_TOO_SLOW)

    def _cut(self, answer: bytes) -> None:
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self._header_bytes and not self._is_busy():
            self.transport.write(answer)
        self.transport.close()

    def _is_busy(self) -> bool:
        """Returns whether a request is being answered; there is none before the first."""
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]


def patient(header_seconds: float) -> type[PatientProtocol]:
    """Returns the protocol that waits so long for headers."""
    named: dict[str, Any] = {"header_seconds": header_seconds}
    return type("Patient", (PatientProtocol,), named)
