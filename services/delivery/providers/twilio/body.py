"""Requests of Twilio's Messages: what a block shares is encoded once, a message adds its number and its text."""

from typing import Final
from urllib.parse import quote_plus, urlencode

import orjson

from services.delivery.providers.base import (
    CAMPAIGN_ARGUMENT,
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Account,
    Block,
    Outcome,
    Outgoing,
)
from services.delivery.providers.phones import (
    approved,
    refusal_of_number,
    refusal_of_template,
    refusal_of_text,
)

MAX_TEXT: Final = 1600
WHATSAPP: Final = "whatsapp"
PREFIX: Final = "whatsapp:"


class Form:
    """The forms of a block's messages."""

    def __init__(self, account: Account, block: Block) -> None:
        self._account, self._block = account, block
        self._is_whatsapp = account.channel == WHATSAPP
        self._prefix = PREFIX if self._is_whatsapp else ""
        self._text = block.content.parts["text"]
        self._content_sid = approved(account, block, "content_sids", by_id=True) if self._is_whatsapp else ""
        self._parameters = [
            (name.removeprefix("parameter_"), part)
            for name, part in block.content.parts.items()
            if name.startswith("parameter_")
        ]
        service, sender = account.text("messaging_service_sid"), account.text("from")
        shared = {"MessagingServiceSid": service} if service else {"From": self._prefix + sender}
        if seconds := account.number("validity_period", 0):
            shared["ValidityPeriod"] = str(seconds)
        if self._content_sid:
            shared["ContentSid"] = self._content_sid
        media = [] if self._content_sid else [("MediaUrl", url) for url in block.media_urls]
        self._head = urlencode([*shared.items(), *media])
        self._callback = _callback(account, block)

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a message that Twilio would never take; None when it may leave."""
        if wrong := refusal_of_number(one):
            return wrong
        if self._is_whatsapp and (
            wrong := refusal_of_template(self._account, self._block, one, self._content_sid)
        ):
            return wrong
        return None if self._content_sid else refusal_of_text(one, self.text(one), MAX_TEXT)

    def text(self, one: Outgoing) -> str:
        """The text of a message."""
        return self._text.join(one.slots)

    def address(self, one: Outgoing) -> str:
        """The recipient as Twilio names it."""
        return self._prefix + one.address

    def body(self, one: Outgoing) -> bytes:
        """The form of a message."""
        pieces = [self._head, "&To=", quote_plus(self.address(one))]
        if self._content_sid:
            variables = {number: part.join(one.slots) for number, part in self._parameters}
            if variables:
                pieces += "&ContentVariables=", quote_plus(orjson.dumps(variables))
        else:
            pieces += "&Body=", quote_plus(self.text(one), errors="replace")
        if self._callback:
            pieces += "&StatusCallback=", self._callback, str(one.message_id)
        return "".join(pieces).encode()


def _callback(account: Account, block: Block) -> str:
    """The address callbacks go to, encoded up to our message id: Twilio echoes nothing but this address."""
    if not account.webhook_url:
        return ""
    references = {}
    if block.tenant_id:
        references[TENANT_ARGUMENT] = block.tenant_id
    campaign = block.outgoing[0].campaign_id if block.outgoing else ""
    if campaign:
        references[CAMPAIGN_ARGUMENT] = campaign
    query = urlencode({**references, MESSAGE_ARGUMENT: ""})
    return quote_plus(f"{account.webhook_url}?{query}")
