"""Reminders of people whose tickets end: whoever has no other ticket of an event is not reminded of it (EVT-36).

What is remembered of tickets and their holders is told by digests alone, by the neighbour's own ids.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from services.campaign.intake.steps import InboundEvent
from services.campaign.notices.notices import Notices
from services.campaign.rules import keys, memory, readers
from services.common.db.uow import UnitOfWork

REMINDER: Final = "event-reminder"
KEPT: Final = timedelta(days=30)
"""How long after its event, or after it ended, a ticket is known."""
_TICKET: Final = "ticket"
_HOLDER: Final = "ticket/holder"
_REASON: Final = "ticket cancelled"


class TicketStep:
    """Ends reminders that wait for somebody who has no ticket left; after the rules, which write reminders down."""

    name: Final = "tickets"
    types: Final = frozenset({"event.reminder", "ticket.cancelled", "ticket.transferred"})

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def run(self, uow: UnitOfWork, event: InboundEvent) -> None:
        """Remembers whose a ticket is, and that it ended, whichever is told first."""
        if event.type == "event.reminder":
            await self._remember(uow, event)
        elif event.type == "ticket.cancelled":
            await self._end(uow, event)
        else:
            await _pass_on(uow, event)

    async def _remember(self, uow: UnitOfWork, event: InboundEvent) -> None:
        ref = str(event.data["event_ref"])
        held: dict[str, set[str]] = defaultdict(set)
        for one in event.data["ticket_holders"]:
            held[str(one["user_id"])].add(str(one["ticket_ref"]))
        keep = max(event.time("event_date") or uow.now(), uow.now()) + KEPT
        lines = {
            memory.digest([ticket]): {"event": ref, "holder": memory.digest([user]).hex()}
            for user, tickets in held.items()
            for ticket in tickets
        }
        known = await memory.merge(uow, _TICKET, lines, keep)
        holders = {
            memory.digest([ref, user]): {"tickets": sorted(memory.digest([one]).hex() for one in tickets)}
            for user, tickets in held.items()
        }
        await memory.merge(uow, _HOLDER, holders, keep)
        without = {
            user
            for user, tickets in held.items()
            if all(known[memory.digest([one])].get("is_over") for one in tickets)
        }
        await self._silence(uow, ref, without)

    async def _end(self, uow: UnitOfWork, event: InboundEvent) -> None:
        user = event.person.user_id if event.person else ""
        ticket = str(event.data["ticket_ref"])
        data = await memory.claim(uow, _TICKET, [ticket])
        data["is_over"] = True
        await memory.save(uow, _TICKET, [ticket], data, uow.now() + KEPT)
        ref, holder = data.get("event"), memory.digest([user]).hex()
        if ref is None or data.get("holder") != holder:
            return
        # One after the other, so that of two tickets that end at once the later one sees the earlier.
        listed = (await memory.claim(uow, _HOLDER, [ref, user])).get("tickets", ())
        others = await memory.known_many(uow, _TICKET, [bytes.fromhex(one) for one in listed])
        if not any(_is_held(one, holder) for one in others.values()):
            await self._silence(uow, ref, {user})

    async def _silence(self, uow: UnitOfWork, event_ref: str, users: set[str]) -> None:
        found = await readers.by_users(uow, users)
        key = keys.correlation("event", [event_ref])
        ids = sorted({one.contact_id for one in found.values()})
        await self._notices.cancel_readers(uow, key, REMINDER, ids, _REASON)


async def _pass_on(uow: UnitOfWork, event: InboundEvent) -> None:
    ticket = str(event.data["ticket_ref"])
    data = await memory.claim(uow, _TICKET, [ticket])
    data["holder"] = memory.digest([str(event.data["to"].get("user_id", ""))]).hex()
    await memory.save(uow, _TICKET, [ticket], data, uow.now() + KEPT)


def _is_held(ticket: Mapping[str, Any], holder: str) -> bool:
    return ticket.get("holder") == holder and not ticket.get("is_over")
