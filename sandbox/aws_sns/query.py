"""SNS by its Query protocol: texts to numbers, and subscriptions to topics."""

import re
import sqlite3
import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from sandbox.aws import notices
from sandbox.aws.errors import QueryRefusedError, answer
from sandbox.aws.signature import Caller
from sandbox.aws_sns import texts
from sandbox.context import Sandbox, Webhook

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_OPTED_OUT = f"+1202{texts.OPTED_OUT}"


def invalid(name: str, reason: str) -> QueryRefusedError:
    """Returns the refusal of a parameter."""
    return QueryRefusedError(400, "InvalidParameter", f"Invalid parameter: {name} Reason: {reason}")


class Query:
    """The actions of SNS that senders use."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, request: Request, caller: Caller, form: dict[str, str]) -> Response:
        """Answers one action."""
        actions: dict[str, Callable[[Request, Caller, dict[str, str]], Awaitable[Response]]] = {
            "Publish": self._publish,
            "Subscribe": self._subscribe,
            "GetSMSAttributes": self._attributes,
            "GetSMSSandboxAccountStatus": self._status,
            "CheckIfPhoneNumberIsOptedOut": self._check,
            "ListPhoneNumbersOptedOut": self._list,
        }
        action = actions.get(form.get("Action", ""))
        if action is None:
            raise QueryRefusedError(400, "InvalidAction", "Could not find operation")
        return await action(request, caller, form)

    async def confirm(self, form: dict[str, str]) -> Response:
        """Confirms a subscription to whoever knows what was sent to its endpoint."""
        topic = form.get("TopicArn", "")
        account = notices.account_of_topic(topic)
        webhook = self._sandbox.own_webhook(account)
        expected = notices.token_of(self._sandbox.settings.seed, topic, webhook.url) if webhook else ""
        if webhook is None or form.get("Token") != expected:
            raise invalid("Token", "no such subscription")
        await self._sandbox.set_webhook(account, Webhook(webhook.url, secret=webhook.secret))
        return answer("ConfirmSubscription", f"<SubscriptionArn>{topic}:{expected[:32]}</SubscriptionArn>")

    async def _publish(self, _request: Request, caller: Caller, form: dict[str, str]) -> Response:
        number, text = form.get("PhoneNumber", ""), form.get("Message", "")
        attributes = _attributes(form)
        if not NUMBER.fullmatch(number) or number.endswith(texts.INVALID):
            raise invalid("PhoneNumber", f"{number[:4]}XXXX is not valid to publish to")
        if not text.strip() or len(text) > texts.MAX_TEXT:
            raise invalid("Message", "empty message or too long")
        if attributes.get("AWS.SNS.SMS.SMSType", "Promotional") not in ("Promotional", "Transactional"):
            raise invalid("SMSType", "not a type")
        sender = (
            attributes.get("AWS.SNS.SMS.SenderID")
            or attributes.get("AWS.MM.SMS.OriginationNumber")
            or "NOTICE"
        )
        given = {"number": number, "text": text, "sender": sender, "context": {}, "attributes": attributes,
                 "region": caller.region, "topic": "", "base": ""}  # fmt: skip
        name = await texts.take(self._sandbox, given, f"{texts.CHANNEL}:{caller.key_id}")
        return answer("Publish", f"<MessageId>{name}</MessageId>")

    async def _subscribe(self, request: Request, _caller: Caller, form: dict[str, str]) -> Response:
        topic, url = form.get("TopicArn", ""), form.get("Endpoint", "")
        if form.get("Protocol") not in ("http", "https") or not url.startswith(f"{form.get('Protocol')}://"):
            raise invalid("Protocol", "http and https only")
        await self._sandbox.set_webhook(notices.account_of_topic(topic), Webhook(url, enabled=False))
        token = notices.token_of(self._sandbox.settings.seed, topic, url)
        body = notices.confirmation(topic, str(request.base_url).rstrip("/"), token)
        now = time.time()

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO batch (channel, url, secret, signed, body, events, created, due)"
                " VALUES (?, ?, '', 1, ?, 0, ?, ?)",
                (texts.CHANNEL, url, body, now, now),
            )

        await self._sandbox.database.write(work)
        self._sandbox.to_tell.ring()
        return answer("Subscribe", "<SubscriptionArn>pending confirmation</SubscriptionArn>")

    async def _attributes(self, _request: Request, _caller: Caller, _form: dict[str, str]) -> Response:
        entries = {"MonthlySpendLimit": "100", "DefaultSMSType": "Promotional", "UsageReportS3Bucket": ""}
        inner = "".join(
            f"<entry><key>{key}</key><value>{value}</value></entry>" for key, value in entries.items()
        )
        return answer("GetSMSAttributes", f"<attributes>{inner}</attributes>")

    async def _status(self, _request: Request, _caller: Caller, _form: dict[str, str]) -> Response:
        return answer("GetSMSSandboxAccountStatus", "<IsInSandbox>false</IsInSandbox>")

    async def _check(self, _request: Request, _caller: Caller, form: dict[str, str]) -> Response:
        is_out = form.get("phoneNumber", "").endswith(texts.OPTED_OUT)
        return answer("CheckIfPhoneNumberIsOptedOut", f"<isOptedOut>{str(is_out).lower()}</isOptedOut>")

    async def _list(self, _request: Request, _caller: Caller, _form: dict[str, str]) -> Response:
        return answer(
            "ListPhoneNumbersOptedOut", f"<phoneNumbers><member>{_OPTED_OUT}</member></phoneNumbers>"
        )


def _attributes(form: dict[str, str]) -> dict[str, str]:
    """Returns the attributes of a message by name."""
    found: dict[str, str] = {}
    number = 1
    while name := form.get(f"MessageAttributes.entry.{number}.Name"):
        found[name] = form.get(f"MessageAttributes.entry.{number}.Value.StringValue", "")
        number += 1
    return found
