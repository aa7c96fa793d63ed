"""Bodies of Postmark's email/batch: every message whole, what they share made once."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any, Final

import orjson

from services.delivery.mail.headers import wire_address
from services.delivery.providers.base import TENANT_ARGUMENT, Block, Outcome, Outgoing
from services.delivery.providers.mailboxes import mailbox
from services.delivery.providers.parting import arguments, headers, lots, refusal, refused

MAX_MESSAGES: Final = 500
MAX_BODY: Final = 40_000_000
MAX_TAG: Final = 1000
MAX_FIELDS: Final = 10
MAX_NAME: Final = 20
MAX_VALUE: Final = 80
TEMPLATE: Final = "template"
FORBIDDEN_HEADERS: Final = frozenset(
    {"to", "from", "subject", "reply-to", "cc", "bcc", "content-type", "content-transfer-encoding", "date", "received",
     "dkim-signature", "return-path", "sender", "mime-version", "list-unsubscribe", "list-unsubscribe-post"}
)  # fmt: skip


class BodyBuilder:
    """What all messages of a block have in common, made once."""

    def __init__(self, block: Block, stream: str, broadcast_stream: str) -> None:
        self._parts = block.content.parts
        self._streams = (stream, broadcast_stream)
        self._attachments = [
            {
                "Name": one.filename,
                "Content": b64encode(one.content).decode(),
                "ContentType": one.content_type,
                **({"ContentID": f"cid:{one.content_id}"} if one.content_id else {}),
            }
            for one in block.attachments
        ]
        constants = sum(len(constant) for part in self._parts.values() for constant in part.constants)
        self._weight = 2000 + 2 * constants + sum(len(one["Content"]) for one in self._attachments)
        self._shared: dict[str, Any] = {
            "From": mailbox(block.sender.name, block.sender.address),
            "TrackOpens": False,
            "TrackLinks": "None",
        }
        if block.sender.reply_to:
            self._shared["ReplyTo"] = wire_address(block.sender.reply_to)
        if block.category or block.template_name:
            self._shared["Tag"] = (block.category or block.template_name)[:MAX_TAG]
        if self._attachments:
            self._shared["Attachments"] = self._attachments
        self._metadata = {}
        if block.tenant_id:
            self._metadata[TENANT_ARGUMENT] = block.tenant_id
        if block.template_name:
            self._metadata[TEMPLATE] = block.template_name[:MAX_VALUE]

    def body(self, outgoing: Sequence[Outgoing]) -> bytes:
        """The JSON of a request."""
        return orjson.dumps([self._message(one) for one in outgoing])

    def metadata(self, one: Outgoing) -> dict[str, str]:
        """Our references, which come back with every event."""
        return {**self._metadata, **arguments(one)}

    def weight(self, one: Outgoing) -> int:
        """About how many bytes a message takes."""
        return self._weight + 2 * sum(map(len, one.slots))

    def _message(self, one: Outgoing) -> dict[str, Any]:
        parts, slots = self._parts, one.slots
        message = {
            **self._shared,
            "To": mailbox(one.name, one.address),
            "Subject": parts["subject"].join(slots),
            "Metadata": self.metadata(one),
            "MessageStream": self._streams[1 if one.unsubscribe_url else 0],
        }
        if "html" in parts and (html := parts["html"].join(slots)):
            message["HtmlBody"] = html
        if "text" in parts and (text := parts["text"].join(slots)):
            message["TextBody"] = text
        if one.headers or one.unsubscribe_url:
            message["Headers"] = [{"Name": name, "Value": value} for name, value in headers(one).items()]
        return message


def partition(builder: BodyBuilder, block: Block) -> tuple[list[Outcome], list[list[Outgoing]]]:
    """Lots that Postmark takes as one request each, and what it never would take."""
    outcomes: list[Outcome] = []
    good: list[Outgoing] = []
    for one in block.outgoing:
        outcome = refusal(one, FORBIDDEN_HEADERS)
        if outcome is None and one.custom_args and not _fits(builder.metadata(one)):
            outcome = refused(one, "custom arguments are too many or too large")
        if outcome is None:
            good.append(one)
        else:
            outcomes.append(outcome)
    return outcomes, lots(good, MAX_MESSAGES, MAX_BODY, builder.weight)


def _fits(metadata: dict[str, str]) -> bool:
    return len(metadata) <= MAX_FIELDS and all(
        len(name) <= MAX_NAME and len(value) <= MAX_VALUE for name, value in metadata.items()
    )
