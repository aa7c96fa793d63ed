"""What runs do at a step, for all that stand at it together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.campaign.automations import placeholders, sending
from services.campaign.automations.domain import (
    Branch,
    Delay,
    Send,
    StepState,
    Stop,
    Update,
    WaitFor,
    Webhook,
)
from services.campaign.automations.means import Means
from services.campaign.automations.moving import Outcome, Settled, Waits
from services.campaign.automations.program import Node
from services.campaign.automations.records import Run, Step
from services.campaign.automations.sending import Opened, run_values
from services.campaign.contacts import handlers as contacts
from services.campaign.contacts import store as contact_store
from services.campaign.contacts.domain import Contact, ContactState, TooManyError, attributed, tagged
from services.campaign.segments.audience import of_rule
from services.common.db.uow import UnitOfWork
from services.common.events.event import caused_by
from services.common.ids import uuid7

PATIENCE: Final = timedelta(hours=48)
"""How long a step waits for what became of its call: its tries take less than a day."""
NO_OUTCOME: Final = "no_outcome"
GONE: Final = "contact_gone"

Found = Sequence[tuple[Run, Step]]


async def begin(uow: UnitOfWork, means: Means, node: Node, found: Found) -> dict[UUID, Outcome]:
    """Does what a step says for runs that came to it; returns what came of it, by run."""
    now = uow.now()
    opened = await means.data_of(uow, [run for run, _ in found]) if _needs_data(node) else {}
    match node.deed:
        case Send():
            return await sending.begin(uow, means, node, found, opened)
        case Update() as update:
            return {run.run_id: await _update(uow, means, update, run, opened) for run, _ in found}
        case Webhook():
            return _each(found, lambda _: Waits(now + PATIENCE, call_id=uuid7()))
        case Delay(seconds):
            return _each(found, lambda _: Waits(now + timedelta(seconds=seconds)))
        case WaitFor(match, seconds):
            until = now + timedelta(seconds=seconds)
            return _each(found, lambda _: Waits(until, listens=match.event_name))
        case Branch() as branch:
            return await _branch(uow, branch, found, opened)
        case Stop():
            return _each(found, lambda _: Settled())


async def resume(uow: UnitOfWork, means: Means, node: Node, found: Found) -> dict[UUID, Outcome]:
    """Goes on with a step whose time has come."""
    match node.deed:
        case Delay():
            return _each(found, lambda _: Settled())
        case WaitFor():
            return _each(found, lambda _: Settled(result={"timed_out": True}, choice=False))
        case Send():
            going = [(run, step) for run, step in found if not step.result.get("complete", True)]
            late = [(run, step) for run, step in found if step.result.get("complete", True)]
            more = await begin(uow, means, node, going) if going else {}
            return {**more, **_each(late, lambda _: Settled(StepState.FAILED, error=NO_OUTCOME))}
        case _:
            return _each(found, lambda _: Settled(StepState.FAILED, error=NO_OUTCOME))


def _each(found: Found, outcome: Callable[[Run], Outcome]) -> dict[UUID, Outcome]:
    return {run.run_id: outcome(run) for run, _ in found}


def _needs_data(node: Node) -> bool:
    return isinstance(node.deed, (Send, Update)) or (isinstance(node.deed, Branch) and bool(node.deed.tests))


async def _update(uow: UnitOfWork, means: Means, update: Update, run: Run, opened: Opened) -> Outcome:
    """Changes the contact of a run; what it tells others names the run as its cause."""
    known = await contact_store.by_key(uow, contact_id=run.contact_id, lock=True) if run.contact_id else None
    if known is None or known.state is ContactState.ERASED:
        return Settled(StepState.FAILED, error=GONE)
    values = {"contact": contact_values(known), "data": opened[run.run_id], "run": run_values(run)}
    attributes = {
        name: value
        for name, value in placeholders.filled(update.attributes, values).items()
        if isinstance(value, (str, bool, int, float))
    }
    try:
        changed = attributed(tagged(known, update.add_tags, update.remove_tags), attributes, [])
    except TooManyError:
        return Settled(StepState.FAILED, error="too_many")
    if update.assigned_staff_id:
        changed = replace(changed, assigned_staff_id=update.assigned_staff_id)
    with caused_by(str(run.run_id)):
        saved = await contacts.save(uow, known, changed, means.hash_keys)
    return Settled(result={"changed": saved.version != known.version})


async def _branch(uow: UnitOfWork, branch: Branch, found: Found, opened: Opened) -> dict[UUID, Outcome]:
    fulfilling: set[UUID] | None = None
    if branch.rule is not None:
        audience = await of_rule(uow, branch.rule, [])
        rows = await uow.fetch_all(
            f"SELECT c.contact_id FROM contact c WHERE {audience.where} AND c.contact_id = ANY(%(s_ids)b::uuid[])",  # noqa: S608 - compiled
            {**audience.params, "s_ids": [run.contact_id for run, _ in found if run.contact_id]},
            prepare=False,
        )
        fulfilling = {contact_id for (contact_id,) in rows}

    def decide(run: Run) -> Outcome:
        holds = all(test.holds(opened[run.run_id]) for test in branch.tests)
        holds = holds and (fulfilling is None or run.contact_id in fulfilling)
        return Settled(result={"holds": holds}, choice=holds)

    return _each(found, decide)


def contact_values(contact: Contact) -> Mapping[str, Any]:
    """Returns what texts may name of a contact."""
    return {
        "contact_id": str(contact.contact_id),
        "external_id": contact.external_id,
        "name": contact.name,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "email": contact.email,
        "phone": contact.phone,
        "language_code": contact.language_code,
        "time_zone": contact.time_zone,
        "branch_id": str(contact.branch_id) if contact.branch_id else None,
        "customer_type": contact.customer_type,
        "tags": list(contact.tags),
        "attributes": dict(contact.attributes),
        "loyalty_points": contact.loyalty_points,
    }
