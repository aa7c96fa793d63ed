"""From events to what delivery does with passes: tickets that change hands or end, events called off or put off."""

from collections.abc import Mapping
from typing import Any, Final

from services.campaign.contacts import store as contacts
from services.campaign.contacts.telling import stamp
from services.campaign.intake.steps import InboundEvent, person_of
from services.campaign.passes import store
from services.campaign.passes.domain import Order, What
from services.campaign.passes.fields import LONGEST, TICKET
from services.common.db.uow import UnitOfWork

CALLED_OFF: Final = "event.cancelled"
PUT_OFF: Final = "event.updated"
TRANSFERRED: Final = "ticket.transferred"
CANCELLED: Final = "ticket.cancelled"


class PassStep:
    """Writes down what an event means for passes, in its transaction; a loop tells delivery."""

    name: Final = "passes"
    types: Final = frozenset({CALLED_OFF, PUT_OFF, TRANSFERRED, CANCELLED})

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Adds the order that follows from an event (EVT-34, EVT-36, EVT-43, EVT-44)."""
        if event.type == PUT_OFF:
            await self._change(uow, event)
        elif event.type == CALLED_OFF:
            listed = {str(one["ticket_ref"]) for one in event.data["affected_tickets"]}
            tickets = {one for one in listed if TICKET.fullmatch(one)}
            await self._add(uow, event, What.VOID_EVENT, "event_ref", ticket_refs=tuple(sorted(tickets)))
        elif event.type == CANCELLED:
            await self._add(uow, event, What.VOID_TICKET, "ticket_ref")
        else:
            await self._take_from_sender(uow, event)

    async def _take_from_sender(self, uow: UnitOfWork, event: InboundEvent) -> None:
        sender = person_of(event.data["from"])
        known = await contacts.by_key(uow, external_id=sender.user_id) if sender else None
        if known is not None:
            await self._add(uow, event, What.VOID_TICKET, "ticket_ref", contact_id=known.contact_id)

    async def _add(self, uow: UnitOfWork, event: InboundEvent, what: What, ref: str, **values: Any) -> None:
        about = str(event.data[ref])
        if len(about) > LONGEST["event_ref"]:
            return
        await store.add(uow, Order(what, about, event.fact, event.occurred_at, reason=event.type, **values))

    async def _change(self, uow: UnitOfWork, event: InboundEvent) -> None:
        said = told(event)
        ref = str(event.data["event_ref"])
        if said and len(ref) <= LONGEST["event_ref"]:
            order = Order(What.CHANGE_EVENT, ref, f"{PUT_OFF}/{ref}", event.occurred_at, reason=event.type)
            await store.change(uow, order, said, stamp(event.occurred_at, event.event_id))


def told(event: InboundEvent) -> dict[str, str]:
    """Returns what of a pass an event changes: when it is, and where."""
    changes = event.data["changes"]
    if not isinstance(changes, Mapping):
        return {}
    said = {
        name: _now(changes[name])[: LONGEST[name]]
        for name in ("venue_name", "venue_address")
        if changes.get(name)
    }
    at = event.time("event_date")
    if at is not None and (changes.get("date") or changes.get("time")):
        said["event_time"] = at.isoformat()
    return {name: value for name, value in said.items() if value.strip()}


def _now(value: Any) -> str:
    """Returns what is true now of a change, which may say what was true before."""
    if isinstance(value, Mapping):
        value = value.get("to", value.get("new"))
    return value if isinstance(value, str) else ""
