"""Objects of the contract as JSON values, and which of them can be told at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct, Value
from hypothesis import given
from hypothesis import strategies as st

from services.common import objects

_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
    max_leaves=8,
)


def struct_of(**values: Any) -> Struct:
    struct = Struct()
    struct.update(values)
    return struct


@given(st.dictionaries(_TEXTS, _PLAIN))
def test_json_comes_back_as_it_went_in(values: dict[str, Any]) -> None:
    struct = Struct()
    struct.update(values)
    assert objects.is_sayable(struct)
    assert json.dumps(objects.plain(struct), sort_keys=True) == json.dumps(values, sort_keys=True)


@pytest.mark.parametrize("number", [1e300, 2.0**53, -(2.0**60)])
def test_a_number_that_is_not_held_exactly_is_not_taken_for_a_whole_one(number: float) -> None:
    found = objects.plain(struct_of(x=number))["x"]
    assert (found, type(found)) == (number, float)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_no_number_for_cannot_be_told_however_deep_it_stands(number: float) -> None:
    for struct in (struct_of(x=number), struct_of(x=[1, {"y": [number]}])):
        assert not objects.is_sayable(struct)
        with pytest.raises(ValueError, match="number_value"):
            objects.plain(struct)


def test_a_text_or_name_with_nul_cannot_be_told() -> None:
    assert not objects.is_sayable(struct_of(x={"y": "a\0b"}))
    assert not objects.is_sayable(struct_of(**{"a\0b": 1}))
    assert not objects.is_sayable(Value(string_value="\0"))
    assert objects.is_sayable(Value())
