"""What the compliance report says (ANA-71). Standard library only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

# Reasons that a person's own choice, or the lack of it, stands behind; every other one is a block of its own kind.
OF_CONSENT: Final = frozenset(
    {
        "no_consent",
        "consent_pending",
        "consent_expired",
        "consent_revoked",
        "opted_out",
        "channel_off",
        "category_off",
        "sms_critical_only",
    }
)
OF_REGISTRIES: Final = frozenset({"dnd_registered", "dnd_stale"})

Counted = list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Privacy:
    """Requests of one kind about people's data."""

    kind: str
    created: int
    completed: int
    late: int
    open: int
    average_days: float | None
    longest_days: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """What proves that the law was kept."""

    start: datetime
    end: datetime
    counts: dict[str, Counted] = field(default_factory=dict)
    """By kind: `consent`, `opt_out`, `suppression_added`, `suppression_removed`, `deferral`."""
    skips: Counted = field(default_factory=list)
    bounces: Counted = field(default_factory=list)
    complaints: int = 0
    delivered: int = 0
    privacy: list[Privacy] = field(default_factory=list)

    @property
    def consent_blocks(self) -> Counted:
        """Returns messages not sent because of a person's choice, by reason."""
        return [row for row in self.skips if row[0] in OF_CONSENT]

    @property
    def other_blocks(self) -> Counted:
        """Returns messages not sent for any other reason."""
        return [row for row in self.skips if row[0] not in OF_CONSENT]

    @property
    def dnd_blocks(self) -> int:
        """Returns messages not sent because of a registry."""
        return sum(count for reason, count in self.skips if reason in OF_REGISTRIES)
