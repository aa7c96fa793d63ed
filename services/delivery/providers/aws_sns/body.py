"""Requests for one text: a form for SNS, JSON for End User Messaging; what a block shares is written once."""

import re
from typing import Final, Protocol
from urllib.parse import quote_plus, urlencode

import orjson

from services.delivery.providers.aws_sns.countries import CountryRules, is_name
from services.delivery.providers.aws_sns.kind import END_USER_MESSAGING
from services.delivery.providers.base import (
    CAMPAIGN_ARGUMENT,
    MESSAGE_ARGUMENT,
    TENANT_ARGUMENT,
    Account,
    Block,
    Outcome,
    Outgoing,
)
from services.delivery.providers.phones import refusal_of_number, refusal_of_text

MAX_TEXT: Final = 1600
VERSION: Final = "2010-03-31"
TARGET: Final = "PinpointSMSVoiceV2.SendTextMessage"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON: Final = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": TARGET}
MESSAGE_ID: Final = re.compile(rb"<MessageId>([0-9A-Za-z-]{1,200})</MessageId>")


class Texts(Protocol):
    """The requests of a block's texts."""

    headers: dict[str, str]

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a text that would never be taken; None when it may leave."""

    def body(self, one: Outgoing) -> bytes:
        """The request for a text."""


class _Texts:
    def __init__(self, account: Account, block: Block) -> None:
        self._text = block.content.parts["text"]
        self._rules = CountryRules(account, block)
        self._price = account.text("max_price")

    def refusal(self, one: Outgoing) -> Outcome | None:
        """The outcome of a text that would never be taken; None when it may leave."""
        return (
            refusal_of_number(one)
            or refusal_of_text(one, self._text.join(one.slots), MAX_TEXT)
            or self._rules.refusal(one)
        )


class Publish(_Texts):
    """Forms of SNS; what is not an attribute of SMS there is lost, so nothing of ours travels with it."""

    headers = FORM

    def __init__(self, account: Account, block: Block) -> None:
        super().__init__(account, block)
        self._head = urlencode({"Action": "Publish", "Version": VERSION})
        kind = "Promotional" if block.is_marketing else "Transactional"
        self._shared = [("AWS.SNS.SMS.SMSType", "String", kind)]
        if self._price:
            self._shared.append(("AWS.SNS.SMS.MaxPrice", "Number", self._price))

    def body(self, one: Outgoing) -> bytes:
        """The form of a text."""
        attributes = list(self._shared)
        if sender := self._rules.sender(one):
            name = "AWS.SNS.SMS.SenderID" if is_name(sender) else "AWS.MM.SMS.OriginationNumber"
            attributes.append((name, "String", sender))
        if india := self._rules.india(one):
            attributes.append(("AWS.MM.SMS.EntityId", "String", india[0]))
            attributes.append(("AWS.MM.SMS.TemplateId", "String", india[1]))
        pieces = [
            self._head,
            "&PhoneNumber=",
            quote_plus(one.address),
            "&Message=",
            quote_plus(self._text.join(one.slots), errors="replace"),
        ]
        for number, (name, kind, value) in enumerate(attributes, 1):
            entry = f"&MessageAttributes.entry.{number}."
            pieces.append(
                f"{entry}Name={name}{entry}Value.DataType={kind}{entry}Value.StringValue={quote_plus(value)}"
            )
        return "".join(pieces).encode()


class SendText(_Texts):
    """Requests of End User Messaging, whose events bring our references back."""

    headers = JSON

    def __init__(self, account: Account, block: Block) -> None:
        super().__init__(account, block)
        self._shared: dict[str, object] = {
            "MessageType": "PROMOTIONAL" if block.is_marketing else "TRANSACTIONAL"
        }
        if self._price:
            self._shared["MaxPrice"] = self._price
        if name := account.text("configuration_set"):
            self._shared["ConfigurationSetName"] = name
        self._context = {TENANT_ARGUMENT: block.tenant_id} if block.tenant_id else {}

    def body(self, one: Outgoing) -> bytes:
        """The JSON of a text."""
        context = {**self._context, MESSAGE_ARGUMENT: str(one.message_id)}
        if one.campaign_id:
            context[CAMPAIGN_ARGUMENT] = one.campaign_id
        found = {
            **self._shared,
            "DestinationPhoneNumber": one.address,
            "MessageBody": self._text.join(one.slots),
            "Context": context,
        }
        if sender := self._rules.sender(one):
            found["OriginationIdentity"] = sender
        if india := self._rules.india(one):
            found["DestinationCountryParameters"] = {"IN_ENTITY_ID": india[0], "IN_TEMPLATE_ID": india[1]}
        return orjson.dumps(found)


def texts_of(account: Account, block: Block) -> Texts:
    """The requests for a block at the service of an account."""
    is_new = account.text("service") == END_USER_MESSAGING
    return SendText(account, block) if is_new else Publish(account, block)
