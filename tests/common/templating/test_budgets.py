import time

import pytest

from services.common.templating import (
    Budget,
    OutputTooLargeError,
    PartKind,
    RenderTimeoutError,
    TemplateInvalidError,
    TooManyIterationsError,
)
from tests.common.templating.builders import email, render, sms

NESTED = "{% for a in v %}{% for b in v %}{% for c in v %}{% for d in v %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}"


@pytest.mark.req("CAM-88", "REL-20")
@pytest.mark.parametrize("source", [NESTED, NESTED.replace("%}{% endfor", "%}{{ d }}{% endfor", 1)])
def test_a_runaway_loop_is_stopped(source: str) -> None:
    started = time.monotonic()
    with pytest.raises(TooManyIterationsError) as caught:
        render(source, {"v": list(range(1000))})
    assert caught.value.reason == "TEMPLATE_RENDER_FAILED"
    assert time.monotonic() - started < 1


@pytest.mark.req("CAM-88", "REL-20")
def test_a_slow_template_is_stopped_by_the_clock() -> None:
    body = "{% if a %}" + "{{ v }}" * 500 + "{% endif %}"
    source = "{% for x in list %}" + body + "{% endfor %}"
    budget = Budget(seconds=0.02, iterations=1_000_000, output={PartKind.TEXT: 1 << 40})
    with pytest.raises(RenderTimeoutError):
        render(source, {"list": list(range(100_000)), "a": 1, "v": "x'"}, budget=budget)


@pytest.mark.req("CAM-88", "REL-20")
@pytest.mark.parametrize(
    "source",
    [
        "{% for x in v %}{{ big }}{% endfor %}",
        "{% if v %}" + "{{ big }}" * 4000 + "{% endif %}",
        "".join(f"{{{{ default(big, '{n}') }}}}" for n in range(2000)),
        "{{ big }}" * 100,
    ],
)
def test_output_is_bounded_whatever_way_it_grows(source: str) -> None:
    with pytest.raises(OutputTooLargeError) as caught:
        render(source, {"v": list(range(1000)), "big": "<" * 60_000})
    assert caught.value.budget == "output"


@pytest.mark.req("CAM-88")
def test_an_sms_holds_1600_characters_and_no_more() -> None:
    assert len(sms("{{ a }}{{ b }}").render({"a": "x" * 800, "b": "y" * 800}, object())["text"]) == 1600  # type: ignore[arg-type]
    with pytest.raises(OutputTooLargeError):
        sms("{{ a }}{{ b }}.").render({"a": "x" * 800, "b": "y" * 800}, object())  # type: ignore[arg-type]
    with pytest.raises(TemplateInvalidError):
        sms("x" * 1601)


def test_a_part_that_repeats_a_value_is_measured_in_full() -> None:
    source = "{{ a }}" * 1000
    assert len(render(source, {"a": "x" * 500})) == 500_000
    with pytest.raises(OutputTooLargeError):
        render(source, {"a": "x" * 600})


def test_size_and_number_of_parts_of_a_source_are_bounded() -> None:
    for source in ("x" * 600_000, "{{ a }}." * 6000, "{% if a %}" + "{% elif b %}" * 100 + "{% endif %}"):
        with pytest.raises(TemplateInvalidError):
            render(source, {"a": 1})


def test_html_nested_absurdly_deep_is_refused_before_it_costs_time() -> None:
    started = time.monotonic()
    for source in (
        "<div>" * 90_000,
        "<b>" * 90_000,
        "<table><tr><td>" * 30_000,
        "<!--" * 90_000,
        "<a href='" * 9000,
    ):
        try:
            email(source)
        except TemplateInvalidError:
            continue
    assert time.monotonic() - started < 5
