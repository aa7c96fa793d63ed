"""Carts and views: recorded, told by events in any order, and what automations make of them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from angarium.campaign.v1 import automation_pb2
from angarium.campaign.v1 import automation_service_pb2 as pb
from services.campaign.automations.wiring import jobs
from services.campaign.carts import store
from services.campaign.carts.domain import Cart, CartState, Told, folded
from services.common.errors import ServiceError
from services.common.jobs import JobRunner
from services.common.money import Money
from tests.campaign.automations.conftest import NOON, building, shop
from tests.campaign.automations.given import (
    advance,
    automation,
    clock,
    contact,
    run_of,
    runs_of,
    state,
    stub,
    tell,
)
from tests.campaign.orders.given import event
from tests.house import Served

__all__ = ["building", "shop"]

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT = [{"delay": "86400s"}]


async def record(
    served: Served, person: str, ref: str = "c1", at: datetime | None = None
) -> automation_pb2.Cart:
    cart = automation_pb2.Cart(
        cart_ref=ref,
        contact_id=person,
        items=[automation_pb2.CartItem(name="Seat", quantity=2, price=euros("60.00"))],
        total=euros("120.00"),
    )
    if at:
        cart.last_activity_time.FromDatetime(at)
    return (await stub(served).RecordCart(pb.RecordCartRequest(cart=cart))).cart


def euros(amount: str) -> Any:
    from decimal import Decimal

    return Money("EUR", Decimal(amount)).to_proto()


async def run_job(served: Served, name: str) -> None:
    runner = JobRunner(served.service.database, jobs(served.settings), clock(served))  # type: ignore[arg-type]
    await runner.run_now(name)


async def cart(served: Served, ref: str) -> Cart:
    async with served.service.database.tenant(served.tenant_id) as uow:
        found = await store.by_ref(uow, ref)
    assert found
    return found


async def noon(served: Served) -> datetime:
    """A day on, so that each test has times of its own."""
    clock(served).advance(timedelta(days=1))
    return clock(served).now()


@pytest.mark.req("GEN-7")
async def test_ids_are_made_by_the_service_in_the_order_of_time_whatever_neighbours_call_things(
    shop: Served,
) -> None:
    people = [await contact(shop, external_id=name) for name in ("4711", "a/b c", "é" * 100)]
    made = await automation(shop, behavior={"type": "TYPE_CART_ABANDONED"}, actions=WAIT)
    ids = [UUID(one) for one in (*people, made.automation_id)]
    assert [one.version for one in ids] == [7] * 4
    assert ids == sorted(ids)
    await record(shop, people[0], "cart 1/2")
    assert (await cart(shop, "cart 1/2")).contact_id == ids[0]


@pytest.mark.req("LIF-26", "LIF-7")
async def test_a_cart_is_recorded_and_completed_for_good(shop: Served) -> None:
    person = await contact(shop)
    made = await record(shop, person)
    assert (made.state, made.items[0].price.units, made.total.units) == (
        automation_pb2.Cart.STATE_ACTIVE,
        60,
        120,
    )
    done = (await stub(shop).CompleteCart(pb.CompleteCartRequest(cart_ref="c1"))).cart
    assert done.state == automation_pb2.Cart.STATE_COMPLETED
    assert done.HasField("complete_time")
    assert (await record(shop, person)).state == automation_pb2.Cart.STATE_COMPLETED


@pytest.mark.req("LIF-26")
async def test_carts_and_views_of_nobody_are_refused(shop: Served) -> None:
    with pytest.raises(ServiceError) as caught:
        await record(shop, str(uuid4()))
    assert caught.value.reason == "NOT_FOUND"
    with pytest.raises(ServiceError) as caught:
        await stub(shop).CompleteCart(pb.CompleteCartRequest(cart_ref="none"))
    assert caught.value.reason == "NOT_FOUND"
    with pytest.raises(ServiceError) as caught:
        await stub(shop).RecordView(pb.RecordViewRequest(contact_id=str(uuid4()), subject_ref="e"))
    assert caught.value.reason == "NOT_FOUND"
    wanted = automation_pb2.Cart(cart_ref="c", contact_id=await contact(shop), total=euros("-1"))
    with pytest.raises(ServiceError) as caught:
        await stub(shop).RecordCart(pb.RecordCartRequest(cart=wanted))
    assert [one.field for one in caught.value.violations] == ["cart.total"]


@pytest.mark.req("LIF-66", "LIF-106", "JOB-16", "EVT-83")
async def test_a_cart_that_rests_starts_one_run_and_its_purchase_ends_it(shop: Served) -> None:
    start = await noon(shop)
    made = await automation(shop, behavior={"type": "TYPE_CART_ABANDONED"}, actions=WAIT, cooldown_days=0)
    person, other = await contact(shop), await contact(shop)
    await record(shop, person, "left")
    await record(shop, other, "bought")
    await stub(shop).CompleteCart(pb.CompleteCartRequest(cart_ref="bought"))
    clock(shop).set(start + timedelta(hours=1, minutes=59))
    await run_job(shop, "abandoned-carts")
    assert await runs_of(shop) == []
    clock(shop).set(start + timedelta(hours=2))
    await run_job(shop, "abandoned-carts")
    await run_job(shop, "abandoned-carts")
    [run] = await runs_of(shop)
    assert (run.automation_id, run.contact_id, run.trigger_key) == (made.automation_id, person, "left")
    await advance(shop)
    assert await state(shop, run.run_id) == "waiting"
    await stub(shop).CompleteCart(pb.CompleteCartRequest(cart_ref="left"))
    shown = await run_of(shop, run.run_id)
    assert (await state(shop, run.run_id), shown.run.error) == ("cancelled", "cart_completed")


@pytest.mark.parametrize("state", [3, 4])
async def test_a_cart_whose_contact_is_gone_starts_nothing_however_often_the_job_looks(
    shop: Served, state: int
) -> None:
    start = await noon(shop)
    await automation(shop, behavior={"type": "TYPE_CART_ABANDONED"}, actions=WAIT, cooldown_days=0)
    person = await contact(shop)
    await record(shop, person, "left")
    # Erased or merged in the moment in which the cart was told of.
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        await uow.execute(
            "UPDATE contact SET state = %(state)s, merged_into = %(into)s, external_id = NULL,"
            " erased_at = CASE WHEN %(state)s = 3 THEN now() END WHERE tenant_id = %(tenant)s AND contact_id = %(person)s",
            {
                "state": state,
                "into": uuid4() if state == 4 else None,
                "tenant": shop.tenant_id,
                "person": person,
            },
        )
    clock(shop).set(start + timedelta(hours=3))
    for _ in range(2):
        await run_job(shop, "abandoned-carts")
    assert await runs_of(shop) == []


@pytest.mark.req("JOB-16")
async def test_carts_that_rested_too_long_start_nothing_and_expire_after_thirty_days(shop: Served) -> None:
    start = await noon(shop)
    await automation(shop, behavior={"type": "TYPE_CART_ABANDONED", "hours": 1}, actions=WAIT)
    await record(shop, await contact(shop))
    clock(shop).set(start + timedelta(hours=73))
    await run_job(shop, "abandoned-carts")
    assert await runs_of(shop) == []
    clock(shop).set(start + timedelta(days=30))
    await run_job(shop, "abandoned-carts")
    assert (await cart(shop, "c1")).state is CartState.EXPIRED


@pytest.mark.req("LIF-66", "LIF-107", "JOB-17")
@pytest.mark.parametrize(
    ("kind", "column", "reason"),
    [
        ("TYPE_INACTIVE", "last_activity_at", "was_active"),
        ("TYPE_NO_PURCHASE", "last_purchase_at", "purchased"),
    ],
)
async def test_contacts_newly_quiet_start_one_run_each_and_a_sign_of_life_ends_it(
    shop: Served, kind: str, column: str, reason: str
) -> None:
    morning = (await noon(shop)).replace(hour=9, minute=30)
    clock(shop).set(max(morning, clock(shop).now()))
    current = clock(shop).now()
    made = await automation(shop, behavior={"type": kind, "days": 30}, actions=WAIT)
    quiet, long_gone, lively = [await contact(shop, external_id=name) for name in ("quiet", "gone", "lively")]
    ages = {quiet: timedelta(days=30, hours=5), long_gone: timedelta(days=34), lively: timedelta(days=29)}
    async with shop.service.database.tenant(shop.tenant_id) as uow:
        for person, age in ages.items():
            await uow.execute(
                f"UPDATE contact SET {column} = %s WHERE contact_id = %s",
                (current - age, person),
            )
    await run_job(shop, "inactivity")
    await run_job(shop, "inactivity")
    [run] = await runs_of(shop)
    assert (run.automation_id, run.contact_id) == (made.automation_id, quiet)
    await advance(shop)
    clock(shop).advance(timedelta(minutes=1))
    bought = event(
        shop,
        "order.paid",
        person={"user_id": "quiet"},
        order_id="o1",
        payment_id="p1",
        event_ref="e1",
        amount=100,
        currency="EUR",
        ticket_quantity=1,
    )
    await tell(shop, dataclasses.replace(bought, occurred_at=clock(shop).now()))
    shown = await run_of(shop, run.run_id)
    assert (await state(shop, run.run_id), shown.run.error) == ("cancelled", reason)


@pytest.mark.req("JOB-17")
async def test_quiet_contacts_are_looked_for_from_ten_by_the_tenants_clock(shop: Served) -> None:
    day = (await noon(shop)) + timedelta(days=1)
    await automation(shop, behavior={"type": "TYPE_INACTIVE"}, actions=WAIT)
    person = await contact(shop)
    # Berlin is an hour ahead in winter.
    for hour, found in ((8, 0), (9, 1)):
        clock(shop).set(day.replace(hour=hour, minute=30))
        async with shop.service.database.tenant(shop.tenant_id) as uow:
            await uow.execute(
                "UPDATE contact SET last_activity_at = %s WHERE contact_id = %s",
                (uow.now() - timedelta(days=30, minutes=5), person),
            )
        await run_job(shop, "inactivity")
        assert len(await runs_of(shop)) == found


@pytest.mark.req("LIF-66", "EVT-45")
async def test_so_many_views_of_one_subject_start_a_run_and_count_anew_afterwards(shop: Served) -> None:
    start = await noon(shop)
    made = await automation(shop, behavior={"type": "TYPE_EVENT_VIEWED"}, actions=WAIT, cooldown_days=0)
    person = await contact(shop, external_id="anna")
    for number, subject in enumerate(("e1", "e2", "e1", "e2", "e1")):
        clock(shop).set(start + timedelta(minutes=number + 1))
        seen = event(shop, "event.viewed", person={"user_id": "anna"}, event_ref=subject, minutes=number)
        seen = dataclasses.replace(seen, occurred_at=clock(shop).now())
        await tell(shop, seen, seen)
    [run] = await runs_of(shop)
    assert (run.automation_id, run.contact_id) == (made.automation_id, person)
    assert run.trigger_key.startswith("e1@")
    for minute in (10, 11):
        clock(shop).set(start + timedelta(minutes=minute))
        await stub(shop).RecordView(pb.RecordViewRequest(contact_id=person, subject_ref="e1"))
    assert len(await runs_of(shop)) == 1
    clock(shop).set(start + timedelta(minutes=12))
    answer = await stub(shop).RecordView(pb.RecordViewRequest(contact_id=person, subject_ref="e1"))
    assert answer.view_count == 6
    assert len(await runs_of(shop)) == 2


@pytest.mark.req("LIF-66")
async def test_views_that_lie_too_far_apart_start_nothing(shop: Served) -> None:
    await noon(shop)
    await automation(shop, behavior={"type": "TYPE_EVENT_VIEWED", "days": 2}, actions=WAIT)
    person = await contact(shop)
    for _ in range(4):
        clock(shop).advance(timedelta(days=1))
        at = Timestamp()
        at.FromDatetime(clock(shop).now())
        await stub(shop).RecordView(pb.RecordViewRequest(contact_id=person, subject_ref="e1", view_time=at))
    assert await runs_of(shop) == []


PERSON = {"user_id": "anna"}
ORDER: dict[str, Any] = {
    "order_id": "o1",
    "order_number": "1",
    "items": [{"name": "Seat", "quantity": 2, "price": 6_000}],
    "amount": 12_000,
    "currency": "EUR",
    "payment_required": True,
}


@pytest.mark.req("EVT-14", "EVT-25", "EVT-28")
async def test_an_order_is_a_cart_until_it_is_paid_in_whatever_order_events_come(shop: Served) -> None:
    await contact(shop, external_id="anna")
    for number, order in enumerate(permutations(range(4))):
        ref = f"o{number}"
        told = [
            event(shop, "order.created", minutes=0, person=PERSON, **{**ORDER, "order_id": ref}),
            event(
                shop,
                "payment.intent_created",
                minutes=1,
                person=PERSON,
                order_id=ref,
                payment_id=f"p{ref}",
                intent_id="i",
                amount=12_000,
                currency="EUR",
            ),
            event(shop, "order.expired", minutes=2, person=PERSON, order_id=ref),
            event(
                shop,
                "order.paid",
                minutes=3,
                person=PERSON,
                order_id=ref,
                payment_id=f"p{ref}",
                event_ref="e",
                amount=12_000,
                currency="EUR",
                ticket_quantity=2,
            ),
        ]
        await tell_carts(shop, *(told[place] for place in order))
        found = await cart(shop, f"order:{ref}")
        assert found.state is CartState.COMPLETED
        assert (str(found.amount), found.currency) == ("120.000000", "EUR")
        assert found.items == [{"name": "Seat", "quantity": 2, "price": "60.00"}]


async def tell_carts(served: Served, *events: Any) -> None:
    from services.campaign.automations.wiring import projections

    [carts, _] = projections(served.settings)  # type: ignore[arg-type]  # campaign's own settings
    for one in events:
        async with served.service.database.tenant(served.tenant_id) as uow:
            await carts.run(uow, one)


@pytest.mark.req("EVT-28", "EVT-38", "EVT-40", "EVT-41", "EVT-83")
async def test_reservations_and_carts_follow_their_events(shop: Served) -> None:
    await contact(shop, external_id="anna")
    held = event(
        shop,
        "reservation.created",
        person=PERSON,
        reservation_id="r1",
        event_ref="e1",
        event_name="Opera",
        expires_at="2026-11-20T13:00:00Z",
    )
    expired = event(
        shop,
        "reservation.expired",
        minutes=60,
        person=PERSON,
        reservation_id="r1",
        event_ref="e1",
        quantity=1,
        expired_at="2026-11-20T13:00:00Z",
    )
    await tell(shop, held, expired)
    found = await cart(shop, "reservation:r1")
    assert (found.state, found.items, found.last_activity_at) == (
        CartState.ACTIVE,
        [{"name": "Opera", "quantity": 1}],
        held.occurred_at,
    )
    await tell(shop, event(shop, "reservation.released", minutes=61, reservation_id="r1"))
    assert (await cart(shop, "reservation:r1")).state is CartState.EXPIRED
    await tell(shop, event(shop, "reservation.confirmed", minutes=62, reservation_id="r1"))
    assert (await cart(shop, "reservation:r1")).state is CartState.COMPLETED
    fields = {"person": PERSON, "cart_ref": "c9", "branch": "", "items": [], "total": 500, "currency": "EUR"}
    await tell(shop, event(shop, "cart.updated", status="active", **fields))
    assert (await cart(shop, "c9")).state is CartState.ACTIVE
    await tell(shop, event(shop, "cart.completed", minutes=1, status="completed", **fields))
    assert (await cart(shop, "c9")).state is CartState.COMPLETED


async def test_an_order_without_payment_is_no_cart_that_is_left(shop: Served) -> None:
    await contact(shop, external_id="anna")
    await tell(shop, event(shop, "order.created", person=PERSON, **{**ORDER, "payment_required": False}))
    assert (await cart(shop, "order:o1")).state is CartState.COMPLETED


MOMENTS = st.integers(0, 5).map(lambda minutes: NOON + timedelta(minutes=minutes))
TELLINGS = st.lists(
    st.builds(
        Told,
        at=MOMENTS,
        state=st.sampled_from([None, CartState.ACTIVE, CartState.COMPLETED, CartState.EXPIRED]),
        items=st.sampled_from([None, ()]),
        is_activity=st.booleans(),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda told: told.at,
)


@given(TELLINGS, st.randoms())
async def test_the_order_of_tellings_does_not_matter(tellings: list[Told], draw: Any) -> None:
    def told(some: list[Told]) -> tuple[Any, ...]:
        found = Cart("c")
        for one in some:
            found = folded(found, one)
        return found.state, found.completed_at

    mixed = list(tellings)
    draw.shuffle(mixed)
    assert told(mixed) == told(tellings)


async def test_old_carts_and_views_are_forgotten(shop: Served) -> None:
    person = await contact(shop)
    await record(shop, person)
    await stub(shop).RecordView(pb.RecordViewRequest(contact_id=person, subject_ref="e1"))
    moment = clock(shop).now()

    async def left(days: int) -> tuple[int, int]:
        async with shop.service.database.system() as uow:
            await store.forget_old(uow, moment + timedelta(days=days), 10_000)
            carts = await uow.fetch_value("SELECT count(*) FROM cart WHERE tenant_id = %s", (shop.tenant_id,))
            views = await uow.fetch_value(
                "SELECT count(*) FROM view_counter WHERE tenant_id = %s", (shop.tenant_id,)
            )
        return carts, views

    assert [await left(days) for days in (29, 31, 89, 91)] == [(1, 1), (1, 0), (1, 0), (0, 0)]
    assert NOON.tzinfo is UTC
