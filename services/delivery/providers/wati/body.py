"""Requests of WATI: an approved template and its recipients, or one text within a day of the person's last message."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from services.delivery.providers import media, phones
from services.delivery.providers.base import Account, Block, Outcome, Outgoing

MAX_TEXT: Final = 4096
TEMPLATES: Final = "/api/ext/v3/messageTemplates"
BY_TEMPLATE: Final = f"{TEMPLATES}/send"
AS_TEXT: Final = "/api/ext/v3/conversations/messages/text"
MOST: Final = 200
"""Recipients of a request; WATI takes 10,000, but what is lost on the way is unknown together."""


class Requests:
    """The requests of a block's messages; `path` is where they are posted, `most` how many share one."""

    def __init__(self, account: Account, block: Block) -> None:
        self._account, self._block = account, block
        self._text = block.content.parts["text"]
        self._template = phones.approved(account, block)
        self._number = account.text("channel_number")
        self.path = BY_TEMPLATE if self._template else AS_TEXT
        self.most = MOST if self._template else 1

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a message that WhatsApp would never take; None when it may leave."""
        wrong = (
            phones.refusal_of_number(one)
            or phones.refusal_of_template(self._account, self._block, one, self._template)
            or media.refusal_of_media(one, self._block.media_urls, 0)
        )
        if wrong:
            return wrong
        return None if self._template else phones.refusal_of_text(one, self._text.join(one.slots), MAX_TEXT)

    def body(self, outgoing: Sequence[Outgoing]) -> bytes:
        """The body of a request."""
        return orjson.dumps(self._by_template(outgoing) if self._template else self._as_text(outgoing[0]))

    def _by_template(self, outgoing: Sequence[Outgoing]) -> dict[str, Any]:
        first = outgoing[0]
        body: dict[str, Any] = {
            "template_name": self._template,
            # Broadcasts are told apart by their names; a campaign's requests share one.
            "broadcast_name": f"angarium-{first.campaign_id or first.message_id}",
            "recipients": [
                {
                    "target": phones.digits(one.address),
                    "local_message_id": str(one.message_id),
                    "custom_params": [
                        {"name": name, "value": value} for name, value in phones.lines(self._block, one)
                    ],
                }
                for one in outgoing
            ],
        }
        return {**body, "channel": self._number} if self._number else body

    def _as_text(self, one: Outgoing) -> dict[str, Any]:
        to = phones.digits(one.address)
        return {"target": f"{self._number}:{to}" if self._number else to, "text": self._text.join(one.slots)}
