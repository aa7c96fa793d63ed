"""Runs and steps as they stand, changed in memory and written back together with others. Standard library only."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.campaign.automations.domain import RunState, StepState


@dataclass(slots=True)
class Run:
    """A run as it stands; changed in memory and written back together with others."""

    run_id: UUID
    automation_id: UUID
    version: int
    contact_id: UUID | None
    trigger_key: str
    state: RunState
    current_step: int | None
    due_at: datetime | None
    listens: list[str] = field(default_factory=list)
    behaviour: int = 0
    reference: str = ""
    data: bytes | None = None
    """Sealed."""
    event_id: UUID | None = None
    ancestry: list[UUID] = field(default_factory=list)
    correlation_id: str = ""
    error: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None

    def end(self, state: RunState, at: datetime, error: str = "") -> None:
        """Ends it; what it was started with is forgotten."""
        self.state, self.error, self.finished_at = state, error, at
        self.due_at, self.current_step, self.listens, self.data = None, None, [], None


@dataclass(slots=True)
class Step:
    """A step of a run as it stands."""

    run_id: UUID
    index: int
    action: str
    state: StepState
    started_at: datetime
    due_at: datetime | None = None
    attempts: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    message_ids: list[UUID] = field(default_factory=list)
    call_id: UUID | None = None
    handed_at: datetime | None = None
    error: str = ""
    finished_at: datetime | None = None

    def settle(self, state: StepState, at: datetime, error: str = "") -> None:
        """Ends it."""
        self.state, self.error, self.finished_at, self.due_at = state, error, at, None
