"""A tenant's colour is its own, and what is written in it or on it can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pages.colours import DARK_PAPER, DEFAULT, ENOUGH, LIGHT_PAPER, accent, contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06X}")


@pytest.mark.req("GAT-31")
@given(COLOURS)
def test_any_colour_can_be_read(colour: str) -> None:
    found = accent(colour)
    assert found.fill == colour.lower()
    assert contrast(found.fill, found.ink) >= ENOUGH
    assert contrast(found.on_light, LIGHT_PAPER) >= ENOUGH
    assert contrast(found.on_dark, DARK_PAPER) >= ENOUGH


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert accent("#7a3cc2").on_light == "#7a3cc2"
    assert accent("#ffd400").on_dark == "#ffd400"
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("wrong", ["", "red", "#12345", "#1234567", "#12345g", "red;}", "url(x)"])
@pytest.mark.req("GAT-31")
def test_what_is_no_colour_is_the_platforms(wrong: str) -> None:
    assert accent(wrong).fill == DEFAULT
