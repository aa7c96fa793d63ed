"""Who may use a coupon when, and what it takes off: the rules alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.coupons.codes import ALPHABET, LENGTH, generate
from services.campaign.coupons.domain import (
    Code,
    CodeState,
    Coupon,
    CouponState,
    Order,
    Refusal,
)
from services.campaign.coupons.rules import MOST_TOGETHER, Facts, discounts, refusal, stackable

ANNA, BEN = uuid4(), uuid4()
TODAY = date(2026, 11, 21)
BRANCH = uuid4()
COUPON = Coupon(
    uuid4(), "Autumn", date(2026, 11, 1), date(2026, 11, 30), "EUR", "AUTUMN", percentage=1000, amount=None
)
ORDER = Order(ANNA, Decimal(100), BRANCH, frozenset({"cut"}), frozenset({"hair"}))
OTHER = replace(COUPON, coupon_id=uuid4(), code="OTHER")

OPEN = Facts(TODAY)

WRONG: dict[Refusal, tuple[dict[str, object], dict[str, object], dict[str, object]]] = {
    Refusal.INVALID_CODE: ({"state": CouponState.INACTIVE}, {}, {}),
    Refusal.NOT_YET_VALID: ({}, {}, {"today": date(2026, 10, 31)}),
    Refusal.EXPIRED: ({}, {}, {"today": date(2026, 12, 1)}),
    Refusal.MAX_USES_REACHED: ({"max_total_uses": 3, "current_uses": 2, "reserved_uses": 1}, {}, {}),
    Refusal.CUSTOMER_LIMIT_REACHED: ({}, {}, {"contact_uses": 1}),
    Refusal.MIN_ORDER_NOT_MET: ({"min_order_amount": Decimal("100.01")}, {}, {}),
    Refusal.BRANCH_NOT_ELIGIBLE: ({"branch_ids": (uuid4(),)}, {}, {}),
    Refusal.SERVICE_NOT_ELIGIBLE: ({"service_ids": ("colour",)}, {}, {}),
    Refusal.CATEGORY_NOT_ELIGIBLE: ({"category_ids": ("nails",)}, {}, {}),
    Refusal.SEGMENT_NOT_ELIGIBLE: ({"segment_id": uuid4()}, {}, {"is_in_segment": False}),
    Refusal.OPTED_OUT: ({"requires_marketing_consent": True}, {}, {"is_consenting": False}),
}


def judged(
    coupon: Coupon = COUPON,
    order: Order = ORDER,
    facts: Facts = OPEN,
    others: tuple[Coupon, ...] = (),
) -> Refusal | None:
    return refusal(Code("AUTUMN", coupon), order, facts, others)


@pytest.mark.req("LIF-73")
@pytest.mark.parametrize("expected", WRONG)
def test_each_rule_refuses_with_its_own_reason(expected: Refusal) -> None:
    coupon, order, facts = WRONG[expected]
    assert judged() is None
    assert (
        judged(replace(COUPON, **coupon), replace(ORDER, **order), replace(Facts(TODAY), **facts)) is expected
    )


@pytest.mark.req("LIF-73", "LIF-110")
@given(st.sets(st.sampled_from(sorted(WRONG)), min_size=1))
def test_of_all_that_is_wrong_the_first_in_the_order_is_said(wrong: set[Refusal]) -> None:
    # A day is before or after, not both.
    wrong -= {Refusal.EXPIRED} if Refusal.NOT_YET_VALID in wrong else set()
    coupon, order, facts = COUPON, ORDER, Facts(TODAY)
    for one in wrong:
        changes = WRONG[one]
        coupon, order, facts = (
            replace(coupon, **changes[0]),
            replace(order, **changes[1]),
            replace(facts, **changes[2]),
        )
    assert judged(coupon, order, facts) is min(wrong)


@pytest.mark.req("LIF-73")
def test_first_and_last_day_are_days_of_use() -> None:
    assert judged(facts=Facts(COUPON.valid_from)) is None
    assert judged(facts=Facts(COUPON.valid_until)) is None


@pytest.mark.req("LIF-73")
@pytest.mark.parametrize(
    "code",
    [
        None,
        Code("AUTUMN", replace(COUPON, contact_id=BEN)),
        Code("A", COUPON, BEN, CodeState.ISSUED),
        Code("A", COUPON, ANNA, CodeState.HELD),
        Code("A", COUPON, None, CodeState.FREE),
        Code("A", COUPON, ANNA, CodeState.REDEEMED),
    ],
)
def test_a_code_that_is_not_theirs_or_not_out_there_is_no_code(code: Code | None) -> None:
    assert refusal(code, ORDER, Facts(TODAY)) is Refusal.INVALID_CODE


@pytest.mark.req("LIF-111")
def test_an_order_that_names_no_service_has_none_of_a_coupons_services() -> None:
    bare = replace(ORDER, service_ids=frozenset(), category_ids=frozenset())
    assert judged(replace(COUPON, service_ids=("cut",)), bare) is Refusal.SERVICE_NOT_ELIGIBLE
    assert judged(replace(COUPON, category_ids=("hair",)), bare) is Refusal.CATEGORY_NOT_ELIGIBLE
    assert judged(replace(COUPON, service_ids=("cut", "colour"))) is None


@pytest.mark.req("LIF-74")
def test_who_opted_out_may_use_what_asks_for_no_consent() -> None:
    assert judged(facts=Facts(TODAY, is_consenting=False)) is None


@pytest.mark.req("LIF-76")
def test_several_go_together_only_when_each_allows_it_and_they_are_not_too_many() -> None:
    open_, other = replace(COUPON, allow_stacking=True), replace(OTHER, allow_stacking=True)
    assert judged(open_, others=(OTHER,)) is Refusal.NOT_STACKABLE
    assert judged(others=(other,)) is Refusal.NOT_STACKABLE
    assert judged(open_, others=(other,)) is None
    many = [replace(open_, coupon_id=uuid4()) for _ in range(MOST_TOGETHER + 1)]
    assert stackable(many[:-1])
    assert not stackable(many)


@pytest.mark.req("LIF-75", "LIF-112")
@pytest.mark.parametrize(
    ("amount", "places", "terms", "expected"),
    [
        ("100.00", 2, {"percentage": 1250}, "12.50"),
        ("0.10", 2, {"percentage": 500}, "0.01"),
        ("33.33", 2, {"percentage": 1500}, "5.00"),
        ("1005", 0, {"percentage": 50}, "5"),
        ("1.005", 3, {"percentage": 1000}, "0.101"),
        ("100.00", 2, {"percentage": 10_000}, "100.00"),
        ("100.00", 2, {"percentage": 5000, "max_discount_amount": Decimal(20)}, "20"),
        ("12.00", 2, {"percentage": None, "amount": Decimal(20)}, "12.00"),
        ("40.00", 2, {"percentage": None, "amount": Decimal(20), "max_discount_amount": Decimal(15)}, "15"),
        ("40.00", 2, {"percentage": None, "free_service_id": "cut"}, "0"),
    ],
)
def test_what_one_coupon_takes_off(amount: str, places: int, terms: dict[str, object], expected: str) -> None:
    coupon = replace(COUPON, **terms)
    assert discounts(Decimal(amount), [coupon], places)[coupon.coupon_id] == Decimal(expected)


@pytest.mark.req("LIF-76")
def test_percentages_are_taken_before_amounts_whatever_the_order() -> None:
    tenth, five = COUPON, replace(OTHER, percentage=None, amount=Decimal(5))
    for coupons in ([tenth, five], [five, tenth]):
        found = discounts(Decimal(100), coupons, 2)
        assert (found[tenth.coupon_id], found[five.coupon_id]) == (Decimal(10), Decimal(5))


@pytest.mark.req("LIF-76", "LIF-112")
@given(
    st.decimals(0, 10_000, places=2),
    st.lists(
        st.one_of(
            st.integers(1, 10_000).map(lambda part: {"percentage": part}),
            st.decimals("0.01", 10_000, places=2).map(lambda amount: {"percentage": None, "amount": amount}),
        ),
        min_size=1,
        max_size=5,
    ),
    st.randoms(),
)
def test_together_they_never_take_more_than_there_is_and_their_order_does_not_matter(
    amount: Decimal, terms: list[dict[str, object]], random: object
) -> None:
    coupons = [replace(COUPON, coupon_id=UUID(int=place), **one) for place, one in enumerate(terms)]
    found = discounts(amount, coupons, 2)
    assert all(one >= 0 for one in found.values())
    assert sum(found.values()) <= amount
    assert all(one == one.quantize(Decimal("0.01")) for one in found.values())
    shuffled = list(coupons)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert discounts(amount, shuffled, 2) == found


@pytest.mark.req("LIF-27")
def test_made_codes_have_ten_characters_that_are_not_mistaken_for_each_other() -> None:
    made = {generate() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(code) for code in made} == {LENGTH} == {10}
    assert not set("01ILO") & set(ALPHABET)
    assert set("".join(made)) <= set(ALPHABET)
