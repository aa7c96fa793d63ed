"""The ticketing system: waiting room, holds, orders, tickets, transfers, venue events, and its users."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from examples.neighbours.journal import Journal
from examples.neighbours.payments import CURRENCY, Order
from examples.neighbours.people import Person

HOLD = timedelta(minutes=10)
"""How long seats are held, and how long somebody may buy who waited."""


@dataclass(frozen=True, slots=True)
class Show:
    """An evening."""

    ref: str
    name: str
    begins_at: datetime
    venue_name: str = "Lindenhalle"
    venue_address: str = "Lindenallee 1, Berlin"

    @property
    def named(self) -> tuple[str, str]:
        """Returns its id and name."""
        return self.ref, self.name


@dataclass(frozen=True, slots=True)
class Ticket:
    """A seat that somebody has."""

    ref: str
    holder: Person
    show: Show


@dataclass
class Ticketing:
    """Writes its journal as people come and go."""

    journal: Journal

    def join(self, show: Show, person: Person, at: datetime, position: int) -> None:
        """Somebody waits for their turn."""
        self._wait("waiting_room.joined", show, person, at, position=position, wait_minutes=1 + position // 4)

    def admit(self, show: Show, person: Person, at: datetime) -> None:
        """It is somebody's turn."""
        self._wait(
            "waiting_room.ready",
            show,
            person,
            at,
            access_url=f"https://tickets.example.com/{show.ref}/enter?token=w{person.user_id}",
            access_expires_at=(at + HOLD).isoformat(),
        )

    def warn(self, show: Show, person: Person, admitted_at: datetime, at: datetime) -> None:
        """Their time is nearly over."""
        self._wait(
            "waiting_room.expiring",
            show,
            person,
            at,
            access_url=f"https://tickets.example.com/{show.ref}/enter?token=w{person.user_id}",
            access_expires_at=(admitted_at + HOLD).isoformat(),
        )

    def turn_away(self, show: Show, person: Person, at: datetime) -> None:
        """Their time is over."""
        self._wait("waiting_room.expired", show, person, at)

    def hold(self, show: Show, order: Order, at: datetime) -> None:
        """Seats are held for somebody."""
        self.journal.write(
            "reservation.created",
            at,
            _hold(order),
            {
                "reservation_id": _hold(order),
                "person": order.buyer.told(),
                "event_ref": show.ref,
                "event_name": show.name,
                "expires_at": (at + HOLD).isoformat(),
            },
        )

    def remind_of_hold(self, order: Order, held_at: datetime, at: datetime) -> None:
        """The hold is nearly over; what the platform knows by itself already."""
        left = int((held_at + HOLD - at).total_seconds() // 60)
        data = {
            "reservation_id": _hold(order),
            "person": order.buyer.told(),
            "minutes_left": left,
            "expires_at": (held_at + HOLD).isoformat(),
        }
        self.journal.write("reservation.expiring", at, _hold(order), data)

    def confirm_hold(self, order: Order, at: datetime) -> None:
        """What was held is bought."""
        self.journal.write("reservation.confirmed", at, _hold(order), {"reservation_id": _hold(order)})

    def let_go(self, show: Show, order: Order, at: datetime) -> None:
        """Nobody paid, and the seats are free again: told by two workers, each with an event of its own."""
        for _ in range(2):
            data = {
                "reservation_id": _hold(order),
                "order_id": order.order_id,
                "person": order.buyer.told(),
                "event_ref": show.ref,
                "quantity": order.tickets,
                "expired_at": at.isoformat(),
            }
            self.journal.write("reservation.expired", at, _hold(order), data)
        self._order("order.expired", order, at)

    def create(self, order: Order, at: datetime) -> None:
        """An order that is to be paid."""
        self._order(
            "order.created",
            order,
            at,
            order_number=order.order_id.upper(),
            event_ref=order.event_ref,
            items=[
                {"name": order.event_name, "quantity": order.tickets, "price": order.amount // order.tickets}
            ],
            amount=order.amount,
            currency=CURRENCY,
            payment_required=True,
            expires_at=(at + HOLD).isoformat(),
        )

    def give_away(self, order: Order, at: datetime) -> None:
        """An order of somebody who is invited: nothing is to be paid."""
        self._order(
            "order.created",
            order,
            at,
            order_number=order.order_id.upper(),
            event_ref=order.event_ref,
            items=[{"name": order.event_name, "quantity": order.tickets, "price": 0}],
            amount=0,
            currency=CURRENCY,
            payment_required=False,
        )

    def paid(self, order: Order, at: datetime) -> None:
        """Hears from payments, and tells the same fact by its own name."""
        self._order(
            "order.paid",
            order,
            at,
            payment_id=order.payment_id,
            event_ref=order.event_ref,
            amount=order.amount,
            currency=CURRENCY,
            ticket_quantity=order.tickets,
        )

    def complete(self, order: Order, show: Show, at: datetime) -> list[Ticket]:
        """Tickets are made and told of twice: with the order, and by themselves."""
        tickets = [Ticket(f"t-{order.order_id}-{seat}", order.buyer, show) for seat in range(order.tickets)]
        named = [
            {
                "ticket_ref": one.ref,
                "event_name": show.name,
                "event_date": show.begins_at.isoformat(),
                "venue_name": show.venue_name,
            }
            for one in tickets
        ]
        self.journal.write(
            "ticket.purchased",
            at,
            f"t-{order.order_id}",
            {
                "person": order.buyer.told(),
                "event": {
                    "ref": show.ref,
                    "name": show.name,
                    "date": show.begins_at.isoformat(),
                    "venue_name": show.venue_name,
                    "venue_address": show.venue_address,
                },
                "ticket_refs": [one.ref for one in tickets],
                "ticket_type": "standing",
                "ticket_count": len(tickets),
                "order_id": order.order_id,
            },
        )
        self._order("order.completed", order, at, tickets=named)
        return tickets

    def cancel(self, order: Order, at: datetime) -> None:
        """The buyer changed their mind."""
        self._order("order.cancelled", order, at, reason="changed_mind", cancelled_by="customer")

    def offer(self, transfer_id: str, ticket: Ticket, to: Person, at: datetime) -> None:
        """A ticket is offered to somebody else."""
        self._transfer(
            "transfer.offered", transfer_id, ticket, to, at, expires_at=(at + timedelta(hours=2)).isoformat()
        )

    def accept(self, transfer_id: str, ticket: Ticket, to: Person, at: datetime) -> Ticket:
        """It is taken, and the ticket changes hands."""
        self._transfer("transfer.accepted", transfer_id, ticket, to, at)
        self.journal.write(
            "ticket.transferred",
            at,
            ticket.ref,
            {
                "ticket_ref": ticket.ref,
                "from": ticket.holder.told(),
                "to": to.told(),
                "event_name": ticket.show.name,
                "event_date": ticket.show.begins_at.isoformat(),
                "transferred_at": at.isoformat(),
                "transfer_id": transfer_id,
            },
        )
        return Ticket(ticket.ref, to, ticket.show)

    def decline(self, transfer_id: str, ticket: Ticket, to: Person, at: datetime) -> None:
        """It is not wanted."""
        self._transfer("transfer.declined", transfer_id, ticket, to, at)

    def void(self, ticket: Ticket, at: datetime) -> None:
        """A ticket is no longer good."""
        data = {
            "ticket_ref": ticket.ref,
            "person": ticket.holder.told(),
            "event_name": ticket.show.name,
            "reason": "refunded",
        }
        self.journal.write("ticket.cancelled", at, ticket.ref, data)

    def let_in(self, ticket: Ticket, at: datetime) -> None:
        """Somebody is in."""
        data = {
            "ticket_ref": ticket.ref,
            "person": ticket.holder.told(),
            "event_ref": ticket.show.ref,
            "admitted_at": at.isoformat(),
        }
        self.journal.write("ticket.admitted", at, ticket.ref, data)

    def remind(self, show: Show, tickets: Sequence[Ticket], at: datetime) -> None:
        """Holders are to be reminded of the evening."""
        self._evening("event.reminder", show, at, ticket_holders=_holders(tickets), event_time_zone="Europe/Berlin",
                      venue_name=show.venue_name, venue_address=show.venue_address)  # fmt: skip

    def move(self, show: Show, tickets: Sequence[Ticket], begins_at: datetime, at: datetime) -> Show:
        """The evening begins at another time."""
        moved = Show(show.ref, show.name, begins_at, show.venue_name, show.venue_address)
        changes = {"time": begins_at.isoformat(), "date": begins_at.isoformat()}
        self._evening("event.updated", moved, at, changes=changes, holders=_holders(tickets))
        return moved

    def describe(self, show: Show, tickets: Sequence[Ticket], at: datetime) -> None:
        """The doors are described better; nobody has to hear of that."""
        self._evening(
            "event.updated", show, at, changes={"doors": "west entrance"}, holders=_holders(tickets)
        )

    def call_off(self, show: Show, tickets: Sequence[Ticket], at: datetime) -> None:
        """There will be no such evening."""
        self._evening("event.cancelled", show, at, reason="illness", refund_available=True,
                      affected_tickets=_holders(tickets))  # fmt: skip

    def register(self, person: Person, at: datetime) -> None:
        """Somebody opens an account."""
        data = {
            "person": person.told(),
            "registration_source": "web",
            "verification_token": f"v-{person.user_id}",
            "verification_url": f"https://tickets.example.com/verify?token=v-{person.user_id}",
        }
        self.journal.write("user.registered", at, person.user_id, data)

    def forget_password(self, person: Person, at: datetime) -> None:
        """Somebody forgot their password."""
        data = {
            "person": person.told(),
            "reset_url": f"https://tickets.example.com/reset?token=r-{person.user_id}",
            "expires_at": (at + timedelta(hours=1)).isoformat(),
        }
        self.journal.write("user.password_reset", at, person.user_id, data)

    def _wait(self, type_name: str, show: Show, person: Person, at: datetime, **more: Any) -> None:
        data = {"event_ref": show.ref, "event_name": show.name, "person": person.told(), **more}
        self.journal.write(type_name, at, f"{show.ref}:{person.user_id}", data)

    def _order(self, type_name: str, order: Order, at: datetime, **more: Any) -> None:
        data = {"person": order.buyer.told(), "order_id": order.order_id, **more}
        self.journal.write(type_name, at, order.order_id, data)

    def _transfer(
        self, type_name: str, transfer_id: str, ticket: Ticket, to: Person, at: datetime, **more: Any
    ) -> None:
        data = {
            "transfer_id": transfer_id,
            "ticket_ref": ticket.ref,
            "from": ticket.holder.told(),
            "to": to.told(),
            "event_name": ticket.show.name,
            **more,
        }
        self.journal.write(type_name, at, transfer_id, data)

    def _evening(self, type_name: str, show: Show, at: datetime, **more: Any) -> None:
        data = {
            "event_ref": show.ref,
            "event_name": show.name,
            "event_date": show.begins_at.isoformat(),
            **more,
        }
        self.journal.write(type_name, at, show.ref, data)


def _hold(order: Order) -> str:
    return f"hold-{order.order_id}"


def _holders(tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    return [
        {"user_id": one.holder.user_id, "email": one.holder.email, "ticket_ref": one.ref} for one in tickets
    ]
