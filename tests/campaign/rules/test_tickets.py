"""Whoever has no ticket left is not reminded of the event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.campaign.rules.kit import NOON, Desk, at, person

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Anna has two, Ben one.
HOLDERS = [
    {"user_id": "u-a", "email": "u-a@example.com", "ticket_ref": "t-1"},
    {"user_id": "u-a", "email": "u-a@example.com", "ticket_ref": "t-2"},
    {"user_id": "u-b", "email": "u-b@example.com", "ticket_ref": "t-3"},
]
REMINDER = {
    "event_ref": "e-1",
    "event_name": "Opera",
    "event_date": at(timedelta(days=3)),
    "venue_name": "Hall",
    "venue_address": "Quay 1",
    "ticket_holders": HOLDERS,
}


def cancelled(ticket_ref: str, user_id: str) -> dict[str, Any]:
    return {
        "ticket_ref": ticket_ref,
        "person": person(user_id),
        "event_name": "Opera",
        "reason": "asked for it",
    }


async def reminders(desk: Desk) -> dict[str, str]:
    return {one.who: one.state for one in await desk.notices(rule="event-reminder")}


@pytest.mark.req("EVT-36")
async def test_a_reminder_ends_with_the_last_ticket_of_its_reader(desk: Desk) -> None:
    await desk.tell("event.reminder", REMINDER)
    await desk.tell("ticket.cancelled", cancelled("t-1", "u-a"))
    assert await reminders(desk) == {"u-a": "waiting", "u-b": "waiting"}
    await desk.tell("ticket.cancelled", cancelled("t-2", "u-a"))
    assert await reminders(desk) == {"u-a": "cancelled", "u-b": "waiting"}


@pytest.mark.req("EVT-36", "EVT-4")
async def test_a_ticket_that_ended_before_its_reminder_was_told_reminds_nobody(desk: Desk) -> None:
    await desk.tell("ticket.cancelled", cancelled("t-3", "u-b"))
    await desk.tell("event.reminder", REMINDER, occurred_at=(NOON - timedelta(minutes=1)).isoformat())
    assert await reminders(desk) == {"u-a": "waiting", "u-b": "cancelled"}


@pytest.mark.req("EVT-36")
async def test_a_ticket_that_was_passed_on_is_not_another_ticket(desk: Desk) -> None:
    await desk.tell("event.reminder", REMINDER)
    await desk.tell(
        "ticket.transferred",
        {
            "ticket_ref": "t-1",
            "from": person("u-a"),
            "to": person("u-c"),
            "event_name": "Opera",
            "event_date": REMINDER["event_date"],
            "transferred_at": at(),
        },
    )
    assert (await reminders(desk))["u-a"] == "waiting"
    await desk.tell("ticket.cancelled", cancelled("t-1", "u-c"))
    await desk.tell("ticket.cancelled", cancelled("t-2", "u-a"))
    assert await reminders(desk) == {"u-a": "cancelled", "u-b": "waiting"}


@pytest.mark.req("EVT-36")
async def test_a_ticket_of_an_event_nobody_was_reminded_of_ends_nothing(desk: Desk) -> None:
    await desk.tell("event.reminder", REMINDER)
    await desk.tell("ticket.cancelled", cancelled("t-9", "u-a"))
    assert await reminders(desk) == {"u-a": "waiting", "u-b": "waiting"}
