"""Words on a colour that somebody else chose can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.templating.colours import READABLE, contrast, readable_on


@pytest.mark.req("CAM-92")
@given(st.integers(0, 0xFFFFFF))
def test_one_of_black_and_white_can_be_read_on_every_colour(number: int) -> None:
    colour = f"#{number:06x}"
    assert contrast(colour, readable_on(colour)) >= READABLE


@pytest.mark.req("CAM-92")
@pytest.mark.parametrize(
    ("colour", "wanted"),
    [("#000000", "#ffffff"), ("#ffffff", "#000000"), ("#FFE14D", "#000000"), ("", "#ffffff")],
)
def test_white_is_taken_where_it_can_be_read(colour: str, wanted: str) -> None:
    assert readable_on(colour) == wanted


def test_contrast_is_that_of_the_web() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
