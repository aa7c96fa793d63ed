"""The SMTP protocol: one lean state machine per connection, commands pipelined as they come."""

import asyncio
import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from sandbox.faults import SMTP, Rule, Stage
from sandbox.smtp.relay import Envelope, Rcpt, Relay

MAX_SIZE = 26_214_400
MAX_RECIPIENTS = 1000
MAX_LINE = 4096
_PATH = re.compile(r"(FROM|TO):\s*<([^<>]*)>((?:\s+[!-~]+)*)\s*", re.IGNORECASE)
_END = b"\r\n.\r\n"

Handler = Callable[[str], str | None]  # the reply to give at once; None when it comes later


@dataclass
class _Session:
    """What a connection has said so far."""

    greeted: bool = False
    user: str = ""
    envelope: Envelope | None = None
    recipients: list[Rcpt] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._session = _Session()
        self._buffer = bytearray()
        self._receiving: tuple[Envelope, list[Rcpt]] | None = None
        self._searched = 0
        self._oversized = False
        self._paused = False
        self._expect: Callable[[bytes], str] | None = None
        self._commands: dict[str, Handler] = {
            "HELO": self._helo, "EHLO": self._ehlo, "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data,
            "RSET": self._rset, "NOOP": self._noop, "QUIT": self._quit, "AUTH": self._auth, "VRFY": self._vrfy,
            "HELP": self._noop,
        }  # fmt: skip

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greets, unless a fault says otherwise."""
        self._transport = cast("asyncio.Transport", transport)
        self._relay.connections.add(self)
        self._faulty("connect", lambda: self._say("220 sandbox.angarium.test ESMTP ready"))

    def connection_lost(self, _error: Exception | None) -> None:
        """Forgets the connection; mail that was not answered is not affected."""
        self._relay.connections.discard(self)
        self._paused = True

    def data_received(self, data: bytes) -> None:
        """Takes what came and works as far as possible."""
        self._buffer += data
        self._pump()

    def close(self) -> None:
        """Says goodbye, for shutting down."""
        self._say("421 4.3.2 Service shutting down")
        self._transport.close()

    def _pump(self) -> None:
        while not self._paused and not self._transport.is_closing():
            if self._receiving is not None:
                if not self._take_data(*self._receiving):
                    return
                continue
            end = self._buffer.find(b"\n")
            if end < 0:
                if len(self._buffer) > MAX_LINE:
                    self._buffer.clear()
                    self._say("500 5.5.2 Line too long")
                return
            line = bytes(self._buffer[:end]).rstrip(b"\r")
            del self._buffer[: end + 1]
            if self._expect is not None:
                expect, self._expect = self._expect, None
                self._say(expect(line))
            else:
                self._command(line)

    def _command(self, line: bytes) -> None:
        try:
            text = line.decode()
        except UnicodeDecodeError:
            self._say("500 5.5.2 Commands are UTF-8")
            return
        verb, _, rest = text.partition(" ")
        handler = self._commands.get(verb.upper())
        reply = "500 5.5.1 Command not recognised" if handler is None else handler(rest.strip())
        if reply is not None:
            self._say(reply)

    # Commands

    def _helo(self, rest: str) -> str:
        return self._greet(rest, "250 sandbox.angarium.test")

    def _ehlo(self, rest: str) -> str:
        lines = ["sandbox.angarium.test", f"SIZE {MAX_SIZE}", "PIPELINING", "8BITMIME", "SMTPUTF8", "DSN",
                 "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN", "HELP"]  # fmt: skip
        return self._greet(rest, "\r\n".join(f"250-{line}" for line in lines[:-1]) + f"\r\n250 {lines[-1]}")

    def _greet(self, name: str, reply: str) -> str:
        if not name:
            return "501 5.5.4 A name is needed"
        self._session.greeted = True
        self._reset()
        return reply

    def _mail(self, rest: str) -> str | None:
        session = self._session
        if not session.greeted:
            return "503 5.5.1 EHLO first"
        if self._relay.credentials is not None and not session.user:
            return "530 5.7.0 Authentication required"
        if session.envelope is not None:
            return "503 5.5.1 Nested MAIL command"
        match = _PATH.fullmatch(rest)
        if match is None or match[1].upper() != "FROM":
            return "501 5.5.4 Syntax: MAIL FROM:<address>"
        parameters = _parameters(match[3])
        if not match[2].isascii() and "SMTPUTF8" not in parameters:
            return "553 5.6.7 SMTPUTF8 is needed for this address"
        size = parameters.get("SIZE", "0")
        if not size.isdigit():
            return "501 5.5.4 SIZE is a number"
        if int(size) > MAX_SIZE:
            return "552 5.3.4 Message too big"
        if parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
            return "501 5.5.4 BODY is 7BIT or 8BITMIME"
        envelope = Envelope(match[2], session.user, parameters)

        def take() -> None:
            session.envelope = envelope
            self._say("250 2.1.0 Sender ok")

        self._faulty("mail", take, [envelope.sender])
        return None

    def _rcpt(self, rest: str) -> str | None:
        session = self._session
        if session.envelope is None:
            return "503 5.5.1 MAIL first"
        match = _PATH.fullmatch(rest)
        if match is None or match[1].upper() != "TO" or "@" not in match[2]:
            return "501 5.5.4 Syntax: RCPT TO:<address>"
        if len(session.recipients) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if not match[2].isascii() and "SMTPUTF8" not in session.envelope.parameters:
            return "553 5.6.7 SMTPUTF8 is needed for this address"
        rcpt = Rcpt(match[2], _parameters(match[3]))

        def take() -> None:
            refusal = self._relay.refusal(rcpt.address)
            if refusal:
                self._say(refusal)
            else:
                session.recipients.append(rcpt)
                self._say("250 2.1.5 Recipient ok")

        self._faulty("rcpt", take, [rcpt.address])
        return None

    def _data(self, _rest: str) -> str | None:
        envelope, recipients = self._session.envelope, self._session.recipients
        if envelope is None:
            return "503 5.5.1 MAIL first"
        if not recipients:
            return "554 5.5.1 No valid recipients"

        def take() -> None:
            self._receiving = (envelope, recipients)
            self._searched = 0
            self._oversized = False
            self._say("354 End data with <CR><LF>.<CR><LF>")

        self._faulty("data", take, self._addresses())
        return None

    def _rset(self, _rest: str) -> str:
        self._reset()
        return "250 2.0.0 Ok"

    def _noop(self, _rest: str) -> str:
        return "250 2.0.0 Ok"

    def _vrfy(self, _rest: str) -> str:
        return "252 2.5.2 Cannot verify, but will accept"

    def _quit(self, _rest: str) -> str | None:
        self._say("221 2.0.0 Bye")
        self._transport.close()
        return None

    # AUTH

    def _auth(self, rest: str) -> str:
        if not self._session.greeted:
            return "503 5.5.1 EHLO first"
        if self._session.user:
            return "503 5.5.1 Already authenticated"
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            if initial:
                return self._plain(initial.encode())
            self._expect = self._plain
            return "334 "
        if mechanism.upper() == "LOGIN":
            if initial:
                return self._login_user(initial.encode())
            self._expect = self._login_user
            return "334 VXNlcm5hbWU6"
        return "504 5.5.4 Mechanism not supported"

    def _plain(self, line: bytes) -> str:
        parts = (_base64(line) or "").split("\0")
        if len(parts) != 3:
            return "501 5.5.2 AUTH cancelled or not readable"
        return self._authenticate(parts[1], parts[2])

    def _login_user(self, line: bytes) -> str:
        user = _base64(line)
        if user is None:
            return "501 5.5.2 AUTH cancelled or not readable"

        def password(line: bytes) -> str:
            word = _base64(line)
            if word is None:
                return "501 5.5.2 AUTH cancelled or not readable"
            return self._authenticate(user, word)

        self._expect = password
        return "334 UGFzc3dvcmQ6"

    def _authenticate(self, user: str, password: str) -> str:
        if self._relay.knows(user, password):
            self._session.user = user
            return "235 2.7.0 Authentication succeeded"
        return "535 5.7.8 Authentication credentials invalid"

    # The message itself

    def _take_data(self, envelope: Envelope, recipients: list[Rcpt]) -> bool:
        buffer = self._buffer
        empty = not self._oversized and buffer.startswith(b".\r\n")
        end = -2 if empty else buffer.find(_END, max(0, self._searched - 4))
        if end == -1:
            if len(buffer) > MAX_SIZE:
                self._oversized = True
                del buffer[:-4]
            self._searched = len(buffer)
            return False
        raw = bytes(buffer[: end + 2])
        del buffer[: end + 5]
        self._receiving = None
        if self._oversized or len(raw) > MAX_SIZE:
            self._reset()
            self._say("552 5.3.4 Message too big")
            return True
        if raw.startswith(b".") or b"\r\n." in raw:
            raw = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n")[2:]
        self._faulty("before_dot", lambda: self._accept(envelope, recipients, raw), self._addresses())
        return True

    def _accept(self, envelope: Envelope, recipients: list[Rcpt], raw: bytes) -> None:
        addresses = self._addresses()
        public_id, stored = self._relay.accept(envelope, recipients, raw)
        self._reset()
        self._paused = True

        def answer(future: "asyncio.Future[int]") -> None:
            self._paused = False
            if future.cancelled() or future.exception() is not None:
                self._say("451 4.3.0 The message could not be stored")
            else:
                self._faulty(
                    "after_dot", lambda: self._say(f"250 2.0.0 Ok: queued as {public_id}"), addresses
                )
            self._pump()

        stored.add_done_callback(answer)

    # Helpers

    def _addresses(self) -> list[str]:
        return [rcpt.address for rcpt in self._session.recipients]

    def _reset(self) -> None:
        self._session.envelope = None
        self._session.recipients = []

    def _say(self, reply: str) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply.encode() + b"\r\n")

    def _faulty(self, stage: Stage, go_on: Callable[[], None], addresses: list[str] | None = None) -> None:
        rule = self._relay.faults.strike(SMTP, stage, addresses)
        if rule is None:
            go_on()
        elif rule.kind == "smtp_reply":
            self._reply_fault(rule, stage)
        elif rule.kind == "smtp_disconnect":
            self._transport.abort()
        else:
            self._wait_fault(rule, go_on)

    def _reply_fault(self, rule: Rule, stage: Stage) -> None:
        code = rule.code or 451
        self._say(
            f"{code} {rule.text or _TEXTS.get(code, '5.0.0 Refused' if code >= 500 else '4.0.0 Later')}"
        )
        if stage in ("before_dot", "after_dot"):
            self._reset()
        if code == 421 or stage == "connect":
            self._transport.close()

    def _wait_fault(self, rule: Rule, go_on: Callable[[], None]) -> None:
        self._paused = True

        def resume() -> None:
            self._paused = False
            if rule.kind == "smtp_timeout":
                self._transport.abort()
            else:
                go_on()
                self._pump()

        asyncio.get_running_loop().call_later(rule.seconds, resume)


_TEXTS = {
    421: "4.3.2 Service not available, closing transmission channel",
    450: "4.2.1 Mailbox busy, try again later",
    451: "4.3.0 Local error in processing",
    452: "4.3.1 Insufficient system storage",
    550: "5.1.1 No such user here",
    552: "5.2.2 Mailbox full",
    553: "5.1.3 Mailbox name not allowed",
    554: "5.7.1 Transaction failed",
}


def _parameters(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split())
    return {name.upper(): value for name, _, value in pairs}


def _base64(line: bytes) -> str | None:
    try:
        return base64.b64decode(line, validate=True).decode()
    except ValueError:
        return None
