"""CloudWatch Logs as far as SNS writes into them: one line for each text that is over."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.aws.errors import RefusedError
from sandbox.aws.signature import Caller
from sandbox.aws_sns import texts
from sandbox.context import Sandbox
from sandbox.faces import json
from sandbox.twilio.segments import segments_of

GROUP = re.compile(r"sns/([a-z0-9-]+)/(\d{12})/DirectPublishToPhoneNumber(/Failure)?")
_NAME = re.compile(r'\$\.notification\.messageId = "([0-9a-f-]{36})"')
WORDS = {
    "30003": "Phone is currently unreachable/unavailable",
    "30004": "Phone has blocked SMS",
    "30005": "Invalid phone number",
    "30006": "Invalid phone number",
    "30007": "Blocked as spam by phone carrier",
    "21610": texts.OPTED_OUT_WORDS,
}


class Logs:
    """The one operation that reads them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, caller: Caller, operation: str, given: dict[str, Any]) -> Response:
        """Answers one operation."""
        if operation != "FilterLogEvents":
            raise RefusedError(400, "UnknownOperationException", "")
        group = GROUP.fullmatch(str(given.get("logGroupName", "")))
        if group is None or group[1] != caller.region:
            raise RefusedError(400, "ResourceNotFoundException", "The specified log group does not exist.")
        is_failure = group[3] is not None
        pattern = given.get("filterPattern")
        names = _NAME.findall(pattern) if pattern else None
        since, limit = int(given.get("startTime") or 0) / 1000, int(given.get("limit") or 10_000)
        found = await self._sandbox.database.read(
            lambda connection: texts.ended(connection, names, since, limit)
        )
        events = [
            {"logStreamName": "a", "timestamp": int(at * 1000), "ingestionTime": int(at * 1000),
             "message": orjson.dumps(_line(kept, kind, code, at)).decode(), "eventId": kept["name"]}
            for kept, kind, code, at in found
            if (kind != "delivered") is is_failure
        ]  # fmt: skip
        return json({"events": events, "searchedLogStreams": []})


def _line(kept: dict[str, Any], kind: str, code: str, at: float) -> dict[str, Any]:
    is_good = kind == "delivered"
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return {
        "notification": {"messageId": kept["name"], "timestamp": when},
        "delivery": {
            "phoneCarrier": "Sandbox",
            "mnc": 270,
            "mcc": 310,
            "numberOfMessageParts": segments_of(kept["text"]),
            "destination": kept["number"],
            "priceInUSD": texts.price_of(kept) if is_good or code != "21610" else 0.0,
            "smsType": kept.get("attributes", {}).get("AWS.SNS.SMS.SMSType", "Promotional"),
            "providerResponse": "Message has been accepted by phone carrier" if is_good
            else WORDS.get(code, "Unknown error attempting to reach phone"),
            "dwellTimeMs": 599,
        },
        "status": "SUCCESS" if is_good else "FAILURE",
    }  # fmt: skip
