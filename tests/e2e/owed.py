"""What a day of a venue owes people, read off the table of the requirements by hand: an oracle that knows no rule of ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from examples.neighbours.journal import Event


class Message(NamedTuple):
    """One message: to whom, on which channel, by which template."""

    template: str
    channel: str
    who: str


CS_TEAM, STAFF = "cs-team", "staff"
_EARLY = {"reservation": timedelta(seconds=180), "waiting_room": timedelta(seconds=120)}


class Owed:
    """Walks a day as it happened and writes down each message that is due for it."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._events = sorted(events, key=lambda event: event.occurred_at)
        self.messages: Counter[Message] = Counter()
        self._phones: dict[str, str] = {}
        self._buyers: dict[str, str] = {}
        self._told: set[str] = set()
        self._groups: dict[str, Mapping[str, Any]] = {}
        for event in self._events:
            self._note(event)
            write: Callable[[Event], None] | None = getattr(self, f"_{event.type.replace('.', '_')}", None)
            if write is not None:
                write(event)

    def _note(self, event: Event) -> None:
        """Remembers who bought what, and numbers of people: a text can only go where a number was told of before."""
        for name in ("person", "from", "to"):
            person = event.data.get(name)
            if person:
                self._phones[person["user_id"]] = person.get("phone", "")
        if "order_id" in event.data and "person" in event.data:
            self._buyers[event.data["order_id"]] = event.data["person"]["user_id"]

    def _write(self, who: str, template: str, *channels: str) -> None:
        for channel in channels:
            if channel != "sms" or self._phones.get(who):
                self.messages[Message(template, channel, who)] += 1

    def _once(self, fact: str, who: str, template: str, *channels: str) -> None:
        if fact not in self._told:
            self._told.add(fact)
            self._write(who, template, *channels)

    def _happened(self, types: set[str], before: datetime, **same: str) -> bool:
        return any(
            event.type in types
            and event.occurred_at <= before
            and all(_path(event.data, path.replace("__", ".")) == value for path, value in same.items())
            for event in self._events
        )

    # Payments (EVT-16 to EVT-24)

    def _payment_succeeded(self, event: Event) -> None:
        self._once(f"paid {event.data['order_id']}", _who(event), "payment-success", "email", "sms")

    def _payment_failed(self, event: Event) -> None:
        self._write(_who(event), "payment-failed", "email", "sms")

    def _payment_action_required(self, event: Event) -> None:
        self._write(_who(event), "payment-action-required", "email", "push")

    def _refund_requested(self, event: Event) -> None:
        self._write(self._buyers[event.data["order_id"]], "refund-requested", "email")

    def _refund_completed(self, event: Event) -> None:
        self._write(self._buyers[event.data["order_id"]], "refund-processed", "email", "sms")

    def _refund_failed(self, _event: Event) -> None:
        self._write(STAFF, "refund-failed", "email")

    def _dispute_created(self, _event: Event) -> None:
        self._write(CS_TEAM, "dispute-created", "email")
        self._write(STAFF, "dispute-created", "email")

    def _dispute_closed(self, _event: Event) -> None:
        self._write(CS_TEAM, "dispute-updated", "email")
        self._write(STAFF, "dispute-updated", "email")

    # Orders, tickets, transfers, holds (EVT-25 to EVT-41)

    def _order_created(self, event: Event) -> None:
        if not event.data["payment_required"]:
            self._write(_who(event), "order-confirmation", "email", "in_app")

    def _order_completed(self, event: Event) -> None:
        if event.data.get("tickets"):
            self._ticket_purchased(event)

    def _ticket_purchased(self, event: Event) -> None:
        self._once(f"tickets {event.data['order_id']}", _who(event), "ticket-purchased", "email", "push")

    def _order_expired(self, event: Event) -> None:
        self._write(_who(event), "order-expired", "push", "email")

    def _reservation_created(self, event: Event) -> None:
        due = datetime.fromisoformat(event.data["expires_at"]) - _EARLY["reservation"]
        hold = event.data["reservation_id"]
        if not self._happened(
            {"reservation.confirmed", "reservation.released", "reservation.expired"}, due, reservation_id=hold
        ):
            self._once(f"hold {hold}", _who(event), "reservation-expiring", "push")

    def _reservation_expired(self, event: Event) -> None:
        fact = f"hold ended {event.data['reservation_id']}"
        self._once(fact, _who(event), "reservation-expired", "push", "email")

    def _ticket_transferred(self, event: Event) -> None:
        self._write(event.data["from"]["user_id"], "ticket-transfer-sent", "email", "in_app")
        self._write(event.data["to"]["user_id"], "ticket-transfer-received", "email", "in_app")

    def _transfer_offered(self, event: Event) -> None:
        self._write(event.data["to"]["user_id"], "transfer-offered", "email", "push")

    def _transfer_accepted(self, event: Event) -> None:
        self._write(event.data["from"]["user_id"], "transfer-updated", "in_app", "email")

    _transfer_declined = _transfer_accepted

    def _ticket_cancelled(self, event: Event) -> None:
        self._write(_who(event), "ticket-cancelled", "email", "push")

    # Evenings and users (EVT-42 to EVT-47)

    def _event_reminder(self, event: Event) -> None:
        for who in _each(event.data["ticket_holders"]):
            self._write(who, "event-reminder", "email", "sms")

    def _event_updated(self, event: Event) -> None:
        if event.data["changes"].keys() & {"date", "time", "venue_name", "venue_address"}:
            for who in _each(event.data["holders"]):
                self._write(who, "event-updated", "email", "push")

    def _event_cancelled(self, event: Event) -> None:
        for who in _each(event.data["affected_tickets"]):
            self._write(who, "event-cancelled", "email", "sms", "push")

    def _user_registered(self, event: Event) -> None:
        self._write(_who(event), "account-verification", "email")

    def _user_password_reset(self, event: Event) -> None:
        self._write(_who(event), "password-reset", "email")

    # Groups (EVT-54 to EVT-58)

    def _group_payment_created(self, event: Event) -> None:
        group = event.data["group_id"]
        self._groups[group] = event.data
        for member in event.data["members"]:
            self._write(member["user_id"], "group-payment-invitation", "email")
            for wait in (timedelta(minutes=5), timedelta(minutes=8), timedelta(minutes=9, seconds=30)):
                due = event.occurred_at + wait
                paid = self._happened(
                    {"group_payment.member_paid"}, due, group_id=group, member_id=member["member_id"]
                )
                if not paid:
                    self._write(member["user_id"], "group-payment-reminder", "email")

    def _group_payment_member_paid(self, event: Event) -> None:
        group = self._groups[event.data["group_id"]]
        [payer] = [one for one in group["members"] if one["member_id"] == event.data["member_id"]]
        self._write(payer["user_id"], "group-payment-received", "email")
        self._write(group["organizer"]["user_id"], "group-payment-progress", "in_app")

    def _group_payment_completed(self, event: Event) -> None:
        self._to_group(event, event.data["members"], "group-payment-completed")

    def _group_payment_partially_paid(self, event: Event) -> None:
        self._to_group(event, event.data["paid_members"], "group-payment-partial")

    def _group_payment_expired(self, event: Event) -> None:
        group = self._groups[event.data["group_id"]]
        self._to_group(event, group["members"], "group-payment-cancelled")

    def _to_group(self, event: Event, members: Iterable[Mapping[str, Any]], template: str) -> None:
        organizer = self._groups[event.data["group_id"]]["organizer"]
        for who in dict.fromkeys([organizer["user_id"], *(one["user_id"] for one in members)]):
            self._write(who, template, "email")

    # Waiting room (EVT-60 to EVT-62)

    def _waiting_room_joined(self, event: Event) -> None:
        self._write(_who(event), "waiting-room-joined", "in_app")

    def _waiting_room_ready(self, event: Event) -> None:
        self._write(_who(event), "waiting-room-ready", "push", "in_app")
        due = datetime.fromisoformat(event.data["access_expires_at"]) - _EARLY["waiting_room"]
        if not self._happened({"order.created", "order.paid"}, due, person__user_id=_who(event)):
            self._write(_who(event), "waiting-room-expiring", "push", "in_app")

    def _waiting_room_expired(self, event: Event) -> None:
        self._write(_who(event), "waiting-room-expired", "push", "in_app")


def _who(event: Event) -> str:
    found: str = event.data["person"]["user_id"]
    return found


def _each(holders: Iterable[Mapping[str, Any]]) -> list[str]:
    """Each holder once, however many tickets are theirs."""
    return list(dict.fromkeys(one["user_id"] for one in holders))


def _path(data: Mapping[str, Any], path: str) -> Any:
    value: Any = data
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
