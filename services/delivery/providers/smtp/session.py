"""The dialogue of one connection: transactions one after the other, each decided by what the server says."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from services.delivery.providers.base import Code, Outgoing
from services.delivery.providers.smtp.replies import Reply
from services.delivery.providers.smtp.run import BROKEN_OFF, Run
from services.delivery.providers.smtp.wire import (
    SHUTTING_DOWN,
    Envelope,
    Wire,
    WireClosedError,
    WireUnreadableError,
)

log = structlog.get_logger("delivery")

# The class of reply with which MAIL, RCPT and DATA go on, and with which the content is taken.
GO_ON: Final = (2, 2, 3)
TAKEN: Final = 2
REFUSALS: Final = (4, 5)


class Session:
    """Transactions on one connection, one message after the other."""

    def __init__(self, run: Run, wire: Wire) -> None:
        self._run, self._wire = run, wire
        self._started = 0.0
        self._after_dot = False

    async def run(self) -> None:
        """Sends until the queue is empty or the connection is of no more use."""
        taken = self._run.take(self._wire)
        announced = False
        while taken is not None:
            outgoing, envelope = taken
            self._started, self._after_dot = time.monotonic(), False
            try:
                refusal = await self._announce(envelope, announced=announced)
                if refusal is None:
                    taken = self._run.take(self._wire)
                    reply = await self._content(envelope, taken)
                    announced = taken is not None and self._wire.pipelining
                    self._judged(outgoing, reply)
                    continue
            except (WireClosedError, TimeoutError) as error:
                self._broken(outgoing, taken, _code_of(error))
                return
            except Exception:
                log.exception("an SMTP transaction broke off", provider="smtp")
                self._broken(outgoing, taken, BROKEN_OFF)
                return
            if refusal.code == SHUTTING_DOWN:
                self._wire.abort()
                if not (self._wire.used and self._run.once_more(outgoing)):
                    self._judged(outgoing, refusal)
                return
            self._judged(outgoing, refusal)
            taken, announced = self._run.take(self._wire), False

    def _judged(self, outgoing: Outgoing, reply: Reply) -> None:
        self._wire.used += 1
        self._run.judged(outgoing, reply, self._started)

    def _broken(self, outgoing: Outgoing, taken: tuple[Outgoing, Envelope] | None, code: str) -> None:
        """Settles what was under way; what was only announced after it goes back into the queue."""
        self._wire.abort()
        if taken is not None and taken[0] is not outgoing:
            self._run.give_back(taken[0])
        # A server may close a kept-open connection between two messages: that is no failure of the next one.
        if (
            not self._after_dot
            and self._wire.used
            and code == Code.CONNECTION
            and self._run.once_more(outgoing)
        ):
            return
        self._run.lost(outgoing, code, after_dot=self._after_dot, started=self._started)

    async def _announce(self, envelope: Envelope, *, announced: bool) -> Reply | None:
        """MAIL, RCPT, DATA; None when the server waits for the content, else the refusal."""
        wire = self._wire
        if wire.pipelining:
            if not announced:
                wire.ask(wire.commands(envelope), len(GO_ON))
            replies = await wire.replies(len(GO_ON))
        else:
            replies = []
            for command in wire.commands(envelope).splitlines(keepends=True):
                wire.ask(command, 1)
                replies += await wire.replies(1)
                if replies[-1].code // 100 != GO_ON[len(replies) - 1]:
                    break
        refusal = _refusal(replies)
        if refusal is None:
            if len(replies) < len(GO_ON):
                raise wire.ended()
            return None
        if refusal.code != SHUTTING_DOWN:
            with suppress(WireClosedError, TimeoutError):  # what was refused stays refused
                if len(replies) == len(GO_ON) and replies[-1].code // 100 == GO_ON[-1]:
                    # A server that waits although nobody is to receive.
                    wire.ask(b".\r\n", 1)
                    await wire.replies(1)
                wire.ask(b"RSET\r\n", 1)
                if (await wire.replies(1))[0].code // 100 != TAKEN:
                    wire.abort()
        return refusal

    async def _content(self, envelope: Envelope, following: tuple[Outgoing, Envelope] | None) -> Reply:
        """The content, with the commands of the next message behind its final dot; the reply to the content."""
        ahead = self._wire.commands(following[1]) if following and self._wire.pipelining else b""
        self._wire.ask(envelope.content + ahead, 1 + (len(GO_ON) if ahead else 0))
        self._after_dot = True
        reply = (await self._wire.replies(1))[0]
        if reply.code // 100 not in (TAKEN, *REFUSALS):
            raise WireUnreadableError
        return reply


def _refusal(replies: Sequence[Reply]) -> Reply | None:
    """The first reply that refuses; None when all go on.

    Raises:
        WireUnreadableError: One fits nothing that was asked.
    """
    for reply, expected in zip(replies, GO_ON, strict=False):
        if reply.code // 100 in REFUSALS:
            return reply
        if reply.code // 100 != expected:
            raise WireUnreadableError
    return None


def _code_of(error: Exception) -> Code:
    if isinstance(error, TimeoutError):
        return Code.TIMEOUT
    return Code.UNREADABLE_ANSWER if isinstance(error, WireUnreadableError) else Code.CONNECTION
