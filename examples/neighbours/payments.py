"""The payment system: what it tells of orders' money, of groups that pay together, and of trouble."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from examples.neighbours.journal import Journal
from examples.neighbours.people import Person

CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Order:
    """What is paid for."""

    order_id: str
    buyer: Person
    amount: int
    """Cents."""
    event_ref: str
    event_name: str
    tickets: int = 1

    @property
    def payment_id(self) -> str:
        """Returns the id of its payment."""
        return f"pay-{self.order_id}"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who owes a share of a group's order."""

    member_id: str
    person: Person
    amount_due: int

    def told(self, group_id: str) -> dict[str, Any]:
        """Returns them as events name a member; the address to pay at carries a token."""
        return {
            "member_id": self.member_id,
            "user_id": self.person.user_id,
            "email": self.person.email,
            "name": self.person.name,
            "amount_due": self.amount_due,
            "ticket_count": 1,
            "pay_url": f"https://pay.example.com/g/{group_id}/{self.member_id}?token={_token(self.member_id)}",
        }


@dataclass
class Payments:
    """Writes its journal as money moves."""

    journal: Journal
    failures: dict[str, int] = field(default_factory=dict)

    def intend(self, order: Order, at: datetime) -> None:
        """Somebody begins to pay."""
        self._tell(
            "payment.intent_created", order, at, intent_id=f"int-{order.order_id}", **_money(order.amount)
        )

    def succeed(self, order: Order, at: datetime) -> None:
        """The money is there."""
        self._tell(
            "payment.succeeded",
            order,
            at,
            **_money(order.amount),
            event_ref=order.event_ref,
            event_name=order.event_name,
            ticket_count=order.tickets,
            payment_method="card",
        )

    def fail(self, order: Order, at: datetime, reason: str = "insufficient_funds") -> None:
        """A try did not go through; the buyer may try again."""
        attempt = self.failures[order.order_id] = self.failures.get(order.order_id, 0) + 1
        self._tell(
            "payment.failed",
            order,
            at,
            **_money(order.amount),
            event_name=order.event_name,
            reason_code=reason,
            reason=reason.replace("_", " ").capitalize(),
            attempt=attempt,
            retry_url=f"https://tickets.example.com/checkout/retry/{order.order_id}",
        )

    def ask(self, order: Order, at: datetime, attempt: int = 1) -> None:
        """The bank wants to hear from the buyer."""
        self._tell(
            "payment.action_required",
            order,
            at,
            reason="authentication_required",
            attempt=attempt,
            retry_url=f"https://tickets.example.com/checkout/confirm/{order.order_id}",
        )

    def request_refund(self, order: Order, at: datetime, reason: str = "cannot_attend") -> None:
        """The buyer wants the money back; the event does not say who that is, the order does."""
        self._money_back("refund.requested", order, at, reason=reason)

    def refund(self, order: Order, at: datetime, amount: int | None = None) -> None:
        """Money went back, all of it unless told."""
        back = order.amount if amount is None else amount
        self._money_back(
            "refund.completed",
            order,
            at,
            amount=back,
            payment_id=order.payment_id,
            is_partial=back < order.amount,
            operator_id="op-7",
        )

    def fail_refund(self, order: Order, at: datetime) -> None:
        """A refund did not go through; somebody has to look at it."""
        self._money_back("refund.failed", order, at, reason="account_closed")

    def dispute(self, order: Order, at: datetime) -> None:
        """The bank takes the money back on the buyer's word."""
        self.journal.write("dispute.created", at, f"dp-{order.order_id}", self._disputed(order, at))

    def close_dispute(self, order: Order, at: datetime, outcome: str = "won") -> None:
        """The bank decided."""
        data = {**self._disputed(order, at), "status": "closed", "outcome": outcome}
        self.journal.write("dispute.closed", at, f"dp-{order.order_id}", data)

    def gather(
        self,
        group_id: str,
        organizer: Person,
        members: Sequence[Member],
        event: tuple[str, str],
        at: datetime,
    ) -> None:
        """A group begins to pay together, for ten minutes."""
        event_ref, event_name = event
        self.journal.write(
            "group_payment.created",
            at,
            group_id,
            {
                "group_id": group_id,
                "organizer": organizer.told(),
                "event_ref": event_ref,
                "event_name": event_name,
                "total_amount": sum(one.amount_due for one in members),
                "currency": CURRENCY,
                "expires_at": (at + timedelta(minutes=10)).isoformat(),
                "members": [one.told(group_id) for one in members],
            },
        )

    def member_paid(self, group_id: str, member: Member, at: datetime, paid: int, total: int) -> None:
        """A member paid their share."""
        self.journal.write(
            "group_payment.member_paid",
            at,
            group_id,
            {
                "group_id": group_id,
                "member_id": member.member_id,
                "amount": member.amount_due,
                "payment_id": f"pay-{group_id}-{member.member_id}",
                "paid_count": paid,
                "total_count": total,
            },
        )

    def group_completed(self, group_id: str, members: Sequence[Member], at: datetime) -> None:
        """Everybody paid."""
        data = {"group_id": group_id, "members": [_named(one) for one in members]}
        self.journal.write("group_payment.completed", at, group_id, data)

    def group_partial(
        self, group_id: str, paid: Sequence[Member], unpaid: Sequence[Member], at: datetime
    ) -> None:
        """The time is over, and some paid."""
        data = {
            "group_id": group_id,
            "paid_members": [_named(one) for one in paid],
            "unpaid_members": [_named(one) for one in unpaid],
        }
        self.journal.write("group_payment.partially_paid", at, group_id, data)

    def group_expired(self, group_id: str, at: datetime) -> None:
        """The time is over, and nobody paid."""
        data = {"group_id": group_id, "reason": "expired_no_payment"}
        self.journal.write("group_payment.expired", at, group_id, data)

    def _tell(self, type_name: str, order: Order, at: datetime, **more: Any) -> None:
        known = {"person": order.buyer.told(), "order_id": order.order_id, "payment_id": order.payment_id}
        self.journal.write(type_name, at, order.payment_id, {**known, **more})

    def _money_back(self, type_name: str, order: Order, at: datetime, **more: Any) -> None:
        refund_id = f"re-{order.order_id}"
        known = {"order_id": order.order_id, "refund_id": refund_id, **_money(order.amount)}
        self.journal.write(type_name, at, refund_id, {**known, **more})

    def _disputed(self, order: Order, at: datetime) -> dict[str, Any]:
        return {
            "dispute_id": f"dp-{order.order_id}",
            "order_id": order.order_id,
            "payment_id": order.payment_id,
            "user_id": order.buyer.user_id,
            **_money(order.amount),
            "reason": "fraudulent",
            "evidence_due_at": (at + timedelta(days=7)).isoformat(),
            "timestamp": at.isoformat(),
        }


def _token(member_id: str) -> str:
    """Returns what lets a member pay without signing in; a real system draws it."""
    return sha256(f"made up for {member_id}".encode()).hexdigest()[:32]


def _named(member: Member) -> dict[str, Any]:
    return {"member_id": member.member_id, "user_id": member.person.user_id, "email": member.person.email}


def _money(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": CURRENCY}
