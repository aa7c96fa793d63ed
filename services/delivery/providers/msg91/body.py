"""Requests of MSG91: a registered template, and for each recipient the values of its variables."""

from collections.abc import Sequence
from typing import Final

import orjson

from services.delivery.providers import media, phones
from services.delivery.providers.base import Account, Block, Outcome, Outgoing, Result

MOST: Final = 500
"""Recipients of a request; what is lost on the way is unknown together."""

MOBILES: Final = "mobiles"


class Requests:
    """The requests of a block's messages."""

    def __init__(self, account: Account, block: Block) -> None:
        self._block = block
        self._template = phones.approved(account, block)
        shared = {"template_id": self._template, "short_url": "1" if account.flag("short_urls") else "0"}
        # The last brace stays open: each request adds its recipients.
        self._head = orjson.dumps(shared)[:-1] + b',"recipients":'

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a message that no registered template allows; None when it may leave."""
        wrong = phones.refusal_of_number(one) or media.refusal_of_media(one, self._block.media_urls, 0)
        if wrong:
            return wrong
        if self._template:
            return None
        reason = "the account names no registered template for it"
        return Outcome(one.message_id, Result.PERMANENT, "template_unknown", reason)

    def body(self, outgoing: Sequence[Outgoing]) -> bytes:
        """The body of a request."""
        recipients = [
            {**dict(phones.parameters(self._block, one)), MOBILES: phones.digits(one.address)}
            for one in outgoing
        ]
        return self._head + orjson.dumps(recipients) + b"}"
