"""A day of a venue, from the morning's reminders to the last admission."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from examples.neighbours.journal import Event, Journal
from examples.neighbours.payments import Member, Order, Payments
from examples.neighbours.people import Person, crowd
from examples.neighbours.ticketing import HOLD, Show, Ticket, Ticketing

PEOPLE = 26
PRICE = 4500
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Day:
    """The day as both neighbours live it; `begins_at` is nine in the morning."""

    begins_at: datetime
    people: Sequence[Person] = field(default_factory=lambda: crowd(PEOPLE))

    def __post_init__(self) -> None:
        """Opens the journals and sets the shows."""
        name = f"{self.begins_at:%Y-%m-%dT%H:%M}"
        self.payments = Payments(Journal("payments", name))
        self.ticketing = Ticketing(
            Journal("ticketing", name, numbered=frozenset({"reservation", "waiting_room"}))
        )
        self.tonight = Show("ev-tonight", "Night of Strings", self.begins_at + 11 * HOUR)
        self.autumn = Show("ev-autumn", "Autumn Concert", self.begins_at + timedelta(days=30))
        self.called_off = Show("ev-brass", "Brass in the Yard", self.begins_at + timedelta(days=10))

    def events(self) -> list[Event]:
        """Returns what both neighbours tell, in the order in which it happens."""
        self._morning(self.people[:6])
        self._on_sale(self.people[6:16])
        self._groups(self.people[16:24])
        self._afternoon(self.people[:6])
        self._evening(self.people[:4])
        told = [*self.payments.journal.events, *self.ticketing.journal.events]
        return sorted(told, key=lambda event: event.occurred_at)

    def _morning(self, holders: Sequence[Person]) -> None:
        """Accounts, and reminders to those who come tonight; one of them has two tickets."""
        at = self.begins_at
        self.ticketing.register(self.people[24], at + MINUTE)
        self.ticketing.forget_password(self.people[25], at + 2 * MINUTE)
        self.seats = [Ticket(f"t-tonight-{number}", one, self.tonight) for number, one in enumerate(holders)]
        self.seats.append(Ticket("t-tonight-guest", holders[0], self.tonight))
        self.ticketing.remind(self.tonight, self.seats, at + 5 * MINUTE)
        invited = Order("o-invited", self.people[5], 0, *self.tonight.named)
        self.ticketing.give_away(invited, at + 10 * MINUTE)

    def _on_sale(self, waiting: Sequence[Person]) -> None:
        """Ten people wait; most buy, some in more than one try, some never."""
        at = self.begins_at + HOUR
        self.bought: dict[str, Order] = {}
        self.tickets: dict[str, Ticket] = {}
        for place, person in enumerate(waiting):
            self.ticketing.join(self.autumn, person, at + place * SECOND, place + 1)
            turn = at + MINUTE + place * 5 * SECOND
            self.ticketing.admit(self.autumn, person, turn)
            if place == 8:
                self._never_comes(person, turn)
            else:
                self._buys(place, person, turn)

    def _never_comes(self, person: Person, turn: datetime) -> None:
        """It was their turn, and they did not see it; both warn of it."""
        self.ticketing.warn(self.autumn, person, turn, turn + HOLD - 115 * SECOND)
        self.ticketing.turn_away(self.autumn, person, turn + HOLD)

    def _buys(self, place: int, person: Person, turn: datetime) -> None:
        order = Order(
            f"o-{place}", person, PRICE * (1 + place % 2), *self.autumn.named, tickets=1 + place % 2
        )
        at = turn + 30 * SECOND
        self.ticketing.create(order, at)
        self.ticketing.hold(self.autumn, order, at + SECOND)
        self.payments.intend(order, at + 2 * SECOND)
        at += MINUTE
        match place:
            case 9:
                # The bank asks, nobody answers, and the seats go back.
                self.payments.ask(order, at)
                self.ticketing.remind_of_hold(order, turn + 31 * SECOND, turn + 8 * MINUTE)
                self.ticketing.let_go(self.autumn, order, turn + 31 * SECOND + HOLD)
                return
            case 3 | 6:
                for _ in range(place // 3):
                    self.payments.fail(order, at)
                    at += MINUTE
        self._pays(order, at)

    def _pays(self, order: Order, at: datetime) -> None:
        self.payments.succeed(order, at)
        self.ticketing.paid(order, at + SECOND)
        self.ticketing.confirm_hold(order, at + SECOND)
        tickets = self.ticketing.complete(order, self.autumn, at + 5 * SECOND)
        self.bought[order.order_id] = order
        self.tickets[order.order_id] = tickets[0]

    def _groups(self, people: Sequence[Person]) -> None:
        """One group pays in time, of one only a part does, and of one nobody."""
        at = self.begins_at + 2 * HOUR
        first = self._group("g-1", people[:3], at)
        for number, (member, wait) in enumerate(zip(first, (2, 4, 7), strict=True), start=1):
            self.payments.member_paid("g-1", member, at + wait * MINUTE, number, len(first))
        self.payments.group_completed("g-1", first, at + 7 * MINUTE + SECOND)
        second = self._group("g-2", people[3:6], at)
        self.payments.member_paid("g-2", second[0], at + MINUTE, 1, len(second))
        self.payments.group_partial("g-2", second[:1], second[1:], at + HOLD)
        self._group("g-3", people[6:8], at)
        self.payments.group_expired("g-3", at + HOLD)

    def _group(self, group_id: str, people: Sequence[Person], at: datetime) -> list[Member]:
        members = [Member(f"{group_id}-m{number}", one, PRICE) for number, one in enumerate(people)]
        self.payments.gather(group_id, people[0], members, self.autumn.named, at)
        return members

    def _afternoon(self, holders: Sequence[Person]) -> None:
        """Money goes back, tickets change hands, evenings move."""
        at = self.begins_at + 5 * HOUR
        self.payments.request_refund(self.bought["o-0"], at)
        self.payments.refund(self.bought["o-0"], at + 20 * MINUTE)
        self.ticketing.void(self.tickets["o-0"], at + 21 * MINUTE)
        self.payments.refund(self.bought["o-1"], at + 22 * MINUTE, PRICE)
        self.payments.fail_refund(self.bought["o-2"], at + 25 * MINUTE)
        self.payments.dispute(self.bought["o-4"], at + 30 * MINUTE)
        self.payments.close_dispute(self.bought["o-4"], at + 3 * HOUR)
        self._transfers(at + HOUR)
        self.ticketing.describe(self.tonight, self.seats, at + 2 * HOUR)
        later = self.tonight.begins_at + 30 * MINUTE
        self.tonight = self.ticketing.move(self.tonight, self.seats, later, at + 2 * HOUR + MINUTE)
        brass = [Ticket(f"t-brass-{number}", one, self.called_off) for number, one in enumerate(holders[:2])]
        self.ticketing.call_off(self.called_off, brass, at + 3 * HOUR)

    def _transfers(self, at: datetime) -> None:
        """One ticket finds a new holder, another is not wanted."""
        given, kept = self.tickets["o-2"], self.tickets["o-5"]
        self.ticketing.offer("tr-1", given, self.people[4], at)
        self.ticketing.accept("tr-1", given, self.people[4], at + 10 * MINUTE)
        self.ticketing.offer("tr-2", kept, self.people[5], at)
        self.ticketing.decline("tr-2", kept, self.people[5], at + 12 * MINUTE)

    def _evening(self, holders: Sequence[Person]) -> None:
        """Doors open."""
        at = self.tonight.begins_at - HOUR
        for number, ticket in enumerate(self.seats[: len(holders)]):
            self.ticketing.let_in(ticket, at + number * MINUTE)


def batches(events: Sequence[Event], span: timedelta) -> Iterator[list[Event]]:
    """Yields events as they are told: those of a span of time together."""
    batch: list[Event] = []
    for event in events:
        if batch and event.occurred_at >= batch[0].occurred_at + span:
            yield batch
            batch = []
        batch.append(event)
    if batch:
        yield batch
