"""What receipts make of a message: forward only, and the same whatever their order and however often they come.

A message stands where the highest of its receipts puts it (DEL-102): sent, delivered, failed, bounced, read. Times are
the first of their kind. So applying receipts one by one, together, twice or backwards ends in the same row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.delivery.messages.domain import WAITING, Channel, State

UNMATCHED_FOR: Final = timedelta(hours=24)
"""So long a receipt waits for a message nobody knows yet (DEL-85)."""

OUTCOME_UNKNOWN: Final = "outcome_unknown"
"""Reason of a failure that was a guess: whoever knows better may still say so."""

_OLDEST_EVENT: Final = 2000


class Kind(IntEnum):
    """Kinds of receipts; their numbers are stored."""

    SENT = 1
    DELIVERED = 2
    DEFERRED = 3
    BOUNCED = 4
    FAILED = 5
    READ = 6
    OPENED = 7
    CLICKED = 8
    COMPLAINED = 9
    UNSUBSCRIBED = 10
    IGNORED = 11


class BounceType(IntEnum):
    """Kinds of bounces; the numbers are the contract's."""

    NONE = 0
    HARD = 1
    SOFT = 2
    BLOCK = 3


RANKS: Final[Mapping[State, int]] = {
    State.SENT: 1,
    State.DELIVERED: 2,
    State.FAILED: 3,
    State.BOUNCED: 4,
    State.READ: 5,
}
_STATES: Final = {rank: state for state, rank in RANKS.items()}
_KIND_RANKS: Final = {
    Kind.SENT: 1,
    Kind.DELIVERED: 2,
    Kind.FAILED: 3,
    Kind.BOUNCED: 4,
    Kind.READ: 5,
}
_CLOSED: Final = frozenset({State.SKIPPED, State.EXPIRED, State.CANCELLED})


class Item(NamedTuple):
    """One receipt, as far as it concerns its message; `at` is when it happened, never later than it was heard of."""

    kind: Kind
    at: datetime
    bounce_type: BounceType = BounceType.NONE
    code: str = ""
    suppression: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a message stands, and what is told with each of its events."""

    message_id: bytes
    state: State
    reason: str | None = None
    failure_code: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    bounced_at: datetime | None = None
    failed_at: datetime | None = None
    complained_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    attempt_count: int = 0
    account_id: UUID | None = None
    provider: str | None = None
    provider_message_id: str | None = None
    contact_id: bytes | None = None
    campaign_id: UUID | None = None
    content_id: bytes = b""
    position: int = 0
    channel: Channel = Channel.EMAIL

    @property
    def rank(self) -> int:
        """Returns how far the message is known to have come; 0 while nobody can say."""
        return 0 if self.is_guess else RANKS.get(self.state, 0)

    @property
    def is_guess(self) -> bool:
        """Returns whether its failure was concluded from silence."""
        return self.state is State.FAILED and self.reason == OUTCOME_UNKNOWN

    @property
    def is_unknown(self) -> bool:
        """Returns whether it was handed over and nobody knows what became of it."""
        return self.state is State.UNKNOWN or self.is_guess


class Report(NamedTuple):
    """What must be told of the recipient: event word, kind of bounce, code, and when."""

    word: str
    bounce_type: BounceType
    code: str
    at: datetime


@dataclass(slots=True)
class News:
    """What became of one message."""

    before: Standing
    after: Standing
    reports: list[Report] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Returns whether there is anything to store."""
        return self.after != self.before

    @property
    def is_plain_delivery(self) -> bool:
        """Returns whether a sent message was delivered and nothing else."""
        before, after = self.before, self.after
        return (
            before.state is State.SENT
            and after.state is State.DELIVERED
            and before.sent_at is not None
            and after.complained_at == before.complained_at
            and after.unsubscribed_at == before.unsubscribed_at
        )

    @property
    def is_settled(self) -> bool:
        """Returns whether a message of unknown outcome turned out to have been taken by the provider."""
        return self.before.is_unknown and not self.after.is_unknown

    @property
    def is_sent_now(self) -> bool:
        """Returns whether this is the first anybody hears of its acceptance."""
        return self.before.sent_at is None and self.after.sent_at is not None

    def is_new(self, state: State) -> bool:
        """Returns whether it came into this state now."""
        return self.after.state is state and self.before.state is not state

    @property
    def is_delivered_now(self) -> bool:
        """Returns whether this is the first anybody hears of its delivery."""
        return self.before.delivered_at is None and self.after.delivered_at is not None


def effective(occurred_at: datetime, received_at: datetime) -> datetime:
    """Returns when something happened by its provider's clock; nonsense and the future become the time of hearing."""
    if occurred_at.year <= _OLDEST_EVENT or occurred_at > received_at:
        return received_at
    return occurred_at


