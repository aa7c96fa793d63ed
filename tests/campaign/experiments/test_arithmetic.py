"""The arithmetic of deciding, held against published figures and against another way to compute them."""

from fractions import Fraction
from math import isclose
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.experiments.domain import Arm, Basis, decide, p_value, z_score

arms = st.integers(1, 5000).flatmap(lambda sent: st.builds(Arm, st.just(sent), st.integers(0, sent)))


def test_the_score_is_that_of_published_examples() -> None:
    # Pennsylvania State University, STAT 415, lesson 9.4: a tax on cigarettes, non-smokers and smokers.
    assert round(z_score(Arm(605, 351), Arm(195, 41)), 2) == 8.99
    # The Physicians' Health Study (1989): heart attacks with placebo and with aspirin.
    assert round(z_score(Arm(11034, 189), Arm(11037, 104)), 2) == 5.00


@pytest.mark.parametrize(("critical", "error"), [(3.841459, 0.05), (6.634897, 0.01), (10.827566, 0.001)])
def test_the_error_is_that_of_the_table_of_chi_squares(critical: float, error: float) -> None:
    """The square of the score is a chi-square of one degree of freedom: its critical values are in every textbook."""
    found = 2 * (1 - NormalDist().cdf(critical**0.5))
    assert isclose(found, error, rel_tol=1e-4)


@given(arms, arms)
def test_the_score_squared_is_the_chi_square_of_the_four_fields(one: Arm, other: Arm) -> None:
    fields = [
        [one.engaged, one.sent - one.engaged],
        [other.engaged, other.sent - other.engaged],
    ]
    total = one.sent + other.sent
    columns = [sum(row[place] for row in fields) for place in (0, 1)]
    if 0 in columns:
        assert z_score(one, other) == 0
        assert p_value(one, other) == 1
        return
    chi_square = sum(
        (Fraction(seen) - Fraction(sum(row) * columns[place], total)) ** 2
        / Fraction(sum(row) * columns[place], total)
        for row in fields
        for place, seen in enumerate(row)
    )
    score = z_score(one, other)
    assert isclose(score**2, float(chi_square), rel_tol=1e-9, abs_tol=1e-12)
    assert isclose(p_value(one, other), 2 * (1 - NormalDist().cdf(abs(score))), rel_tol=1e-6, abs_tol=1e-9)
    assert p_value(one, other) == p_value(other, one)


@given(st.lists(arms, min_size=2, max_size=5), st.integers(0, 4), st.integers(0, 300))
def test_only_who_is_clearly_better_than_the_fallback_wins(
    found: list[Arm], place: int, minimum: int
) -> None:
    fallback = place % len(found)
    decision = decide(found, fallback=fallback, minimum=minimum)
    winner = found[decision.winner]
    if decision.basis is Basis.SIGNIFICANT:
        assert winner.rate > found[fallback].rate
        assert winner.rate == max(arm.rate for arm in found)
        assert p_value(winner, found[fallback]) <= 0.05 / (len(found) - 1)
        assert min(arm.sent for arm in found) >= minimum
    else:
        assert decision.winner == fallback
        assert (decision.basis is Basis.TOO_FEW) is (min(arm.sent for arm in found) < minimum)


@pytest.mark.parametrize(
    ("found", "winner", "basis"),
    [
        ([Arm(1000, 200), Arm(1000, 250)], 1, Basis.SIGNIFICANT),  # 20 % and 25 %: p = 0.0073
        ([Arm(1000, 200), Arm(1000, 230)], 0, Basis.NOT_SIGNIFICANT),  # p = 0.10
        ([Arm(1000, 250), Arm(1000, 200)], 0, Basis.NOT_SIGNIFICANT),  # the fallback is the better one
        ([Arm(99, 0), Arm(1000, 500)], 0, Basis.TOO_FEW),
        ([Arm(1000, 0), Arm(1000, 0)], 0, Basis.NOT_SIGNIFICANT),
        # p = 0.033 would do for one comparison, not for two.
        ([Arm(1000, 200), Arm(1000, 240), Arm(1000, 210)], 0, Basis.NOT_SIGNIFICANT),
        ([Arm(1000, 200), Arm(1000, 240)], 1, Basis.SIGNIFICANT),
    ],
)
def test_decisions_are_those_of_the_page(found: list[Arm], winner: int, basis: Basis) -> None:
    decision = decide(found, fallback=0, minimum=100)
    assert (decision.winner, decision.basis) == (winner, basis)
