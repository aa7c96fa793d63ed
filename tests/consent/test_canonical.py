"""What hashes and receipts are made of is written as the standard says, so that others compute the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from services.consent.ledger.canonical import canonical, number


def test_a_published_entry_has_the_published_hash() -> None:
    """The vector of docs/consent.md: whoever recomputes it elsewhere gets the same bytes."""
    vector = json.loads((Path(__file__).parent / "ledger_vector.json").read_text())
    previous = "00" * 32
    for entry in vector["entries"]:
        personal = canonical(entry["personal"])
        commitment = hashlib.sha256(bytes.fromhex(entry["salt"]) + personal.encode()).hexdigest()
        assert entry["entry"]["commitment"] == commitment
        assert entry["entry"]["previous_hash"] == previous
        previous = hashlib.sha256(canonical(entry["entry"]).encode()).hexdigest()
        assert entry["entry_hash"] == previous


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (123456789.125, "123456789.125"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (333333333.33333329, "333333333.3333333"),
        (-4.5e-9, "-4.5e-9"),
    ],
)
def test_numbers_are_written_as_the_standard_says(value: float, text: str) -> None:
    assert number(value) == text


def test_canonical_json_is_that_of_the_standard() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
        "\U0001f600": 1,
        "\ufb33": 2,
    }
    assert canonical(value) == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/","\U0001f600":1,"\ufb33":2}'
    )
