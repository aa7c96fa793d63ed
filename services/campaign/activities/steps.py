"""What inbound events say that people did, noted as activities (EVT-3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.campaign.activities import store
from services.campaign.contacts import facts
from services.campaign.contacts import store as contacts
from services.campaign.intake.steps import InboundEvent
from services.campaign.segments.domain import Activity as Kind
from services.campaign.segments.incremental import follow_behaviour
from services.common.db.uow import UnitOfWork

_LONGEST_REF: Final = 200


@dataclass(frozen=True, slots=True)
class _Told:
    """How a type of event tells of an activity."""

    kind: Kind
    fact: Callable[[InboundEvent], str]
    """What tells two events of one fact."""
    ref: Callable[[InboundEvent], object]
    at: str = ""
    """The field that says when; where it is empty or absent, the event's own time."""


def _purchase(event: InboundEvent) -> str:
    """An order that is paid is told by its payment, by itself and by its invoice."""
    for name in ("invoice_id", "order_id"):
        if value := event.data.get(name):
            return f"{name}:{value}"
    return event.fact


_VISITS: Final = frozenset({"visit.completed", "visit.cancelled"})
_TOLD: Final = {
    "payment.succeeded": _Told(Kind.PURCHASE, _purchase, lambda e: e.data.get("event_ref")),
    "order.paid": _Told(Kind.PURCHASE, _purchase, lambda e: e.data.get("event_ref")),
    "invoice.finalized": _Told(Kind.PURCHASE, _purchase, lambda e: e.data.get("event_ref"), "finalized_at"),
    "ticket.purchased": _Told(
        Kind.TICKET, lambda e: e.fact, lambda e: (e.data.get("event") or {}).get("ref")
    ),
    "ticket.admitted": _Told(
        Kind.ATTENDANCE, lambda e: e.fact, lambda e: e.data.get("event_ref"), "admitted_at"
    ),
    "event.viewed": _Told(Kind.VIEW, lambda e: e.fact, lambda e: e.data.get("event_ref")),
}


@dataclass(frozen=True, slots=True)
class NoteActivity:
    """Notes who visited, bought, attended or looked, for rules about behaviour; a repeat changes nothing."""

    name: str = "activities"
    types: frozenset[str] = _VISITS | frozenset(_TOLD)

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Notes what the event tells, of a contact that is known."""
        if event.type in _VISITS:
            await follow_behaviour(uow, await _visit(uow, event))
            return
        told = _TOLD[event.type]
        contact_id = await _contact(uow, event)
        at = (event.time(told.at) if told.at else None) or event.occurred_at
        if contact_id is None or not store.is_kept(at, uow.now()):
            return
        ref = str(told.ref(event) or "")[:_LONGEST_REF] or None
        if await store.add_fact(uow, contact_id, int(told.kind), told.fact(event), at, ref):
            await follow_behaviour(uow, [contact_id])


async def _visit(uow: UnitOfWork, event: InboundEvent) -> list[UUID]:
    """Notes a visit, or takes it back, by what stands of it on the contact, whatever order events come in."""
    fact = await facts.claim(uow, facts.FactKind.VISIT, str(event.data["visit_id"]))
    at = event.time("completed_at") or event.occurred_at
    if fact.contact_id is None or not store.is_kept(at, uow.now()):
        return []
    if fact.data.get("state") != "completed":
        await store.remove_fact(uow, fact.contact_id, int(Kind.VISIT), fact.ref)
    elif event.type == "visit.completed":
        ref = event.branch_ref[:_LONGEST_REF] or None
        await store.add_fact(uow, fact.contact_id, int(Kind.VISIT), fact.ref, at, ref)
    return [fact.contact_id]


async def _contact(uow: UnitOfWork, event: InboundEvent) -> UUID | None:
    if event.person is None:
        return None
    found = await contacts.by_key(uow, external_id=event.person.user_id)
    return found.contact_id if found else None
