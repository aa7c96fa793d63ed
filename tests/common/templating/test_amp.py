"""AMP documents of mail: what is taken, what is refused and where, and what values may do in them."""

import pytest

from services.common.templating import (
    CompiledContent,
    ContentSource,
    Options,
    RenderError,
    TemplateInvalidError,
    Variable,
    VariableType,
    compile_content,
)
from services.delivery.media.rich import amp as rich
from services.delivery.media.rich.parts import Button, Content, Image, Style
from tests.common.templating.builders import TRAIL, FakeTrail

HEAD = """<!doctype html>
<html ⚡4email data-css-strict>
<head>
<meta charset="utf-8">
<script async src="https://cdn.ampproject.org/v0.js"></script>
<style amp4email-boilerplate>body{visibility:hidden}</style>
<style amp-custom>.a{color:red}@media (max-width:9px){#a{color:blue}}</style>
</head>
"""
BODY = "<body>\n<p>Hello {{ name }}</p>\n</body>\n</html>\n"
FORM = (
    '<script async custom-element="amp-form" src="https://cdn.ampproject.org/v0/amp-form-0.1.js"></script>\n'
)


def compiled(amp: str, html: str | None = "<p>Hello {{ name }}</p>", **options: object) -> CompiledContent:
    marketing = bool(options.pop("marketing", False))
    return compile_content(
        ContentSource("For {{ name }}", None, html, amp=amp),
        None,
        Options("email", "en", marketing, **options),
    )


def body(inner: str, head: str = HEAD) -> str:
    return f"{head}<body>\n{inner}\n</body>\n</html>\n"


def refusal(amp: str, **options: object) -> TemplateInvalidError:
    with pytest.raises(TemplateInvalidError) as refused:
        compiled(amp, **options)
    return refused.value


@pytest.mark.req("DEL-99")
def test_a_valid_document_stays_as_it_was_written_and_stands_beside_text_and_html() -> None:
    content = compiled(HEAD + BODY, pixel=False)
    assert list(content.parts) == ["subject", "text", "amp", "html"]
    assert content.slot_count == 3  # in the subject, the text, and in amp and html together
    shown = content.render({"name": '<a href="x">&'}, TRAIL)["amp"]
    expected = (HEAD + BODY).replace("{#a", "{ #a").replace("{{ name }}", "&lt;a href=&#34;x&#34;&gt;&amp;")
    assert shown == expected


@pytest.mark.req("DEL-99", "DEL-145")
def test_what_rich_content_is_rendered_as_is_a_valid_document() -> None:
    images = (Image("https://cdn.example/a.png", "a {b}"), Image("https://cdn.example/b.png", "b"))
    made = rich.render(
        Content(images=images, buttons=(Button("Buy", "https://s.example/?a=1&b=2", Style.PRIMARY),)), "de"
    )
    shown = compiled(made, pixel=False).render({"name": "Ada"}, TRAIL)["amp"]
    assert shown == made.replace("a {b}", "a &#123;b}")


@pytest.mark.req("DEL-99", "CAM-92")
@pytest.mark.parametrize(
    ("amp", "line", "told"),
    [
        ((HEAD + BODY).removeprefix("<!doctype html>\n"), 1, "doctype"),
        ((HEAD + BODY).replace(" ⚡4email", ""), 2, "mark"),
        ((HEAD + BODY).replace('<meta charset="utf-8">\n', ""), 4, "charset"),
        ((HEAD + BODY).replace("v0.js", "v1.js"), 5, "cdn.ampproject.org"),
        (HEAD.replace('<script async src="https://cdn.ampproject.org/v0.js"></script>', "") + BODY, 1, "runtime"),
        ((HEAD + BODY).replace("{visibility:hidden}", "{}"), 6, "boilerplate"),
        (HEAD.replace("<style amp4email-boilerplate>body{visibility:hidden}</style>", "") + BODY, 1, "boilerplate"),
        ((HEAD + BODY).replace("<style amp-custom>", "<style>"), 7, "amp-custom"),
        ((HEAD + BODY).replace("</head>", "<style amp-custom></style></head>"), 8, "twice"),
        ((HEAD + BODY).replace(".a{", ".a{background:url(https://x.example/a.png);"), 7, "loads nothing"),
        ((HEAD + BODY).replace("red}", "red !important}"), 7, "!important"),
        ((HEAD + BODY).replace("red}", "red}" + ".b{color:red}" * 6000), 7, "75000 bytes"),
        (body(FORM), 10, "does not stand here"),
        (HEAD + "<body><p>{{ name }}", 9, "which end"),
        (HEAD + "<body><p>{{ name }}<!-- ", 9, "ends within"),
        ((HEAD + BODY).replace("<head>", "<head>{% if name %}").replace("</head>", "{% endif %}</head>"), 3, "in the body"),
        (HEAD.replace("data-css-strict", 'lang="{{ name }}"') + BODY, 2, "in the body"),
        ((HEAD + BODY).replace(":red", ":{{ name }}"), 7, "no expressions"),
        (body("<p>é" + "x" * 200_000 + "</p>"), 1, "200000 bytes"),
        (body("<p>{{ name }\n}</p>"), 10, "unexpected"),
        (body('<p>\n<img src="https://x.example/a.png"></p>'), 11, "no <img>"),
        (body('{# a\n remark #}<iframe src="https://x.example/"></iframe>'), 11, "no <iframe>"),
        (body("<object></object>"), 10, "no <object>"),
        (body("<video></video>"), 10, "no <video>"),
        (body("<svg></svg>"), 10, "no <svg>"),
        (body('<link rel="stylesheet" href="https://x.example/a.css">'), 10, "no <link>"),
        (body("<script>alert(1)</script>"), 10, "does not stand here"),
        (body('<template type="amp-mustache"></template>'), 10, "no <template>"),
        (body('{{\n"x"\n}}<p onclick="x()">a</p>'), 12, "onclick"),
        (body('<p id="i-amphtml-a">a</p>'), 10, "i-amphtml-"),
        (body("<p style=\"background:url('https://x.example/')\">a</p>"), 10, "loads nothing"),
        (body('<p style="color:{{ name }}">a</p>'), 10, "primary_color"),
        (body('<a href="javascript:alert(1)">a</a>'), 10, "href"),
        (body('<a href="https://u:p@x.example/">a</a>'), 10, "credentials"),
        (body('<amp-img src="http://x.example/a.png" width="1" height="1"></amp-img>'), 10, "src"),
        (body('<amp-img src="https://x.example/a.png" width="1" height="1" />'), 10, "end tag"),
        (body('<form method="post" action="https://x.example/"></form>'), 10, "action-xhr"),
        (body('<form method="post" action-xhr="https://x.example/"></form>'), 10, "amp-form is missing"),
        (body("<amp-carousel></amp-carousel>"), 10, "amp-carousel is missing"),
        (body('<input type="password">'), 10, "input"),
        (body("<p [text]=\"'{{ name }}'\">a</p>"), 10, "no expressions"),
        (body("<!--[if mso]><p>x</p><![endif]-->"), 10, "conditional"),
        (body("<p a='1' a='2'>x</p>"), 10, "twice"),
    ],
)  # fmt: skip
def test_what_mail_clients_would_not_show_is_refused_with_its_line(amp: str, line: int, told: str) -> None:
    error = refusal(amp)
    assert (error.part, error.line) == ("amp", line), error
    assert told in error.message


