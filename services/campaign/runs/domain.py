"""Runs and their blocks. Standard library only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any
from uuid import UUID

LIMIT_EXPIRY = timedelta(days=7)
"""How long a recipient may wait for a daily or monthly limit (CAM-101)."""


class RunState(IntEnum):
    """Lifecycle of a run, numbered as in the contract."""

    RUNNING = 1
    PAUSED = 2
    COMPLETED = 3
    CANCELLED = 4
    SKIPPED = 5
    """An occurrence that was not sent."""


class Phase(IntEnum):
    """How far a run is: its audience is being written down, or all of it is."""

    EXPANDING = 1
    EXPANDED = 2


class Order(IntEnum):
    """What delivery has still to be told about the messages of a run."""

    NONE = 0
    HOLD = 1
    RELEASE = 2
    CANCEL = 3


class TestPhase(IntEnum):
    """How far the A/B test of a run is."""

    NONE = 0
    TESTING = 1
    DECIDED = 2


@dataclass(frozen=True, slots=True)
class Run:
    """One send of a campaign."""

    run_id: UUID
    campaign_id: UUID
    number: int
    state: RunState
    phase: Phase
    planned_at: datetime
    started_at: datetime
    completed_at: datetime | None = None
    audience_count: int = 0
    after: UUID | None = None
    next_block: int = 0
    chunks: int = 0
    order: Order = Order.NONE
    reason: str = ""
    """Why an occurrence was not sent."""
    source_run_id: UUID | None = None
    """The run whose unreached recipients this one writes to."""
    source_token: str = ""
    test_phase: TestPhase = TestPhase.NONE
    test_ends_at: datetime | None = None
    test_outcome: dict[str, Any] | None = None
