"""SMTP transactions on a connection that is already open, greeted, secured and authenticated.

Commands of one message are sent in one write where the server pipelines (RFC 2920), and those of the next message travel
with the content of the one before: a message costs one write and one read.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from services.delivery.providers.smtp.replies import Replies, Reply, UnreadableReplyError

DOT: Final = b"\r\n.\r\n"
SHUTTING_DOWN: Final = 421


class WireClosedError(Exception):
    """The connection ended; what was written before may or may not have been read."""


class WireUnreadableError(WireClosedError):
    """The connection was given up because the server speaks no SMTP, or not when it is asked."""


@dataclass(slots=True)
class Envelope:
    """A message as it travels; `content` is composed late, when its turn comes."""

    sender: str
    recipient: str
    content: bytes
    utf8: bool = False


class Wire(asyncio.Protocol):
    """Writes commands and pairs replies with them in order; whoever waits is given up after `timeout` seconds."""

    def __init__(
        self, transport: asyncio.Transport, *, timeout: float, pipelining: bool, eight_bit: bool, utf8: bool
    ) -> None:
        self.pipelining, self.eight_bit, self.utf8 = pipelining, eight_bit, utf8
        self.closed = False
        self.used = 0
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._timeout = timeout
        self._reader = Replies()
        self._replies: deque[Reply] = deque()
        self._asked = 0
        self._is_unreadable = False
        self._waiter: asyncio.Future[None] | None = None
        self._wanted = 0
        self._is_full = False
        # One timer watches over all waits of a connection: it is looked at when it ends, not set for each.
        self._alarm: asyncio.TimerHandle | None = None
        self._due = 0.0
        transport.set_protocol(self)

    # What the event loop tells

    def data_received(self, data: bytes) -> None:
        try:
            for reply in self._reader.read(data):
                self._answered(reply)
            if self._reader.is_within and not self._asked:
                raise UnreadableReplyError  # it begins to answer what nobody asked
        except UnreadableReplyError:
            self._is_unreadable = True
            self.abort()
        self._wake()

    def _answered(self, reply: Reply) -> None:
        if self._asked:
            self._asked -= 1
            self._replies.append(reply)
        elif reply.code == SHUTTING_DOWN:
            self.abort()  # the one reply that a server may give without a command
        else:
            raise UnreadableReplyError

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why it ended changes nothing
        self._end()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._wake()

    def _end(self) -> None:
        self.closed = True
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        self._wake()

    def _is_answered(self) -> bool:
        return self.closed or (len(self._replies) >= self._wanted and not self._is_full)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done() and self._is_answered():
            self._waiter.set_result(None)

    def _ring(self) -> None:
        self._alarm = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._due:
            self._alarm = self._loop.call_at(self._due, self._ring)
        else:
            self._waiter.set_exception(TimeoutError())

    # What a worker asks for

    def ask(self, data: bytes, count: int) -> None:
        """Writes what is answered by `count` replies.

        Raises:
            WireClosedError: Nothing was written.
        """
        if self.closed or self._transport.is_closing():
            raise self.ended()
        self._asked += count
        self._transport.write(data)

    async def replies(self, count: int) -> list[Reply]:
        """The next replies in order, once the peer has taken what was written.

        Fewer replies than asked for mean that the connection ended after them. After a time-out it is given up: a late
        reply would be taken for that to the next command.

        Raises:
            WireClosedError: The connection ended before the first of them.
            TimeoutError: They did not come in time.
        """
        self._wanted = count
        if not self._is_answered():
            self._due = self._loop.time() + self._timeout
            if self._alarm is None:
                self._alarm = self._loop.call_at(self._due, self._ring)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            except TimeoutError:
                self.abort()
                raise
            finally:
                self._waiter = None
        found = [self._replies.popleft() for _ in range(min(count, len(self._replies)))]
        if not found:
            raise self.ended()
        return found

    def ended(self) -> WireClosedError:
        """Why there are no more replies."""
        return WireUnreadableError() if self._is_unreadable else WireClosedError()

    def commands(self, envelope: Envelope) -> bytes:
        """MAIL, RCPT and DATA of a message; addresses were checked to hold no control characters."""
        options = (" BODY=8BITMIME" if self.eight_bit else "") + (" SMTPUTF8" if envelope.utf8 else "")
        return (
            f"MAIL FROM:<{envelope.sender}>{options}\r\nRCPT TO:<{envelope.recipient}>\r\nDATA\r\n".encode()
        )

    def abort(self) -> None:
        """Ends the connection at once."""
        self._end()
        self._transport.abort()

    async def quit(self) -> None:
        """Says goodbye and closes."""
        if not self.closed:
            self._transport.write(b"QUIT\r\n")
            self._transport.close()
            self._end()


def stuffed(content: bytes) -> bytes:
    """A message as DATA carries it, up to and including the final dot."""
    if b"\r\n." in content:
        content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + (b".\r\n" if content.endswith(b"\r\n") else DOT)
