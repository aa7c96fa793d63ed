"""Bodies of SendGrid's mail/send: one content with tags, one personalization per recipient."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from services.delivery.mail.headers import wire_address
from services.delivery.providers.base import TENANT_ARGUMENT, Block, Outcome, Outgoing
from services.delivery.providers.parting import arguments, headers, lots, refusal, refused, waves
from services.delivery.providers.showing import Shown

MAX_SUBSTITUTIONS: Final = 10_000
MAX_ARGUMENTS: Final = 10_000
MAX_BODY: Final = 20_000_000
MAX_CATEGORY: Final = 255
TYPES: Final = (("text", "text/plain"), ("amp", "text/x-amp-html"), ("html", "text/html"))
FORBIDDEN_HEADERS: Final = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
     "subject", "reply-to", "cc", "bcc", "list-unsubscribe", "list-unsubscribe-post"}
)  # fmt: skip
UNTRACKED: Final = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


@dataclass(slots=True)
class Request:
    """Recipients of one request; `whole` ones bring their full content instead of substitutions."""

    outgoing: list[Outgoing]
    whole: bool = False


class BodyBuilder:
    """What all requests of a block have in common, made once."""

    def __init__(self, block: Block, *, amp: bool = False) -> None:
        self._block = block
        self._shown = Shown(block.content, amp=amp)
        self._parts = self._shown.parts
        self.tags = _tags(self._shown)
        self._tag_bytes = sum(map(len, self.tags))
        tag_of = dict(zip(self._shown.numbers, self.tags, strict=True))
        self._shared = self._message(
            {name: part.shared(tag_of.__getitem__) for name, part in self._parts.items()}
        )

    def body(self, request: Request) -> bytes:
        """The JSON of a request."""
        if request.whole:
            (one,) = request.outgoing
            message = self._message({name: part.join(one.slots) for name, part in self._parts.items()})
            message["personalizations"] = [self._personalization(one, None)]
        else:
            message = self._shared
            message["personalizations"] = [
                self._personalization(one, dict(zip(self.tags, self._shown.values(one.slots), strict=True)))
                for one in request.outgoing
            ]
        return orjson.dumps(message)

    def fits(self, outgoing: Outgoing) -> bool:
        """Whether the slots of a message can travel as substitutions."""
        slots = self._shown.values(outgoing.slots)
        limit = MAX_SUBSTITUTIONS - self._tag_bytes
        # A character takes at most four bytes: most messages are known to fit without encoding them.
        if 4 * sum(map(len, slots)) <= limit:
            return True
        return sum(len(slot.encode("utf-8", "replace")) for slot in slots) <= limit

    def _personalization(self, one: Outgoing, substitutions: Mapping[str, str] | None) -> dict[str, Any]:
        to = {"email": one.address if one.address.isascii() else wire_address(one.address)}
        if one.name:
            to["name"] = one.name
        made: dict[str, Any] = {"to": [to], "custom_args": arguments(one)}
        if substitutions:
            made["substitutions"] = substitutions
        if one.unsubscribe_url or one.headers:
            made["headers"] = headers(one)
        return made

    def _message(self, parts: Mapping[str, str]) -> dict[str, Any]:
        block = self._block
        message: dict[str, Any] = {
            "from": _person(block.sender.address, block.sender.name),
            "subject": parts["subject"],
            "content": [{"type": kind, "value": parts[name]} for name, kind in TYPES if parts.get(name)],
            "tracking_settings": UNTRACKED,
        }
        if block.tenant_id:
            message["custom_args"] = {TENANT_ARGUMENT: block.tenant_id}
        if block.sender.reply_to:
            message["reply_to"] = _person(block.sender.reply_to, "")
        categories = [word[:MAX_CATEGORY] for word in (block.category, block.template_name) if word]
        if categories:
            message["categories"] = list(dict.fromkeys(categories))
        if block.attachments:
            message["attachments"] = [
                {
                    "content": b64encode(one.content).decode(),
                    "type": one.content_type,
                    "filename": one.filename,
                    "disposition": "inline" if one.content_id else "attachment",
                    **({"content_id": one.content_id} if one.content_id else {}),
                }
                for one in block.attachments
            ]
        return message


def partition(builder: BodyBuilder, block: Block, most: int) -> tuple[list[Outcome], list[Request]]:
    """Requests that SendGrid takes: an address once per request, sizes within limits; and what it never would."""
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
    requests = [Request(lot) for wave in waves(shared) for lot in lots(wave, most, MAX_BODY, _weight)]
    return outcomes, requests + whole


def _weight(one: Outgoing) -> int:
    return 800 + 2 * sum(map(len, one.slots))


def _refusal(one: Outgoing) -> Outcome | None:
    outcome = refusal(one, FORBIDDEN_HEADERS)
    if outcome is None and one.custom_args:
        size = sum(len((name + value).encode("utf-8", "replace")) for name, value in arguments(one).items())
        if size > MAX_ARGUMENTS:
            return refused(one, "custom arguments are too large")
    return outcome


def _tags(shown: Shown) -> list[str]:
    """A tag per slot, of a form that neither the content holds nor any value can foresee."""
    constants = [constant for part in shown.parts.values() for constant in part.constants]
    while True:
        nonce = secrets.token_hex(4)
        if not any(nonce in constant for constant in constants):
            return [f"-{nonce}.{number}-" for number in shown.numbers]


def _person(address: str, name: str) -> dict[str, str]:
    person = {"email": wire_address(address)}
    if name:
        person["name"] = name
    return person
