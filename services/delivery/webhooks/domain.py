"""What a subscription may be, when a call is tried again, and when a subscription is given up (DEL-93, DEL-114)."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

MOST_SUBSCRIPTIONS: Final = 50
MOST_HEADERS: Final = 20
ROTATION: Final = timedelta(hours=24)
"""How long a secret signs after the next one came."""

DELAYS: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""How long a delivery waits after each failed call; the call after the last one is the last."""

MAX_ATTEMPTS: Final = len(DELAYS) + 1
LONGEST_ASKED_FOR: Final = timedelta(hours=1)
"""What a receiver may ask for by Retry-After."""

FAILURES_TO_DISABLE: Final = 50
FAILING_TO_DISABLE: Final = timedelta(days=3)

STRUGGLING: Final = 10
"""So many failures in a row, and a subscription is called once at a time, with pauses: fifty are not used up in a minute."""

GONE: Final = 410

ALL: Final = "*"
TEST: Final = "webhook.test"
MESSAGE: Final = "webhook.message"
CALL: Final = "automation.webhook"
"""What a call of an automation is to its partner."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE: Final = re.compile(r"[!-~](?:[ -~]{0,1022}[!-~])?")
_FORBIDDEN: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "via",
    }
)
_FORBIDDEN_STARTS: Final = ("webhook-", "x-webhook-", "x-forwarded-", "sec-")


class State(IntEnum):
    """States of a delivery; the numbers are the contract's."""

    PENDING = 1
    RETRYING = 2
    DELIVERED = 3
    FAILED = 4


@dataclass(frozen=True, slots=True)
class Health:
    """How calls of a subscription went of late."""

    consecutive_failures: int = 0
    failing_since: datetime | None = None
    held_until: datetime | None = None

    def after(self, *, succeeded: bool, at: datetime) -> "Health":
        """Returns the health after a call that ended at an instant."""
        if succeeded:
            return Health()
        failures = self.consecutive_failures + 1
        pause = DELAYS[min(failures - STRUGGLING, 2)] if failures >= STRUGGLING else None
        return replace(
            self,
            consecutive_failures=failures,
            failing_since=self.failing_since or at,
            held_until=at + pause if pause else None,
        )

    def reason_to_disable(self, at: datetime) -> str:
        """Returns why the subscription is not called any more; empty as long as it is."""
        if self.consecutive_failures >= FAILURES_TO_DISABLE:
            return "failures"
        if self.failing_since is not None and at - self.failing_since >= FAILING_TO_DISABLE:
            return "failing"
        return ""


def next_attempt(attempts: int, at: datetime, asked_for: timedelta | None = None) -> datetime | None:
    """Returns when a delivery is tried again after so many failed calls; None when it is given up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    return at + max(DELAYS[attempts - 1], min(asked_for or timedelta(), LONGEST_ASKED_FOR))


def names(wanted: Collection[str], event_type: str) -> bool:
    """Returns whether a subscription's list names a type, by itself, by its kind, or by `*`."""
    kind = event_type.partition(".")[0]
    return event_type in wanted or f"{kind}.*" in wanted or ALL in wanted


def event_problems(events: Sequence[str], known: Collection[str]) -> list[tuple[str, str]]:
    """Returns what is wrong with the events a subscription names."""
    if ALL in events and len(events) > 1:
        return [("webhook_subscription.events", "* stands alone")]
    kinds = {f"{one.partition('.')[0]}.*" for one in known}
    return [
        (f"webhook_subscription.events[{place}]", "is no type of events that may be subscribed to")
        for place, one in enumerate(events)
        if one != ALL and one not in known and one not in kinds
    ]


def header_problems(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns what is wrong with the headers of a subscription; values are not repeated."""
    found: list[tuple[str, str]] = []
    if len({name.lower() for name in headers}) < len(headers):
        found.append(("headers", "a name stands twice"))
    if len(headers) > MOST_HEADERS:
        found.append(("headers", f"at most {MOST_HEADERS}"))
    for name, value in headers.items():
        place = f"headers[{name[:100]}]"
        if not _TOKEN.fullmatch(name):
            found.append(("headers", "a name is none of HTTP"))
        elif name.lower() in _FORBIDDEN or name.lower().startswith(_FORBIDDEN_STARTS):
            found.append((place, "is set by us or by the connection"))
        elif not _VALUE.fullmatch(value):
            found.append((place, "must be 1 to 1,024 printable characters, without spaces around them"))
    return found
