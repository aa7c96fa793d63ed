import pytest

from services.common.templating import TemplateInvalidError
from tests.common.templating.builders import render


@pytest.mark.req("CAM-88")
@pytest.mark.parametrize(
    ("source", "values", "shown"),
    [
        ("Hi {{ name }}!", {"name": "Ada"}, "Hi Ada!"),
        ("{{ a.b.c }}", {"a": {"b": {"c": 3}}}, "3"),
        ("{{ a[0].x }}/{{ a.1.x }}", {"a": [{"x": 1}, {"x": 2}]}, "1/2"),
        ("{% for i in items %}{{ loop.index }}:{{ i.n }}{% if not loop.last %}, {% endif %}{% endfor %}",
         {"items": [{"n": "a"}, {"n": "b"}]}, "1:a, 2:b"),
        ("{% for i in items %}x{% else %}none{% endfor %}", {"items": []}, "none"),
        ("{% for i in a %}{% for j in i %}{{ j }}{% endfor %};{% endfor %}", {"a": [[1, 2], [3]]}, "12;3;"),
        ("{% if n > 3 and not off %}many{% elif n == 3 %}three{% else %}few{% endif %}", {"n": 3, "off": False}, "three"),
        ("{% if gt(n, 3) %}a{% endif %}{% if n | lte(9) %}b{% endif %}", {"n": 5}, "ab"),
        ("{{ 'x' if eq(a, 'y') else 'z' }}", {"a": "y"}, "x"),
        ("{% if 1 < n <= 5 %}in{% endif %}", {"n": 5}, "in"),
        ("{{ who | default('you') }}", {}, "you"),
        ("{{ default(a.b, 'none') }}", {"a": {}}, "none"),
        ("{{ a }}{# a remark #}", {"a": "b"}, "b"),
        ("{{ -5 }}{{ 'text' }}{{ 1.5 }}", {}, "-5text1.5"),
        ("{{ order.items.0 }}", {"order": {"items": ["first"]}}, "first"),
    ],
)  # fmt: skip
def test_the_language_says_what_it_promises(source: str, values: dict, shown: str) -> None:
    assert render(source, values) == shown


@pytest.mark.req("CAM-88", "REL-20")
@pytest.mark.parametrize(
    "source",
    [
        "{{ a + b }}", "{{ a * 1000 }}", "{{ [1] * 100000000 }}", "{{ a ~ b }}", "{{ a ** 9 }}", "{{ a % 2 }}",
        "{{ a.__class__ }}", "{{ a['__class__'] }}", "{{ __import__ }}", "{{ _x }}", "{{ a._x }}", "{{ a[b] }}",
        "{{ ''.__class__.__mro__ }}", "{{ a.b() }}", "{{ range(9) }}", "{{ cycler(1) }}", "{{ self }}{{ a() }}",
        "{% set a = 1 %}", "{% macro m() %}{% endmacro %}", "{% include 'x' %}", "{% import 'x' as y %}",
        "{% extends 'x' %}", "{% block b %}{% endblock %}", "{% raw %}{{ a }}{% endraw %}{% do x %}",
        "{% filter upper %}a{% endfilter %}", "{% call m() %}{% endcall %}", "{% with a=1 %}{% endwith %}",
        "{% autoescape false %}{% endautoescape %}", "{{ a | upper }}", "{{ a | safe }}", "{{ a | attr('x') }}",
        "{{ a is defined }}", "{{ a in b }}", "{{ [1, 2] }}", "{{ {'a': 1} }}", "{{ (1, 2) }}", "{{ a[1:2] }}",
        "{% for a, b in c %}{% endfor %}", "{% for a in b if a %}{% endfor %}",
        "{% for a in b recursive %}{% endfor %}", "{% for loop in b %}{% endfor %}", "{% for a in 'abc' %}{% endfor %}",
        "{{ formatDate(a, 'x') }}", "{{ formatDate(*a) }}", "{{ t(key) }}", "{{ t('unknown.key') }}",
        "{{ formatDate }}", "{{ loop.index }}", "{{ a if b }}", "{{ 1e999 }}", "{{ a", "{% if a %}", "{% frob %}",
        "{{ __link_0 }}", "{{ unsubscribe_url.x }}", "{{ a.b.c.d.e.f.g.h.i.j.k }}", "{{ " + "9" * 5000 + " }}",
        "{{ " + "(" * 5000 + "a" + ")" * 5000 + " }}", "{{ " + "not " * 200 + "a }}",
        "{% if a %}" * 60 + "{% endif %}" * 60, "{{ namespace() }}", "{{ caller() }}", "{{ lipsum() }}",
    ],
)  # fmt: skip
def test_whatever_is_not_in_the_language_is_refused_when_compiled(source: str) -> None:
    with pytest.raises(TemplateInvalidError) as caught:
        render(source, {"a": "x", "b": "y"})
    assert caught.value.reason == "TEMPLATE_INVALID"


def test_a_refusal_names_part_and_line() -> None:
    with pytest.raises(TemplateInvalidError, match="text, line 3: there is no helper upper"):
        render("one\ntwo\n{{ a | upper }}")


@pytest.mark.req("CAM-88", "REL-20")
def test_a_path_never_reaches_attributes_of_objects() -> None:
    class Secret:
        token = "s3cret"

    assert render("[{{ default(a.token, 'none') }}]", {"a": Secret()}) == "[none]"
    assert render("[{{ default(a.keys, 'none') }}]", {"a": {}}) == "[none]"


def test_translations_are_taken_from_the_language_of_the_content() -> None:
    assert (
        render("{{ t('greeting.hello') }}", translations={"greeting.hello": "Hola {{ x }}"}) == "Hola {{ x }}"
    )


def test_texts_of_a_template_never_become_code() -> None:
    hostile = "'''+str(1)+''' \\ \" {} \n\r\t \u2028 %s {x}"
    assert render(hostile + "{{ a }}", {"a": "v"}).startswith("'''+str(1)+'''")
    assert render("{{ 'a\\'b\"c' }}{{ a['x\\'y'] }}", {"a": {"x'y": "k"}}) == "a'b\"ck"
