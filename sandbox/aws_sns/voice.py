"""End User Messaging by its JSON protocol."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.aws.errors import RefusedError
from sandbox.aws.notices import account_of_topic, topic_of
from sandbox.aws.signature import Caller
from sandbox.aws_sns import texts
from sandbox.context import Sandbox
from sandbox.faces import json

NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
PRICE = re.compile(r"[0-9]{0,2}\.[0-9]{1,5}")


class Voice:
    """The operations that senders use."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(
        self, request: Request, caller: Caller, operation: str, given: dict[str, Any]
    ) -> Response:
        """Answers one operation."""
        if operation == "SendTextMessage":
            return await self._send(request, caller, given)
        if operation == "DescribeSpendLimits":
            limit = {
                "Name": "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT",
                "EnforcedLimit": 100,
                "MaxLimit": 100,
                "Overridden": False,
            }
            return json({"SpendLimits": [limit]})
        if operation == "DescribeOptedOutNumbers":
            number = {
                "OptedOutNumber": f"+1202{texts.OPTED_OUT}",
                "OptedOutTimestamp": 1.0,
                "EndUserOptedOut": True,
            }
            return json({"OptOutListName": given.get("OptOutListName"), "OptedOutNumbers": [number]})
        if operation == "DescribeConfigurationSets":
            return self._sets(caller, given)
        raise RefusedError(400, "UnknownOperationException", "")

    def _sets(self, caller: Caller, given: dict[str, Any]) -> Response:
        found = []
        for name in given.get("ConfigurationSetNames") or ():
            if name.startswith("no-"):
                raise RefusedError(
                    400,
                    "ResourceNotFoundException",
                    "Resource not found",
                    ResourceType="configuration-set",
                    ResourceId=name,
                )
            destination = {
                "EventDestinationName": name,
                "Enabled": True,
                "MatchingEventTypes": ["TEXT_ALL"],
                "SnsDestination": {"TopicArn": topic_of(caller.region, name)},
            }
            found.append(
                {"ConfigurationSetName": name, "EventDestinations": [destination], "CreatedTimestamp": 1.0}
            )
        return json({"ConfigurationSets": found})

    async def _send(self, request: Request, caller: Caller, given: dict[str, Any]) -> Response:
        number, text = str(given.get("DestinationPhoneNumber", "")), str(given.get("MessageBody", ""))
        if not NUMBER.fullmatch(number) or number.endswith(texts.INVALID):
            raise _wrong("DestinationPhoneNumber", "is not a number texts reach")
        if number.endswith(texts.OPTED_OUT):
            raise RefusedError(
                400,
                "ConflictException",
                "The number has opted out",
                Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT",
            )
        if not text.strip() or len(text) > texts.MAX_TEXT:
            raise _wrong("MessageBody", "is empty or too long")
        if given.get("MessageType", "TRANSACTIONAL") not in ("TRANSACTIONAL", "PROMOTIONAL"):
            raise _wrong("MessageType", "is none")
        if "MaxPrice" in given and not PRICE.fullmatch(str(given["MaxPrice"])):
            raise _wrong("MaxPrice", "is no price")
        context, name = given.get("Context") or {}, given.get("ConfigurationSetName") or ""
        if any(
            not key.strip() or len(key) > 100 or not str(value) or len(str(value)) > 800
            for key, value in context.items()
        ):
            raise _wrong("Context", "is too large")
        topic = topic_of(caller.region, name) if name else ""
        kept = {"number": number, "text": text, "sender": given.get("OriginationIdentity") or "NOTICE", "context": context,
                "type": given.get("MessageType"), "region": caller.region, "topic": topic,
                "parameters": given.get("DestinationCountryParameters") or {},
                "base": str(request.base_url).rstrip("/")}  # fmt: skip
        account = account_of_topic(topic) if topic else f"{texts.CHANNEL}:{caller.key_id}"
        return json({"MessageId": await texts.take(self._sandbox, kept, account)})


def _wrong(field: str, words: str) -> RefusedError:
    fields = [{"Name": field, "Message": words}]
    return RefusedError(
        400, "ValidationException", f"{field} {words}", Reason="FIELD_VALIDATION_FAILED", Fields=fields
    )
