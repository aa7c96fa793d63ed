"""Rich content as an AMP document for mail: complete, with boilerplate, and a carousel for two or more images (DEL-99).

The rules are those of the AMP4EMAIL specification (amp.dev/documentation/guides-and-tutorials/learn/email-spec): the
doctype and the mark of the root, the runtime's script, the boilerplate style as it stands, one custom style of at most
75,000 bytes, no other script than those of the components used, and 200,000 bytes in all.
"""

from html import escape
from typing import Final

from services.delivery.media.rich.parts import HEIGHT, WIDTH, Button, Card, Content, Image, Style, Video

LARGEST: Final = 200_000

_RUNTIME: Final = '<script async src="https://cdn.ampproject.org/v0.js"></script>'
_CAROUSEL: Final = '<script async custom-element="amp-carousel" src="https://cdn.ampproject.org/v0/amp-carousel-0.2.js"></script>'
_BOILERPLATE: Final = "<style amp4email-boilerplate>body{visibility:hidden}</style>"
_STYLE: Final = (
    "<style amp-custom>body{font-family:Arial,Helvetica,sans-serif;color:#333333}"
    ".button{display:inline-block;margin:4px;padding:12px 24px;border-radius:4px;color:#ffffff;text-decoration:none}"
    + "".join(f".{style.name.lower()}{{background-color:{style.value}}}" for style in Style)
    + ".card{max-width:600px;border:1px solid #dee2e6;border-radius:4px;margin:8px 0}.told{padding:12px 16px}</style>"
)


class TooLargeError(ValueError):
    """A document that is larger than mail clients take."""


def render(content: Content, language: str) -> str:
    """Returns the document; TooLargeError when no client would show it."""
    many = len(content.images) > 1
    body = [
        _carousel(content.images) if many else "".join(_image(one) for one in content.images),
        *(_video(one) for one in content.videos),
        *(_button(one) for one in content.buttons),
        *(_card(one) for one in content.cards),
    ]
    document = (
        f'<!doctype html>\n<html ⚡4email data-css-strict lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"{_RUNTIME}\n{_CAROUSEL + chr(10) if many else ''}{_BOILERPLATE}\n{_STYLE}\n</head>\n<body>\n"
        f"{chr(10).join(filter(None, body))}\n</body>\n</html>\n"
    )
    if len(document.encode()) > LARGEST:
        raise TooLargeError(f"the AMP document is larger than {LARGEST:,} bytes")
    return document


def _carousel(images: tuple[Image, ...]) -> str:
    slides = "".join(_image(one) for one in images)
    return f'<amp-carousel width="{WIDTH}" height="{HEIGHT}" layout="responsive" type="slides">{slides}</amp-carousel>'


def _image(one: Image) -> str:
    return (
        f'<amp-img src="{escape(one.url)}" alt="{escape(one.alt)}" width="{one.width}" height="{one.height}"'
        ' layout="responsive"></amp-img>'
    )


def _video(one: Video) -> str:
    return f'<a href="{escape(one.url)}">{_image(one.thumbnail)}<span>&#9654; {one.length}</span></a>'


def _button(one: Button) -> str:
    return f'<a class="button {one.style.name.lower()}" href="{escape(one.url)}">{escape(one.text)}</a>'


def _card(one: Card) -> str:
    title = f"<strong>{escape(one.title)}</strong>"
    if one.link_url:
        title = f'<a href="{escape(one.link_url)}">{title}</a>'
    told = f"<div>{escape(one.description)}</div>" if one.description else ""
    picture = _image(one.image) if one.image else ""
    return f'<div class="card">{picture}<div class="told">{title}{told}</div></div>'
