"""An order reference is what its events say, in whatever order and however often they come (CAM-18, CAM-80)."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.orders.domain import REFUNDED, OrderKind, OrderReference, Told, folded

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANNA, BEN = UUID(int=1), UUID(int=2)
EMPTY = OrderReference(OrderKind.ORDER, "o-1")

instants = st.integers(0, 4).map(lambda minutes: NOON + timedelta(minutes=minutes))
tolds = st.builds(
    Told,
    event_id=st.integers(1, 2**64).map(lambda number: UUID(int=number)),
    occurred_at=instants,
    contact_id=st.sampled_from([None, ANNA, BEN]),
    contact_rank=st.integers(0, 3),
    event_ref=st.sampled_from([None, "e-1", "e-2"]),
    amount=st.none() | st.tuples(st.integers(0, 10_000), st.sampled_from(["EUR", "USD"])),
    amount_rank=st.integers(0, 3),
    status=st.sampled_from([None, "created", "paid", "cancelled"]),
    paid_at=st.none() | instants,
    refund=st.none() | st.tuples(st.sampled_from(["r-1", "r-2"]), st.integers(0, 6_000)),
    coupon_codes=st.lists(st.sampled_from(["SPRING", "VIP"]), max_size=2).map(tuple),
)
histories = st.lists(tolds, max_size=6, unique_by=lambda told: told.event_id)


@pytest.mark.req("CAM-18", "CAM-80")
@given(histories, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_of_events_gives_the_same_reference(
    history: list[Told], chance: object
) -> None:
    shuffled = history + [chance.choice(history) for _ in history]  # type: ignore[attr-defined]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    plain, other = reduce(folded, history, EMPTY), reduce(folded, shuffled, EMPTY)
    assert (plain, plain.fold) == (other, other.fold)
    assert plain.spend_minor("EUR") >= 0


@pytest.mark.req("EVT-26")
def test_an_order_that_is_told_paid_twice_is_one_purchase() -> None:
    payment = Told(UUID(int=10), NOON, amount=(5000, "EUR"), amount_rank=3, paid_at=NOON, status="paid")
    later = NOON + timedelta(seconds=2)
    paid = Told(UUID(int=11), later, amount=(4900, "EUR"), amount_rank=2, paid_at=later, status="paid")
    order = reduce(folded, [payment, paid], EMPTY)
    assert (order.purchases, order.spend_minor("EUR"), order.paid_at) == (1, 5000, later)


@pytest.mark.req("GEN-20")
def test_what_was_paid_in_another_currency_is_not_added() -> None:
    order = folded(EMPTY, Told(UUID(int=10), NOON, amount=(5000, "USD"), amount_rank=3, paid_at=NOON))
    assert (order.purchases, order.spend_minor("EUR"), order.spend_minor("USD")) == (1, 0, 5000)


def test_refunds_lower_what_was_spent_and_never_below_nothing() -> None:
    paid = Told(UUID(int=10), NOON, amount=(5000, "EUR"), amount_rank=3, paid_at=NOON, status="paid")
    some = Told(UUID(int=11), NOON, refund=("r-1", 2000))
    order = reduce(folded, [some, paid, some], EMPTY)
    assert (order.spend_minor("EUR"), order.refunded_minor, order.status) == (3000, 2000, "paid")
    all_of_it = folded(order, Told(UUID(int=12), NOON, refund=("r-2", 9000)))
    assert (all_of_it.spend_minor("EUR"), all_of_it.status, all_of_it.purchases) == (0, REFUNDED, 1)
