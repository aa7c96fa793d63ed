"""What hand-overs say about the health of an account (DEL-76)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from services.delivery.accounts.store import ProviderAccount


class Observation(NamedTuple):
    """What one hand-over showed: how many messages were taken, and how many failed by the provider's fault."""

    successes: int
    provider_faults: int
    code: str
    """Code of the last fault of the provider; `credentials` marks the account at once."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one hand-over taught of the recipients' domains."""

    accepted: Sequence[str] = ()
    put_off: Mapping[str, str] = field(default_factory=dict)
    """Domains that put off everything, each with a code."""


NOTHING_LEARNT = Lesson()


class AccountHealth(Protocol):
    """Keeps circuits."""

    async def observe(
        self, account: ProviderAccount, seen: Observation, lesson: Lesson = NOTHING_LEARNT
    ) -> None:
        """Counts what was seen; never raises."""
