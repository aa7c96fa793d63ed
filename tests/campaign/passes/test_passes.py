"""Passes of tickets that were bought are offered; what happens to tickets and events reaches their passes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.common.errors import failed, invalid, unavailable
from tests.campaign.passes.conftest import BoxOffice
from tests.campaign.rules.kit import NOON, at, person

pytestmark = pytest.mark.asyncio(loop_scope="module")

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SHOP = "https://shop.example/orders/o-1"


def bought(**changes: Any) -> dict[str, Any]:
    return {
        "person": person("u-1"),
        "event": {
            "ref": "e-1",
            "name": "Opera",
            "date": at(3 * DAY),
            "venue_name": "Hall",
            "venue_address": "Quay 1",
        },
        "ticket_refs": ["t-1", "t-2"],
        "ticket_type": "Stalls",
        "ticket_count": 2,
        "order_id": "o-1",
        **changes,
    }


def transferred() -> dict[str, Any]:
    return {
        "ticket_ref": "t-1",
        "from": person("u-1"),
        "to": person("u-2"),
        "event_name": "Opera",
        "event_date": at(3 * DAY),
        "transferred_at": at(),
    }


def ended(ticket_ref: str = "t-1") -> dict[str, Any]:
    return {"ticket_ref": ticket_ref, "person": person("u-1"), "event_name": "Opera", "reason": "refund"}


def called_off(tickets: int = 1) -> dict[str, Any]:
    return {
        "event_ref": "e-1",
        "event_name": "Opera",
        "event_date": at(3 * DAY),
        "reason": "fire",
        "refund_available": True,
        "affected_tickets": [
            {"ticket_ref": f"t-{one:04}", "user_id": "u-1", "email": "u-1@example.com"}
            for one in range(tickets)
        ],
    }


def put_off(changes: dict[str, Any], event_date: str = at(9 * DAY)) -> dict[str, Any]:
    return {
        "event_ref": "e-1",
        "event_name": "Opera",
        "event_date": event_date,
        "changes": changes,
        "holders": [{"user_id": "u-1", "email": "u-1@example.com"}],
    }


@pytest.mark.req("EVT-33")
async def test_the_message_about_tickets_leads_to_their_passes(office: BoxOffice) -> None:
    await office.tell("ticket.purchased", bought())
    await office.hand_over()
    [offer] = office.delivery.wallets.offered
    assert (list(offer.ticket_refs), offer.contact_id) == (["t-1", "t-2"], str(await office.contact("u-1")))
    shown = offer.fields
    assert (shown.event_name, shown.event_ref, shown.venue_name, shown.venue_address, shown.attendee_name) == (
        "Opera", "e-1", "Hall", "Quay 1", "Kim u-1",
    )  # fmt: skip
    assert shown.event_time.ToDatetime() == (NOON + 3 * DAY).replace(tzinfo=None)
    assert shown.time_zone
    assert set(office.links()) == {f"https://go.angarium.example/passes/{offer.offer_id}"}


@pytest.mark.req("EVT-27", "EVT-33")
async def test_an_order_that_names_its_tickets_offers_their_passes(office: BoxOffice) -> None:
    event = {"event_ref": "e-1", "event_name": "Opera", "event_date": at(3 * DAY), "venue_name": "Hall"}
    tickets = [
        {"ticket_ref": "t-1", **event},
        {"ticket_ref": "t-2", **event},
        {"ticket_ref": "t-9", **event, "event_ref": "e-9"},
    ]
    await office.tell("order.completed", {"person": person("u-1"), "order_id": "o-1", "tickets": tickets})
    await office.hand_over()
    [offer] = office.delivery.wallets.offered
    assert (list(offer.ticket_refs), offer.fields.event_ref) == (["t-1", "t-2"], "e-1")


@pytest.mark.req("EVT-33")
async def test_messages_wait_for_passes_while_delivery_is_away(office: BoxOffice) -> None:
    office.delivery.wallets.error = unavailable("database")
    await office.tell("ticket.purchased", bought())
    await office.hand_over()
    assert office.links() == []
    office.delivery.wallets.error = None
    office.clock.advance(MINUTE)
    await office.hand_over()
    assert set(office.links()) == {
        f"https://go.angarium.example/passes/{office.delivery.wallets.offered[0].offer_id}"
    }


@pytest.mark.req("EVT-33")
@pytest.mark.parametrize(
    "error",
    [failed("PROVIDER_NOT_CONFIGURED", "no key"), invalid("fields.event_time", "is over")],
    ids=["nobody-signs-passes", "it-cannot-be-shown"],
)
async def test_without_passes_the_message_leads_to_the_order(office: BoxOffice, error: Any) -> None:
    # What another test was told of keys is forgotten by then.
    office.clock.advance(2 * MINUTE)
    office.delivery.wallets.error = error
    await office.tell("ticket.purchased", bought())
    await office.hand_over()
    assert set(office.links()) == {SHOP}
    office.clock.advance(2 * MINUTE)


@pytest.mark.req("EVT-33", "EVT-36")
async def test_passes_of_tickets_that_went_meanwhile_are_not_offered(office: BoxOffice) -> None:
    office.clock.advance(5 * MINUTE)
    await office.tell("ticket.purchased", bought())
    await office.tell("ticket.transferred", transferred())
    await office.carry_out()
    await office.hand_over()
    [offer] = office.delivery.wallets.offered
    assert list(offer.ticket_refs) == ["t-2"]
    # One that was made while its ticket went would be voided now.
    await office.carry_out()
    first, again = office.delivery.wallets.voided
    assert first == again


@pytest.mark.req("EVT-34", "DEL-100")
async def test_a_transfer_voids_the_pass_of_the_sender_alone(office: BoxOffice) -> None:
    await office.tell("ticket.transferred", transferred())
    await office.tell("ticket.transfer.sender", transferred())
    await office.carry_out()
    [order] = {one.SerializeToString(): one for one in office.delivery.wallets.voided}.values()
    assert (list(order.ticket_refs), order.contact_id) == (["t-1"], str(await office.contact("u-1")))


@pytest.mark.req("EVT-36", "DEL-100")
async def test_a_cancelled_ticket_voids_its_pass_until_delivery_knows(office: BoxOffice) -> None:
    wallets = office.delivery.wallets
    wallets.error = unavailable("database")
    await office.tell("ticket.cancelled", ended())
    await office.carry_out()
    assert wallets.voided == []
    wallets.error = None
    office.clock.advance(MINUTE)
    await office.carry_out()
    [order] = wallets.voided
    assert (list(order.ticket_refs), order.contact_id, order.event_ref) == (["t-1"], "", "")
    office.clock.advance(DAY)
    await office.carry_out()
    assert len(wallets.voided) == 1


@pytest.mark.req("EVT-43")
async def test_an_event_that_is_called_off_voids_its_passes_block_by_block(office: BoxOffice) -> None:
    wallets = office.delivery.wallets
    wallets.blocks = 3
    await office.tell("event.cancelled", called_off(tickets=1_500))
    await office.carry_out()
    of_event = [one for one in wallets.voided if one.event_ref == "e-1"]
    assert len(of_event) == 3, "it asks until nothing is left"
    named = {ticket for one in wallets.voided for ticket in one.ticket_refs}
    assert len(named) == 1_500
    assert max(len(one.ticket_refs) for one in wallets.voided) == 1_000


@pytest.mark.req("EVT-44")
async def test_what_changes_of_an_event_is_told_to_its_passes(office: BoxOffice) -> None:
    wallets = office.delivery.wallets
    wallets.blocks = 2
    changes = {"date": {"from": at(3 * DAY), "to": at(9 * DAY)}, "venue_name": "Arena", "doors": "19:00"}
    await office.tell("event.updated", put_off(changes))
    await office.carry_out()
    first, second = wallets.changed
    assert sorted(first.update_mask.paths) == ["event_time", "venue_name"]
    assert (first.event_ref, first.fields.venue_name) == ("e-1", "Arena")
    assert first.fields.event_time.ToDatetime() == (NOON + 9 * DAY).replace(tzinfo=None)
    assert (first.after_pass_id, bool(second.after_pass_id)) == ("", True)


@pytest.mark.req("EVT-44", "EVT-4")
async def test_of_two_changes_the_later_one_holds_whichever_comes_first(office: BoxOffice) -> None:
    later = (NOON + MINUTE).isoformat()
    await office.tell("event.updated", put_off({"venue_name": "Arena"}), occurred_at=later)
    await office.tell("event.updated", put_off({"venue_name": "Dome", "venue_address": "Hill 2"}))
    await office.carry_out()
    told = office.delivery.wallets.changed[-1]
    assert (told.fields.venue_name, told.fields.venue_address) == ("Arena", "Hill 2")


@pytest.mark.req("EVT-44")
async def test_what_no_pass_shows_changes_none(office: BoxOffice) -> None:
    await office.tell("event.updated", put_off({"doors": "19:00", "other": "no bags"}))
    await office.carry_out()
    assert office.delivery.wallets.changed == []
