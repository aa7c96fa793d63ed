"""Whatever is written as a template is rendered, or refused as a template: nothing else comes of it (REL-16)."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.common.templating.errors import TemplateError
from tests.common.templating.builders import render

# What a parser stumbles over: halves of signs, words of the language, deep nesting, odd characters.
PIECES = st.one_of(
    st.sampled_from(
        [
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{{-",
            "-%}",
            "if",
            "for",
            "in",
            "else",
            "end",
            "endif",
            "endfor",
            "|",
            "default",
            "t(",
            ")",
            "(",
            "[",
            "]",
            ".",
            ",",
            "'",
            '"',
            "\\",
            "not",
            "and",
            "==",
            "<",
            "1e9",
            "0x1",
            "loop",
            "{{a}}",
            "{%if\xa0a%}",
            "{%endif%}",
            "{%endfor%}",
            "\x00",
            "\u202e",
            "\ud7ff",
        ]
    ),
    st.sampled_from(["{% if a %}", "{% for x in b %}", "{{ a | default('x') }}", "\r\n"]),
    st.text(max_size=12),
)
VALUES: Any = st.dictionaries(
    st.sampled_from(["a", "b", "x"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
        max_leaves=8,
    ),
)


@pytest.mark.req("REL-16")
@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=25), st.sampled_from(["", " "]), VALUES)
@example(["{{", "'"] * 12, " ", {})
@example(["{% if a %}"] * 25, "", {"a": True})
def test_any_text_is_a_template_or_refused_as_one(
    pieces: list[str], between: str, values: dict[str, Any]
) -> None:
    with suppress(TemplateError):
        assert isinstance(render(between.join(pieces), values), str)
