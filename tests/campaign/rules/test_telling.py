"""Who is told of what, how often, and with which words: what the table alone does not show."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from angarium.campaign.v1 import event_intake_service_pb2 as intake_pb
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from services.campaign.rules import memory, readers
from services.campaign.rules.variables import Variable
from tests.campaign.rules.kit import NOON, Desk, at, person
from tests.campaign.rules.payloads import MONEY, TICKETS, dispute, order, sale, transfer

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUR = timedelta(hours=1)


def action(n: int, **changes: Any) -> dict[str, Any]:
    given = {"person": person("u-1"), "order_id": "o-1", "payment_id": "p-1", "reason": "3ds", "attempt": n}
    return {**given, "retry_url": "https://shop.example/r", **changes}


@pytest.mark.req("EVT-6", "EVT-121", "EVT-16")
async def test_a_payment_under_three_names_is_told_once(desk: Desk) -> None:
    for name in ("payment.completed", "payment.succeeded", "payment.confirmed"):
        await desk.tell(name, sale("o-1"))
    await desk.tell(
        "order.paid",
        {**sale("o-1"), "event_ref": "e-1", "ticket_quantity": 1},
    )
    assert len(await desk.notices()) == 1


async def test_what_all_readers_of_an_event_share_is_looked_up_once_and_what_is_theirs_for_each(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [f"u-{number}" for number in range(6)]
    for user in users:
        who = person(user, first_name="Kim", last_name="Voss")
        await desk.tell("user.registered", {"person": who, "registration_source": "web"})
    by_users, asked = readers.by_users, Counter[str]()

    class Looked(dict[str, Any]):
        def items(self) -> Any:
            asked["names"] += 1
            return super().items()

    async def looked(*given: Any) -> Any:
        return Looked(await by_users(*given))

    value = Variable.value

    def valued(one: Variable, scene: Any) -> Any:
        asked[one.name] += 1
        return value(one, scene)

    monkeypatch.setattr(readers, "by_users", looked)
    monkeypatch.setattr(Variable, "value", valued)
    holders = [{"user_id": user, "ticket_ref": user} for user in (*users, users[0])]
    event_id = await desk.tell(
        "event.reminder",
        {"event_ref": "e-1", "event_name": "Opera", "event_date": at(HOUR * 30), "venue_name": "Hall"}
        | {"venue_address": "Q", "ticket_holders": holders},
    )
    told = await desk.notices(event_id)
    assert [one.who for one in told] == users
    assert [one.variables["ticketCount"] for one in told] == [2, 1, 1, 1, 1, 1]
    assert {one.variables["eventName"] for one in told} == {"Opera"}
    assert (asked["names"], asked["eventName"], asked["ticketCount"]) == (1, 1, 6)


@pytest.mark.req("EVT-6", "EVT-27", "EVT-33")
async def test_tickets_of_an_order_are_told_once_by_whichever_event_comes_first(desk: Desk) -> None:
    bought = {
        "person": person("u-1"),
        "event": {
            "ref": "e-1",
            "name": "Opera",
            "date": at(HOUR * 72),
            "venue_name": "Hall",
            "venue_address": "Q",
        },
        "ticket_refs": ["t-1"],
        "ticket_type": "Stalls",
        "ticket_count": 1,
        "order_id": "o-1",
    }
    await desk.tell("order.completed", {"person": person("u-1"), "order_id": "o-1", "tickets": TICKETS})
    await desk.tell("tickets.purchased", bought)
    [told] = await desk.notices()
    assert told.variables["event"]["name"] == "Opera"
    assert told.variables["passUrl"] == "https://shop.example/orders/o-1"


@pytest.mark.req("EVT-25", "EVT-27", "EVT-129")
async def test_an_order_is_confirmed_once(desk: Desk) -> None:
    await desk.tell("order.created", order("o-1", payment_required=False))
    await desk.tell("order.fulfilled", {"person": person("u-1"), "order_id": "o-1"})
    [told] = await desk.notices()
    assert told.variables == {
        "customerName": "Kim u-1",
        "orderId": "o-1",
        "orderNumber": "N-o-1",
        "items": [
            {"name": "Seat", "quantity": 2, "price": {"currency_code": "EUR", "units": 21, "nanos": 0}}
        ],
        "totalAmount": {"currency_code": "EUR", "units": 42, "nanos": 0},
        "orderUrl": "https://shop.example/orders/o-1",
        "supportEmail": "help@shop.example",
    }


@pytest.mark.req("EVT-17")
async def test_each_attempt_that_fails_is_told_once(desk: Desk) -> None:
    for attempt in (1, 1, 2):
        data = {**sale("o-1"), "reason_code": "card", "reason": "declined", "attempt": attempt}
        await desk.tell("payment.failed", data)
    assert len(await desk.notices()) == 2


@pytest.mark.req("EVT-18")
async def test_a_payment_that_needs_action_is_told_at_most_hourly_and_three_times(desk: Desk) -> None:
    told = []
    for n in range(8):
        desk.clock.set(NOON + n * timedelta(minutes=30))
        told.append(len(await desk.notices(await desk.tell("payment.action_required", action(n)))))
    assert told == [1, 0, 1, 0, 1, 0, 0, 0]
    desk.clock.set(NOON)
    other = await desk.tell("payment.action_required", action(1, payment_id="p-2"))
    assert len(await desk.notices(other)) == 1


@pytest.mark.req("EVT-69")
async def test_a_shortage_is_told_once_an_hour_for_each_thing(desk: Desk) -> None:
    await desk.staff("owner", "super_owner")
    critical = {"severity": "critical", "figures": {"seats": -2}}
    first = await desk.tell("inventory.negative", {**critical, "severity": "low"}, aggregate_id="hall")
    for data, thing in ((critical, "hall"), (critical, "yard")):
        await desk.tell("inventory.negative", data, aggregate_id=thing)
    await desk.tell("inventory.discrepancy", critical, aggregate_id="hall")
    found = await desk.notices()
    assert len(found) == 3
    [one] = await desk.notices(first)
    assert one.variables == {
        "kind": "negative",
        "subject": "hall",
        "severity": "low",
        "figures": [{"name": "seats", "value": "-2"}],
    }
    desk.clock.set(NOON + HOUR)
    again = await desk.tell("inventory.negative", critical, aggregate_id="hall")
    assert len(await desk.notices(again)) == 1


@pytest.mark.req("EVT-8")
@pytest.mark.parametrize(
    ("kind", "data", "worth"),
    [
        ("payment.succeeded", sale("o-1"), timedelta(hours=24)),
        ("order.expired", {"person": person("u-1"), "order_id": "o-1"}, timedelta(hours=2)),
        (
            "reservation.expired",
            {
                "reservation_id": "h-1",
                "person": person("u-1"),
                "event_ref": "e",
                "quantity": 1,
                "expired_at": at(),
            },
            timedelta(hours=1),
        ),
    ],
)
async def test_old_news_is_kept_and_not_told(
    desk: Desk, kind: str, data: dict[str, Any], worth: timedelta
) -> None:
    event = await desk.tell(kind, data, occurred_at=(NOON - worth).isoformat())
    assert await desk.notices() == []
    assert await desk.state(event) == intake_pb.InboundEvent.STATE_PROCESSED
    fresh = await desk.tell(
        kind, {**data, "order_id": "o-2", "reservation_id": "h-2"}, occurred_at=(NOON - worth / 2).isoformat()
    )
    [told] = await desk.notices(fresh)
    assert (told.due, told.expires) == (NOON, NOON + worth / 2)


@pytest.mark.req("EVT-2", "EVT-122")
async def test_an_event_about_nobody_known_is_processed_and_told_to_nobody(desk: Desk) -> None:
    refund = {"order_id": "o-9", "refund_id": "r-9", "payment_id": "p-9", **MONEY, "is_partial": False}
    event = await desk.tell("refund.completed", refund)
    paid = {"group_id": "g-9", "member_id": "m-1", "amount": 1, "payment_id": "p", "paid_count": 1}
    group = await desk.tell("group_payment.member_paid", {**paid, "total_count": 2})
    nobody = await desk.tell("appointment.cancelled", {"appointment_id": "a-9", "reason": "ill"})
    assert await desk.notices() == []
    for one in (event, group, nobody):
        assert await desk.state(one) == intake_pb.InboundEvent.STATE_PROCESSED


@pytest.mark.req("EVT-2")
async def test_somebody_of_whom_only_an_id_is_known_is_left_to_delivery(desk: Desk) -> None:
    event = await desk.tell("order.expired", {"user_id": "u-new", "order_id": "o-1"})
    [told] = await desk.notices(event)
    assert (told.who, told.variables["user"]) == ("u-new", {"name": "", "firstName": ""})


@pytest.mark.req("EVT-21", "EVT-123", "EVT-87")
async def test_a_refund_is_told_to_the_buyer_and_not_to_the_operator(desk: Desk) -> None:
    await desk.tell("payment.succeeded", sale("o-1", currency="JPY", amount=4200))
    refund = {
        "order_id": "o-1",
        "refund_id": "r-1",
        "payment_id": "p-1",
        "amount": 200,
        "currency": "JPY",
        "is_partial": True,
        "remaining": 4000,
        "user_id": "operator",
        "operator_id": "operator",
    }
    event = await desk.tell("refund.processed", refund)
    [told] = await desk.notices(event)
    assert told.who == "u-1"
    assert told.variables["amount"] == {"currency_code": "JPY", "units": 200, "nanos": 0}
    assert told.variables["remaining"] == {"currency_code": "JPY", "units": 4000, "nanos": 0}
    assert told.variables["isPartial"] is True
    assert told.variables["processingTime"] == "3-5 business days"


@pytest.mark.req("EVT-23")
async def test_a_dispute_is_told_to_staff_and_never_to_the_contact(desk: Desk) -> None:
    await desk.staff("owner", "super_owner")
    await desk.staff("idle", "super_owner", is_email_verified=False)
    await desk.staff("gone", "super_owner", is_disabled=True)
    await desk.tell("payment.succeeded", sale("o-1"))
    event = await desk.tell("dispute.created", dispute("o-1"))
    found = await desk.notices(event)
    assert [one.who for one in found] == ["cs@angarium.example", "owner"]
    assert found[0].variables["userId"] == "u-1"


@pytest.mark.req("EVT-19")
async def test_a_copy_of_a_receipt_says_what_the_payment_said(desk: Desk) -> None:
    await desk.tell("payment.succeeded", sale("o-1", event_name="Opera", ticket_count=2))
    event = await desk.tell("receipt.requested", {"person": person("u-1"), "order_id": "o-1"})
    [copy] = await desk.notices(event)
    assert (copy.variables["eventName"], copy.variables["ticketCount"]) == ("Opera", 2)
    assert (copy.variables["amount"]["units"], copy.variables["isCopy"]) == (42, True)
    unknown = await desk.tell("receipt.requested", {"person": person("u-1"), "order_id": "o-2"})
    assert await desk.notices(unknown) == []


@pytest.mark.req("EVT-85")
async def test_links_lead_to_the_order_and_to_the_next_try(desk: Desk) -> None:
    failed = {**sale("a/b c"), "reason_code": "card", "reason": "declined", "attempt": 1}
    [told] = await desk.notices(await desk.tell("payment.failed", failed))
    retry = "https://shop.example/checkout/retry/a%2Fb%20c"
    assert (told.variables["retryUrl"], told.variables["shortUrl"]) == (retry, retry)
    own = {**failed, "attempt": 2, "retry_url": "https://pay.example/again"}
    [other] = await desk.notices(await desk.tell("payment.failed", own))
    assert other.variables["retryUrl"] == other.variables["shortUrl"] == "https://pay.example/again"
    [paid] = await desk.notices(await desk.tell("payment.succeeded", sale("order-2041-7f3ac9d1")))
    assert paid.variables["orderUrl"] == "https://shop.example/orders/order-2041-7f3ac9d1"
    assert paid.variables["orderIdShort"] == "7f3ac9d1"


@pytest.mark.req("EVT-131")
async def test_templates_are_given_what_their_rule_names_and_nothing_else_of_the_event(desk: Desk) -> None:
    event = await desk.tell("payment.succeeded", {**sale("o-1"), "card_number": "4111", "secret": {"x": 1}})
    [told] = await desk.notices(event)
    assert "4111" not in str(told.variables)
    assert told.variables.keys() == {
        *("user", "amount", "currency", "eventName", "ticketCount", "orderId", "orderIdShort", "orderUrl"),
        *("shortUrl", "isCopy", "supportEmail"),
    }


@pytest.mark.req("EVT-34", "EVT-35")
async def test_each_party_of_a_transfer_reads_of_the_other(desk: Desk) -> None:
    event = await desk.tell("transfer.declined", transfer("t-1"))
    [told] = await desk.notices(event)
    assert (told.variables["otherName"], told.variables["status"]) == ("Kim u-to", "declined")
    assert told.variables["user"]["name"] == "Kim u-from"


@pytest.mark.req("EVT-47")
async def test_a_reset_says_how_and_keeps_its_token_nowhere_else(desk: Desk) -> None:
    data = {
        "user_id": "u-1",
        "email": "u-1@example.com",
        "reset_token": "s3cr3t&1",
        "expires_at": at(HOUR),
    }
    event = await desk.tell("user.password_reset", data)
    [told] = await desk.notices(event)
    assert told.variables["resetUrl"] == "https://shop.example/reset-password?token=s3cr3t%261"
    assert told.countdown == NOON + HOUR
    stub = desk.served.person(EventIntakeServiceStub)
    kept = await stub.GetInboundEvent(intake_pb.GetInboundEventRequest(event_id=str(event)))
    assert "s3cr3t" not in str(kept)


@pytest.mark.req("EVT-48")
async def test_an_address_that_is_given_up_is_told_too(desk: Desk) -> None:
    await desk.tell("user.registered", {
        "user_id": "u-1", "email": "old@example.com", "first_name": "Io", "last_name": "Lund",
        "registration_source": "web",
    })  # fmt: skip
    changed = {"user_id": "u-1", "old_email": "old@example.com", "new_email": "new@example.com"}
    found = await desk.notices(await desk.tell("user.email_changed", changed))
    assert [one.who for one in found] == ["old@example.com", "u-1"]
    assert {one.variables["kind"] for one in found} == {"email_changed"}


@pytest.mark.req("EVT-64")
async def test_somebody_of_staff_who_left_is_not_told_of_a_payout(desk: Desk) -> None:
    payout = {"payout_id": "p-1", "payee": {"staff_id": "gone"}, **MONEY, "arrival": "2026-12-01"}
    assert await desk.notices(await desk.tell("payout.paid", payout)) == []


@pytest.mark.req("EVT-51")
async def test_only_those_who_hold_tickets_hear_of_a_venue(desk: Desk) -> None:
    await desk.tell("payment.succeeded", sale("o-1", event_ref="e-1"))
    await desk.tell("payment.succeeded", sale("o-2", event_ref="e-1"))
    await desk.tell("payment.succeeded", sale("o-3", event_ref="e-2", person=person("u-2")))
    await desk.tell("payment.succeeded", sale("o-4", event_ref="e-1", person=person("u-3")))
    refund = {"order_id": "o-4", "refund_id": "r", "payment_id": "p", **MONEY, "is_partial": False}
    await desk.tell("refund.completed", refund)
    said = {"title": "Doors", "body": "Earlier", "operational": True}
    event = await desk.tell("venue.announcement", {**said, "audience": {"eventRef": "e-1"}})
    assert [one.who for one in await desk.notices(event)] == ["u-1"]
    nobody = await desk.tell("venue.announcement", {**said, "audience": {"segment": "all"}})
    assert await desk.notices(nobody) == []


async def test_what_is_old_and_just_noted_down_again_is_not_forgotten(desk: Desk) -> None:
    database, subject = desk.served.service.database, ["o-1"]
    async with database.tenant(desk.served.tenant_id) as uow:
        await memory.claim(uow, "limit/x", subject)
    later = NOON + HOUR
    async with database.tenant(desk.served.tenant_id) as uow:
        await memory.claim(uow, "limit/x", subject)
        async with database.system() as cleaning:
            # Whoever waited for the other would wait for ever here.
            await cleaning.execute("SET LOCAL lock_timeout = '5s'")
            await memory.forget_old(cleaning, later, 1000)
        await memory.save(uow, "limit/x", subject, {"uses": {}}, later + HOUR)
    async with database.tenant(desk.served.tenant_id) as uow:
        assert await memory.known(uow, "limit/x", subject) == {"uses": {}}
