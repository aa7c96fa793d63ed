"""What an account has when nothing is said, and when it is not to be used (DEL-5, DEL-76)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

PLATFORM: Final = UUID(int=0)
"""Stands for the tenant of accounts that all tenants may use."""

FAILURES_TO_OPEN: Final = 3
FIRST_WAIT: Final = timedelta(seconds=60)
LONGEST_WAIT: Final = timedelta(minutes=10)
PROBE_TIME: Final = timedelta(seconds=60)
"""How long whoever probes an account has it for itself."""

CREDENTIALS_FAULT: Final = "credentials"
"""Code of a refused credential: it opens the circuit at once."""

DEFAULT_RATE: Final = 10
DEFAULT_CONCURRENCY: Final = 10
DEFAULT_TIMEOUT_MS: Final = 10_000


class CircuitState(IntEnum):
    """States of a circuit; the numbers are the contract's."""

    CLOSED = 1
    OPEN = 2
    HALF_OPEN = 3


@dataclass(frozen=True, slots=True)
class Circuit:
    """The circuit of an account, shared by all processes."""

    state: CircuitState = CircuitState.CLOSED
    failures: int = 0
    reopened: int = 0
    opened_at: datetime | None = None
    probe_at: datetime | None = None

    def after(self, successes: int, faults: int, code: str, now: datetime) -> "Circuit":
        """Returns the circuit after a hand-over or probe; only what is the provider's fault counts as a failure."""
        if not faults:
            return Circuit() if successes else self
        if self.state is CircuitState.HALF_OPEN:
            return Circuit(failures=1) if successes else self._opened(self.reopened + 1, now)
        if self.state is CircuitState.OPEN:
            # Requests that were under way when it opened say nothing new.
            return self
        failures = 1 if successes else self.failures + 1
        if code == CREDENTIALS_FAULT or failures >= FAILURES_TO_OPEN:
            return self._opened(0, now, failures)
        return replace(self, failures=failures)

    def probing(self, now: datetime) -> "Circuit | None":
        """Returns the circuit while somebody probes the account; None when it is not time for that."""
        if self.state is CircuitState.CLOSED or self.probe_at is None or self.probe_at > now:
            return None
        return replace(self, state=CircuitState.HALF_OPEN, probe_at=now + PROBE_TIME)

    def _opened(self, reopened: int, now: datetime, failures: int = 1) -> "Circuit":
        wait = min(FIRST_WAIT * 2 ** min(reopened, 10), LONGEST_WAIT)
        return Circuit(
            CircuitState.OPEN,
            max(self.failures, failures),
            reopened,
            self.opened_at or now,
            now + wait,
        )
