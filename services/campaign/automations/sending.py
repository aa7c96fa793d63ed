"""Runs write to people: by notices, whose outcomes come back to the step that asked for them (LIF-67)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.automations import causes, placeholders, runs, store
from services.campaign.automations.domain import Send, StepState
from services.campaign.automations.means import Means
from services.campaign.automations.moving import Outcome, Settled, Waits, apply, correlation_key, write
from services.campaign.automations.program import Node
from services.campaign.automations.records import Run, Step
from services.campaign.notices.domain import WORTH, Listener, Mode, Notice, Reader, Source, State
from services.campaign.notices.domain import Outcome as NoticeOutcome
from services.campaign.segments.audience import of_rule
from services.campaign.segments.domain import Rule
from services.campaign.templates import resolving as templates
from services.common.db.uow import UnitOfWork

BLOCK: Final = 1000
MOST_IDS: Final = 1000
"""Messages that a step shows."""
PATIENCE: Final = WORTH + timedelta(hours=1)
"""How long a step waits for what became of its notices."""
_EMAIL: Final = 1

Opened = Mapping[UUID, Mapping[str, Any]]


async def begin(
    uow: UnitOfWork, means: Means, node: Node, found: Sequence[tuple[Run, Step]], opened: Opened
) -> dict[UUID, Outcome]:
    """Writes notices down for runs that stand at one step, all at once."""
    send = node.deed
    assert isinstance(send, Send)  # noqa: S101 - the step's own kind
    category = send.category or await _category(uow, send)
    if not category:
        error = Settled(StepState.FAILED, error="no_template")
        return {run.run_id: error for run, _ in found}
    shared = await _known(uow, send.recipient_ids) if send.recipient_ids else []
    notices: list[Notice] = []
    outcomes: dict[UUID, Outcome] = {}
    until = uow.now() + PATIENCE
    for run, step in found:
        readers, has_more = [run.contact_id] if run.contact_id else [], False
        result: dict[str, Any] = {}
        if send.recipient_ids:
            readers = list(shared)
            result = {"unknown_count": len(send.recipient_ids) - len(shared)}
        elif send.recipient_rule is not None:
            readers = await _fulfilling(uow, send.recipient_rule, step.result.get("after"))
            has_more = len(readers) == BLOCK
            result = {"after": str(readers[-1])} if readers else {}
        expected = step.result.get("expected", 0) + len(readers)
        result |= {"expected": expected, "complete": not has_more}
        variables = _variables(run, send, opened[run.run_id])
        notices += [_notice(run, node, send, category, one, variables) for one in readers]
        if not has_more and _total(step.result) >= expected:
            # Nobody is meant, or what became of the last block is known already.
            outcomes[run.run_id] = _judged({**step.result, **result})
        else:
            outcomes[run.run_id] = Waits(until, result, has_more=has_more)
    await means.notices.add(uow, notices)
    return outcomes


async def hold(uow: UnitOfWork, keys: Sequence[str]) -> None:
    """Locks the runs of notices."""
    await runs.by_ids(uow, [_place(one)[0] for one in keys], lock=True)


async def hear(uow: UnitOfWork, outcomes: Sequence[NoticeOutcome]) -> None:
    """Notes in steps what became of their notices, and moves runs on whose notices are all settled."""
    by_step: dict[tuple[UUID, int], list[NoticeOutcome]] = defaultdict(list)
    for outcome in outcomes:
        by_step[_place(outcome.key)].append(outcome)
    ids = [run_id for run_id, _ in by_step]
    found = {one.run_id: one for one in await runs.by_ids(uow, ids, lock=True)}
    steps = [one for one in await runs.steps_of(uow, list(found)) if (one.run_id, one.index) in by_step]
    brought = []
    through = []
    for step in steps:
        run = found[step.run_id]
        for outcome in by_step[step.run_id, step.index]:
            note(step, outcome)
            brought += [(str(one), [*run.ancestry, run.automation_id]) for one in outcome.message_ids]
        waits = run.state.is_open and run.current_step == step.index and step.state is StepState.PENDING
        if waits and step.result.get("complete") and _total(step.result) >= step.result["expected"]:
            through.append((run, step))
    await causes.note(uow, brought)
    carried_out = await store.programs(uow, [(run.automation_id, run.version) for run, _ in through])
    for run, step in through:
        definition, program = carried_out[run.automation_id, run.version]
        apply(run, definition, program[step.index], step, _judged(step.result), uow.now())
    await write(uow, [run for run, _ in through], steps)


LISTENER: Final = Listener(hear, hold)


def _place(key: str) -> tuple[UUID, int]:
    """Returns the run and the step of a notice."""
    run_id, number, _ = key.split(":")
    return UUID(run_id), int(number)


def note(step: Step, outcome: NoticeOutcome) -> None:
    """Adds what became of one notice to its step."""
    word = "sent" if outcome.state is State.SENT else "failed" if outcome.state is State.FAILED else "skipped"
    result = dict(step.result)
    result[f"{word}_count"] = result.get(f"{word}_count", 0) + 1
    if outcome.reason:
        reasons = dict(result.get("reasons", {}))
        reasons[outcome.reason] = reasons.get(outcome.reason, 0) + 1
        result["reasons"] = reasons
    step.result = result
    step.message_ids = [*step.message_ids, *outcome.message_ids][:MOST_IDS]


def _judged(result: Mapping[str, Any]) -> Settled:
    """Returns what a step came to whose notices are all settled: failed when nothing was sent because of failures."""
    if result.get("sent_count"):
        return Settled(StepState.DONE, dict(result))
    if result.get("failed_count"):
        reasons = result.get("reasons") or {"failed": 1}
        return Settled(StepState.FAILED, dict(result), error=max(sorted(reasons), key=reasons.__getitem__))
    return Settled(StepState.SKIPPED, dict(result))


def _total(result: Mapping[str, Any]) -> int:
    return sum(result.get(f"{word}_count", 0) for word in ("sent", "skipped", "failed"))


def _notice(
    run: Run, node: Node, send: Send, category: int, contact_id: UUID, variables: Mapping[str, Any]
) -> Notice:
    return Notice(
        source=Source.AUTOMATION,
        key=f"{run.run_id}:{node.index}:{contact_id}",
        reader=Reader(contact_id=contact_id),
        category=category,
        template=send.template,
        channels=(send.channel,),
        mode=Mode.FIRST,
        variables=variables,
        priority=send.priority,
        correlation_key=correlation_key(run.run_id),
        correlation_id=run.correlation_id,
        rule=str(run.automation_id),
        automation_run_id=run.run_id,
        fallback_channel=send.fallback_channel,
    )


def _variables(run: Run, send: Send, data: Mapping[str, Any]) -> dict[str, Any]:
    own = placeholders.filled(send.data, {"data": data, "run": run_values(run)})
    return {**data, **own}


def run_values(run: Run) -> dict[str, Any]:
    """Returns what texts may name of a run."""
    return {
        "run_id": str(run.run_id),
        "automation_id": str(run.automation_id),
        "contact_id": str(run.contact_id or ""),
        "trigger_key": run.trigger_key,
        "reference": run.reference,
    }


async def _category(uow: UnitOfWork, send: Send) -> int:
    """Returns the category of the template; 0 when there is none that may be sent."""
    for channel in (send.channel, send.fallback_channel):
        found = await templates.named(uow, send.template, channel or _EMAIL) if channel else None
        if found:
            return int(found[0].category)
    return 0


async def _known(uow: UnitOfWork, ids: Sequence[UUID]) -> list[UUID]:
    rows = await uow.fetch_all(
        "SELECT contact_id FROM contact WHERE tenant_id = %s AND contact_id = ANY(%b::uuid[]) AND state = 1"
        " ORDER BY contact_id",
        (uow.tenant_id, list(ids)),
    )
    return [contact_id for (contact_id,) in rows]


async def _fulfilling(uow: UnitOfWork, rule: Rule, after: str | None) -> list[UUID]:
    """Returns the next contacts, by their ids, that fulfil a rule now."""
    found = await of_rule(uow, rule, [])
    rows = await uow.fetch_all(
        f"SELECT c.contact_id FROM contact c WHERE {found.where}"  # noqa: S608 - compiled
        " AND (%(s_after)s::uuid IS NULL OR c.contact_id > %(s_after)s::uuid) ORDER BY c.contact_id LIMIT %(s_limit)s",
        {**found.params, "s_after": after, "s_limit": BLOCK},
        prepare=False,
    )
    return [contact_id for (contact_id,) in rows]
