"""Bodies of SendGrid's mail/send: one content with tags, one personalization per recipient."""

import secrets
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from services.common.templating import CompiledContent
from services.delivery.mail.headers import HeaderError, token, wire_address
from services.delivery.providers.base import (
    CAMPAIGN_ARGUMENT,
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Block,
    Code,
    Outcome,
    Outgoing,
    Result,
)

MAX_SUBSTITUTIONS: Final = 10_000
MAX_ARGUMENTS: Final = 10_000
MAX_BODY: Final = 20_000_000
MAX_CATEGORY: Final = 255
TYPES: Final = (("text", "text/plain"), ("html", "text/html"))
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

    def __init__(self, block: Block) -> None:
        self._block = block
        self._content = block.content
        self.tags = _tags(block.content)
        self._tag_bytes = sum(map(len, self.tags))
        self._shared = self._message(
            {
                name: part.shared(lambda number: self.tags[number])
                for name, part in block.content.parts.items()
            }
        )

    def body(self, request: Request) -> bytes:
        """The JSON of a request."""
        if request.whole:
            (one,) = request.outgoing
            message = self._message(
                {name: part.join(one.slots) for name, part in self._content.parts.items()}
            )
            message["personalizations"] = [self._personalization(one, None)]
        else:
            message = self._shared
            message["personalizations"] = [
                self._personalization(one, dict(zip(self.tags, one.slots, strict=True)))
                for one in request.outgoing
            ]
        return orjson.dumps(message)

    def fits(self, outgoing: Outgoing) -> bool:
        """Whether the slots of a message can travel as substitutions."""
        limit = MAX_SUBSTITUTIONS - self._tag_bytes
        # A character takes at most four bytes: most messages are known to fit without encoding them.
        if 4 * sum(map(len, outgoing.slots)) <= limit:
            return True
        return sum(len(slot.encode("utf-8", "replace")) for slot in outgoing.slots) <= limit

    def arguments(self, outgoing: Outgoing) -> dict[str, str]:
        """Our references, which come back with every event; they hold no personal data."""
        arguments = {**outgoing.custom_args, MESSAGE_ARGUMENT: str(outgoing.message_id)}
        if outgoing.campaign_id:
            arguments[CAMPAIGN_ARGUMENT] = outgoing.campaign_id
        return arguments

    def _personalization(self, one: Outgoing, substitutions: Mapping[str, str] | None) -> dict[str, Any]:
        to = {"email": one.address if one.address.isascii() else wire_address(one.address)}
        if one.name:
            to["name"] = one.name
        made: dict[str, Any] = {"to": [to], "custom_args": self.arguments(one)}
        if substitutions:
            made["substitutions"] = substitutions
        if one.unsubscribe_url or one.headers:
            headers = dict(one.headers)
            if one.unsubscribe_url:
                mailto = f", <{one.unsubscribe_mailto}>" if one.unsubscribe_mailto else ""
                headers["List-Unsubscribe"] = f"<{one.unsubscribe_url}>{mailto}"
                headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            made["headers"] = headers
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
    refused: list[Outcome] = []
    seen: defaultdict[str, int] = defaultdict(int)
    waves: defaultdict[int, list[Outgoing]] = defaultdict(list)
    whole: list[Request] = []
    for one in block.outgoing:
        outcome = _refusal(builder, one)
        if outcome is not None:
            refused.append(outcome)
        elif not builder.fits(one):
            whole.append(Request([one], whole=True))
        else:
            address = one.address.lower()
            waves[seen[address]].append(one)
            seen[address] += 1
    requests = [Request(lot) for wave in waves.values() for lot in _lots(wave, most)]
    return refused, requests + whole


def _lots(outgoing: Sequence[Outgoing], most: int) -> list[list[Outgoing]]:
    lots: list[list[Outgoing]] = []
    size = MAX_BODY
    for one in outgoing:
        weight = 800 + 2 * sum(map(len, one.slots))
        if size + weight > MAX_BODY or len(lots[-1]) >= most:
            lots.append([])
            size = 0
        lots[-1].append(one)
        size += weight
    return lots


def _refusal(builder: BodyBuilder, one: Outgoing) -> Outcome | None:
    try:
        address = wire_address(one.address)
        if not address.isascii():
            raise HeaderError("not an address")
    except HeaderError as error:
        return Outcome(
            one.message_id, Result.PERMANENT, Code.INVALID_RECIPIENT, str(error), recipient_fault=True
        )
    reason = ""
    if one.headers or one.unsubscribe_url:
        try:
            for value in filter(None, (one.unsubscribe_url, one.unsubscribe_mailto)):
                token(value)
        except HeaderError as error:
            reason = str(error)
        if any(name.lower() in FORBIDDEN_HEADERS for name in one.headers):
            reason = "a header is ours or the provider's"
    if one.custom_args:
        size = sum(
            len((name + value).encode("utf-8", "replace")) for name, value in builder.arguments(one).items()
        )
        reason = "custom arguments are too large" if size > MAX_ARGUMENTS else reason
    return Outcome(one.message_id, Result.PERMANENT, Code.REQUEST_REFUSED, reason) if reason else None


def _tags(content: CompiledContent) -> list[str]:
    """A tag per slot, of a form that neither the content holds nor any value can foresee."""
    constants = [constant for part in content.parts.values() for constant in part.constants]
    while True:
        nonce = secrets.token_hex(4)
        if not any(nonce in constant for constant in constants):
            return [f"-{nonce}.{number}-" for number in range(content.slot_count)]


def _person(address: str, name: str) -> dict[str, str]:
    person = {"email": wire_address(address)}
    if name:
        person["name"] = name
    return person
