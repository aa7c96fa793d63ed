"""What neighbours tell: the data of events, as every test of rules begins from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.campaign.rules.kit import at, person

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
PAY_URL = "https://pay.example/g/7?token=q8Zt3mR1vK0xW5bN9cLp"
MONEY = {"amount": 4200, "currency": "EUR"}


def sale(ref: str, **changes: Any) -> dict[str, Any]:
    return {"person": person("u-1"), "order_id": ref, "payment_id": f"p-{ref}", **MONEY, **changes}


def order(ref: str, **changes: Any) -> dict[str, Any]:
    return {
        "person": person("u-1"),
        "order_id": ref,
        "order_number": f"N-{ref}",
        "items": [{"name": "Seat", "quantity": 2, "price": 2100}],
        **MONEY,
        "payment_required": True,
        **changes,
    }


def transfer(ref: str, **changes: Any) -> dict[str, Any]:
    given = {"transfer_id": ref, "ticket_ref": "t-1", "from": person("u-from"), "to": person("u-to")}
    return {**given, "event_name": "Opera", **changes}


def group(ref: str, **changes: Any) -> dict[str, Any]:
    members = [
        {
            "member_id": f"m-{n}",
            "email": f"m{n}@example.com",
            "name": f"Mo {n}",
            "amount_due": 2100,
            "ticket_count": 1,
            "pay_url": PAY_URL,
        }
        for n in (1, 2)
    ]
    return {
        "group_id": ref,
        "organizer": person(f"u-{ref}"),
        "event_ref": "e-1",
        "event_name": "Opera",
        "total_amount": 4200,
        "currency": "EUR",
        "expires_at": at(10 * MINUTE),
        "members": members,
        **changes,
    }


def party(ref: str) -> dict[str, Any]:
    return {"escrow_id": ref, "buyer": person("u-buyer"), "seller": person("u-seller"), **MONEY}


def dispute(ref: str, **changes: Any) -> dict[str, Any]:
    said = {"dispute_id": f"d-{ref}", "order_id": ref, "payment_id": f"p-{ref}", "user_id": "u-1", **MONEY}
    return {**said, "timestamp": at(), **changes}


def stay(ref: str, **changes: Any) -> dict[str, Any]:
    booked = {"appointment_id": ref, "person": person("u-1"), "branch": "b-1", "staff": {"name": "Mia"}}
    return {**booked, "services": [{"name": "Cut"}], "start_at": at(3 * DAY), **changes}


HOLDERS = [
    {"user_id": "u-a", "email": "u-a@example.com", "ticket_ref": "t-1"},
    {"user_id": "u-b", "email": "u-b@example.com", "ticket_ref": "t-2"},
    {"user_id": "u-a", "email": "u-a@example.com", "ticket_ref": "t-3"},
]
VENUE = {"event_name": "Opera", "event_date": at(3 * DAY), "venue_name": "Hall", "venue_address": "1 Quay"}
TICKETS = [{"ticket_ref": "t-1", "event_name": "Opera", "event_date": at(3 * DAY), "venue_name": "Hall"}]
