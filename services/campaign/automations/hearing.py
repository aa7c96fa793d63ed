"""Events are heard: they end runs, wake those that wait for them, and start new ones (LIF-64)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from services.campaign.automations import runs, starting, store
from services.campaign.automations.domain import Kind, OnEvent, WaitFor
from services.campaign.automations.means import Means
from services.campaign.automations.moving import Settled, cancel, settle
from services.campaign.automations.records import Run
from services.campaign.automations.starting import Cause
from services.common.db.uow import UnitOfWork

STOPPED: Final = "stopped_by_event"


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as far as one contact is concerned."""

    event_id: UUID
    contact_id: UUID | None
    data: Mapping[str, Any]
    ancestry: Sequence[UUID] = ()
    part: str = ""
    """Tells parts of one event from each other."""

    @property
    def key(self) -> str:
        """Returns what starts one run at most."""
        return f"{self.event_id}:{self.part}" if self.part else str(self.event_id)


async def hear(uow: UnitOfWork, means: Means, name: str, happened: Sequence[Happening]) -> None:
    """Does what automations say of an event; the caller asked before whether any hears it."""
    await _wake(uow, means, name, happened)
    for automation in await store.started_by(uow, Kind.EVENT, name):
        trigger = automation.definition.trigger
        assert isinstance(trigger, OnEvent)  # noqa: S101 - it was found as such
        causes = [
            Cause(one.key, one.contact_id, one.data, one.event_id, one.ancestry)
            for one in happened
            if trigger.match.fits(name, one.data)
        ]
        await starting.start(uow, means, automation, causes)


async def _wake(uow: UnitOfWork, means: Means, name: str, happened: Sequence[Happening]) -> None:
    by_contact: dict[UUID, list[Happening]] = {}
    for one in happened:
        if one.contact_id:
            by_contact.setdefault(one.contact_id, []).append(one)
    waiting = await runs.listening(uow, sorted(by_contact), name) if by_contact else []
    programs = await store.programs(uow, [(run.automation_id, run.version) for run in waiting])
    for run in waiting:
        assert run.contact_id is not None  # noqa: S101 - it was found by it
        await _tell(
            uow, means, run, programs[run.automation_id, run.version], name, by_contact[run.contact_id]
        )


async def _tell(
    uow: UnitOfWork,
    means: Means,
    run: Run,
    carried_out: store.CarriedOut,
    name: str,
    happened: Sequence[Happening],
) -> None:
    """Ends a run, or lets it go on, when one of these events is meant."""
    definition, program = carried_out
    # An event cannot end or continue the run it started.
    later = [one for one in happened if one.key != run.trigger_key]
    if any(match.fits(name, one.data) for match in definition.stop_on for one in later):
        await cancel(uow, means, [run], STOPPED)
        return
    node = program[run.current_step] if run.current_step is not None else None
    if node is None or not isinstance(node.deed, WaitFor):
        return
    steps = [one for one in await runs.steps_of(uow, [run.run_id], pending=True) if one.index == node.index]
    met = next((one for one in later if node.deed.match.fits(name, one.data)), None)
    if steps and met:
        result = {"event_id": str(met.event_id), "timed_out": False}
        await settle(uow, run, carried_out, steps[0], Settled(result=result, choice=True))
