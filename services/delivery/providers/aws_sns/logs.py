"""What SNS wrote into CloudWatch Logs about texts: it tells in no other way what became of them (DEL-80)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import orjson

from services.delivery.providers.aws.connection import Service
from services.delivery.providers.aws_sns.events import of_log
from services.delivery.providers.base import Asked, Receipt

AT_ONCE: Final = 15
"""Names that a filter of at most 1,024 characters holds."""

PAGES: Final = 10
GROUPS: Final = ("DirectPublishToPhoneNumber", "DirectPublishToPhoneNumber/Failure")
EARLIER: Final = timedelta(minutes=1)


class DeliveryLogs:
    """The two log groups of an account in its region, of what arrived and of what did not."""

    def __init__(self, service: Service, region: str, account_id: str) -> None:
        self._service = service
        self._groups = [f"sns/{region}/{account_id}/{group}" for group in GROUPS]

    async def read(self, asked: Sequence[Asked]) -> list[Receipt]:
        """Returns what is written of these texts so far."""
        found: list[Receipt] = []
        for start in range(0, len(asked), AT_ONCE):
            part = {one.provider_message_id: one for one in asked[start : start + AT_ONCE]}
            since = min(one.sent_at for one in part.values()) - EARLIER
            pattern = "{ " + " || ".join(f'$.notification.messageId = "{name}"' for name in part) + " }"
            for group in self._groups:
                query = {
                    "logGroupName": group,
                    "startTime": int(since.timestamp() * 1000),
                    "filterPattern": pattern,
                }
                found += [
                    receipt for receipt in await self._lines(query) if receipt.provider_message_id in part
                ]
        return found

    async def problem(self) -> str:
        """Returns why the logs cannot be read; empty when they can."""
        query = {"logGroupName": self._groups[0], "limit": 1}
        answer = await self._service.call("Logs_20140328.FilterLogEvents", "1.1", query)
        return (
            ""
            if answer.status == 200
            else "the delivery logs cannot be read: switch delivery status logging on"
        )

    async def _lines(self, query: dict[str, object]) -> list[Receipt]:
        found: list[Receipt] = []
        for _ in range(PAGES):
            answer = await self._service.call("Logs_20140328.FilterLogEvents", "1.1", query)
            body = answer.json()
            events = body.get("events")
            if answer.status != 200 or not isinstance(events, list):
                break  # not now; whoever is not found is asked for again
            for event in events:
                line = _line(event.get("message") if isinstance(event, dict) else None)
                receipt = of_log(line) if line is not None else None
                if receipt is not None:
                    found.append(receipt)
            token = body.get("nextToken")
            if not isinstance(token, str) or not token:
                break
            query = {**query, "nextToken": token}
        return found


def _line(text: object) -> dict[str, object] | None:
    try:
        found = orjson.loads(text) if isinstance(text, str) else None
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
