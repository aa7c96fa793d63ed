"""Forms of Gupshup's WhatsApp API: what a block shares is encoded once, a message adds its number and its values."""

from typing import Final
from urllib.parse import quote_plus, urlencode

import orjson

from services.delivery.providers import phones
from services.delivery.providers.base import Account, Block, Outcome, Outgoing

MAX_TEXT: Final = 4096
BY_TEMPLATE: Final = "/wa/api/v1/template/msg"
AS_TEXT: Final = "/wa/api/v1/msg"


class Forms:
    """The forms of a block's messages; `path` is where they are posted."""

    def __init__(self, account: Account, block: Block) -> None:
        self._block = block
        self._text = block.content.parts["text"]
        self._template = phones.approved(account, block)
        self.path = BY_TEMPLATE if self._template else AS_TEXT
        shared = {
            "channel": "whatsapp",
            "source": phones.digits(account.text("from")),
            "src.name": account.text("app_name"),
        }
        self._head = urlencode(shared)

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a message that WhatsApp would never take; None when it may leave."""
        if wrong := phones.refusal_of_number(one):
            return wrong
        return None if self._template else phones.refusal_of_text(one, self._text.join(one.slots), MAX_TEXT)

    def body(self, one: Outgoing) -> bytes:
        """The form of a message."""
        if self._template:
            values = [value for _, value in phones.parameters(self._block, one)]
            name, own = "template", {"id": self._template, "params": values}
        else:
            name, own = "message", {"type": "text", "text": self._text.join(one.slots)}
        to = phones.digits(one.address)
        return f"{self._head}&destination={to}&{name}={quote_plus(orjson.dumps(own))}".encode()
