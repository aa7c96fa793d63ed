from datetime import UTC, date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from services.common.templating import (
    ContentSource,
    MissingVariablesError,
    Options,
    PlainTrail,
    RenderError,
    Variable,
    VariableType,
    compile_content,
    sample_values,
)
from tests.common.templating.builders import email, render, sms


@pytest.mark.req("CAM-90")
def test_zero_false_and_the_empty_text_are_values() -> None:
    assert render("{{ a }},{{ b }},{{ c }}", {"a": 0, "b": False, "c": ""}) == "0,false,"


@pytest.mark.req("CAM-90")
def test_every_missing_required_variable_is_named_at_once() -> None:
    declared = [Variable("a"), Variable("b"), Variable("c", required=False), Variable("d", default="D")]
    with pytest.raises(MissingVariablesError) as caught:
        render("{{ c }}{{ d }}{% if c %}{{ a }}{% endif %}{{ b }}", {"b": None}, declared)
    assert caught.value.reason == "MISSING_VARIABLES"
    assert sorted(caught.value.names) == ["a", "b"]


@pytest.mark.req("CAM-90")
def test_defaults_fill_optional_values_and_extras_are_ignored() -> None:
    declared = [Variable("a", default="A"), Variable("b", required=False), Variable("o.x", default=7)]
    assert render("{{ a }}[{{ b }}]{{ o.x }}", {"extra": object()}, declared) == "A[]7"


def test_a_default_of_an_object_serves_its_fields() -> None:
    declared = [Variable("shop", VariableType.OBJECT, default={"name": "Acme"})]
    assert render("{{ shop.name }}", {}, declared) == "Acme"
    assert render("{{ shop.name }}", {"shop": {"name": "B"}}, declared) == "B"


@pytest.mark.req("CAM-90")
def test_a_missing_field_of_a_required_object_is_missing_and_of_an_optional_one_empty() -> None:
    with pytest.raises(MissingVariablesError) as caught:
        render("{{ order.total }}", {"order": {}}, [Variable("order", VariableType.OBJECT)])
    assert caught.value.names == ("order.total",)
    assert render("[{{ order.total }}]", {}, [Variable("order", VariableType.OBJECT, required=False)]) == "[]"
    declared = [Variable("items", VariableType.LIST), Variable("items.note", required=False)]
    assert (
        render("{% for i in items %}{{ i.n }}{{ i.note }}{% endfor %}", {"items": [{"n": 1}]}, declared)
        == "1"
    )
    with pytest.raises(MissingVariablesError):
        render(
            "{% for i in items %}{{ i.x }}{% endfor %}",
            {"items": [{}]},
            [Variable("items", VariableType.LIST)],
        )


@pytest.mark.req("CAM-90")
def test_used_and_declared_variables_are_compared() -> None:
    declared = [Variable("a"), Variable("unused"), Variable("o", VariableType.OBJECT)]
    usage = sms("{{ a }}{{ o.x }}{% for i in list %}{{ i.y }}{% endfor %}", declared).usage
    assert usage.used == ("a", "list", "list.y", "o.x")
    assert usage.undeclared == ("list", "list.y")
    assert usage.unused == ("unused",)
    assert not usage.agrees


@pytest.mark.parametrize("value", [{"a": 1}, [1], object(), b"x", float("inf"), Decimal("NaN"), 1 << 2000])
def test_data_is_never_dumped(value: object) -> None:
    with pytest.raises(RenderError) as caught:
        render("{{ v }}", {"v": value})
    assert caught.value.reason == "TEMPLATE_RENDER_FAILED"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3"),
        (3.25, "3.25"),
        (10**20, "1" + "0" * 20),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: object, shown: str) -> None:
    assert render("{{ v }}", {"v": value}) == shown


@pytest.mark.req("CAM-89")
def test_values_are_escaped_in_html_and_plain_in_text() -> None:
    content = email("<p title='{{ v }}'>{{ v }}</p>", text="{{ v }}", subject="{{ v }}")
    shown = content.render({"v": "<b>\"T'&\x00"}, object())  # type: ignore[arg-type]
    assert '<p title="&lt;b&gt;&#34;T&#39;&amp;">&lt;b&gt;&#34;T&#39;&amp;</p>' in shown["html"]
    assert shown["text"].strip() == "<b>\"T'&"
    assert shown["subject"] == "<b>\"T'&"


@pytest.mark.req("CAM-89")
@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x85"])
def test_a_line_break_in_a_subject_is_refused(breaker: str) -> None:
    content = email("<p>x</p>", subject="Hi {{ name }}")
    with pytest.raises(RenderError, match="line break"):
        content.render({"name": f"a{breaker}Bcc: x@example.com"}, object())  # type: ignore[arg-type]


@pytest.mark.req("CAM-89", "GEN-25")
@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://plain.example", "https://u:p@host.example", "https://", "//host", "x",
     "https://h.example/" + "a" * 2048, "https://host:port/", "https://[::1", "https://a\\@b.example/", "https://u@b.example/", "https:///x", "ftp://b.example"],
)  # fmt: skip
def test_a_url_value_must_be_a_safe_https_address(url: str) -> None:
    with pytest.raises(RenderError):
        render("{{ u }}", {"u": url}, [Variable("u", VariableType.URL)])


def test_a_good_url_value_passes_and_is_escaped_in_html() -> None:
    declared = [Variable("u", VariableType.URL)]
    url = "https://shop.example/a b?x=1&y=ü"
    assert render("{{ u }}", {"u": url}, declared) == "https://shop.example/a%20b?x=1&y=%C3%BC"
    html = email("<p>{{ u }}</p>", variables=declared).render({"u": url}, object())["html"]  # type: ignore[arg-type]
    assert "https://shop.example/a%20b?x=1&amp;y=%C3%BC" in html
    assert (
        render("{{ u }}", {"u": "http://localhost:8080/x"}, declared, allow_http=True)
        == "http://localhost:8080/x"
    )


