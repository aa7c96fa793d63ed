"""Messages of the Cloud API: what a block shares is encoded once, a message adds its number and its values."""

from typing import Any, Final
from urllib.parse import urlencode

import orjson

from services.delivery.providers import media, phones
from services.delivery.providers.base import (
    CAMPAIGN_ARGUMENT,
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Account,
    Block,
    Outcome,
    Outgoing,
)

MAX_TEXT: Final = 4096


class Messages:
    """The bodies of a block's messages: by an approved template, or as text within a day of the person's last message."""

    def __init__(self, account: Account, block: Block) -> None:
        self._account, self._block = account, block
        self._text = block.content.parts["text"]
        self._template = phones.approved(account, block)
        shared: dict[str, Any] = {"messaging_product": "whatsapp", "recipient_type": "individual"}
        if self._template:
            name, _, language = self._template.partition(":")
            shared["type"] = "template"
            template = {
                "name": name,
                "language": {"code": language or block.content.language.replace("-", "_")},
            }
            # The last brace stays open: each message adds its components.
            self._head = orjson.dumps(shared)[:-1] + b',"template":' + orjson.dumps(template)[:-1]
        else:
            self._head = orjson.dumps(shared)[:-1]
        references = {TENANT_ARGUMENT: block.tenant_id} if block.tenant_id else {}
        campaign = block.outgoing[0].campaign_id if block.outgoing else ""
        if campaign:
            references[CAMPAIGN_ARGUMENT] = campaign
        self._echo = urlencode({**references, MESSAGE_ARGUMENT: ""})

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a message that WhatsApp would never take; None when it may leave."""
        wrong = (
            phones.refusal_of_number(one)
            or phones.refusal_of_template(self._account, self._block, one, self._template)
            or media.refusal_of_media(one, self._block.media_urls, 1)
        )
        if wrong:
            return wrong
        return None if self._template else phones.refusal_of_text(one, self._text.join(one.slots), MAX_TEXT)

    def body(self, one: Outgoing) -> bytes:
        """The body of a message."""
        return self._head + (self._filled(one) if self._template else self._free(one)) + self._tail(one)

    def _filled(self, one: Outgoing) -> bytes:
        values = [{"type": "text", "text": value} for _, value in phones.lines(self._block, one)]
        components: list[dict[str, Any]] = [
            {"type": "header", "parameters": [file]} for file in self._files()
        ]
        if values:
            components.append({"type": "body", "parameters": values})
        return b',"components":' + orjson.dumps(components) + b"}"

    def _free(self, one: Outgoing) -> bytes:
        text = self._text.join(one.slots)
        for file in self._files():
            file[file["type"]]["caption"] = text
            return b"," + orjson.dumps(file)[1:-1]
        return b',"type":"text","text":' + orjson.dumps({"preview_url": False, "body": text})

    def _files(self) -> list[dict[str, Any]]:
        found = []
        for url in self._block.media_urls:
            kind = media.kind_of(url)
            name = {"filename": media.name_of(url)} if kind == media.OTHER else {}
            found.append({"type": kind, kind: {"link": url, **name}})
        return found

    def _tail(self, one: Outgoing) -> bytes:
        own = {"to": phones.digits(one.address), "biz_opaque_callback_data": f"{self._echo}{one.message_id}"}
        return b"," + orjson.dumps(own)[1:]
