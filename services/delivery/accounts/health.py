"""What hand-overs say about the health of an account (DEL-76)."""

from typing import NamedTuple, Protocol

from services.delivery.accounts.store import ProviderAccount


class Observation(NamedTuple):
    """What one hand-over showed: how many messages were taken, and how many failed by the provider's fault."""

    successes: int
    provider_faults: int
    code: str
    """Code of the last fault of the provider; `credentials` marks the account at once."""


class AccountHealth(Protocol):
    """Keeps circuits."""

    async def observe(self, account: ProviderAccount, seen: Observation) -> None:
        """Counts what was seen; never raises."""
