"""What a device shows of a push message, and how large that may be (DEL-97).

Beside title and text an app gets ids of ours, never values of a person: it asks its own server for those.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson

from services.common.templating import CompiledContent
from services.delivery.providers.base import (
    CAMPAIGN_ARGUMENT,
    MESSAGE_ARGUMENT,
    Block,
    Code,
    Outcome,
    Outgoing,
    Result,
)

MAX_PAYLOAD: Final = 4096
MAX_WEB_PAYLOAD: Final = 3993
"""What is left of a record of 4,096 bytes after the header of its encryption, its padding and its tag."""
LONGEST_LIFE: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Notice:
    """A push message of one recipient."""

    title: str
    body: str
    data: dict[str, str]


def notice(
    content: CompiledContent, slots: Any, message_id: UUID, campaign_id: str, category: str, template: str
) -> Notice:
    """Returns what is shown, and the ids that go along."""
    data = {MESSAGE_ARGUMENT: str(message_id), "category": category, "template": template}
    if campaign_id:
        data[CAMPAIGN_ARGUMENT] = campaign_id
    return Notice(content.join(slots, "subject"), content.join(slots, "text"), data)


def notice_of(block: Block, one: Outgoing) -> Notice:
    """Returns what a message of a block shows."""
    return notice(
        block.content, one.slots, one.message_id, one.campaign_id, block.category, block.template_name
    )


def apple_payload(shown: Notice) -> bytes:
    """Returns the payload as APNs takes it, which is the largest of all forms."""
    alert = {"title": shown.title, "body": shown.body}
    return orjson.dumps({"aps": {"alert": alert, "sound": "default"}, **shown.data})


def web_payload(shown: Notice) -> bytes:
    """Returns the payload as a service worker of a page reads it; a repeat replaces what is shown by its tag."""
    tag = shown.data[MESSAGE_ARGUMENT]
    return orjson.dumps({"title": shown.title, "body": shown.body, "tag": tag, "data": shown.data})


def excess(shown: Notice, *, has_browser: bool) -> int:
    """Returns by how many bytes a message is too large for the devices it goes to; 0 when it is not."""
    over = len(apple_payload(shown)) - MAX_PAYLOAD
    if has_browser:
        over = max(over, len(web_payload(shown)) - MAX_WEB_PAYLOAD)
    return max(0, over)


def seconds_left(one: Outgoing, now: datetime | None = None) -> int:
    """Returns how long a message is worth showing, at most the 28 days that push services keep any."""
    if one.expire_at is None:
        return int(LONGEST_LIFE.total_seconds())
    left = one.expire_at - (now or datetime.now(UTC))
    return int(max(timedelta(), min(left, LONGEST_LIFE)).total_seconds())


def of_device(one: Outgoing, outcome: Outcome) -> Outcome:
    """Says which device an outcome is about, and keeps its token out of what is stored."""
    device = one.device
    if device is not None:
        outcome.device_id = device.device_id
        outcome.reason = outcome.reason.replace(device.token, "***")
    return outcome


def gone(one: Outgoing, why: str, reason: str, gone_at: datetime | None = None) -> Outcome:
    """Returns the outcome of a device that nothing reaches any more."""
    outcome = Outcome(one.message_id, Result.PERMANENT, Code.INVALID_RECIPIENT, reason, recipient_fault=True)
    outcome.gone, outcome.gone_at = why, gone_at
    return of_device(one, outcome)


UNREGISTERED: Final = "unregistered"
INVALID_TOKEN: Final = "invalid_token"  # noqa: S105 - a word
WRONG_APP: Final = "wrong_app"
