import pytest

from services.common.templating import (
    ContentSource,
    Options,
    RenderError,
    TemplateInvalidError,
    Variable,
    VariableType,
    compile_content,
)
from tests.common.templating.builders import TRAIL, FakeTrail, email

BRANDING = {"postal_address": "Acme {Ltd}, 1 Main St\nSpringfield", "primary_color": "#0066cc"}


def body(html: str) -> str:
    return html.partition("<body")[2].partition(">")[2].removesuffix("</body></html>")


@pytest.mark.req("CAM-92")
def test_scripts_handlers_forms_and_remote_styles_are_removed_and_named() -> None:
    content = email(
        '<link rel="stylesheet" href="https://x.example/a.css"><style>@import "https://x.example/a.css";</style>'
        "<style>.ok{color:red} @media (max-width:1px){#a{x:y}}</style>"
        '<script>alert(1)</script><form action="/x"><input name="a"><button>b</button></form><iframe src="x"></iframe>'
        '<p onclick="x()" style="color:red; background:url(https://x.example/i.png); width:expression(1)">kept</p>'
        '<svg onload="x"></svg><object data="x"></object><img src="data:image/png;base64,x" onerror="x">'
        '<a href="javascript:alert(1)">a</a><a href=" JaVaScRiPt:alert(1)">b</a><a href="/relative">c</a>'
    )
    html = content.render({}, TRAIL)["html"]
    for gone in ("script", "onclick", "onerror", "<form", "<input", "iframe", "@import", "link rel", "url(", "expression",
                 "svg", "object", "data:", "javascript", "JaVaScRiPt", "relative"):  # fmt: skip
        assert gone not in html
    assert ".ok{color:red}" in html
    assert '<p style="color:red">kept</p>' in html
    assert {"script", "form", "input", "iframe", "onclick", "remote style"} <= set(content.removed)


def test_tables_styles_and_blocks_inside_tables_survive() -> None:
    html = email(
        '<body bgcolor="#eee"><table width="600" cellpadding="0"><tr><th style="padding:1px">H</th></tr>'
        "{% for i in items %}<tr><td>{{ i.name }}</td></tr>{% endfor %}</table></body>"
    ).render({"items": [{"name": "a"}, {"name": "<b>"}]}, TRAIL)["html"]
    assert (
        '<body bgcolor="#eee"><table width="600" cellpadding="0"><tr><th style="padding:1px">H</th></tr>'
        in html
    )
    assert "<tr><td>a</td></tr><tr><td>&lt;b&gt;</td></tr></table>" in html


@pytest.mark.parametrize(
    "html",
    ["<p {{ a }}>x</p>", "<head>{{ a }}</head><p>x</p>", "<p class={{ a }}>x</p>", "<style>.a{color:{{ a }}}</style>",
     "<script>{{ a }}</script>", "<!-- {{ a }} --><p>x</p>", '<p style="color:{{ a }}">x</p>', "<title>{{ a }}</title>"],
)  # fmt: skip
def test_expressions_stand_in_text_and_quoted_attributes_only(html: str) -> None:
    with pytest.raises(TemplateInvalidError):
        email(html)


def test_the_brand_colour_may_stand_in_a_style() -> None:
    html = email('<p style="color:{{ primary_color }}">x</p>', branding=BRANDING).render({}, TRAIL)["html"]
    assert '<p style="color:#0066cc">x</p>' in html


def test_braces_of_the_text_never_become_expressions() -> None:
    content = email(
        "<p>&#123;&#123; __link_0 }} &#123;% if x %} {x}</p><p title='&#123;&#123; a }}'>{{ v }}</p>"
    )
    html = content.render({"v": "{{ w }}"}, TRAIL)["html"]
    assert "&#123;&#123; __link_0 }} &#123;% if x %} &#123;x}" in html
    assert "&#123;&#123; a }}" in html
    assert ">{{ w }}</p>" in html
    assert "{{ __link_0 }}" in content.render({"v": ""}, TRAIL)["text"]


