"""Every row of the events' table, written down a second time: an event in, exactly these notices out.

An expectation reads as the requirement does: who; category; priority; channels; template; when due; how long worth it.
Times are counted from noon, when each event happens and is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.campaign.rules.kit import CS_TEAM, at, person
from tests.campaign.rules.payloads import (
    DAY,
    HOLDERS,
    HOUR,
    MINUTE,
    MONEY,
    TICKETS,
    VENUE,
    dispute,
    group,
    order,
    party,
    sale,
    stay,
    transfer,
)


@dataclass(frozen=True)
class Row:
    """An event and what must follow."""

    proves: pytest.MarkDecorator
    type: str
    data: dict[str, Any]
    notices: tuple[str, ...] = ()
    name: str = ""
    before: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Events that were told before."""
    off: tuple[str, ...] = ()
    """Rules that the tenant has enabled first."""
    changes: dict[str, Any] = field(default_factory=dict)


ROWS = [
    # Payments, refunds, disputes
    Row(pytest.mark.req("EVT-14"), "payment.intent_created", {**sale("o14"), "intent_id": "i-14"}),
    Row(
        pytest.mark.req("EVT-15"),
        "payment.processing",
        {"person": person("u-1"), "order_id": "o15", "payment_id": "p15"},
    ),
    Row(
        pytest.mark.req("EVT-15"),
        "payment.cancelled",
        {"person": person("u-1"), "order_id": "o15", "payment_id": "p15"},
    ),
    Row(
        pytest.mark.req("EVT-16"),
        "payment.succeeded",
        sale("o16"),
        ("u-1; payment; h; all: email + sms; payment-success; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-16", "EVT-6"),
        "payment.completed",
        sale("o16b"),
        ("u-1; payment; h; all: email + sms; payment-success; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-17"),
        "payment.failed",
        {**sale("o17"), "reason_code": "card", "reason": "declined", "attempt": 1},
        ("u-1; payment_failed; c; all: email + sms; payment-failed; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-18"),
        "payment.action_required",
        {
            "person": person("u-1"),
            "order_id": "o18",
            "payment_id": "p18",
            "reason": "3ds",
            "attempt": 1,
            "retry_url": "https://shop.example/r/18",
        },
        ("u-1; payment_failed; c; all: email + push; payment-action-required; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-19"),
        "receipt.requested",
        {"person": person("u-1"), "order_id": "o19"},
        ("u-1; payment; n; all: email; payment-success; 0; 24h",),
        before=(("payment.succeeded", sale("o19")),),
    ),
    Row(
        pytest.mark.req("EVT-20", "EVT-122"),
        "refund.requested",
        {"order_id": "o20", "refund_id": "r20", **MONEY, "reason": "ill"},
        ("u-1; refund; n; all: email; refund-requested; 0; 24h",),
        before=(("payment.succeeded", sale("o20")),),
    ),
    Row(
        pytest.mark.req("EVT-21", "EVT-123"),
        "refund.completed",
        {
            "order_id": "o21",
            "refund_id": "r21",
            "payment_id": "p21",
            **MONEY,
            "is_partial": False,
            "operator_id": "op-1",
            "user_id": "op-1",
        },
        ("u-1; refund; h; all: email + sms; refund-processed; 0; 24h",),
        before=(("payment.succeeded", sale("o21")),),
    ),
    Row(
        pytest.mark.req("EVT-22"),
        "refund.failed",
        {"order_id": "o22", "refund_id": "r22", "amount": 100, "reason": "closed account"},
        ("owner; billing; h; all: email; refund-failed; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-23"),
        "dispute.created",
        dispute("o23"),
        (
            f"{CS_TEAM}; dispute; c; all: email; dispute-created; 0; 7d",
            "owner; dispute; c; all: email; dispute-created; 0; 7d",
        ),
        before=(("payment.succeeded", sale("o23")),),
    ),
    *(
        Row(
            pytest.mark.req("EVT-24"),
            kind,
            {**dispute("o24"), "status": "under_review", "outcome": "won"},
            (
                f"{CS_TEAM}; dispute; n; all: email; dispute-updated; 0; 24h",
                "owner; dispute; n; all: email; dispute-updated; 0; 24h",
            ),
        )
        for kind in ("dispute.updated", "dispute.closed")
    ),
    # Orders, tickets, transfers, holds
    Row(pytest.mark.req("EVT-25", "EVT-129"), "order.created", order("o25"), name="a payment is due"),
    Row(
        pytest.mark.req("EVT-25", "EVT-129"),
        "order.created",
        order("o25b", payment_required=False),
        ("u-1; order; h; all: email + in_app; order-confirmation; 0; 24h",),
        name="nothing to pay",
    ),
    Row(
        pytest.mark.req("EVT-25"),
        "order.created",
        order("o25c"),
        ("u-1; order; h; all: email + in_app; order-confirmation; 0; 24h",),
        name="paid already",
        before=(("payment.succeeded", sale("o25c")),),
    ),
    Row(
        pytest.mark.req("EVT-26"),
        "order.paid",
        {
            "person": person("u-1"),
            "order_id": "o26",
            "payment_id": "p26",
            "event_ref": "e-26",
            "amount": 10,
            "ticket_quantity": 1,
        },
    ),
    Row(
        pytest.mark.req("EVT-27", "EVT-129"),
        "order.completed",
        {"person": person("u-1"), "order_id": "o27"},
        ("u-1; order; h; all: email + in_app; order-confirmation; 0; 24h",),
        name="without tickets",
    ),
    Row(
        pytest.mark.req("EVT-27"),
        "order.completed",
        {"person": person("u-1"), "order_id": "o27b", "tickets": TICKETS},
        ("u-1; ticket; h; all: email + push; ticket-purchased; 0; 24h",),
        name="with tickets",
    ),
    Row(
        pytest.mark.req("EVT-28"),
        "order.expired",
        {"person": person("u-1"), "order_id": "o28"},
        ("u-1; order; n; all: push + email; order-expired; 0; 2h",),
    ),
    Row(
        pytest.mark.req("EVT-29"),
        "order.cancelled",
        {"person": person("u-1"), "order_id": "o29", "reason": "ill", "cancelled_by": "buyer"},
        ("u-1; order; n; all: email; order-cancelled; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-30"),
        "order.mint_failed",
        {"order_id": "o30", "reason": "chain", "refund_required": True},
        (
            "u-1; order; h; all: email; order-delayed; 0; 24h",
            "owner; staff_alert; h; all: email; order-delayed-staff; 0; 24h",
            "region; staff_alert; h; all: email; order-delayed-staff; 0; 24h",
        ),
        before=(("payment.succeeded", sale("o30")),),
    ),
    Row(
        pytest.mark.req("EVT-31"),
        "order.shipped",
        {"person": person("u-1"), "order_id": "o31", "carrier": "DHL"},
        ("u-1; order; n; all: email + push; order-shipped; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-32"),
        "order.delivered",
        {"person": person("u-1"), "order_id": "o32", "delivered_at": at()},
        ("u-1; order; n; all: push + in_app; order-delivered; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-33"),
        "ticket.purchased",
        {
            "person": person("u-1"),
            "event": {
                "ref": "e-33",
                "name": "Opera",
                "date": at(3 * DAY),
                "venue_name": "H",
                "venue_address": "Q",
            },
            "ticket_refs": ["t-33"],
            "ticket_type": "Stalls",
            "ticket_count": 1,
            "order_id": "o33",
        },
        ("u-1; ticket; h; all: email + push; ticket-purchased; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-34"),
        "ticket.transferred",
        {
            "ticket_ref": "t-34",
            "from": person("u-from"),
            "to": person("u-to"),
            "event_name": "Opera",
            "event_date": at(3 * DAY),
            "transferred_at": at(),
        },
        (
            "u-to; ticket; h; all: email + in_app; ticket-transfer-received; 0; 24h",
            "u-from; ticket; n; all: email + in_app; ticket-transfer-sent; 0; 24h",
        ),
    ),
    Row(
        pytest.mark.req("EVT-35"),
        "transfer.offered",
        transfer("tr-1", expires_at=at(2 * HOUR)),
        ("u-to; ticket; h; all: email + push; transfer-offered; 0; 2h",),
    ),
    *(
        Row(
            pytest.mark.req("EVT-35"),
            f"transfer.{word}",
            transfer(f"tr-{word}"),
            (f"{who}; ticket; n; all: in_app + email; transfer-updated; 0; 24h",),
        )
        for word, who in (
            ("accepted", "u-from"),
            ("declined", "u-from"),
            ("cancelled", "u-to"),
            ("expired", "u-from"),
        )
    ),
    Row(
        pytest.mark.req("EVT-36"),
        "ticket.cancelled",
        {"ticket_ref": "t-36", "person": person("u-1"), "event_name": "Opera", "reason": "fire"},
        ("u-1; ticket; h; all: email + push; ticket-cancelled; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-37"),
        "ticket.admitted",
        {"ticket_ref": "t-37", "person": person("u-1"), "event_ref": "e-37", "admitted_at": at()},
    ),
    Row(
        pytest.mark.req("EVT-38"),
        "reservation.created",
        {
            "reservation_id": "h38",
            "person": person("u-1"),
            "event_ref": "e-38",
            "event_name": "Opera",
            "expires_at": at(15 * MINUTE),
        },
        ("u-1; reservation; h; first: push, in_app, sms; reservation-expiring; 12m; 3m",),
    ),
    Row(
        pytest.mark.req("EVT-39"),
        "reservation.expiring",
        {"reservation_id": "h39", "person": person("u-1"), "minutes_left": 2, "expires_at": at(2 * MINUTE)},
        ("u-1; reservation; h; first: push, in_app, sms; reservation-expiring; 0; 2m",),
    ),
    Row(
        pytest.mark.req("EVT-40"),
        "reservation.expired",
        {
            "reservation_id": "h40",
            "person": person("u-1"),
            "event_ref": "e-40",
            "quantity": 2,
            "expired_at": at(),
        },
        ("u-1; reservation; n; all: push + email; reservation-expired; 0; 1h",),
    ),
    Row(pytest.mark.req("EVT-41"), "reservation.confirmed", {"reservation_id": "h41"}),
    Row(pytest.mark.req("EVT-41"), "reservation.released", {"reservation_id": "h41"}),
    # Venue events, users, announcements
    Row(
        pytest.mark.req("EVT-42"),
        "event.reminder",
        {"event_ref": "e-42", **VENUE, "ticket_holders": HOLDERS},
        tuple(
            f"{who}; event_reminder; n; all: email + sms; event-reminder; 2d; 24h" for who in ("u-a", "u-b")
        ),
    ),
    Row(
        pytest.mark.req("EVT-42"),
        "event.reminder",
        {"event_ref": "e-42b", **VENUE, "event_date": at(5 * HOUR), "ticket_holders": HOLDERS[:1]},
        ("u-a; event_reminder; n; all: email + sms; event-reminder; 0; 5h",),
        name="less than a day ahead",
    ),
    Row(
        pytest.mark.req("EVT-43"),
        "event.cancelled",
        {
            "event_ref": "e-43",
            "event_name": "Opera",
            "event_date": at(3 * DAY),
            "reason": "fire",
            "refund_available": True,
            "affected_tickets": HOLDERS,
        },
        tuple(
            f"{who}; event_update; h; all: email + sms + push; event-cancelled; 0; 4d"
            for who in ("u-a", "u-b")
        ),
    ),
    *(
        Row(
            pytest.mark.req("EVT-44"),
            "event.updated",
            {
                "event_ref": f"e-44-{changed}",
                "event_name": "Opera",
                "event_date": at(3 * DAY),
                "changes": {changed: "new"},
                "holders": HOLDERS,
            },
            tuple(
                f"{who}; event_update; h; all: email + push; event-updated; 0; 3d" for who in ("u-a", "u-b")
            )
            if speaks
            else (),
            name=changed,
        )
        for changed, speaks in (
            ("date", True),
            ("time", True),
            ("venue_name", True),
            ("venueAddress", True),
            ("doors", False),
            ("other", False),
        )
    ),
    Row(pytest.mark.req("EVT-45"), "event.viewed", {"person": person("u-1"), "event_ref": "e-45"}),
    Row(
        pytest.mark.req("EVT-46"),
        "user.registered",
        {
            "user_id": "u-46",
            "email": "u-46@example.com",
            "first_name": "Io",
            "last_name": "Lund",
            "registration_source": "web",
            "verification_code": "123456",
            "verification_url": "https://shop.example/v",
        },
        ("u-46; account_security; c; all: email; account-verification; 0; 24h",),
    ),
    Row(
        pytest.mark.req("EVT-46"),
        "user.registered",
        {
            "user_id": "u-46b",
            "email": "u-46b@example.com",
            "first_name": "Io",
            "last_name": "Lund",
            "registration_source": "web",
            "verification_token": "abc",
            "expires_at": at(HOUR),
        },
        ("u-46b; account_security; c; all: email; account-verification; 0; 1h",),
        name="a token that ends",
    ),
    Row(
        pytest.mark.req("EVT-46"),
        "user.registered",
        {
            "user_id": "u-46c",
            "email": "u-46c@example.com",
            "first_name": "Io",
            "last_name": "Lund",
            "registration_source": "web",
        },
        name="without a token",
    ),
    Row(
        pytest.mark.req("EVT-47"),
        "user.password_reset",
        {"user_id": "u-47", "email": "u-47@example.com", "reset_token": "abc", "expires_at": at(30 * MINUTE)},
        ("u-47; account_security; c; all: email; password-reset; 0; 30m",),
    ),
    Row(pytest.mark.req("EVT-48"), "user.updated", {"user_id": "u-48", "email": "u-48@example.com"}),
    Row(
        pytest.mark.req("EVT-48"),
        "user.email_changed",
        {"user_id": "u-48", "old_email": "old@example.com", "new_email": "new@example.com"},
        (
            "u-48; account_security; c; all: email + push; account-security-alert; 0; 24h",
            "old@example.com; account_security; c; all: email + push; account-security-alert; 0; 24h",
        ),
    ),
    Row(
        pytest.mark.req("EVT-48"),
        "user.security_alert",
        {"user_id": "u-48", "kind": "new_device", "ip_region": "DE", "at": at()},
        ("u-48; account_security; c; all: email + push; account-security-alert; 0; 24h",),
    ),
    Row(pytest.mark.req("EVT-49"), "user.deleted", {"user_id": "u-49"}),
    Row(pytest.mark.req("EVT-50"), "contact.upserted", {"user_id": "u-50", "email": "u-50@example.com"}),
    Row(
        pytest.mark.req("EVT-51"),
        "venue.announcement",
        {"title": "Doors", "body": "Earlier", "audience": {"event_ref": "e-51"}, "operational": True},
        ("u-1; event_update; n; all: email + push; venue-announcement; 0; 24h",),
        before=(("payment.succeeded", sale("o51", event_ref="e-51")),),
        name="operational",
    ),
    Row(
        pytest.mark.req("EVT-51", "EVT-130"),
        "venue.announcement",
        {"title": "Season", "body": "Buy", "audience": {"event_ref": "e-51"}, "operational": False},
        name="not operational",
    ),
    Row(
        pytest.mark.req("EVT-52", "EVT-130"),
        "marketing.campaign",
        {"name": "Sale", "channel": "email", "template": "x", "segment": "all"},
    ),
    Row(pytest.mark.req("EVT-53"), "venue.updated", {"name": "Hall"}),
    Row(pytest.mark.req("EVT-53"), "branch.updated", {"name": "Hall"}),
    # Group payments and waiting room
    Row(
        pytest.mark.req("EVT-54"),
        "group_payment.created",
        group("g54"),
        tuple(
            f"m{n}@example.com; group_payment; {line}"
            for line in (
                "h; all: email; group-payment-invitation; 0; 10m",
                "n; all: email; group-payment-reminder; 5m; 5m",
                "h; all: email; group-payment-reminder; 8m; 2m",
                "c; all: email; group-payment-reminder; 9m30s; 30s",
            )
            for n in (1, 2)
        ),
    ),
    Row(
        pytest.mark.req("EVT-55"),
        "group_payment.member_paid",
        {
            "group_id": "g55",
            "member_id": "m-1",
            "amount": 2100,
            "payment_id": "p55",
            "paid_count": 1,
            "total_count": 2,
        },
        (
            "u-g55; group_payment; l; all: in_app; group-payment-progress; 0; 24h",
            "m1@example.com; payment; n; all: email; group-payment-received; 0; 24h",
        ),
        before=(("group_payment.created", group("g55")),),
    ),
    Row(
        pytest.mark.req("EVT-56"),
        "group_payment.completed",
        {"group_id": "g56", "members": [{"member_id": "m-1"}, {"member_id": "m-2"}]},
        tuple(
            f"{who}; group_payment; h; all: email; group-payment-completed; 0; 24h"
            for who in ("m1@example.com", "m2@example.com", "u-g56")
        ),
        before=(("group_payment.created", group("g56")),),
    ),
    Row(
        pytest.mark.req("EVT-57"),
        "group_payment.partially_paid",
        {"group_id": "g57", "paid_members": [{"member_id": "m-2"}], "unpaid_members": [{"member_id": "m-1"}]},
        tuple(
            f"{who}; group_payment; h; all: email; group-payment-partial; 0; 24h"
            for who in ("m2@example.com", "u-g57")
        ),
        before=(("group_payment.created", group("g57")),),
    ),
    *(
        Row(
            pytest.mark.req("EVT-58"),
            f"group_payment.{word}",
            {"group_id": f"g58{word}", "reason": "expired_no_payment"},
            tuple(
                f"{who}; group_payment; n; all: email; group-payment-cancelled; 0; 24h"
                for who in ("m1@example.com", "m2@example.com", f"u-g58{word}")
            ),
            before=(("group_payment.created", group(f"g58{word}")),),
        )
        for word in ("expired", "cancelled")
    ),
    Row(
        pytest.mark.req("EVT-59"),
        "group_payment.member_failed",
        {"group_id": "g59", "member_id": "m-1", "failures": 2},
        before=(("group_payment.created", group("g59")),),
        name="twice",
    ),
    Row(
        pytest.mark.req("EVT-59"),
        "group_payment.member_failed",
        {"group_id": "g59b", "member_id": "m-1", "failures": 3},
        (
            "m1@example.com; payment_failed; c; all: email; group-payment-failed; 0; 24h",
            "u-g59b; group_payment; n; all: in_app; group-payment-member-failed; 0; 24h",
        ),
        before=(("group_payment.created", group("g59b")),),
        name="three times",
    ),
    Row(
        pytest.mark.req("EVT-60"),
        "waiting_room.joined",
        {
            "event_ref": "e-60",
            "event_name": "Opera",
            "person": person("u-1"),
            "position": 9,
            "wait_minutes": 4,
        },
        ("u-1; waiting_room; n; all: in_app; waiting-room-joined; 0; 1h",),
    ),
    Row(
        pytest.mark.req("EVT-61"),
        "waiting_room.ready",
        {
            "event_ref": "e-61",
            "event_name": "Opera",
            "person": person("u-1"),
            "access_url": "https://shop.example/w",
            "access_expires_at": at(10 * MINUTE),
        },
        (
            "u-1; waiting_room; c; all: push + in_app; waiting-room-expiring; 8m; 2m",
            "u-1; waiting_room; c; first: push, sms, email; waiting-room-ready; 0; 10m",
            "u-1; waiting_room; c; all: in_app; waiting-room-ready; 0; 10m",
        ),
    ),
    Row(
        pytest.mark.req("EVT-62"),
        "waiting_room.expiring",
        {"event_ref": "e-62", "person": person("u-1"), "access_expires_at": at(2 * MINUTE)},
        ("u-1; waiting_room; c; all: push + in_app; waiting-room-expiring; 0; 2m",),
    ),
    Row(
        pytest.mark.req("EVT-62"),
        "waiting_room.expired",
        {"event_ref": "e-62b", "person": person("u-1")},
        ("u-1; waiting_room; n; all: push + in_app; waiting-room-expired; 0; 1h",),
    ),
    Row(pytest.mark.req("EVT-62"), "waiting_room.abandoned", {"event_ref": "e-62", "person": person("u-1")}),
    # Payouts, tax, resale, risk
    *(
        row
        for word, priority in (("initiated", "n"), ("paid", "n"), ("failed", "h"))
        for row in (
            Row(
                pytest.mark.req("EVT-64"),
                f"payout.{word}",
                {"payout_id": f"po-{word}", "payee": person("u-1"), **MONEY, "arrival": "2026-12-01"},
                (f"u-1; payout; {priority}; all: email; payout-{word}; 0; 24h",),
                name="contact",
            ),
            Row(
                pytest.mark.req("EVT-64"),
                f"payout.{word}",
                {"payout_id": f"ps-{word}", "payee": {"staff_id": "desk"}, **MONEY, "arrival": "2026-12-01"},
                (f"desk; billing; {priority}; all: email; payout-{word}; 0; 24h",),
                name="staff",
            ),
        )
    ),
    Row(
        pytest.mark.req("EVT-65"),
        "tax_form.available",
        {
            "person": person("u-1"),
            "form": "1099-K",
            "tax_year": 2026,
            "download_url": "https://shop.example/tax",
        },
        ("u-1; tax_document; n; all: email; tax-document-available; 0; 24h",),
    ),
    *(
        Row(
            pytest.mark.req("EVT-66"),
            f"escrow.{word}",
            party(f"es-{word}"),
            tuple(
                f"{who}; payment; h; all: email; escrow-updated; 0; 24h" for who in ("u-buyer", "u-seller")
            ),
        )
        for word in ("funded", "released", "refunded", "disputed")
    ),
    Row(
        pytest.mark.req("EVT-67"),
        "subscription.billed",
        {"plan": "pro", **MONEY, "next_billing_date": "2026-12-21"},
        ("owner; billing; n; all: email; subscription-billed; 0; 24h",),
    ),
    *(
        Row(
            pytest.mark.req("EVT-68"),
            kind,
            {"reference": f"ref-{kind}", "kind": "velocity", "severity": "high"},
            ("owner; staff_alert; c; all: email; security-alert; 0; 24h",),
        )
        for kind in ("fraud.review_opened", "security.incident")
    ),
    *(
        Row(
            pytest.mark.req("EVT-69"),
            kind,
            {"severity": severity, "figures": {"seats": -2}},
            tuple(
                f"{who}; staff_alert; {priority}; all: email; ops-alert; 0; 24h"
                for who in ("owner", "region")
            ),
            name=severity,
        )
        for kind in ("inventory.negative", "inventory.discrepancy", "reservation.cleanup.summary")
        for severity, priority in (("warning", "n"), ("critical", "c"))
    ),
    Row(pytest.mark.req("EVT-70"), "webhook.delivery_failed", {}),
    Row(pytest.mark.req("EVT-70"), "purchase.denied", {}),
    # Appointments, visits, invoices, memberships, packages, loyalty, carts
    *(
        Row(pytest.mark.req("EVT-71"), f"appointment.{word}", stay(f"a71{word}"), name="as shipped")
        for word in ("booked", "rescheduled")
    ),
    *(
        Row(
            pytest.mark.req("EVT-71"),
            f"appointment.{word}",
            stay(f"b71{word}"),
            (
                "u-1; appointment; n; first: whatsapp, sms, email; appointment-booked; 0; 24h",
                "u-1; appointment; n; first: whatsapp, sms, email; appointment-reminder; 2d; 24h",
            ),
            name="enabled",
            off=("appointment-booked", "appointment-reminder"),
        )
        for word in ("booked", "rescheduled")
    ),
    *(
        row
        for word in ("cancelled", "no_show")
        for row in (
            Row(
                pytest.mark.req("EVT-72"),
                f"appointment.{word}",
                {"appointment_id": f"a72{word}", "reason": "ill"},
                name="as shipped",
                before=(("appointment.booked", stay(f"a72{word}")),),
            ),
            Row(
                pytest.mark.req("EVT-72"),
                f"appointment.{word}",
                {"appointment_id": f"b72{word}", "reason": "ill"},
                ("u-1; appointment; n; first: whatsapp, sms, email; appointment-cancelled; 0; 24h",),
                name="enabled",
                before=(("appointment.booked", stay(f"b72{word}")),),
                off=("appointment-cancelled",),
            ),
        )
    ),
    Row(
        pytest.mark.req("EVT-73"),
        "visit.completed",
        {
            "visit_id": "v73",
            "person": person("u-1"),
            "branch": "b",
            "staff": "s",
            "services": [],
            "categories": [],
            "completed_at": at(),
        },
    ),
    Row(pytest.mark.req("EVT-74"), "visit.cancelled", {"visit_id": "v73"}),
    *(
        Row(
            pytest.mark.req("EVT-75"),
            "invoice.finalized",
            {
                "invoice_id": f"i75{n}",
                "person": person("u-1"),
                "branch": "b",
                "total": 500,
                "paid_amount": 500,
                "currency": "EUR",
                "coupon_codes": [],
                "lines": [{"service": "cut", "category": "hair", "amount": 500}],
                "finalized_at": at(),
            },
            notices,
            name=f"{'enabled' if off else 'as shipped'}",
            off=off,
        )
        for n, (notices, off) in enumerate(
            (
                ((), ()),
                (("u-1; payment; n; all: email; invoice-receipt; 0; 24h",), ("invoice-receipt",)),
            )
        )
    ),
    Row(
        pytest.mark.req("EVT-76"), "invoice.refunded", {"invoice_id": "i751", "amount": 500, "is_full": True}
    ),
    Row(
        pytest.mark.req("EVT-76"), "invoice.cancelled", {"invoice_id": "i751", "amount": 500, "is_full": True}
    ),
    *(
        row
        for word in ("purchased", "renewed")
        for shown in [
            {"person": person("u-1"), "plan": "gold", "starts_at": at(), "expires_at": at(30 * DAY)}
        ]
        for row in (
            Row(
                pytest.mark.req("EVT-77"),
                f"membership.{word}",
                {"membership_id": f"m77{word}", **shown},
                name="as shipped",
            ),
            Row(
                pytest.mark.req("EVT-77"),
                f"membership.{word}",
                {"membership_id": f"n77{word}", **shown},
                ("u-1; membership_notice; n; all: email; membership-active; 0; 24h",),
                name="enabled",
                off=("membership-active",),
            ),
        )
    ),
    *(
        row
        for word in ("expired", "cancelled")
        for shown in [
            {"person": person("u-1"), "plan": "gold", "starts_at": at(), "expires_at": at(30 * DAY)}
        ]
        for row in (
            Row(
                pytest.mark.req("EVT-78"),
                f"membership.{word}",
                {"membership_id": f"m78{word}", "at": at()},
                name="as shipped",
            ),
            Row(
                pytest.mark.req("EVT-78"),
                f"membership.{word}",
                {"membership_id": f"n78{word}", "at": at()},
                ("u-1; membership_notice; n; all: email; membership-ended; 0; 24h",),
                name="enabled",
                before=(("membership.purchased", {"membership_id": f"n78{word}", **shown}),),
                off=("membership-ended",),
            ),
        )
    ),
    *(
        Row(
            pytest.mark.req("EVT-79"),
            f"package.{word}",
            {
                "package_id": f"k79{word}",
                "person": person("u-1"),
                "name": "Ten",
                "remaining": 9,
                "expires_at": at(DAY),
            },
        )
        for word in ("purchased", "used", "expired")
    ),
    Row(
        pytest.mark.req("EVT-79"),
        "package.purchased",
        {"package_id": "l79", "person": person("u-1"), "name": "Ten", "remaining": 9, "expires_at": at(DAY)},
        ("u-1; package_notice; n; all: email; package-active; 0; 24h",),
        name="enabled",
        off=("package-active",),
    ),
    Row(
        pytest.mark.req("EVT-80"),
        "loyalty.points_earned",
        {"person": person("u-1"), "points": 5, "balance": 9, "reason": "visit", "batch_id": "b80"},
    ),
    Row(
        pytest.mark.req("EVT-81"),
        "loyalty.points_expiring",
        {"person": person("u-1"), "points": 5, "expires_on": "2026-12-01"},
    ),
    *(
        Row(
            pytest.mark.req("EVT-82"),
            f"loyalty.points_{word}",
            {"person": person("u-1"), "points": 5, "balance": 9, "reference": f"r82{word}"},
        )
        for word in ("redeemed", "credited")
    ),
    *(
        Row(
            pytest.mark.req("EVT-83"),
            f"cart.{word}",
            {
                "cart_ref": "c83",
                "person": person("u-1"),
                "branch": "b",
                "items": [],
                "total": 5,
                "currency": "EUR",
                "status": "active",
            },
        )
        for word in ("updated", "completed")
    ),
]
