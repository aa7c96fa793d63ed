"""Rich content is escaped, its URLs are checked, and AMP is made only where it will be shown."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from angarium.delivery.v1 import media_service_pb2 as pb
from services.common.rpc.status import from_rpc_error
from services.delivery.media.rich import amp, html, text
from services.delivery.media.rich.parts import Button, Card, Content, Image, Style, Video
from tests.delivery.media.studio import Studio, picture

NASTY = "\"><script>alert(1)</script>&'"


def content(**fields: Any) -> pb.RichContent:
    return pb.RichContent(**fields)


async def render(studio: Studio, given: pb.RichContent, **fields: Any) -> pb.RenderRichContentResponse:
    return await studio.media.RenderRichContent(
        pb.RenderRichContentRequest(content=given, **fields), metadata=studio.mine
    )


@pytest.mark.req("DEL-54", "DEL-98", "DEL-145")
async def test_images_buttons_and_cards_become_html_and_text(studio: Studio) -> None:
    stored = (await studio.upload(picture())).media
    found = await render(
        studio,
        content(
            images=[
                pb.RichImage(media_id=stored.media_id),
                pb.RichImage(url="https://cdn.example/b.png", alt="b"),
            ],
            videos=[
                pb.RichVideo(
                    url="https://films.example/1",
                    thumbnail=pb.RichImage(url="https://cdn.example/t.png", alt="The trailer"),
                    duration=Duration(seconds=95),
                )
            ],
            buttons=[
                pb.RichButton(text="Book", url="https://salon.example/book"),
                pb.RichButton(
                    text="Later", url="https://salon.example/later", style=pb.RichButton.STYLE_SECONDARY
                ),
                pb.RichButton(
                    text="Stop", url="https://salon.example/stop", style=pb.RichButton.STYLE_DANGER
                ),
            ],
            cards=[pb.RichCard(title=NASTY, description="Now & then", link_url="https://salon.example/c")],
        ),
    )
    page = LexborHTMLParser(found.html)
    images = page.css("img")
    assert [one.attributes["src"] for one in images] == [
        stored.url, "https://cdn.example/b.png", "https://cdn.example/t.png",
    ]  # fmt: skip
    assert {(one.attributes["width"], one.attributes["height"]) for one in images} == {("600", "400")}
    assert all("max-width:100%" in (one.attributes["style"] or "") for one in images)
    assert images[0].attributes["alt"] == "a blue field"
    colours = {
        one.text(): one.attributes["style"] or ""
        for one in page.css("a")
        if "padding:12px" in (one.attributes["style"] or "")
    }
    assert {name: colour in colours[name] for name, colour in (("Book", "#007bff"), ("Later", "#6c757d"), ("Stop", "#dc3545"))} == {
        "Book": True, "Later": True, "Stop": True,
    }  # fmt: skip
    assert page.css("script") == []
    assert page.css_first("strong").text() == NASTY
    assert found.text.splitlines()[0] == "[a blue field]" or "[b]" in found.text
    assert "The trailer (1:35): https://films.example/1" in found.text
    assert f"{NASTY}\nNow & then\nhttps://salon.example/c" in found.text
    assert found.amp == ""


@pytest.mark.req("SEC-100", "DEL-98", "DEL-114")
async def test_a_url_that_may_not_stand_in_a_message_is_named(studio: Studio) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await render(
            studio,
            content(
                images=[pb.RichImage(url="javascript:alert(1)")],
                buttons=[
                    pb.RichButton(text="x", url="https://good.example"),
                    pb.RichButton(text="x", url="https://u:p@x.example"),
                ],
                cards=[pb.RichCard(title="x", link_url="ftp://x.example")],
            ),
        )
    error = from_rpc_error(caught.value, "delivery")
    assert error.reason == "UNSAFE_URL"
    assert [one.field for one in error.violations] == [
        "content.images[0].url", "content.buttons[1].url", "content.cards[0].link_url",
    ]  # fmt: skip


@pytest.mark.req("DEL-99", "DEL-145")
async def test_amp_is_made_for_a_registered_sender_only(studio: Studio) -> None:
    await studio.house.add_account(config={"from_address": "News@acme.example", "amp_registered": True})
    wanted = content(images=[pb.RichImage(url=f"https://cdn.example/{name}.png", alt=name) for name in "ab"])
    found = await render(studio, wanted, amp_enabled=True, amp_sender="news@acme.example", language_code="de")
    assert found.amp
    assert found.html
    assert found.text
    other = await render(studio, wanted, amp_enabled=True, amp_sender="else@acme.example")
    assert (other.amp, bool(other.html)) == ("", True)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await render(studio, wanted, amp_enabled=True)
    assert from_rpc_error(caught.value, "delivery").violations[0].field == "amp_sender"


class Tags(HTMLParser):
    """The tags of a document, read by the standard library."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.mark.req("DEL-99", "DEL-145")
def test_an_amp_document_is_complete_and_has_a_carousel_for_several_images() -> None:
    images = tuple(Image(f"https://cdn.example/{name}.png", name) for name in "abc")
    document = amp.render(Content(images=images, buttons=(Button(NASTY, "https://x.example"),)), "de")
    assert document.startswith("<!doctype html>\n<html ⚡4email data-css-strict")
    assert "<style amp4email-boilerplate>body{visibility:hidden}</style>" in document
    tags = Tags(document)
    assert [one["src"] for one in tags.of("script")] == [
        "https://cdn.ampproject.org/v0.js",
        "https://cdn.ampproject.org/v0/amp-carousel-0.2.js",
    ]
    [carousel] = tags.of("amp-carousel")
    assert carousel == {"width": "600", "height": "400", "layout": "responsive", "type": "slides"}
    assert len(tags.of("amp-img")) == 3
    # What AMP for mail does not know may not stand in it.
    assert not {"img", "iframe", "object", "form", "video"} & {name for name, _ in tags.found}
    assert len(tags.of("style")) == 2
    assert not any("style" in attributes for _, attributes in tags.found)
    alone = amp.render(Content(images=images[:1]), "en")
    assert "amp-carousel" not in alone
    with pytest.raises(amp.TooLargeError):
        amp.render(Content(cards=(Card("x", "y" * 200_001),)), "en")


@pytest.mark.req("DEL-98")
@given(words=st.text(max_size=60), style=st.sampled_from(list(Style)))
def test_no_words_become_markup(words: str, style: Style) -> None:
    given = Content(
        images=(Image("https://x.example/1.png", words),),
        videos=(
            Video("https://x.example/v", Image("https://x.example/t.png", words), timedelta(seconds=61)),
        ),
        buttons=(Button(words, "https://x.example", style),),
        cards=(Card(words, words),),
    )
    plain = Content(
        images=(Image("https://x.example/1.png", ""),),
        videos=(Video("https://x.example/v", Image("https://x.example/t.png", ""), timedelta(seconds=61)),),
        buttons=(Button("", "https://x.example", style),),
        cards=(Card("", words and "-"),),
    )
    assert [name for name, _ in Tags(html.render(given)).found] == [
        name for name, _ in Tags(html.render(plain)).found
    ]
    assert "1:01" in text.render(given)