@pytest.mark.req("DEL-89")
def test_web_links_are_tracked_once_per_target_and_nothing_else_is() -> None:
    content = email(
        '<a href="https://s.example/a?x=1&amp;y=2">1</a><a href="https://s.example/a?x=1&y=2">2</a>'
        '<a href="http://s.example/b">3</a><a href="#top">4</a><a href="mailto:a@s.example">5</a>'
        '<a href="tel:+123">6</a><a href="{{ unsubscribe_url }}">7</a><a href="{{ preferences_url }}">8</a>'
        '<a href="https://s.example/c" data-untracked>9</a><a name="x">10</a>'
    )
    trail = FakeTrail()
    html = content.render({}, trail)["html"]
    assert [link.url for link in content.links] == ["https://s.example/a?x=1&y=2", "http://s.example/b"]
    assert trail.asked == [(0, "https://s.example/a?x=1&y=2"), (1, "http://s.example/b")]
    assert html.count('href="https://m.example/c/0"') == 2
    assert 'href="https://m.example/c/1"' in html
    for kept in ('"#top"', '"mailto:a@s.example"', '"tel:+123"', TRAIL.unsubscribe_url, TRAIL.preferences_url,
                 '<a href="https://s.example/c">9</a>'):  # fmt: skip
        assert kept in html
    assert not content.has_dynamic_links


@pytest.mark.req("DEL-89")
def test_links_with_variables_are_rendered_checked_and_then_tracked() -> None:
    content = email(
        '<a href="https://s.example/{{ slug }}?q={{ q }}">x</a>'
        '{% for p in products %}<a href="{{ p.url }}">{{ p.name }}</a>{% endfor %}'
    )
    trail = FakeTrail()
    values = {"slug": "a/b c", "q": "Tom & Co?", "products": [{"url": "https://p.example/1", "name": "P"}]}
    html = content.render(values, trail)["html"]
    assert trail.asked == [(0, "https://s.example/a/b%20c?q=Tom%20%26%20Co%3F"), (1, "https://p.example/1")]
    assert '<a href="https://m.example/c/1">P</a>' in html
    assert content.has_dynamic_links
    for bad in ("javascript:alert(1)", "http://p.example/1", "https://u:p@p.example"):
        with pytest.raises(RenderError):
            content.render(values | {"products": [{"url": bad, "name": "P"}]}, trail)


def test_untracked_content_keeps_its_targets_and_has_no_pixel() -> None:
    content = email(
        '<a href="https://s.example/a?x=1&y={{ y }}">x</a><a href="https://s.example/b">y</a>',
        track_links=False,
    )
    html = content.render({"y": '"&'}, TRAIL)["html"]
    assert '<a href="https://s.example/a?x=1&amp;y=%22%26">x</a><a href="https://s.example/b">y</a>' in html
    assert content.links == ()
    assert "<img" not in html


def test_an_image_address_with_variables_must_be_a_safe_url() -> None:
    content = email(
        '<img src="{{ photo }}" alt="{{ name }}">',
        variables=[Variable("photo", VariableType.URL), Variable("name")],
    )
    assert (
        '<img src="https://i.example/a%20b.png" alt="A&#34;">'
        in content.render({"photo": "https://i.example/a b.png", "name": 'A"'}, TRAIL)["html"]
    )
    with pytest.raises(RenderError):
        content.render({"photo": "data:x", "name": ""}, TRAIL)


def test_the_pixel_stands_last_in_the_body() -> None:
    html = email("<p>x</p>", pixel=True).render({}, TRAIL)["html"]
    assert html.endswith(
        '<img src="https://m.example/o/1" width="1" height="1" alt="" style="display:block;border:0"></body></html>'
    )


@pytest.mark.req("CAM-92", "DEL-72", "SEC-50")
def test_a_marketing_mail_without_way_out_or_address_gets_both_in_its_language() -> None:
    content = email("<p>x</p>", marketing=True, language="de", branding=BRANDING)
    shown = content.render({}, TRAIL)
    assert content.appended == ("unsubscribe", "postal_address")
    assert f'<a href="{TRAIL.unsubscribe_url}" style="color:#595959">Abmelden</a>' in shown["html"]
    assert "Acme &#123;Ltd}, 1 Main St<br>Springfield" in shown["html"]
    assert "Acme {Ltd}, 1 Main St\nSpringfield\nAbmelden: https://m.example/u/1" in shown["text"]


