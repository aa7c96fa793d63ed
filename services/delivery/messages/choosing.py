"""Which of several channels a person gets a message on (DEL-58)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from services.delivery.messages.domain import Channel, State, Verdict


class Strategy(IntEnum):
    """How channels are chosen."""

    NAMED = 0
    PREFERRED = 1
    FIRST_AVAILABLE = 2
    ALL = 3


ORDER: Final = (Channel.WHATSAPP, Channel.SMS, Channel.EMAIL, Channel.PUSH, Channel.IN_APP)
"""The order in which channels are tried unless the caller names one."""

Option: TypeAlias = tuple[Channel, Verdict | None]
"""A channel and what consent said of it; None when it could not be asked."""

_NOWHERE: Final = "no_address"


@dataclass(frozen=True, slots=True)
class Choice:
    """How channels are chosen for the recipients of a call."""

    strategy: Strategy
    is_offered: bool
    """Whether the channels are those that there are, instead of named by the caller."""
    preferred: Mapping[int, Channel] = field(default_factory=dict)
    """The channel each recipient prefers, by their place in the call."""

    def of(self, index: int, options: Sequence[Option]) -> list[int]:
        """Returns the places of the options that become messages: at least one of them."""
        if self.strategy is Strategy.PREFERRED:
            return [_preferred(options, self.preferred.get(index))]
        if self.strategy is Strategy.FIRST_AVAILABLE:
            return [_first(options)]
        if self.is_offered:
            reachable = [place for place, (_, verdict) in enumerate(options) if not _is_nowhere(verdict)]
            return reachable or [0]
        return list(range(len(options)))


def _preferred(options: Sequence[Option], wanted: Channel | None) -> int:
    for place, (channel, verdict) in enumerate(options):
        if channel is wanted and _rank(verdict) < _DENIED:
            return place
    first = _first(options)
    if _rank(options[first][1]) < _DENIED:
        return first
    # Nothing is allowed: the preferred channel says why, if it was offered at all.
    return next((place for place, (channel, _) in enumerate(options) if channel is wanted), first)


def _first(options: Sequence[Option]) -> int:
    """Returns the first of those that are allowed soonest: now, later, not at all."""
    return min(range(len(options)), key=lambda place: (_rank(options[place][1]), place))


_DENIED: Final = 2


def _rank(verdict: Verdict | None) -> int:
    if verdict is None or verdict.state is State.PENDING:
        return 0
    if verdict.state is State.DEFERRED:
        return 1
    return _DENIED + _is_nowhere(verdict)


def _is_nowhere(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.state is State.SKIPPED and verdict.reason == _NOWHERE
