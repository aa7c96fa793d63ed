"""MSG91's delivery reports in version 2: a form whose one field is JSON, in the time of India, unsigned."""

from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson

from sandbox.store.mail import Message

INDIA = timezone(timedelta(hours=5, minutes=30))
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FORGED = {**FORM, "Authorization": "Basic Zm9yZ2VkOmZvcmdlZA=="}
WORDS = {
    0: ("1", "DELIVERED", ""),
    30003: ("2", "FAILED", "Absent subscriber"),
    30004: ("17", "BLOCKED NUMBER", ""),
    30005: ("2", "FAILED", "Unknown subscriber"),
    30006: ("2", "FAILED", "Not a mobile"),
    30007: ("9", "NDNC", ""),
    30008: ("16", "REJECTED", ""),
}


class Reports:
    """How MSG91 tells what became of texts."""

    most = 50
    max_bytes = 64_000
    keeps: tuple[str, ...] = ()

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - each text is whole
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns a report with its request; that a text left, MSG91 tells nobody."""
        if data.get("status", "sent") == "sent":
            return None
        kept = orjson.loads(message.personal)
        status, word, reason = WORDS[data["error"]]
        report = {
            "date": datetime.fromtimestamp(at, INDIA).strftime("%Y-%m-%d %H:%M:%S"), "number": kept["to"],
            "status": status, "desc": word, "failedReason": reason, "amount": "0.20", "credit": "1", "CRQID": "0",
        }  # fmt: skip
        return {"senderId": kept["sender"], "requestId": kept["request"], "userId": "1", "report": [report]}

    def body(self, events: list[bytes]) -> bytes:
        """Returns the form of several reports."""
        return urlencode({"data": b"[" + b",".join(events) + b"]"}).encode()

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:  # noqa: ARG002 - unsigned
        """Returns the form as it is; user and password stand in the URL."""
        return FORM, body

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns failures told by a caller that knows the path but not the password."""
        found = orjson.loads(parse_qs(body.decode())["data"][0])
        for request in found:
            for report in request["report"]:
                report |= {"status": "2", "desc": "FAILED"}
        return FORGED, urlencode({"data": orjson.dumps(found)}).encode()