@pytest.mark.req("DEL-99")
def test_an_amp_part_needs_html_and_an_e_mail() -> None:
    with pytest.raises(TemplateInvalidError, match="beside an html part"):
        compile_content(ContentSource("s", "text", amp=HEAD + BODY), None, Options("email", "en", False))
    with pytest.raises(TemplateInvalidError, match="only an e-mail"):
        compile_content(ContentSource(None, "text", amp=HEAD + BODY), None, Options("sms", "en", False))


@pytest.mark.req("DEL-99", "DEL-72")
def test_what_marketing_lacks_and_the_pixel_stand_at_the_end_of_the_body() -> None:
    shown = compiled(HEAD + BODY, marketing=True, branding={"postal_address": "1 Main {St}"}).render(
        {"name": "Ada"}, TRAIL
    )["amp"]
    end = shown.partition("<p>Hello Ada</p>")[2]
    assert "1 Main &#123;St}" in end
    assert f'<a href="{TRAIL.unsubscribe_url}"' in end
    assert end.endswith(
        f'<amp-img src="{TRAIL.pixel_url}" width="1" height="1" alt=""></amp-img></body>\n</html>\n'
    )
    own = body("<p><a href='{{ unsubscribe_url }}'>out</a></p>")
    assert (
        compiled(own, marketing=True).render({"name": "Ada"}, TRAIL)["amp"].count(TRAIL.unsubscribe_url) == 1
    )


@pytest.mark.req("DEL-99")
def test_links_are_not_exchanged_and_what_variables_make_of_them_is_checked() -> None:
    content = compile_content(
        ContentSource(
            "s",
            None,
            '<a href="https://s.example/">x</a>',
            amp=body(
                """<a href="https://s.example/">x</a><a title=' href="y" ' target=_blank href='{{ link }}'>y</a>"""
                '<a href="https://s.example/{{ name }}?a={{ name }}">z</a><a href="mailto:{{ name }}@s.example">w</a>'
            ),
        ),
        [Variable("link", VariableType.STRING), Variable("name")],
        Options("email", "en", False, track_links=True),
    )
    trail = FakeTrail()
    shown = content.render({"link": "https://x.example/?a=1&b='", "name": "A/b&"}, trail)["amp"]
    assert trail.asked == [(0, "https://s.example/")]  # of the html
    assert '<a href="https://s.example/">x</a>' in shown
    assert """<a title=' href="y" ' target=_blank href="https://x.example/?a=1&amp;b=&#39;">y</a>""" in shown
    assert (
        '<a href="https://s.example/A/b%26?a=A%2Fb%26">z</a><a href="mailto:A/b&amp;@s.example">w</a>'
        in shown
    )
    with pytest.raises(RenderError):
        content.render({"link": "javascript:alert(1)", "name": "x"}, trail)


def test_loops_stand_in_tables_and_forms_of_amp_are_taken() -> None:
    amp = body(
        "<table>{% for one in items %}<tr><td>{{ one }}</td></tr>{% endfor %}</table>"
        '<form method="post" action-xhr="https://s.example/in?for={{ name }}"><input name="a" value="{{ name }}"></form>',
        HEAD.replace("<style amp-custom", FORM + "<style amp-custom"),
    )
    shown = compiled(amp).render({"name": '"x', "items": [1, "<"]}, TRAIL)["amp"]
    assert "<table><tr><td>1</td></tr><tr><td>&lt;</td></tr></table>" in shown
    assert 'action-xhr="https://s.example/in?for=%22x"><input name="a" value="&#34;x">' in shown
