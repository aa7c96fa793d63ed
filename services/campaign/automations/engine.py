"""Due runs go on: block by block, each block one transaction, in which all that stand at one step take it together.

What a step does is written with the move past it: a crash undoes both, and two workers never hold the same run (LIF-71).
"""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.campaign.automations import acting, behaviours, runs, store
from services.campaign.automations.domain import MOST_ATTEMPTS, Definition, RunState, StepState
from services.campaign.automations.means import Means
from services.campaign.automations.moving import Outcome, Settled, apply, cancel, write
from services.campaign.automations.program import Node, Program
from services.campaign.automations.records import Run, Step
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import TenantStateError
from services.common.db.outages import is_outage
from services.common.db.uow import UnitOfWork
from services.common.retry import backoff

logger = logging.getLogger(__name__)

BLOCK: Final = 500
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(minutes=10)
TENANT_CLOSED: Final = "tenant_disabled"

Key = tuple[UUID, int, int]
Pairs = list[tuple[Run, Step]]


async def advance(uow: UnitOfWork, means: Means, limit: int = BLOCK) -> int:
    """Moves due runs of a tenant on, each as far as it goes; returns how many there were."""
    found = await runs.claim(uow, limit)
    if not found:
        return 0
    try:
        await tenants.refuse_closed(uow)
    except TenantStateError:
        await cancel(uow, means, await runs.open_of(uow), TENANT_CLOSED)
        return len(found)
    groundless = await behaviours.groundless(uow, found)
    for reason, ended in groundless.items():
        await cancel(uow, means, ended, reason)
    block = _Block(means, [run for run in found if run.state.is_open])
    await block.load(uow)
    await block.go(uow)
    await write(uow, found, list(block.touched.values()))
    return len(found)


class _Block:
    """Runs on their way through one transaction."""

    def __init__(self, means: Means, found: Sequence[Run]) -> None:
        self._means = means
        self._runs = found
        self._programs: Mapping[tuple[UUID, int], tuple[Definition, Program]] = {}
        self._pending: dict[tuple[UUID, int], Step] = {}
        self.touched: dict[tuple[UUID, int], Step] = {}

    async def load(self, uow: UnitOfWork) -> None:
        """Reads what the runs carry out, and the steps they stand at."""
        self._programs = await store.programs(uow, [(one.automation_id, one.version) for one in self._runs])
        steps = await runs.steps_of(uow, [one.run_id for one in self._runs], pending=True)
        self._pending = {(one.run_id, one.index): one for one in steps}

    async def go(self, uow: UnitOfWork) -> None:
        """Takes steps until every run waits or has ended."""
        wave: Sequence[Run] = self._runs
        while wave:
            groups: dict[Key, Pairs] = defaultdict(list)
            for run in wave:
                assert run.current_step is not None  # noqa: S101 - an open run stands at a step
                groups[run.automation_id, run.version, run.current_step].append((run, self._step(uow, run)))
            wave = []
            for (automation_id, version, index), pairs in groups.items():
                definition, program = self._programs[automation_id, version]
                outcomes = await self._take(uow, program[index], pairs)
                for run, step in pairs:
                    found = outcomes[run.run_id]
                    self.touched[run.run_id, step.index] = step
                    outcome = self._failed(uow, run, step, found) if isinstance(found, Exception) else found
                    if outcome is None:
                        continue
                    apply(run, definition, program[index], step, outcome, uow.now())
                    if isinstance(outcome, Settled) and run.state is RunState.RUNNING:
                        wave.append(run)

    def _step(self, uow: UnitOfWork, run: Run) -> Step:
        assert run.current_step is not None  # noqa: S101 - an open run stands at a step
        known = self._pending.get((run.run_id, run.current_step))
        if known is not None:
            return known
        node = self._programs[run.automation_id, run.version][1][run.current_step]
        return Step(run.run_id, node.index, node.deed.word, StepState.PENDING, uow.now())

    async def _take(self, uow: UnitOfWork, node: Node, pairs: Pairs) -> dict[UUID, Outcome | Exception]:
        """Takes a step for all that stand at it; when that fails, for each alone, so that a bad one harms no other."""
        try:
            async with uow.savepoint():
                return {**await self._act(uow, node, pairs)}
        except Exception as error:
            if is_outage(error):
                raise
            if len(pairs) == 1:
                logger.warning("step %s of run %s failed", node.place, pairs[0][0].run_id, exc_info=error)
                return {pairs[0][0].run_id: error}
        found: dict[UUID, Outcome | Exception] = {}
        for pair in pairs:
            found |= await self._take(uow, node, [pair])
        return found

    async def _act(self, uow: UnitOfWork, node: Node, pairs: Pairs) -> dict[UUID, Outcome]:
        begun = [(run, step) for run, step in pairs if step.due_at is not None or step.call_id is not None]
        fresh = [(run, step) for run, step in pairs if step.due_at is None and step.call_id is None]
        found = await acting.begin(uow, self._means, node, fresh) if fresh else {}
        return {**found, **(await acting.resume(uow, self._means, node, begun) if begun else {})}

    def _failed(self, uow: UnitOfWork, run: Run, step: Step, error: Exception) -> Settled | None:
        """Lets a step be tried again after a pause; returns that it failed after the last try."""
        step.attempts += 1
        word = getattr(error, "reason", None) or type(error).__name__
        if step.attempts >= MOST_ATTEMPTS:
            return Settled(StepState.FAILED, error=str(word).lower())
        step.error = str(word).lower()
        run.state = RunState.WAITING
        run.due_at = uow.now() + backoff(step.attempts, base=FIRST_PAUSE, cap=LONGEST_PAUSE)
        return None
