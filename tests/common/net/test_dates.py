from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.common.net.dates import asked_wait, written_date

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("Thu, 15 Jan 2026 12:01:30 GMT", 90),
        ("Thu, 15 Jan 2026 14:01:30 +0200", 90),
        ("Thu, 15 Jan 2026 12:01:30 -0000", 90),
        ("Thu, 15 Jan 2026 11:00:00 GMT", 0),
    ],
)
def test_a_wait_is_asked_for_in_seconds_or_until_a_date(text: str, seconds: int) -> None:
    assert asked_wait(text, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "1.5", "\u00b2", "9" * 12, "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"]
)
def test_what_is_no_wait_says_nothing(text: str) -> None:
    assert asked_wait(text, NOW) is None


@given(
    st.text(max_size=60)
    | st.from_regex(r"[A-Z][a-z]{2}, \d{1,22} Jan \d{1,22} \d{1,22}:\d\d:\d\d [+-]?\d{1,22}")
)
@example("Fri, 31 Dec 9999 23:59:59 -2359")
@example("Wed, 21 Oct 2015 07:28:00 +99999999999999")
def test_reading_a_date_never_fails(text: str) -> None:
    found = written_date(text)
    assert found is None or found.utcoffset() == timedelta()
    assert asked_wait(text, NOW) is None or asked_wait(text, NOW) >= timedelta()  # type: ignore[operator]