@pytest.mark.req("CAM-92")
def test_a_mail_that_has_them_or_is_not_marketing_gets_nothing() -> None:
    own = '<p>{{ postal_address }}</p><a href="{{ unsubscribe_url }}">out</a>'
    text = "{{ postal_address }} {{ unsubscribe_url }}"
    assert email(own, text=text, marketing=True, branding=BRANDING).appended == ()
    assert email("<p>x</p>", branding=BRANDING).appended == ()
    only_text = email(None, text="x", marketing=True, branding=BRANDING)
    assert "Unsubscribe: https://m.example/u/1" in only_text.render({}, TRAIL)["text"]


@pytest.mark.req("CAM-92")
def test_a_text_part_is_derived_from_the_html() -> None:
    shown = email(
        "<style>p{}</style><h1>Hello {{ name }}</h1><p>One<br>two&nbsp;&amp; three</p>"
        "<ul>{% for i in items %}<li>{{ i }}</li>{% endfor %}</ul><table><tr><td>a</td><td>b</td></tr></table>"
        '<p><a href="https://s.example/x">Shop</a> <a href="https://s.example/{{ name }}">yours</a>'
        '<img src="https://i.example/x.png" alt="Photo"></p>'
    ).render({"name": "Ada <3", "items": [1, 2]}, TRAIL)["text"]
    assert "Hello Ada <3\n\nOne\ntwo & three\n" in shown
    assert "- 1\n" in shown
    assert "- 2\n" in shown
    assert "a b" in shown
    assert "Shop (https://s.example/x) yours (https://s.example/Ada%20%3C3)Photo" in shown


@pytest.mark.req("CAM-92")
def test_a_derived_text_keeps_lines_and_paragraphs_apart_whatever_is_shown() -> None:
    mail = email(
        "<p>{% if name %}Hello {{ name }},{% else %}Hello,{% endif %}</p>{% if code %}<p>Use {{ code }}.</p>{% endif %}"
        "<table><tr><td>Paid</td><td>5{% if fee %} and 1{% endif %}</td></tr>"
        "{% if seat %}<tr><td>Seat</td><td>A{% if row %} 1{% endif %}</td></tr>{% endif %}"
        "<tr><td>Order</td><td>7</td></tr></table>{% if link %}<p>Look.</p>{% endif %}<p>Bye.</p>"
    )
    names = ("name", "code", "fee", "seat", "row", "link")
    everything = mail.render(dict.fromkeys(names, "x"), TRAIL)["text"]
    assert everything == "Hello x,\n\nUse x.\n\nPaid 5 and 1\nSeat A 1\nOrder 7\n\nLook.\n\nBye.\n"
    nothing = mail.render(dict.fromkeys(names, ""), TRAIL)["text"]
    assert nothing == "Hello,\n\nPaid 5\nOrder 7\n\nBye.\n"


def test_blocks_may_span_elements_and_minified_styles_are_no_comments() -> None:
    html = email(
        "<style>@media(max-width:9px){#a{b:c}}</style>{% if x %}<div>{% endif %}<p>y</p>{% if x %}</div>{% endif %}"
    ).render({"x": True}, TRAIL)["html"]
    assert body(html) == "<div><p>y</p></div>"
    assert "{ #a{b:c}}" in html


def test_expressions_at_either_end_of_a_document_stay_in_it() -> None:
    whole = "<!DOCTYPE html><html><head><title>x</title></head>{}<body>{}<p>y</p>{}</body></html>{}"
    start, end = "{% if x %}", "{% endif %}"
    assert body(email(whole.format("", start, "", end)).render({"x": 1}, TRAIL)["html"]) == "<p>y</p>"
    assert body(email("{{ x }}<p>y</p>{{ x }}").render({"x": 1}, TRAIL)["html"]) == "1<p>y</p>1"
    with pytest.raises(TemplateInvalidError):
        email(whole.format(start, "", end, ""))


def test_a_preheader_is_hidden_text_before_everything_else() -> None:
    content = compile_content(
        ContentSource("s", None, "<p>x</p>", preheader="Only <b> for {{ name }} & {you}"),
        None,
        Options("email", "en", False, pixel=False),
    )
    shown = content.render({"name": "A<"}, TRAIL)
    assert body(shown["html"]).startswith(
        '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">Only &lt;b&gt; for A&lt; &amp; &#123;you}</div>'
    )
    assert "Only" not in shown["text"]
