"""Forms of Gupshup's WhatsApp API: what a block shares is encoded once, a message adds its number and its values."""

from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import orjson

from services.delivery.providers import media, phones
from services.delivery.providers.base import Account, Block, Outcome, Outgoing

MAX_TEXT: Final = 4096
BY_TEMPLATE: Final = "/wa/api/v1/template/msg"
AS_TEXT: Final = "/wa/api/v1/msg"


class Forms:
    """The forms of a block's messages; `path` is where they are posted."""

    def __init__(self, account: Account, block: Block) -> None:
        self._account, self._block = account, block
        self._text = block.content.parts["text"]
        self._template = phones.approved(account, block, by_id=True)
        self.path = BY_TEMPLATE if self._template else AS_TEXT
        shared = {
            "channel": "whatsapp",
            "source": phones.digits(account.text("from")),
            "src.name": account.text("app_name"),
        }
        self._head = urlencode(shared)

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
        """The form of a message."""
        to = phones.digits(one.address)
        fields: dict[str, dict[str, Any]] = {}
        if self._template:
            values = [value for _, value in phones.lines(self._block, one)]
            fields["template"] = {"id": self._template, "params": values}
            for url in self._block.media_urls:
                kind = media.kind_of(url)
                fields["message"] = {"type": kind, kind: {"link": url}}
        else:
            fields["message"] = self._free(self._text.join(one.slots))
        own = "".join(f"&{name}={quote_plus(orjson.dumps(value))}" for name, value in fields.items())
        return f"{self._head}&destination={to}{own}".encode()

    def _free(self, text: str) -> dict[str, Any]:
        for url in self._block.media_urls:
            kind = media.kind_of(url)
            if kind == "image":
                return {"type": "image", "originalUrl": url, "previewUrl": url, "caption": text}
            if kind == media.OTHER:
                return {"type": "file", "url": url, "filename": media.name_of(url), "caption": text}
            return {"type": kind, "url": url, "caption": text}
        return {"type": "text", "text": text}
