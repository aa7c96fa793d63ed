"""The compiled form of a template says the same as Jinja2's own sandbox does."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from services.common.templating import values
from tests.common.templating.builders import email

ORACLE = SandboxedEnvironment(
    autoescape=True,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=lambda value: (
        value if value is None else values.text(value, "") if not hasattr(value, "__html__") else value
    ),
)
ORACLE.globals.update(eq=values.eq, ne=values.ne)

names = st.sampled_from(["a", "b.x", "c", "b.y.0"])
literals = st.one_of(st.integers(-99, 99), st.sampled_from(["x", "it's", "<&>", ""])).map(repr)
expressions = st.recursive(
    st.one_of(names, literals),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"eq({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} != {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} and {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} or {pair[1]})"),
        inner.map(lambda one: f"(not {one})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} if {three[1]} else {three[2]})"),
    ),
    max_leaves=6,
)
texts = st.sampled_from(["hello ", " - ", "it's &amp; ", "\n", "x"])
templates = st.recursive(
    st.one_of(texts, expressions.map(lambda inner: f"{{{{ {inner} }}}}")),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(expressions, inner, inner).map(
            lambda t: f"{{% if {t[0]} %}}{t[1]}{{% else %}}{t[2]}{{% endif %}}"
        ),
        inner.map(lambda t: f"{{% for i in list %}}{{{{ i }}}}{{{{ loop.index }}}}{t}{{% endfor %}}"),
        inner.map(lambda t: f"{{%- for i in empty %}}{t}{{% else %}}-{t}{{% endfor -%}}"),
    ),
    max_leaves=8,
)
scalars = st.one_of(st.integers(-5, 5), st.booleans(), st.text(alphabet="ab<>&'\" é", max_size=6))


@given(templates, scalars, scalars, scalars)
def test_rendering_agrees_with_the_sandbox_of_jinja(template: str, one: Any, two: Any, three: Any) -> None:
    data = {"a": one, "b": {"x": two, "y": [three]}, "c": three, "list": [one, two], "empty": []}
    expected = str(ORACLE.from_string(template.replace("b.y.0", "b.y[0]")).render(data))
    content = email(None, text="x", subject="x")
    assert content.parts["text"].join([]) == "x"
    shown = email(f"<pre>{template}</pre>", text="").render(data, object())["html"]  # type: ignore[arg-type]
    inside = shown.partition("<pre>")[2].rpartition("</pre>")[0]
    # An html parser drops one line break after <pre>, and writes constant apostrophes as they are.
    assert _plain(inside) == _plain(expected)


def _plain(html: str) -> str:
    return (
        html.replace("&#39;", "'")
        .replace("&#34;", '"')
        .replace("True", "true")
        .replace("False", "false")
        .lstrip("\n")
    )
