"""Tests of data, and texts that name values."""

from __future__ import annotations

import pytest

from services.campaign.automations import placeholders
from services.campaign.automations.filters import FieldTest, problem
from services.campaign.segments.catalogue import Op

DATA = {
    "amount": 120,
    "name": "Grand Opera",
    "tags": ["vip", "new"],
    "paid": True,
    "event": {"ref": "e1", "seats": [{"row": "A"}, {"row": "B"}]},
    "at": "2026-11-21T12:00:00Z",
    "nothing": None,
}


@pytest.mark.req("LIF-64")
@pytest.mark.parametrize(
    ("field", "op", "value", "holds"),
    [
        ("amount", Op.EQ, 120, True),
        ("amount", Op.EQ, "120", False),
        ("amount", Op.NE, 119, True),
        ("amount", Op.GT, 119.5, True),
        ("amount", Op.GTE, 120, True),
        ("amount", Op.LT, 120, False),
        ("amount", Op.LTE, 120, True),
        ("amount", Op.IN, [1, 120], True),
        ("paid", Op.EQ, True, True),
        ("paid", Op.EQ, 1, False),
        ("name", Op.CONTAINS, "opera", True),
        ("tags", Op.CONTAINS, "vip", True),
        ("tags", Op.CONTAINS, "vi", False),
        ("event.ref", Op.EQ, "e1", True),
        ("event.seats.1.row", Op.EQ, "B", True),
        ("event.seats.2.row", Op.NE, "B", False),
        ("at", Op.GT, "2026-11-21T12:30:00+01:00", True),
        ("at", Op.LT, "2026-11-21T12:30:00+01:00", False),
        ("absent", Op.NE, 1, False),
        ("nothing", Op.NE, 1, False),
        ("amount", Op.GT, "1", False),
    ],
)
def test_a_field_is_compared(field: str, op: Op, value: object, *, holds: bool) -> None:
    assert FieldTest(field, op, value).holds(DATA) is holds


@pytest.mark.parametrize(
    ("op", "value"),
    [
        (0, 1),
        (Op.IN, 1),
        (Op.IN, []),
        (Op.IN, [{}]),
        (Op.CONTAINS, 1),
        (Op.GT, True),
        (Op.EQ, {"a": 1}),
        (Op.EQ, None),
    ],
)
def test_a_comparison_that_makes_no_sense_is_named(op: int, value: object) -> None:
    assert problem(op, value)


def test_texts_are_filled_and_a_name_alone_is_the_value() -> None:
    known = {"contact": {"name": "Anna"}, "data": DATA, "run": {}}
    given = {
        "hello": "Dear {{ contact.name }}, {{data.name}}!",
        "all": ["{{ data.amount }}", "{{ data.absent }}"],
        "n": 3,
    }
    assert placeholders.filled(given, known) == {
        "hello": "Dear Anna, Grand Opera!",
        "all": [120, None],
        "n": 3,
    }
    assert placeholders.filled("is {{ data.paid }}, {{ data.absent }}.", known) == "is true, ."


def test_texts_cannot_run_anything() -> None:
    wrong = dict(
        placeholders.wrong(
            {"a": "{{ settings.secret }}", "b": ["{{ 1 + 1 }}", "{% if %}", "{{ data.x }}"]}, "p"
        )
    )
    assert set(wrong) == {"p.a", "p.b[0]", "p.b[1]"}
