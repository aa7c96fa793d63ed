"""What the relay decides and stores: who is refused at once, and what is kept of a transfer."""

import asyncio
import re
import secrets
import time
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Protocol

import orjson

from sandbox.context import Sandbox
from sandbox.faults import FaultBook
from sandbox.letter import decode_words
from sandbox.recipients.behaviours import behaviour_of
from sandbox.store.mail import Content, Recipient, accept

REFERENCE = b"x-angarium-message-id"
CAMPAIGN = b"x-angarium-campaign-id"
_WANTED = re.compile(
    rb"^(" + REFERENCE + rb"|" + CAMPAIGN + rb"|subject|from):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)


class Closable(Protocol):
    """A connection, as far as the relay knows it."""

    def close(self) -> None:
        """Says goodbye, for shutting down."""


@dataclass(frozen=True)
class Envelope:
    """MAIL FROM with its parameters."""

    sender: str
    user: str
    parameters: dict[str, str]


@dataclass(frozen=True)
class Rcpt:
    """RCPT TO with its parameters."""

    address: str
    parameters: dict[str, str]


class Relay:
    """Shared by all connections."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.connections: set[Closable] = set()

    @property
    def faults(self) -> FaultBook:
        """The faults on order."""
        return self._sandbox.faults

    @property
    def credentials(self) -> tuple[str, str] | None:
        """User and password that are demanded before MAIL; None when nobody is asked."""
        return self._sandbox.settings.smtp_credentials

    def knows(self, user: str, password: str) -> bool:
        """Says whether a login succeeds; without demanded credentials only the user `invalid` fails."""
        wanted = self.credentials
        return (user, password) == wanted if wanted else user != "invalid"

    def refusal(self, address: str) -> str:
        """Returns the reply that refuses a recipient at RCPT; empty when it is taken."""
        folded = address.lower()
        behaviour = behaviour_of(self._sandbox.settings.seed, folded)
        if not behaviour.first_try:
            return ""
        if behaviour.first_try == "once":
            rows = self._sandbox.database.query("SELECT 1 FROM refusal WHERE address = ? LIMIT 1", (folded,))
            reply = "" if rows else "451 4.7.1 Greylisted, please try again later"
        else:
            reply = "550 5.1.1 No such user here"
        if reply:
            row = (folded, reply, time.time())
            self._sandbox.database.write(
                lambda connection: connection.execute(
                    "INSERT INTO refusal (address, reply, at) VALUES (?,?,?)", row
                )
            )
        return reply

    def accept(
        self, envelope: Envelope, recipients: list[Rcpt], raw: bytes
    ) -> "tuple[str, asyncio.Future[int]]":
        """Stores a transfer; the future answers when it is on disk."""
        now = time.time()
        public_id = secrets.token_urlsafe(12)
        headers = _headers(raw)
        reference = headers.get(REFERENCE, "")
        sender = parseaddr(headers.get(b"from", ""))[1].lower()
        subject = decode_words(headers.get(b"subject", ""))
        rows = []
        for ordinal, rcpt in enumerate(recipients):
            address = rcpt.address.lower()
            rows.append(
                Recipient(
                    ordinal,
                    address,
                    reference or f"{public_id}.{ordinal}",
                    headers.get(CAMPAIGN, ""),
                    subject,
                    _personal(envelope, rcpt),
                    behaviour_of(self._sandbox.settings.seed, address).name,
                )
            )
        content = Content("smtp", public_id, envelope.user, sender, raw, now)
        stored = accept(self._sandbox.database, content, rows)
        self._sandbox.to_plan.ring()
        return public_id, stored


def _personal(envelope: Envelope, rcpt: Rcpt) -> str:
    personal: dict[str, object] = {"mail_from": envelope.sender, "rcpt_to": rcpt.address}
    if "NOTIFY" in rcpt.parameters:
        personal["notify"] = [
            word for word in rcpt.parameters["NOTIFY"].upper().split(",") if word != "NEVER"
        ]
    if "ORCPT" in rcpt.parameters:
        personal["orcpt"] = rcpt.parameters["ORCPT"]
    for name in ("RET", "ENVID"):
        if name in envelope.parameters:
            personal[name.lower()] = envelope.parameters[name]
    return orjson.dumps(personal).decode()


def _headers(raw: bytes) -> dict[bytes, str]:
    end = raw.find(b"\r\n\r\n")
    head = raw if end < 0 else raw[: end + 2]
    found: dict[bytes, str] = {}
    for match in _WANTED.finditer(head):
        value = match[2].decode("utf-8", "replace")
        found.setdefault(match[1].lower(), " ".join(value.split()) if "\n" in value else value.strip())
    return found