def apply(standing: Standing, items: Iterable[Item], *, account_id: UUID, provider: str) -> News:
    """Returns what receipts make of a message.

    Messages that were never handed over stay as they are. While the worker that hands a message over has not recorded
    it, its provider's `sent` says nothing new; anything further does.
    """
    given = sorted(items, key=lambda item: (item.at, item.kind, item.code))
    if standing.state in _CLOSED:
        return News(standing, standing)
    is_recorded = standing.state not in WAITING
    ranks = [_KIND_RANKS.get(item.kind, 0) for item in given if is_recorded or item.kind is not Kind.SENT]
    reached = max(ranks, default=0)
    changes = _times(standing, given)
    if reached > standing.rank:
        changes |= _moved(standing, given, reached, account_id, provider)
    if reached >= standing.rank and reached in _EXPLAINED:
        changes |= _words(standing, given, _EXPLAINED[reached])
    if standing.sent_at is None and (is_recorded or reached > 1):
        accepted = [item.at for item in given if item.kind in _ACCEPTANCES]
        if accepted:
            changes["sent_at"] = accepted[0]
    after = replace(standing, **changes) if changes else standing
    return News(standing, after, _reports(standing, given))


_TIMES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.DELIVERED: ("delivered_at",),
    # Whatever was read had arrived, although some providers never say so.
    Kind.READ: ("read_at", "delivered_at"),
    Kind.BOUNCED: ("bounced_at",),
    Kind.FAILED: ("failed_at",),
    Kind.COMPLAINED: ("complained_at",),
    Kind.UNSUBSCRIBED: ("unsubscribed_at",),
}
# A provider that dropped a message had taken it, and says so in a receipt; what it refuses, it refuses at once.
_ACCEPTANCES: Final = frozenset({Kind.SENT, Kind.DELIVERED, Kind.READ, Kind.BOUNCED, Kind.FAILED})
_EXPLAINED: Final = {RANKS[State.FAILED]: Kind.FAILED, RANKS[State.BOUNCED]: Kind.BOUNCED}


def _times(standing: Standing, given: Iterable[Item]) -> dict[str, Any]:
    """Returns the first time of everything that was heard of, where it is news."""
    first: dict[str, Any] = {}
    for item in given:
        for name in _TIMES.get(item.kind, ()):
            known = first.get(name) or getattr(standing, name)
            if known is None or item.at < known:
                first[name] = item.at
    return first


def _moved(
    standing: Standing, given: Iterable[Item], reached: int, account_id: UUID, provider: str
) -> dict[str, Any]:
    """Returns the new state, and who must have taken a message that was not recorded as taken."""
    changes: dict[str, Any] = {"state": _STATES[reached], "reason": None, "failure_code": None}
    if standing.is_guess and reached != RANKS[State.FAILED]:
        changes["failed_at"] = next((item.at for item in given if item.kind is Kind.FAILED), None)
    if not standing.rank:
        changes["account_id"] = standing.account_id or (account_id if account_id.int else None)
        changes["provider"] = standing.provider or provider
        changes["attempt_count"] = standing.attempt_count + (not standing.is_unknown)
    return changes


def _words(standing: Standing, given: Iterable[Item], kind: Kind) -> dict[str, Any]:
    """Returns why a message bounced or failed, in the words of whoever was first to tell."""
    # Of two that tell at the same instant one wins whatever their order, so that a repeat changes nothing.
    at, code, word = min((item.at, item.code, _word(item)) for item in given if item.kind is kind)
    if standing.rank == _KIND_RANKS[kind]:
        known = standing.bounced_at if kind is Kind.BOUNCED else standing.failed_at
        told = (standing.failure_code or "", standing.reason or "")
        if known is not None and (known, *told) <= (at, code, word):
            return {}
    return {"reason": word, "failure_code": code or None}


def _word(item: Item) -> str:
    return f"bounce_{item.bounce_type.name.lower()}" if item.bounce_type else item.code or "refused"


def _report(item: Item) -> Report | None:
    """Returns what a receipt says of its recipient (DEL-86, DEL-87)."""
    if item.kind is Kind.BOUNCED:
        return Report("message.bounced", item.bounce_type, item.code, item.at)
    if item.kind is Kind.COMPLAINED:
        return Report("message.complained", BounceType.NONE, item.code, item.at)
    if item.kind is Kind.UNSUBSCRIBED:
        return Report("recipient.opted_out", BounceType.NONE, item.code, item.at)
    if item.kind is Kind.FAILED and item.suppression in ("bounce", "invalid_address"):
        return Report("recipient.invalid", BounceType.NONE, item.code, item.at)
    if item.kind is Kind.FAILED and item.suppression in ("complaint", "opt_out"):
        # They said so of an earlier message: the address is closed, but this message was not complained of.
        return Report("recipient.opted_out", BounceType.NONE, item.code, item.at)
    return None


_KNOWN_BY: Final[Mapping[str, str]] = {
    "message.bounced": "bounced_at",
    "message.complained": "complained_at",
    "recipient.opted_out": "unsubscribed_at",
    "recipient.invalid": "failed_at",
}


def _reports(standing: Standing, given: Iterable[Item]) -> list[Report]:
    """Returns each kind of report once, and none that was told before."""
    found: dict[str, Report] = {}
    for item in given:
        report = _report(item)
        if report and (getattr(standing, _KNOWN_BY[report.word]) is None or standing.is_guess):
            found.setdefault(report.word, report)
    return list(found.values())
