"""The events neighbours may send: types, aliases, natural keys and fields, as data (EVT-14 to EVT-83).

A field is written `name`, optional ones `name?`; `a|b` accepts b as a synonym, `a/b` needs one of both, `name{…}` is an
object and `name[…]` a list of objects with these fields. What a name may hold is in `fields`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from services.campaign.intake.notation import Field, parsed

RESTRICTED: Final = ("aml.", "sar.", "sanctions.")
"""What must never reach a system whose users could warn a customer (EVT-9)."""

INTERNAL: Final = (
    "mint.",
    "minting.",
    "fulfilment.",
    "fulfillment.",
    "reconciliation.",
    "payment.retry",
    "payment.reconcil",
    "order.mint_requested",
    "order.fulfilment_requested",
)
"""Work orders of neighbours: stored as ignored, and nothing follows them (EVT-7)."""


class Kind(NamedTuple):
    """A type of events."""

    type: str
    aliases: tuple[str, ...]
    fields: tuple[Field, ...]
    fact: tuple[str, ...]
    """A word and the fields that make the natural key; empty where each event is a fact of its own."""
    most: Mapping[str, int]
    """Lists that may hold so many items only."""
    secrets: frozenset[str]
    """Fields that are removed once the event is handled."""


_MONEY: Final = "amount currency"
_DISPUTE: Final = "dispute_id? order_id payment_id user_id amount currency reason? evidence_due_at?"
_TICKETS: Final = "tickets?[ticket_ref event_name? event_date? venue_name?]"
_TRANSFER: Final = "transfer_id ticket_ref from to event_name expires_at?"
_PARTY: Final = "escrow_id buyer seller amount currency"
_ITEMS: Final = "items?[name quantity? price?]"

# Type and aliases, fields, natural key.
_ROWS: Final[tuple[tuple[str, str, str], ...]] = (
    # Payments, refunds, disputes
    (
        "payment.intent_created payments.intent_created",
        f"person order_id payment_id intent_id {_MONEY}",
        "payment.intent_created intent_id",
    ),
    ("payment.processing", "person order_id payment_id", "payment.processing payment_id"),
    ("payment.cancelled", "person order_id payment_id", "payment.cancelled payment_id"),
    (
        "payment.succeeded payment.completed payment.confirmed",
        (
            f"person order_id payment_id payment_intent_id? {_MONEY} event_ref? event_name? ticket_count? {_TICKETS}"
            " payment_method? invoice_id? coupon_codes?"
        ),
        "order.paid order_id",
    ),
    (
        "payment.failed order.payment_failed",
        f"person order_id payment_id? {_MONEY} event_name? reason_code reason attempt next_retry_at? retry_url?",
        "payment.failed order_id attempt",
    ),
    (
        "payment.action_required",
        "person order_id payment_id reason attempt retry_url",
        "payment.action_required payment_id attempt",
    ),
    ("receipt.requested", "person order_id", ""),
    (
        "refund.requested",
        f"order_id refund_id payment_intent_id? {_MONEY} reason",
        "refund.requested refund_id",
    ),
    (
        "refund.completed refund.processed",
        f"order_id refund_id payment_id {_MONEY} reason? is_partial remaining? operator_id?",
        "refund.completed refund_id",
    ),
    ("refund.failed", "order_id refund_id amount currency? reason", "refund.failed refund_id"),
    ("dispute.created", f"{_DISPUTE} timestamp", "dispute.created payment_id dispute_id?"),
    ("dispute.updated", f"{_DISPUTE} timestamp? status outcome?", ""),
    ("dispute.closed", f"{_DISPUTE} timestamp? status outcome", "dispute.closed payment_id dispute_id?"),
    # Orders, tickets, transfers, holds
    (
        "order.created",
        f"person order_id order_number event_ref? items[name quantity price] {_MONEY} payment_required expires_at?",
        "order.created order_id",
    ),
    (
        "order.paid",
        "person order_id payment_id event_ref amount currency? ticket_quantity",
        "order.paid order_id",
    ),
    (
        "order.completed order.fulfilled",
        f"person order_id {_ITEMS} {_TICKETS}",
        "order.completed order_id",
    ),
    ("order.expired", "person order_id", "order.expired order_id"),
    ("order.cancelled", "person order_id reason cancelled_by", "order.cancelled order_id"),
    (
        "order.mint_failed order.fulfilment_failed order.fulfillment_failed",
        "order_id reason refund_required",
        "order.mint_failed order_id",
    ),
    ("order.shipped order.items_shipped", f"person order_id carrier? tracking_url? {_ITEMS}", ""),
    ("order.delivered", "person order_id delivered_at", "order.delivered order_id"),
    (
        "ticket.purchased tickets.purchased",
        (
            "person event{ref name date venue_name venue_address image?} ticket_refs ticket_type ticket_count order_id"
            " minted?"
        ),
        "ticket.purchased order_id",
    ),
    (
        "ticket.transferred ticket.transfer.sender ticket.transfer.receiver",
        "ticket_ref from to event_name event_date transferred_at transfer_id?",
        "ticket.transferred ticket_ref from.user_id to.user_id transferred_at",
    ),
    ("transfer.offered", _TRANSFER, "transfer.offered transfer_id"),
    ("transfer.accepted", _TRANSFER, "transfer.accepted transfer_id"),
    ("transfer.declined", _TRANSFER, "transfer.declined transfer_id"),
    ("transfer.cancelled", _TRANSFER, "transfer.cancelled transfer_id"),
    ("transfer.expired", _TRANSFER, "transfer.expired transfer_id"),
    (
        "ticket.cancelled",
        "ticket_ref person event_name reason refund_id?",
        "ticket.cancelled ticket_ref",
    ),
    ("ticket.admitted", "ticket_ref person event_ref admitted_at", "ticket.admitted ticket_ref"),
    # Announced twice, told once (EVT-38, EVT-39).
    (
        "reservation.created",
        "reservation_id person event_ref event_name expires_at",
        "reservation.held reservation_id",
    ),
    (
        "reservation.expiring",
        "reservation_id person event_ref? event_name? minutes_left expires_at",
        "reservation.held reservation_id",
    ),
    (
        "reservation.expired",
        "reservation_id order_id? person event_ref event_name? quantity expired_at",
        "reservation.expired reservation_id",
    ),
    ("reservation.confirmed", "reservation_id", "reservation.confirmed reservation_id"),
    ("reservation.released", "reservation_id", "reservation.released reservation_id"),
    # Venue events, users, announcements
    (
        "event.reminder",
        (
            "event_ref event_name event_date event_time_zone? venue_name venue_address"
            " ticket_holders[user_id email? ticket_ref]"
        ),
        "event.reminder event_ref event_date",
    ),
    (
        "event.cancelled",
        "event_ref event_name event_date reason refund_available affected_tickets[ticket_ref user_id email?]",
        "event.cancelled event_ref",
    ),
    ("event.updated", "event_ref event_name event_date changes holders[user_id email? ticket_ref?]", ""),
    ("event.viewed", "person event_ref", ""),
    (
        "user.registered",
        (
            "person{email first_name last_name} registration_source verification_token? verification_code?"
            " verification_url? expires_at?"
        ),
        "user.registered person.user_id",
    ),
    ("user.password_reset", "person{email} reset_token/reset_url expires_at", ""),
    ("user.updated", "person", ""),
    ("user.email_changed", "person old_email|old_address new_email|new_address", ""),
    ("user.security_alert", "person kind ip_region at", ""),
    ("user.deleted", "person", "user.deleted person.user_id"),
    (
        "contact.upserted customer.created customer.updated",
        "person branch_id? country? source? customer_type? tags? attributes? birthday? anniversary?",
        "",
    ),
    ("venue.announcement", "title body link? audience operational", ""),
    ("marketing.campaign", "name channel template segment schedule?", ""),
    ("venue.updated", "name? names? time_zone? zone? country? branding?", ""),
    ("branch.updated", "name? names? time_zone? zone? country? branding?", ""),
    # Group payments and waiting room
    (
        "group_payment.created group.invited group_created",
        (
            "group_id organizer event_ref event_name total_amount currency expires_at"
            " members[member_id email name amount_due ticket_count pay_url]"
        ),
        "group_payment.created group_id",
    ),
    (
        "group_payment.member_paid member_paid",
        "group_id member_id amount payment_id paid_count total_count",
        "group_payment.member_paid group_id member_id",
    ),
    ("group_payment.completed", "group_id members[member_id]", "group_payment.completed group_id"),
    (
        "group_payment.partially_paid",
        "group_id paid_members[member_id] unpaid_members[member_id]",
        "group_payment.partially_paid group_id",
    ),
    ("group_payment.expired", "group_id reason refunds?", "group_payment.expired group_id"),
    ("group_payment.cancelled", "group_id reason refunds?", "group_payment.cancelled group_id"),
    (
        "group_payment.member_failed",
        "group_id member_id failures",
        "group_payment.member_failed group_id member_id failures",
    ),
    ("waiting_room.joined", "event_ref event_name person position wait_minutes", ""),
    (
        "waiting_room.ready",
        "event_ref event_name person access_url access_expires_at",
        "waiting_room.ready event_ref person.user_id access_expires_at",
    ),
    ("waiting_room.expiring", "event_ref person event_name? access_url? access_expires_at?", ""),
    ("waiting_room.expired", "event_ref person event_name?", ""),
    ("waiting_room.abandoned", "event_ref person", ""),
    # Payouts, tax, resale, risk
    ("payout.initiated", f"payout_id payee {_MONEY} arrival reason?", "payout.initiated payout_id"),
    ("payout.paid", f"payout_id payee {_MONEY} arrival reason?", "payout.paid payout_id"),
    ("payout.failed", f"payout_id payee {_MONEY} arrival? reason?", "payout.failed payout_id"),
    (
        "tax_form.available",
        "person form tax_year download_url",
        "tax_form.available person.user_id form tax_year",
    ),
    ("escrow.funded", _PARTY, "escrow.funded escrow_id"),
    ("escrow.released", _PARTY, "escrow.released escrow_id"),
    ("escrow.refunded", _PARTY, "escrow.refunded escrow_id"),
    ("escrow.disputed", _PARTY, "escrow.disputed escrow_id"),
    ("subscription.billed", f"plan {_MONEY} next_billing_date", ""),
    ("fraud.review_opened", "reference kind severity", "fraud.review_opened reference"),
    ("security.incident", "reference kind severity", "security.incident reference"),
    ("inventory.negative", "severity figures", ""),
    ("inventory.discrepancy", "severity figures", ""),
    ("reservation.cleanup.summary", "severity figures", ""),
    ("webhook.delivery_failed", "", ""),
    ("purchase.denied", "", ""),
    # Appointments, visits, invoices, memberships, packages, loyalty, carts
    (
        "appointment.booked",
        "appointment_id person branch staff services start_at",
        "appointment.booked appointment_id",
    ),
    (
        "appointment.rescheduled",
        "appointment_id person branch staff services start_at",
        "appointment.rescheduled appointment_id start_at",
    ),
    ("appointment.cancelled", "appointment_id reason", "appointment.cancelled appointment_id"),
    ("appointment.no_show", "appointment_id reason?", "appointment.no_show appointment_id"),
    (
        "visit.completed appointment.completed",
        "visit_id|appointment_id person branch staff services categories completed_at amount?",
        "visit.completed visit_id",
    ),
    ("visit.cancelled", "visit_id", "visit.cancelled visit_id"),
    (
        "invoice.finalized",
        "invoice_id person branch total paid_amount currency coupon_codes lines[service category amount] finalized_at",
        "invoice.finalized invoice_id",
    ),
    ("invoice.refunded", "invoice_id amount is_full", ""),
    ("invoice.cancelled", "invoice_id amount is_full", "invoice.cancelled invoice_id"),
    (
        "membership.purchased",
        "membership_id person plan starts_at expires_at",
        "membership.purchased membership_id",
    ),
    (
        "membership.renewed",
        "membership_id person plan starts_at expires_at",
        "membership.renewed membership_id expires_at",
    ),
    ("membership.expired", "membership_id at", "membership.expired membership_id at"),
    ("membership.cancelled", "membership_id at", "membership.cancelled membership_id at"),
    (
        "package.purchased",
        "package_id person name remaining expires_at",
        "package.purchased package_id",
    ),
    ("package.used", "package_id person name remaining expires_at", ""),
    (
        "package.expired",
        "package_id person name remaining expires_at",
        "package.expired package_id",
    ),
    (
        "loyalty.points_earned",
        "person points balance reason batch_id",
        "loyalty.points_earned batch_id",
    ),
    ("loyalty.points_expiring", "person points expires_on", ""),
    ("loyalty.points_redeemed", "person points balance reference", "loyalty.points_redeemed reference"),
    ("loyalty.points_credited", "person points balance reference", "loyalty.points_credited reference"),
    ("cart.updated", "cart_ref person branch items total currency status", ""),
    ("cart.completed", "cart_ref person branch items total currency status", ""),
)

_MOST: Final[Mapping[str, Mapping[str, int]]] = {"group_payment.created": {"members": 20}}

_SECRETS: Final[Mapping[str, frozenset[str]]] = {
    "user.registered": frozenset({"verification_token", "verification_code", "verification_url"}),
    "user.password_reset": frozenset({"reset_token", "reset_url"}),
}
SECRET_FIELDS: Final = frozenset().union(*_SECRETS.values())
"""Fields that are shown to nobody, whatever event they come with."""


def _kinds() -> dict[str, Kind]:
    found = {}
    for names, fields, fact in _ROWS:
        canonical, *aliases = names.split()
        found[canonical] = Kind(
            canonical,
            tuple(aliases),
            parsed(fields),
            tuple(fact.split()),
            _MOST.get(canonical, {}),
            _SECRETS.get(canonical, frozenset()),
        )
    return found


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(_kinds())
"""Every type of the contract by its canonical name."""

CANONICAL: Final[Mapping[str, str]] = MappingProxyType(
    {name: kind.type for kind in KINDS.values() for name in (kind.type, *kind.aliases)}
)
"""Canonical name of every name (EVT-6)."""


def fact_of(kind: Kind, data: Mapping[str, Any]) -> str:
    """Returns the natural key of what happened; empty where each event is a fact of its own."""
    if not kind.fact:
        return ""
    word, *paths = kind.fact
    if kind.type == "order.completed" and data.get("tickets"):
        # Told as tickets, and so once with the tickets' own event (EVT-27, EVT-33).
        word = "ticket.purchased"
    parts = [word]
    for path in paths:
        value: Any = data
        for name in path.removesuffix("?").split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None and not path.endswith("?"):
            return ""
        parts.append("" if value is None else str(value))
    return "/".join(parts)
