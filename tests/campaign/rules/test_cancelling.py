"""What waits for something ends or moves with it, whatever order events come in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.campaign.rules.kit import NOON, Desk, Told, at, person
from tests.campaign.rules.payloads import HOLDERS, VENUE, group, transfer

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def hold(ref: str, **changes: Any) -> dict[str, Any]:
    given = {"reservation_id": ref, "person": person("u-1"), "event_ref": "e-1", "event_name": "Opera"}
    return {**given, "expires_at": at(15 * MINUTE), **changes}


def ready(**changes: Any) -> dict[str, Any]:
    given = {"event_ref": "e-1", "event_name": "Opera", "person": person("u-1")}
    return {
        **given,
        "access_url": "https://shop.example/w",
        "access_expires_at": at(10 * MINUTE),
        **changes,
    }


def reminder(**changes: Any) -> dict[str, Any]:
    return {"event_ref": "e-1", **VENUE, "ticket_holders": HOLDERS, **changes}


def update(event_date: str, **changes: Any) -> dict[str, Any]:
    given = {"event_ref": "e-1", "event_name": "Opera", "event_date": event_date}
    return {**given, "changes": {"date": event_date}, "holders": HOLDERS, **changes}


PAID = {
    "person": person("u-1"),
    "order_id": "o-1",
    "payment_id": "p-1",
    "event_ref": "e-1",
    "amount": 10,
    "currency": "EUR",
    "ticket_quantity": 1,
}


def states(notices: list[Told]) -> list[str]:
    return [one.state for one in notices]


@pytest.mark.req("EVT-38", "EVT-41", "LIF-4")
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("reservation.confirmed", {"reservation_id": "h-1"}),
        ("reservation.released", {"reservation_id": "h-1"}),
        ("reservation.expired", {**hold("h-1"), "quantity": 1, "expired_at": at()}),
        ("order.paid", PAID),
        ("payment.succeeded", PAID),
    ],
)
async def test_whoever_keeps_or_loses_a_reservation_is_not_told_that_it_lapses(
    desk: Desk, kind: str, data: dict[str, Any]
) -> None:
    created = await desk.tell("reservation.created", hold("h-1"))
    other = await desk.tell("reservation.created", hold("h-2", event_ref="e-2", person=person("u-2")))
    await desk.tell(kind, data)
    [stopped] = await desk.notices(created)
    assert (stopped.state, stopped.reason) == ("cancelled", "no longer true")
    assert states(await desk.notices(other)) == ["waiting"]


@pytest.mark.req("EVT-39", "EVT-127")
async def test_a_reservation_that_is_announced_twice_is_told_once(desk: Desk) -> None:
    await desk.tell("reservation.created", hold("h-1"))
    expiring = {
        "reservation_id": "h-1",
        "person": person("u-1"),
        "minutes_left": 3,
        "expires_at": at(15 * MINUTE),
    }
    await desk.tell("reservation.expiring", expiring)
    [told] = await desk.notices(rule="reservation-expiring")
    assert told.variables["eventName"] == "Opera"
    assert told.countdown == NOON + 15 * MINUTE
    for _ in range(2):
        await desk.tell("reservation.expired", {**hold("h-1"), "quantity": 1, "expired_at": at()})
    assert len(await desk.notices(rule="reservation-expired")) == 1


@pytest.mark.req("EVT-4", "EVT-38")
async def test_a_reservation_that_was_confirmed_before_it_was_told_of_stays_quiet(desk: Desk) -> None:
    later = (NOON + MINUTE).isoformat()
    await desk.tell("reservation.confirmed", {"reservation_id": "h-1"}, occurred_at=later)
    await desk.tell("reservation.created", hold("h-1"))
    assert await desk.notices() == []


@pytest.mark.req("EVT-61", "EVT-62")
@pytest.mark.parametrize("kind", ["order.created", "order.paid", "waiting_room.expired"])
async def test_whoever_used_their_turn_is_not_told_that_it_ends(desk: Desk, kind: str) -> None:
    entered = await desk.tell("waiting_room.ready", ready())
    data = {**PAID, "order_number": "7", "items": [], "payment_required": True}
    await desk.tell(kind, data)
    found = {one.rule: one.state for one in await desk.notices(entered)}
    assert found["waiting-room-expiring"] == "cancelled"


@pytest.mark.req("EVT-62")
async def test_the_end_of_a_turn_is_told_once_however_it_is_announced(desk: Desk) -> None:
    await desk.tell("waiting_room.ready", ready())
    await desk.tell("waiting_room.expiring", {"event_ref": "e-1", "person": person("u-1")})
    [told] = await desk.notices(rule="waiting-room-expiring")
    assert (told.due, told.countdown) == (NOON + 8 * MINUTE, NOON + 10 * MINUTE)
    # Another turn another day is told again.
    await desk.tell("waiting_room.ready", ready(access_expires_at=at(DAY)))
    assert len(await desk.notices(rule="waiting-room-expiring")) == 2


@pytest.mark.req("EVT-54", "EVT-55", "EVT-128")
async def test_a_member_who_paid_is_not_reminded_and_the_others_are(desk: Desk) -> None:
    created = await desk.tell("group_payment.created", group("g-1"))
    paid = {
        "group_id": "g-1",
        "member_id": "m-1",
        "amount": 2100,
        "payment_id": "p-1",
        "paid_count": 1,
        "total_count": 2,
    }
    await desk.tell("group_payment.member_paid", paid)
    found = await desk.notices(created)
    assert {(one.correlation, one.state) for one in found} == {
        ("group:g-1/m-1", "cancelled"),
        ("group:g-1/m-2", "waiting"),
    }
    assert {one.who for one in found if one.state == "waiting"} == {"m2@example.com"}
    [received] = await desk.notices(rule="group-payment-received")
    assert received.variables == {
        "name": "Mo 1",
        "eventName": "Opera",
        "amount": {"currency_code": "EUR", "units": 21, "nanos": 0},
        "paidCount": 1,
        "totalCount": 2,
    }
    [progress] = await desk.notices(rule="group-payment-progress")
    assert progress.variables["memberName"] == "Mo 1"
    assert progress.variables["name"] == "Kim u-g-1"


@pytest.mark.req("EVT-56", "EVT-57", "EVT-58")
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("group_payment.completed", {"members": [{"member_id": "m-1"}, {"member_id": "m-2"}]}),
        (
            "group_payment.partially_paid",
            {"paid_members": [{"member_id": "m-2"}], "unpaid_members": [{"member_id": "m-1"}]},
        ),
        ("group_payment.expired", {"reason": "expired_no_payment"}),
        ("group_payment.cancelled", {"reason": "organizer"}),
    ],
)
async def test_a_group_that_is_over_reminds_nobody(desk: Desk, kind: str, data: dict[str, Any]) -> None:
    created = await desk.tell("group_payment.created", group("g-1"))
    await desk.tell(kind, {"group_id": "g-1", **data})
    assert set(states(await desk.notices(created))) == {"cancelled"}


@pytest.mark.req("EVT-4", "EVT-128")
async def test_whoever_paid_before_the_group_was_told_of_is_not_invited(desk: Desk) -> None:
    paid = {
        "group_id": "g-1",
        "member_id": "m-1",
        "amount": 2100,
        "payment_id": "p-1",
        "paid_count": 1,
        "total_count": 2,
    }
    await desk.tell("group_payment.member_paid", paid, occurred_at=(NOON + MINUTE).isoformat())
    await desk.tell("group_payment.created", group("g-1"))
    assert {one.who for one in await desk.notices()} == {"m2@example.com"}
    over = {"group_id": "g-2", "reason": "organizer"}
    await desk.tell("group_payment.cancelled", over, occurred_at=(NOON + MINUTE).isoformat())
    await desk.tell("group_payment.created", group("g-2"))
    assert {one.who for one in await desk.notices()} == {"m2@example.com"}


@pytest.mark.req("EVT-54")
async def test_reminders_that_would_come_after_the_end_are_not_planned(desk: Desk) -> None:
    await desk.tell("group_payment.created", group("g-1", expires_at=at(9 * MINUTE)))
    due = {one.due - NOON for one in await desk.notices()}
    assert due == {timedelta(0), 5 * MINUTE, 8 * MINUTE}


@pytest.mark.req("EVT-35")
async def test_an_offer_ends_with_its_transfer(desk: Desk) -> None:
    offered = await desk.tell("transfer.offered", transfer("t-1", expires_at=at(DAY)))
    await desk.tell("transfer.cancelled", transfer("t-1"))
    assert states(await desk.notices(offered)) == ["cancelled"]


@pytest.mark.req("EVT-42", "EVT-44")
async def test_reminders_move_with_their_event(desk: Desk) -> None:
    first = await desk.tell("event.reminder", reminder())
    await desk.tell("event.updated", update(at(5 * DAY)))
    found = await desk.notices(first)
    assert {(one.who, one.state, one.due, one.expires) for one in found} == {
        (who, "waiting", NOON + 4 * DAY, NOON + 5 * DAY) for who in ("u-a", "u-b")
    }
    assert {one.correlation for one in found} == {"event:e-1"}


@pytest.mark.req("EVT-42", "EVT-44")
async def test_an_event_that_is_announced_for_another_day_reminds_everybody_once(desk: Desk) -> None:
    await desk.tell("event.reminder", reminder())
    await desk.tell("event.updated", update(at(5 * DAY)))
    for _ in range(2):
        await desk.tell("event.reminder", reminder(event_date=at(5 * DAY)))
    waiting = [one for one in await desk.notices(rule="event-reminder") if one.state == "waiting"]
    assert sorted(one.who for one in waiting) == ["u-a", "u-b"]
    assert {one.due for one in waiting} == {NOON + 4 * DAY}


@pytest.mark.req("EVT-4", "EVT-44")
async def test_what_an_older_event_says_of_the_day_does_not_hold(desk: Desk) -> None:
    later = (NOON + MINUTE).isoformat()
    await desk.tell("event.updated", update(at(5 * DAY)), occurred_at=later)
    await desk.tell("event.reminder", reminder())
    due = {one.due for one in await desk.notices(rule="event-reminder")}
    assert due == {NOON + 4 * DAY}


@pytest.mark.req("EVT-43")
async def test_nobody_is_reminded_of_an_event_that_is_cancelled(desk: Desk) -> None:
    reminded = await desk.tell("event.reminder", reminder())
    cancelled = {
        "event_ref": "e-1",
        "event_name": "Opera",
        "event_date": at(3 * DAY),
        "reason": "fire",
        "refund_available": True,
        "affected_tickets": HOLDERS,
    }
    await desk.tell("event.cancelled", cancelled, occurred_at=(NOON + MINUTE).isoformat())
    assert set(states(await desk.notices(reminded))) == {"cancelled"}
    # Announced again by somebody who had not heard of it.
    await desk.tell("event.reminder", reminder(), occurred_at=NOON.isoformat())
    waiting = [one for one in await desk.notices(rule="event-reminder") if one.state == "waiting"]
    assert waiting == []


@pytest.mark.req("EVT-42")
async def test_somebody_with_several_tickets_is_told_once_with_their_number(desk: Desk) -> None:
    event = await desk.tell("event.reminder", reminder(event_time_zone="Europe/Berlin"))
    anna, ben = await desk.notices(event)
    assert (anna.who, anna.variables["ticketCount"]) == ("u-a", 2)
    assert (ben.who, ben.variables["ticketCount"]) == ("u-b", 1)
    assert anna.time_zone == "Europe/Berlin"
    assert anna.variables["event"]["name"] == "Opera"
    assert anna.countdown == NOON + 3 * DAY
