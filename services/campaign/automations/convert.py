"""Between automations, their runs and the contract."""

from collections.abc import Mapping, Sequence

from google.protobuf.struct_pb2 import Struct

from angarium.campaign.v1 import automation_pb2 as pb
from services.campaign.automations.domain import Automation, StepState
from services.campaign.automations.program import Program
from services.campaign.automations.records import Run, Step

_INNER = frozenset({"after", "complete", "expected"})
"""What a step notes for itself."""


def automation_to_proto(automation: Automation, definition: pb.Automation) -> pb.Automation:
    """Returns an automation as the contract shows it."""
    message = pb.Automation()
    message.CopyFrom(definition)
    message.automation_id = str(automation.automation_id)
    message.name = automation.name
    message.cooldown_days = automation.definition.cooldown_days
    message.state = int(automation.state)  # type: ignore[assignment]  # numbered as in the contract
    message.version = automation.version
    message.created_by = automation.created_by
    message.etag = str(automation.edition)
    for field, moment in (
        ("next_time", automation.next_at),
        ("create_time", automation.created_at),
        ("update_time", automation.updated_at),
    ):
        if moment:
            getattr(message, field).FromDatetime(moment)
    return message


def run_to_proto(run: Run) -> pb.AutomationRun:
    """Returns a run as the contract shows it."""
    message = pb.AutomationRun(
        run_id=str(run.run_id),
        automation_id=str(run.automation_id),
        version=run.version,
        contact_id=str(run.contact_id or ""),
        trigger_key=run.trigger_key,
        state=f"STATE_{run.state.name}",
        current_step=run.current_step,
        error=run.error,
    )
    for field, moment in (
        ("due_time", run.due_at),
        ("start_time", run.started_at),
        ("finish_time", run.finished_at),
    ):
        if moment:
            getattr(message, field).FromDatetime(moment)
    return message


def steps_to_proto(run: Run, program: Program, steps: Sequence[Step]) -> list[pb.AutomationStep]:
    """Returns all steps of a run as the contract shows them, those that were not reached included."""
    known: Mapping[int, Step] = {one.index: one for one in steps}
    found = []
    for node in program:
        step = known.get(node.index)
        if step is not None:
            found.append(_step(step, node.place))
            continue
        ahead = run.state.is_open and run.current_step is not None and node.index >= run.current_step
        state = StepState.PENDING if ahead else StepState.SKIPPED
        found.append(
            pb.AutomationStep(index=node.index, place=node.place, action=node.deed.word, state=_state(state))
        )
    return found


def _step(step: Step, place: str) -> pb.AutomationStep:
    result = Struct()
    result.update({name: value for name, value in step.result.items() if name not in _INNER})
    message = pb.AutomationStep(
        index=step.index,
        place=place,
        action=step.action,
        state=_state(step.state),
        attempt_count=step.attempts,
        result=result,
        message_ids=map(str, step.message_ids),
        call_id=str(step.call_id or ""),
        error=step.error,
    )
    for field, moment in (
        ("due_time", step.due_at),
        ("start_time", step.started_at),
        ("finish_time", step.finished_at),
    ):
        if moment:
            getattr(message, field).FromDatetime(moment)
    return message


def _state(state: StepState) -> str:
    return f"STATE_{state.name}"
