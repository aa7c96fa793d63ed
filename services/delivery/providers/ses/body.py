"""Requests of SES: an inline template and its values for up to 50 recipients, or one whole message."""

import re
import secrets
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from services.delivery.mail.compose import MailForm, MailSender
from services.delivery.mail.headers import HeaderError, mailbox, unstructured
from services.delivery.providers.base import TENANT_ARGUMENT, Block, Outcome, Outgoing
from services.delivery.providers.parting import arguments, headers, lots, refusal, refused
from services.delivery.providers.showing import AMP, Shown, letter_of, mail_files

MAX_ENTRIES: Final = 50
MAX_INLINE: Final = 900_000
"""Bytes of a request with a template of its own; SES takes a million."""

MAX_DATA: Final = 250_000
MAX_TAG: Final = 256
MAX_HEADER: Final = 996
CHARSET: Final = "UTF-8"
BODIES: Final = (("text", "Text"), ("html", "Html"))
_TAG: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_TAG}}}")
_NO_TAG: Final = re.compile(r"[^A-Za-z0-9_-]")
FORBIDDEN_HEADERS: Final = frozenset(
    {"to", "from", "subject", "reply-to", "cc", "bcc", "content-type", "content-transfer-encoding", "date", "received",
     "dkim-signature", "message-id", "return-path", "sender", "mime-version", "list-unsubscribe",
     "list-unsubscribe-post", "x-ses-configuration-set", "x-ses-message-tags"}
)  # fmt: skip


@dataclass(slots=True)
class Request:
    """Recipients of one request; a `whole` one brings its full content."""

    outgoing: Sequence[Outgoing]
    whole: bool = False


class BodyBuilder:
    """What all requests of a block have in common, made once."""

    def __init__(self, block: Block, configuration_set: str, *, amp: bool = False) -> None:
        self._shown = Shown(block.content, amp=amp)
        self._parts = self._shown.parts
        self._names = _names(self._shown)
        name_of = dict(zip(self._shown.numbers, self._names, strict=True))
        # SES's own contents are text and html: a message with AMP is composed here and travels as it is.
        self._form: MailForm | None = None
        if AMP in self._parts:
            sender = block.sender
            files = mail_files(block.attachments)
            self._form = MailForm(
                block.content, MailSender(sender.address, sender.name, sender.reply_to, files=files), amp=True
            )
        self._shared: dict[str, Any] = {"FromEmailAddress": _mailbox(block.sender.name, block.sender.address)}
        if block.sender.reply_to:
            self._shared["ReplyToAddresses"] = [_mailbox("", block.sender.reply_to)]
        if configuration_set:
            self._shared["ConfigurationSetName"] = configuration_set
        self._tags = [
            _tag(name, _NO_TAG.sub("_", value)[:MAX_TAG])
            for name, value in (
                (TENANT_ARGUMENT, block.tenant_id),
                ("category", block.category),
                ("template", block.template_name),
            )
            if value
        ]
        self._files = [
            {
                "FileName": one.filename,
                "ContentType": one.content_type,
                "RawContent": b64encode(one.content).decode(),
                "ContentTransferEncoding": "BASE64",
                "ContentDisposition": "INLINE" if one.content_id else "ATTACHMENT",
                **({"ContentId": one.content_id} if one.content_id else {}),
            }
            for one in block.attachments
        ]
        self._template = {
            name: self._parts[part].shared(lambda number: "{{" + name_of[number] + "}}")
            for part, name in (("subject", "Subject"), *BODIES)
            if part in self._parts
        }
        self.shared_weight = 2 * sum(map(len, self._template.values())) + 2000
        constants = [constant for part in self._parts.values() for constant in part.constants]
        self.is_shareable = (
            not self._files
            and self._form is None
            and self.shared_weight < MAX_INLINE // 2
            and not any(map(_has_marks, constants))
        )

    def bulk(self, outgoing: Sequence[Outgoing]) -> bytes:
        """The body of a request for several recipients."""
        return orjson.dumps(
            self._shared
            | {
                "DefaultContent": {"Template": {"TemplateContent": self._template, "TemplateData": "{}"}},
                "BulkEmailEntries": [self._entry(one) for one in outgoing],
            }
        )

    def whole(self, one: Outgoing) -> bytes:
        """The body of a request for one recipient; HeaderError when a header of a composed one cannot be."""
        return orjson.dumps(
            self._shared
            | {
                "Destination": {"ToAddresses": [_mailbox(one.name, one.address)]},
                "Content": self._composed(one) if self._form is not None else self._simple(one),
                "EmailTags": self._own_tags(one),
            }
        )

    def _composed(self, one: Outgoing) -> dict[str, Any]:
        assert self._form is not None  # noqa: S101 - see `whole`
        return {"Raw": {"Data": b64encode(self._form.compose(letter_of(one), int(time.time()))).decode()}}

    def _simple(self, one: Outgoing) -> dict[str, Any]:
        content: dict[str, Any] = {
            "Subject": _text(self._parts["subject"].join(one.slots)),
            "Body": {
                name: _text(text)
                for part, name in BODIES
                if part in self._parts and (text := self._parts[part].join(one.slots))
            },
        }
        if found := self._headers(one):
            content["Headers"] = found
        if self._files:
            content["Attachments"] = self._files
        return {"Simple": content}

    def fits(self, one: Outgoing) -> bool:
        """Whether the values of a message can travel as such: none of them may look like a variable itself."""
        return (
            self.is_shareable
            and not any("{{" in slot for slot in self._shown.values(one.slots))
            and weight(one) < MAX_DATA
        )

    def _entry(self, one: Outgoing) -> dict[str, Any]:
        data = orjson.dumps(dict(zip(self._names, self._shown.values(one.slots), strict=True))).decode()
        entry: dict[str, Any] = {
            "Destination": {"ToAddresses": [_mailbox(one.name, one.address)]},
            "ReplacementEmailContent": {"ReplacementTemplate": {"ReplacementTemplateData": data}},
            "ReplacementTags": self._own_tags(one),
        }
        if found := self._headers(one):
            entry["ReplacementHeaders"] = found
        return entry

    def _own_tags(self, one: Outgoing) -> list[dict[str, str]]:
        # Whether tags of an entry come beside the request's or instead of them is not promised: each has them all.
        return [*self._tags, *(_tag(name, value) for name, value in arguments(one).items())]

    @staticmethod
    def _headers(one: Outgoing) -> list[dict[str, str]]:
        if not one.headers and not one.unsubscribe_url:
            return []
        return [
            {"Name": name, "Value": value if value.isascii() else _unfolded(unstructured(value))}
            for name, value in headers(one).items()
        ]