@pytest.mark.req("CAM-91", "GEN-23")
@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "November 21, 2026"), ("de", "21. November 2026"), ("fr", "21 novembre 2026"), ("hi", "21 नवंबर 2026"),
        ("es", "21 de noviembre de 2026"), ("pt", "21 de novembro de 2026"), ("zh", "2026年11月21日"),
        ("ja", "2026年11月21日"), ("xx", "November 21, 2026"),
    ],
)  # fmt: skip
def test_a_date_has_day_full_month_and_year_in_the_language(language: str, shown: str) -> None:
    assert render("{{ formatDate(d) }}", {"d": "2026-11-21"}, language=language) == shown


@pytest.mark.req("CAM-91")
def test_instants_are_shown_in_the_zone_of_the_message() -> None:
    zone = ZoneInfo("Asia/Kolkata")
    for moment in ("2026-11-21T20:30:00Z", "2026-11-21T20:30:00", datetime(2026, 11, 21, 20, 30, tzinfo=UTC)):
        shown = render("{{ formatDate(m) }} {{ m | formatTime }}", {"m": moment}, zone=zone)
        assert shown.replace("\u202f", " ") == "November 22, 2026 2:00 AM"
    assert render("{{ formatTime(m) }}", {"m": "14:05"}, language="de") == "14:05"
    assert render("{{ formatTime(m) }}", {"m": time(14, 5, 9)}, language="de") == "14:05"
    assert render("{{ formatDate(m) }}", {"m": date(2026, 1, 2)}, language="de") == "2. Januar 2026"


@pytest.mark.parametrize(
    ("instant", "zone", "shown"),
    [
        ("9999-12-31T23:59:59Z", "Asia/Tokyo", "December 31, 9999"),
        ("0001-01-01T00:00:00Z", "America/New_York", "January 1, 1"),
    ],
)
def test_the_last_day_of_all_is_shown_as_it_is_written(instant: str, zone: str, shown: str) -> None:
    assert render("{{ formatDate(m) }}{{ m | formatTime }}", {"m": instant}, zone=ZoneInfo(zone)).startswith(
        shown
    )


@pytest.mark.req("CAM-91")
@pytest.mark.parametrize(
    ("value", "language", "shown"),
    [
        ({"currency_code": "INR", "units": "123456", "nanos": 500_000_000}, "en", "₹123,456.50"),
        ({"currencyCode": "EUR", "units": 5}, "de", "5,00\xa0€"),
        ({"currency": "JPY", "amount": "1200"}, "ja", "￥1,200"),
        (SimpleNamespace(currency="USD", amount=Decimal("-3.5")), "en", "-$3.50"),
        (SimpleNamespace(currency_code="USD", units=0, nanos=-250_000_000), "en", "-$0.25"),
    ],
)
def test_an_amount_keeps_its_currency_and_takes_the_form_of_the_language(
    value: object, language: str, shown: str
) -> None:
    assert render("{{ formatCurrency(m) }}", {"m": value}, language=language) == shown


@pytest.mark.parametrize(
    "source", ["{{ formatDate(v) }}", "{{ formatTime(v) }}", "{{ formatCurrency(v) }}", "{{ gt(v, 1) }}"]
)
@pytest.mark.parametrize("value", ["nonsense", {"x": 1}, [], {"currency": "EU", "amount": 1}, "9" * 5000])
def test_helpers_refuse_what_they_cannot_show(source: str, value: object) -> None:
    with pytest.raises(RenderError):
        render(source, {"v": value})


def test_a_list_is_needed_to_loop() -> None:
    with pytest.raises(RenderError, match="not a list"):
        render("{% for c in v %}{{ c }}{% endfor %}", {"v": "abc"})


def test_typographic_spaces_do_not_make_an_sms_dearer() -> None:
    content = sms("{{ formatCurrency(m) }}", language="fr")
    assert content.render({"m": {"currency_code": "EUR", "units": 1234}}, object())["text"] == "1 234,00 €"  # type: ignore[arg-type]


def test_samples_make_one_set_of_variables() -> None:
    declared = [
        Variable("o", sample={"a": 1}),
        Variable("o.b", sample=2),
        Variable("x.y", default="z"),
        Variable("n"),
    ]
    assert sample_values(declared) == {"o": {"a": 1, "b": 2}, "x": {"y": "z"}}
    assert declared[0].sample == {"a": 1}


@pytest.mark.req("CAM-94", "EVT-87")
def test_the_places_of_an_approved_text_show_amounts_and_times_as_the_text_does() -> None:
    declared = [
        Variable("price", VariableType.MONEY, required=False),
        Variable("link", VariableType.URL, required=False),
        Variable("at", VariableType.DATETIME),
    ]
    places = ("price", "link", "formatDate(at)", "formatTime(at)")
    content = compile_content(
        ContentSource(text="x", parameters=places), declared, Options("whatsapp", "en", marketing=False)
    )
    price = {"currency_code": "JPY", "units": 900, "nanos": 0}
    at = "2026-12-04T10:30:00+00:00"
    shown = content.render({"price": price, "link": "https://x.example/a", "at": at}, PlainTrail())
    assert [shown[f"parameter_{number}"].replace("\u202f", " ") for number in (1, 2, 3, 4)] == [
        "¥900",
        "https://x.example/a",
        "December 4, 2026",
        "10:30 AM",
    ]
    bare = content.render({"price": "", "link": "", "at": at}, PlainTrail())
    assert (bare["parameter_1"], bare["parameter_2"]) == ("", "")
