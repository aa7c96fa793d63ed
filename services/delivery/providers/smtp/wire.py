"""SMTP transactions on a connection that is already open, greeted, secured and authenticated.

Commands of one message are sent in one write where the server pipelines (RFC 2920), and those of the next message travel
with the content of the one before: a message costs one write and one read.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

MAXIMUM_REPLY: Final = 64 * 1024
DOT: Final = b"\r\n.\r\n"


class WireClosedError(Exception):
    """The connection ended; what was written before may or may not have been read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply with its lines joined."""

    code: int
    text: str


@dataclass(slots=True)
class Envelope:
    """A message as it travels; `content` is composed late, when its turn comes."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool = False


class Wire(asyncio.Protocol):
    """Writes commands and pairs replies with them in order."""

    def __init__(
        self, transport: asyncio.Transport, *, pipelining: bool, eight_bit: bool, utf8: bool
    ) -> None:
        self.pipelining, self.eight_bit, self.utf8 = pipelining, eight_bit, utf8
        self.closed = False
        self.used = 0
        self._transport = transport
        self._replies: deque[Reply] = deque()
        self._held: list[bytes] = []
        self._rest = b""
        self._waiter: asyncio.Future[None] | None = None
        self._wanted = 0
        self._room: asyncio.Future[None] | None = None
        transport.set_protocol(self)

    # What the event loop tells

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\r\n")
        for line in lines:
            self._held.append(line[4:])
            if line[3:4] == b"-" and len(self._held) < 100:
                continue
            if not line[:3].isdigit():  # whatever this is, it speaks no SMTP
                self.abort()
                break
            code = int(line[:3])
            text = b" ".join(self._held).decode("utf-8", "replace")
            self._held.clear()
            self._replies.append(Reply(code, text))
        if len(self._rest) > MAXIMUM_REPLY:
            self.abort()
        self._wake()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why it ended changes nothing
        self.closed = True
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._wake()

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    def _wake(self) -> None:
        if (
            self._waiter is not None
            and not self._waiter.done()
            and (self.closed or len(self._replies) >= self._wanted)
        ):
            self._waiter.set_result(None)

    # What a worker asks for

    def write(self, data: bytes) -> None:
        """Hands bytes to the connection; WireClosedError when it had ended before, and nothing was written."""
        if self.closed or self._transport.is_closing():
            raise WireClosedError
        self._transport.write(data)

    async def replies(self, count: int) -> list[Reply]:
        """The next replies in order, once the peer has taken what was written; WireClosedError when the connection ends before the first of them.

        Fewer replies than asked for mean that the connection ended after them.
        """
        if self._room is not None:
            await self._room
        if len(self._replies) < count and not self.closed:
            self._wanted = count
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        found = [self._replies.popleft() for _ in range(min(count, len(self._replies)))]
        if not found:
            raise WireClosedError
        return found

    def commands(self, envelope: Envelope) -> bytes:
        """MAIL, RCPT and DATA of a message; addresses were checked to hold no control characters."""
        options = (" BODY=8BITMIME" if self.eight_bit else "") + (" SMTPUTF8" if envelope.utf8 else "")
        return (
            f"MAIL FROM:<{envelope.sender}>{options}\r\nRCPT TO:<{envelope.recipient}>\r\nDATA\r\n".encode()
        )

    def abort(self) -> None:
        """Ends the connection at once."""
        self.closed = True
        self._transport.abort()

    async def quit(self) -> None:
        """Says goodbye and closes."""
        if not self.closed:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()
            self.closed = True


def stuffed(content: bytes) -> bytes:
    """A message as DATA carries it, up to and including the final dot."""
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else DOT)
