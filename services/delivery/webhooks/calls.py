"""One call of a subscription: signed for this moment, sent once, judged by its answer (DEL-92)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.common.clock import Clock
from services.common.net.dates import asked_wait
from services.common.net.outbound import TIMEOUT, CallFailed, Outbound
from services.delivery.providers.base import masked
from services.delivery.webhooks import signing
from services.delivery.webhooks.signing import SigningKeys

MOST_EXCERPT: Final = 1024
USER_AGENT: Final = "Angarium-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes, what signs it, and what goes with it."""

    url: str
    keys: Sequence[SigningKeys]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call.

    Attributes:
        at: When it ended.
        status: The status of the answer; 0 when there was none.
        excerpt: The beginning of the answer, masked.
        latency: How long it took.
        error: What was wrong, in a word; empty when it was answered with 2xx.
        detail: What was wrong, for people.
        retry_after: How long the receiver asks to wait.
    """

    at: datetime
    status: int
    excerpt: str
    latency: timedelta
    error: str = ""
    detail: str = ""
    retry_after: timedelta | None = None

    @property
    def succeeded(self) -> bool:
        """Returns whether the receiver took it."""
        return not self.error

    def without_excerpt(self) -> "Result":
        """Returns the result without what the receiver said."""
        return replace(self, excerpt="")


class Caller:
    """Makes calls."""

    def __init__(self, outbound: Outbound, clock: Clock, within: timedelta = TIMEOUT) -> None:
        self._outbound = outbound
        self._clock = clock
        self._within = within

    async def call(self, target: Target, event_id: str, body: bytes) -> Result:
        """Sends a body once; whatever happens is a result."""
        signed = signing.headers(target.keys, event_id, self._clock.now(), body)
        headers = {
            **target.headers,
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            **signed,
        }
        try:
            answer = await self._outbound.call(
                "POST", target.url, headers=headers, body=body, within=self._within
            )
        except CallFailed as failed:
            return Result(self._clock.now(), 0, "", failed.latency, failed.failure, str(failed))
        excerpt = _excerpt(answer.body)
        if 200 <= answer.status < 300:
            return Result(self._clock.now(), answer.status, excerpt, answer.latency)
        told = "answered with a redirect, which is not followed" if 300 <= answer.status < 400 else "answered"
        return Result(
            self._clock.now(),
            answer.status,
            excerpt,
            answer.latency,
            "status",
            f"{told}: {answer.status}",
            asked_wait(answer.headers.get("Retry-After", ""), self._clock.now()),
        )


def _excerpt(body: bytes) -> str:
    """Returns the beginning of an answer as text, addresses masked, at most 1 KB."""
    text = masked(body[: 4 * MOST_EXCERPT].decode("utf-8", "replace"), MOST_EXCERPT)
    return text.encode()[:MOST_EXCERPT].decode("utf-8", "ignore")
