"""The test and the intervals of an A/B report, against figures that others worked out."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.reports.domain import Rate
from services.analytics.reports.statistics import Verdict, compare, difference, wilson

NORMAL = NormalDist()


@pytest.mark.req("ANA-68")
@pytest.mark.parametrize(
    ("first", "other", "z", "p"),
    [
        # R: prop.test(c(120, 150), c(1000, 1000), correct = FALSE), its chi-squared being z squared.
        ((120, 1000), (150, 1000), 1.9631, 0.04964),
        ((200, 1000), (150, 1000), -2.9424, 0.003256),
        ((50, 500), (52, 500), 0.2090, 0.8345),
    ],
)
def test_the_z_test_is_the_pooled_two_sided_one(
    first: tuple[int, int], other: tuple[int, int], z: float, p: float
) -> None:
    found = compare(Rate(*first), Rate(*other))
    assert found.z_score == pytest.approx(z, abs=2e-3)
    assert found.p_value == pytest.approx(p, rel=2e-2)
    assert found.verdict is (Verdict.SIGNIFICANT if p < 0.05 else Verdict.NOT_SIGNIFICANT)


@pytest.mark.req("ANA-68")
@given(
    st.integers(100, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(100, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_p_is_what_the_normal_distribution_says_and_the_order_of_arms_does_not_matter(
    first: tuple[int, int], other: tuple[int, int]
) -> None:
    one, two = compare(Rate(*first), Rate(*other)), compare(Rate(*other), Rate(*first))
    assert one.z_score is not None
    assert one.p_value is not None
    assert one.p_value == pytest.approx(2 * (1 - NORMAL.cdf(abs(one.z_score))), abs=1e-9)
    assert (one.p_value, one.verdict) == (two.p_value, two.verdict)
    assert one.z_score == pytest.approx(-(two.z_score or 0), abs=1e-9)


@pytest.mark.req("ANA-68")
def test_below_a_hundred_delivered_in_an_arm_nothing_is_said() -> None:
    assert compare(Rate(50, 99), Rate(10, 1000)).verdict is Verdict.NOT_ENOUGH_DATA
    assert compare(Rate(50, 100), Rate(10, 100)).verdict is Verdict.SIGNIFICANT
    assert compare(None, Rate(10, 100)).verdict is Verdict.NOT_ENOUGH_DATA


def test_intervals_are_those_of_wilson_and_newcombe() -> None:
    # Newcombe 1998, Statistics in Medicine 17: 857-872 and 873-890, the examples of its tables, method 3 and 10.
    assert (wilson(Rate(81, 263)).low, wilson(Rate(81, 263)).high) == (25.53, 36.62)
    assert (wilson(Rate(0, 20)).low, wilson(Rate(0, 20)).high) == (0.0, 16.11)
    found = difference(Rate(48, 80), Rate(56, 70))
    assert (found.low, found.high) == (5.24, 33.39)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_rate_and_is_where_the_score_test_turns(rate: tuple[int, int]) -> None:
    found, (count, of) = wilson(Rate(*rate)), rate
    assert found.low - 0.01 <= count * 100 / of <= found.high + 0.01
    for bound in (found.low / 100, found.high / 100):
        if 0.001 < bound < 0.999 and 0 < count < of:
            z = (count / of - bound) / math.sqrt(bound * (1 - bound) / of)
            # The bound is rounded to a hundredth of a percent.
            assert abs(z) == pytest.approx(1.96, abs=0.25)
