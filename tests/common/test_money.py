from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from google.type import money_pb2
from hypothesis import given
from hypothesis import strategies as st

from services.common.money import CurrencyMismatchError, Money, exponent

currencies = st.sampled_from(["USD", "EUR", "INR", "JPY", "KWD", "CLF"])
nanos = st.integers(-(10**18), 10**18)


def usd(amount: str) -> Money:
    return Money("USD", Decimal(amount))


@pytest.mark.req("GEN-19", "REL-15")
@given(currencies, st.integers(-(10**12), 10**12), st.integers(1, 50))
def test_equal_parts_add_up_to_the_whole(currency: str, minor: int, parts: int) -> None:
    whole = Money.of_minor(currency, minor)
    split = whole.split(parts)
    assert sum((part.amount for part in split), Decimal(0)) == whole.amount
    units = [part.minor_units() for part in split]
    assert max(units) - min(units) <= 1


@pytest.mark.req("GEN-19", "REL-15")
@given(nanos, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_weighted_parts_add_up_and_stay_within_one_of_their_share(micros: int, weights: list[int]) -> None:
    whole = Money("USD", Decimal(micros).scaleb(-6))
    split = whole.split(weights)
    assert sum((part.amount for part in split), Decimal(0)) == whole.amount
    for part, weight in zip(split, weights, strict=True):
        share = whole.amount * weight / sum(weights)
        assert abs(part.amount - share) <= Decimal("0.01")
        assert weight or not part


def test_the_largest_remainders_get_what_is_left() -> None:
    assert [part.amount for part in usd("1.00").split([1, 1, 1])] == [
        Decimal(x) for x in ("0.34", "0.33", "0.33")
    ]
    assert [part.amount for part in usd("0.05").split([3, 7])] == [Decimal(x) for x in ("0.02", "0.03")]


@pytest.mark.parametrize("parts", [0, [], [0, 0], [1, -1]])
def test_a_split_needs_parts(parts: Any) -> None:
    with pytest.raises(ValueError, match="split"):
        usd("1").split(parts)


@pytest.mark.req("GEN-18")
@given(currencies, nanos)
def test_money_goes_over_the_wire_unchanged(currency: str, amount: int) -> None:
    money = Money(currency, Decimal(amount).scaleb(-9))
    message = money.to_proto()
    assert abs(message.nanos) < 10**9
    assert message.units * 10**9 + message.nanos == amount
    assert Money.from_proto(message) == money


def test_more_than_nine_places_do_not_fit_the_wire() -> None:
    with pytest.raises(ValueError, match="9 decimal places"):
        usd("0.0000000001").to_proto()


@pytest.mark.parametrize(
    "message",
    [
        money_pb2.Money(currency_code="USD", units=1, nanos=-1),
        money_pb2.Money(currency_code="USD", units=-1, nanos=1),
        money_pb2.Money(currency_code="USD", nanos=10**9),
        money_pb2.Money(currency_code="usd", units=1),
        money_pb2.Money(units=1),
    ],
)
def test_money_that_contradicts_itself_is_refused(message: money_pb2.Money) -> None:
    with pytest.raises(ValueError, match=r"units|currency"):
        Money.from_proto(message)


@pytest.mark.req("GEN-20")
def test_currencies_are_never_mixed() -> None:
    with pytest.raises(CurrencyMismatchError):
        usd("1") + Money("EUR", Decimal(1))
    with pytest.raises(CurrencyMismatchError):
        usd("1") - Money("EUR", Decimal(1))
    with pytest.raises(CurrencyMismatchError):
        _ = usd("1") < Money("EUR", Decimal(1))
    assert usd("1") + usd("2") == usd("3")
    assert usd("1") - usd("2") == -usd("1")
    assert usd("1") * 3 == usd("3")
    assert usd("1") <= usd("1") < usd("2")
    assert not Money.zero("USD")


@pytest.mark.req("GEN-19")
@pytest.mark.parametrize("amount", [0.1, 1, float("nan"), Decimal("NaN"), Decimal("Infinity"), "1"])
def test_nothing_but_an_exact_decimal_is_an_amount(amount: Any) -> None:
    with pytest.raises(ValueError, match="finite decimal"):
        Money("USD", amount)


@pytest.mark.req("GEN-18", "GEN-19")
@pytest.mark.parametrize(
    ("currency", "amount", "half_up", "covering"),
    [
        ("USD", "1.005", "1.01", 101),
        ("USD", "1.004999", "1.00", 101),
        ("USD", "-1.005", "-1.01", -100),
        ("USD", "0.000001", "0.00", 1),
        ("JPY", "10.5", "11", 11),
        ("KWD", "0.0005", "0.001", 1),
    ],
)
def test_rounding(currency: str, amount: str, half_up: str, covering: int) -> None:
    money = Money(currency, Decimal(amount))
    assert money.round_half_up().amount == Decimal(half_up)
    assert money.round_up_minor() == covering


def test_minor_units_are_exact_or_refused() -> None:
    assert usd("12.34").minor_units() == 1234
    assert Money.of_minor("JPY", 500) == Money("JPY", Decimal(500))
    with pytest.raises(ValueError, match="whole number"):
        usd("0.001").minor_units()
    assert [exponent(code) for code in ("USD", "JPY", "KWD", "CLF")] == [2, 0, 3, 4]
