"""What becomes of a template that cannot be rendered: a reason, and never its data."""

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
)

SECRET = "4711-secret"


@pytest.mark.req("SEC-95", "CAM-140", "CAM-90")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ x }}", {"inner": SECRET}),
        ("{{ x }}", [SECRET]),
        ("{% for one in x %}{{ one }}{% endfor %}", SECRET),
        ("{{ formatDate(x) }}", SECRET),
        ("{{ formatCurrency(x) }}", {"amount": SECRET, "currency_code": "EUR"}),
        ("{% if x > 5 %}more{% endif %}", SECRET),
    ],
)
def test_what_cannot_be_shown_fails_with_its_reason_and_without_its_data(text: str, value: object) -> None:
    options = Options("sms", "en", marketing=False)
    made = compile_content(ContentSource(text=text), [Variable("x", VariableType.OBJECT)], options)
    with pytest.raises(RenderError) as failed:
        made.render({"x": value}, PlainTrail())
    assert failed.value.reason == "TEMPLATE_RENDER_FAILED"
    assert SECRET not in str(failed.value)


@pytest.mark.req("CAM-90", "SEC-116")
def test_what_is_missing_is_named_and_nothing_is_printed_in_its_place() -> None:
    options = Options("sms", "en", marketing=False)
    made = compile_content(ContentSource(text="{{ x }} {{ y }}"), [Variable("x"), Variable("y")], options)
    with pytest.raises(MissingVariablesError) as missing:
        made.render({"y": 0}, PlainTrail())
    assert (missing.value.reason, missing.value.names) == ("MISSING_VARIABLES", ("x",))
