"""Runs go from step to step: what a step came to, where its run stands then, and writing both down together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.campaign.automations import runs
from services.campaign.automations.domain import Definition, RunState, StepState
from services.campaign.automations.means import Means
from services.campaign.automations.program import Node, Program, moved
from services.campaign.automations.records import Run, Step
from services.campaign.automations.starting import announce
from services.common.db.uow import UnitOfWork

CANCELLED: Final = "cancelled"


@dataclass(frozen=True, slots=True)
class Settled:
    """A step that is through."""

    state: StepState = StepState.DONE
    result: dict[str, Any] = field(default_factory=dict)
    choice: bool | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """A step that goes on at a time, or earlier by an event or an outcome."""

    until: datetime
    result: dict[str, Any] = field(default_factory=dict)
    listens: str = ""
    call_id: UUID | None = None
    has_more: bool = False
    """Whether it is not begun whole: it goes on at once, in a transaction of its own."""


Outcome = Settled | Waits


def apply(run: Run, definition: Definition, node: Node, step: Step, outcome: Outcome, at: datetime) -> None:
    """Moves a run and its step in memory."""
    step.result = {**step.result, **outcome.result}
    own = {match.event_name for match in definition.stop_on}
    if isinstance(outcome, Waits):
        step.due_at = outcome.until if outcome.call_id is None else at
        step.call_id = outcome.call_id
        run.state = RunState.RUNNING if outcome.has_more else RunState.WAITING
        run.due_at = at if outcome.has_more else outcome.until
        run.listens = sorted(own | ({outcome.listens} if outcome.listens else set()))
        return
    step.settle(outcome.state, at, outcome.error)
    move = moved(node, outcome.state, outcome.choice, outcome.error)
    if move.state.is_open:
        run.state, run.current_step, run.due_at, run.listens = move.state, move.step, at, sorted(own)
    else:
        run.end(move.state, at, move.error)


async def write(uow: UnitOfWork, found: Sequence[Run], steps: Sequence[Step]) -> None:
    """Writes runs and steps back and tells of runs that ended."""
    await runs.save(uow, found)
    await runs.save_steps(uow, steps)
    announce(uow, "automation.run_completed", [one for one in found if one.state is RunState.COMPLETED])
    announce(uow, "automation.run_failed", [one for one in found if one.state is RunState.FAILED])


async def settle(
    uow: UnitOfWork, run: Run, carried_out: tuple[Definition, Program], step: Step, outcome: Settled
) -> None:
    """Settles the step that a locked run waits at, and moves the run on."""
    definition, program = carried_out
    apply(run, definition, program[step.index], step, outcome, uow.now())
    await write(uow, [run], [step])


async def cancel(uow: UnitOfWork, means: Means, found: Sequence[Run], reason: str) -> int:
    """Ends locked runs that are open; what they handed over is cancelled as far as it can be."""
    ended = [one for one in found if one.state.is_open]
    if not ended:
        return 0
    pending = await runs.steps_of(uow, [one.run_id for one in ended], pending=True)
    now = uow.now()
    for step in pending:
        step.settle(StepState.SKIPPED, now, reason)
    for run in ended:
        run.end(RunState.CANCELLED, now, reason)
    await write(uow, ended, pending)
    for run_id in {step.run_id for step in pending if step.action == "send_notification"}:
        await means.notices.cancel(uow, correlation_key(run_id), reason)
    return len(ended)


def correlation_key(run_id: UUID) -> str:
    """Returns the key under which all notices of a run stand."""
    return f"automation:{run_id}"