def partition(builder: BodyBuilder, block: Block, most: int) -> tuple[list[Outcome], list[Request]]:
    """Requests that SES takes, of at most so many recipients; and what it never would take."""
    outcomes: list[Outcome] = []
    shared: list[Outgoing] = []
    whole: list[Request] = []
    for one in block.outgoing:
        outcome = _refusal(one)
        if outcome is not None:
            outcomes.append(outcome)
        elif builder.fits(one):
            shared.append(one)
        else:
            whole.append(Request([one], whole=True))
    found = lots(shared, min(most, MAX_ENTRIES), MAX_INLINE - builder.shared_weight, weight)
    return outcomes, [Request(lot) for lot in found] + whole


def weight(one: Outgoing) -> int:
    """About how many bytes the entry of a message takes."""
    return 1200 + 3 * sum(map(len, one.slots))


def _refusal(one: Outgoing) -> Outcome | None:
    outcome = refusal(one, FORBIDDEN_HEADERS)
    if outcome is not None:
        return outcome
    try:
        _mailbox(one.name, one.address)
        given = headers(one) if one.headers or one.unsubscribe_url else {}
    except HeaderError as error:
        return refused(one, str(error))
    if any(len(name) + len(value) > MAX_HEADER for name, value in given.items()):
        return refused(one, f"a header is longer than {MAX_HEADER} characters")
    if not all(_TAG.fullmatch(word) for pair in arguments(one).items() for word in pair):
        return refused(one, "custom arguments are letters, digits, _ and -")
    return None


def _has_marks(constant: str) -> bool:
    """Whether a constant holds what looks like a variable, or makes one of a brace beside a value."""
    return "{{" in constant or constant.endswith(("{", "\\")) or constant.startswith("}")


def _mailbox(name: str, address: str) -> str:
    return _unfolded(mailbox(name, address))


def _unfolded(value: bytes) -> str:
    return value.replace(b"\r\n", b"").decode()


def _tag(name: str, value: str) -> dict[str, str]:
    return {"Name": name, "Value": value}


def _text(text: str) -> Mapping[str, str]:
    return {"Data": text, "Charset": CHARSET}


def _names(shown: Shown) -> list[str]:
    """A variable per slot, whose name no value can foresee."""
    nonce = secrets.token_hex(4)
    return [f"s{nonce}_{number}" for number in shown.numbers]
