"""Composes e-mail from parts prepared once per content and sender: one message costs a few joins."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote
from uuid import UUID

from services.common.templating import CompiledContent
from services.delivery.mail.bodies import BodyForm, base64_lines
from services.delivery.mail.dkim import DkimSigner, Header
from services.delivery.mail.headers import HeaderError, date_of, mailbox, token, unstructured, wire_address

BODIES: Final = {"text": b"plain", "amp": b"x-amp-html", "html": b"html"}
"""Parts in their order: what shows most stands last, but clients that know AMP look for it before html."""

ONE_CLICK: Final = b"List-Unsubscribe=One-Click"
OWN: Final = frozenset(
    {"from", "to", "cc", "bcc", "subject", "date", "message-id", "sender", "reply-to", "mime-version", "received",
     "return-path", "dkim-signature", "list-unsubscribe", "list-unsubscribe-post", "feedback-id"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that travels with every message of a form."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class MailSender:
    """Who a message is from, in words for its headers; `feedback_id` begins with what differs most."""

    address: str
    name: str = ""
    reply_to: str = ""
    feedback_id: str = ""
    files: Sequence[MailFile] = ()
    signer: DkimSigner | None = None


@dataclass(slots=True)
class Letter:
    """What differs from message to message."""

    message_id: UUID
    address: str
    slots: Sequence[str]
    name: str = ""
    unsubscribe_url: str = ""
    unsubscribe_mailto: str = ""
    campaign_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class MailForm:
    """Everything of a message that is the same for all recipients of one content; its AMP part only where wanted."""

    def __init__(self, content: CompiledContent, sender: MailSender, *, amp: bool = False) -> None:
        self._content, self._sender = content, sender
        self._subject = content.parts["subject"]
        self._bodies = [
            BodyForm(content.parts[name])
            for name in BODIES
            if name in content.parts and (amp or name != "amp")
        ]
        # A random mark cannot be foreseen by content, and neither encoding can produce "=_".
        self._mark = f"=_{secrets.token_hex(12)}"
        self._domain = wire_address(sender.address).rpartition("@")[2].encode()
        self._fixed: list[Header] = [(b"From", mailbox(sender.name, sender.address))]
        if sender.reply_to:
            self._fixed.append((b"Reply-To", mailbox("", sender.reply_to)))
        self._fixed.append((b"MIME-Version", b"1.0"))
        self._type, self._opening, self._betweens, self._closing = self._frame()
        self._fixed += self._type
        self._fixed_lines = b"".join(name + b": " + value + b"\r\n" for name, value in self._fixed)

    def message_id(self, message_id: UUID) -> str:
        """The Message-ID of a message: always the same for the same message, also when it is tried again."""
        return f"<{message_id.hex}@{self._domain.decode()}>"

    def compose(self, letter: Letter, second: int) -> bytes:
        """The message as it travels; HeaderError when a value cannot stand in a header."""
        body = self._body(letter.slots)
        varying = self._varying(letter, second)
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in varying)
        signer = self._sender.signer
        signature = signer.header([*varying, *self._fixed], body, second) if signer else b""
        return b"".join((signature, lines, self._fixed_lines, b"\r\n", body))

    def _varying(self, letter: Letter, second: int) -> list[Header]:
        message = letter.message_id.hex.encode()
        headers = [
            (b"To", mailbox(letter.name, letter.address)),
            (b"Subject", unstructured(self._subject.join(letter.slots))),
            (b"Date", date_of(second)),
            (b"Message-ID", b"<%b@%b>" % (message, self._domain)),
            (b"X-Angarium-Message-Id", str(letter.message_id).encode()),
        ]
        if letter.campaign_id:
            headers.append((b"X-Angarium-Campaign-Id", token(letter.campaign_id)))
        if letter.unsubscribe_url:
            targets = b"<%b>" % token(letter.unsubscribe_url)
            if letter.unsubscribe_mailto:
                targets += b",\r\n <%b>" % token(letter.unsubscribe_mailto)
            headers += [(b"List-Unsubscribe", targets), (b"List-Unsubscribe-Post", ONE_CLICK)]
        if self._sender.feedback_id:
            headers.append((b"Feedback-ID", token(self._sender.feedback_id)))
        for name, value in letter.headers.items():
            if name.lower() in OWN or name.lower().startswith(("content-", "x-angarium-")):
                raise HeaderError(f"the header {name} is ours")
            if not name.replace("-", "").isalnum() or not name.isascii():
                raise HeaderError("not a header name")
            headers.append((name.encode(), unstructured(value)))
        return headers

    # Bodies

    def _body(self, slots: Sequence[str]) -> bytes:
        encoded: list[bytes | None] = [None] * self._content.slot_count
        pieces = [self._opening]
        for between, form in zip(self._betweens, self._bodies, strict=True):
            pieces += (between, form.fill(slots, encoded))
        pieces.append(self._closing)
        return b"".join(pieces)

    def _frame(self) -> tuple[list[Header], bytes, list[bytes], bytes]:
        """Headers of the outermost part, and the bytes before all, before each and after all bodies."""
        kinds = [b"text/%b; charset=utf-8" % BODIES[form.part.name] for form in self._bodies]
        heads = [
            b"Content-Type: %b\r\nContent-Transfer-Encoding: %b\r\n\r\n" % (kind, form.encoding)
            for kind, form in zip(kinds, self._bodies, strict=True)
        ]
        outer: list[Header] = [
            (b"Content-Type", kinds[0]),
            (b"Content-Transfer-Encoding", self._bodies[0].encoding),
        ]
        opening, betweens, closing = b"", [b""], b"\r\n"
        if len(self._bodies) > 1:
            mark = self._mark.encode() + b"a"
            outer = [(b"Content-Type", b'multipart/alternative;\r\n boundary="%b"' % mark)]
            opening = b"--%b\r\n%b" % (mark, heads[0])
            betweens = [b"", *(b"\r\n--%b\r\n%b" % (mark, head) for head in heads[1:])]
            closing = b"\r\n--%b--\r\n" % mark
        inline = [file for file in self._sender.files if file.content_id]
        attached = [file for file in self._sender.files if not file.content_id]
        for files, kind, letter in ((inline, b"related", b"r"), (attached, b"mixed", b"m")):
            if files:
                outer, opening, closing = self._wrapped(files, kind, letter, (outer, opening, closing))
        return outer, opening, betweens, closing

    def _wrapped(
        self, files: Sequence[MailFile], kind: bytes, letter: bytes, inner: tuple[list[Header], bytes, bytes]
    ) -> tuple[list[Header], bytes, bytes]:
        mark = self._mark.encode() + letter
        headers, opening, closing = inner
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        parts = b"".join(b"\r\n--%b\r\n%b" % (mark, self._file(file)) for file in files)
        outer = [(b"Content-Type", b'multipart/%b;\r\n boundary="%b"' % (kind, mark))]
        return outer, b"--%b\r\n%b\r\n%b" % (mark, head, opening), closing + parts + b"\r\n--%b--\r\n" % mark

    @staticmethod
    def _file(file: MailFile) -> bytes:
        disposition = b"inline" if file.content_id else b"attachment"
        name = quote(file.filename, safe="")
        lines = [
            b"Content-Type: " + token(file.content_type.partition(";")[0].strip()),
            b"Content-Transfer-Encoding: base64",
            b"Content-Disposition: %b; filename*=utf-8''%b" % (disposition, name.encode()),
        ]
        if file.content_id:
            lines.append(b"Content-ID: <%b>" % token(file.content_id))
        return b"\r\n".join(lines) + b"\r\n\r\n" + base64_lines(file.content)
