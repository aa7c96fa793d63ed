"""What a rating comes to, and what a comment is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.feedback.domain import RATINGS, Summary, plain


@pytest.mark.req("LIF-44")
@given(st.lists(st.sampled_from(list(RATINGS)), max_size=60))
def test_the_average_is_half_up_to_two_places_and_there_is_none_of_nothing(ratings: list[int]) -> None:
    found = Summary({one: ratings.count(one) for one in set(ratings)})
    assert found.count == len(ratings)
    if not ratings:
        assert found.average is None
        return
    assert found.average is not None
    exact = Decimal(sum(ratings)) / len(ratings)
    assert abs(found.average - exact) <= Decimal("0.005")
    assert found.average.as_tuple().exponent == -2
    assert min(ratings) <= found.average <= max(ratings)


def test_a_half_is_rounded_up() -> None:
    assert Summary({1: 199, 2: 1}).average == Decimal("1.01")


@pytest.mark.req("LIF-86")
@given(st.text())
def test_a_comment_is_plain_text_and_stays_so(text: str) -> None:
    said = plain(text)
    assert plain(said) == said
    assert not {one for one in said if ord(one) < 32} - {"\n", "\t"}
    assert plain("  <b>Fine</b>\r\nand\x00 quick\x1b  ") == "<b>Fine</b>\nand quick"
