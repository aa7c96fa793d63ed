"""Web addresses in texts become short links where the template asks, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.templating import (
    CompiledContent,
    ContentSource,
    Options,
    TemplateInvalidError,
    Variable,
    VariableType,
    compile_content,
)
from tests.common.templating.builders import TRAIL, FakeTrail


class Shortening(FakeTrail):
    """Shows which link stood where."""

    def click_url(self, index: int, url: str) -> str:
        return f"<{index} {url}>"


def text(source: str, *, shorten: bool = True, tracked: bool = True) -> CompiledContent:
    names = ("name", "path", "cheap", "unused")
    variables = [Variable(name, VariableType.STRING, required=False, default="") for name in names]
    variables.append(Variable("link", VariableType.URL, required=False))
    options = Options(
        channel="sms", language="en", marketing=False, track_links=tracked, shorten_links=shorten
    )
    return compile_content(ContentSource(text=source), variables, options)


def shown(source: str, **variables: str) -> str:
    return text(source).render(variables, Shortening())["text"]


@pytest.mark.req("DEL-89", "DEL-140")
@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("See https://x.example/a?b=1&c=2.", "See <0 https://x.example/a?b=1&c=2>."),
        ("(https://x.example/a)", "(<0 https://x.example/a>)"),
        ("https://x.example/a_(b)", "<0 https://x.example/a_(b)>"),
        ("“https://x.example/a”, or", "“<0 https://x.example/a>”, or"),
        ("HTTPS://X.example/A now", "<0 HTTPS://X.example/A> now"),
        ("https://x.example/{{ path }}?n={{ name }}!", "<0 https://x.example/p?n=Ada>!"),
        ("{% if name %}https://x.example/a{% endif %}", "<0 https://x.example/a>"),
        (
            "https://x.example/a https://x.example/b https://x.example/a",
            "<0 https://x.example/a> <1 https://x.example/b> <0 https://x.example/a>",
        ),
        ("mailto:a@x.example and x.example", "mailto:a@x.example and x.example"),
        ("ftp://x.example/a", "ftp://x.example/a"),
        ("https://user:secret@x.example/", "https://user:secret@x.example/"),
        ("{{ link }} now", "<0 https://x.example/long> now"),
        ("{% if link %}{{ link }}{% endif %}.", "<0 https://x.example/long>."),
        ("{{ name }}", "Ada"),
        ("Stop: {{ unsubscribe_url }}", f"Stop: {TRAIL.unsubscribe_url}"),
    ],
)
def test_what_stands_together_is_one_link(written: str, wanted: str) -> None:
    assert shown(written, name="Ada", path="p", link="https://x.example/long") == wanted


@pytest.mark.req("DEL-89")
def test_without_tracking_or_without_being_asked_addresses_stay() -> None:
    source = "See https://x.example/a"
    for found in (text(source, shorten=False), text(source, tracked=False)):
        assert found.render({}, Shortening())["text"] == source
        assert found.links == ()


@pytest.mark.req("DEL-89")
def test_the_text_of_an_e_mail_is_shortened_and_its_html_is_not() -> None:
    options = Options(channel="email", language="en", marketing=False, shorten_links=True)
    source = ContentSource(subject="s", html='<p><a href="https://x.example/a">a</a></p>')
    found = compile_content(source, [], options)
    parts = found.render({}, Shortening())
    assert [(link.url, link.is_short) for link in found.links] == [
        ("https://x.example/a", False), ("https://x.example/a", True),
    ]  # fmt: skip
    assert "<1 https://x.example/a>" in parts["text"]
    assert "<0 https://x.example/a>" in parts["html"]


def test_an_author_cannot_write_the_marks_of_the_platform() -> None:
    with pytest.raises(TemplateInvalidError, match="underscore"):
        text("{{ __link_0 }} https://x.example")


@given(st.text(max_size=40), st.text(max_size=40))
def test_words_around_an_address_stay_as_they_are(before: str, after: str) -> None:
    def plain(words: str) -> str:
        return "".join(one for one in words if one not in "{}%#\r\n" and one.isprintable())

    before, after = plain(before), plain(after)
    source = f"{before} https://x.example/a {after}"
    assert shown(source) == f"{before} <0 https://x.example/a> {after}"
