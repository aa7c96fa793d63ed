"""Rich content as a fragment of html for mail: tables and inline styles, because mail clients know no others."""

from html import escape
from typing import Final

from services.delivery.media.rich.parts import Button, Card, Content, Image, Video

_FONT: Final = "font-family:Arial,Helvetica,sans-serif"


def render(content: Content) -> str:
    """Returns the fragment; everything that was written is escaped."""
    return "\n".join(
        [
            *(_row(_image(one)) for one in content.images),
            *(_row(_video(one)) for one in content.videos),
            *([_row(" ".join(_button(one) for one in content.buttons))] if content.buttons else []),
            *(_row(_card(one)) for one in content.cards),
        ]
    )


def _row(inner: str) -> str:
    return (
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">'
        f'<tr><td align="center" style="padding:8px 0;{_FONT}">{inner}</td></tr></table>'
    )


def _image(one: Image) -> str:
    return (
        f'<img src="{escape(one.url)}" alt="{escape(one.alt)}" width="{one.width}" height="{one.height}"'
        ' style="display:block;max-width:100%;height:auto;border:0">'
    )


def _video(one: Video) -> str:
    label = f"&#9654; {one.length}" if one.length else "&#9654;"
    return (
        f'<a href="{escape(one.url)}" style="text-decoration:none;color:#333333">{_image(one.thumbnail)}'
        f'<span style="display:inline-block;padding:4px 0;font-size:14px">{label}</span></a>'
    )


def _button(one: Button) -> str:
    return (
        f'<a href="{escape(one.url)}" style="display:inline-block;margin:4px;padding:12px 24px;border-radius:4px;'
        f"background-color:{one.style.value};color:#ffffff;text-decoration:none;font-size:16px;{_FONT}"
        f'">{escape(one.text)}</a>'
    )


def _card(one: Card) -> str:
    title = f'<strong style="font-size:18px">{escape(one.title)}</strong>'
    if one.link_url:
        title = f'<a href="{escape(one.link_url)}" style="color:#007bff;text-decoration:none">{title}</a>'
    parts = [
        _image(one.image) if one.image else "",
        f'<div style="padding:12px 16px 4px">{title}</div>',
        f'<div style="padding:4px 16px 16px;font-size:14px;color:#333333">{escape(one.description)}</div>'
        if one.description
        else "",
    ]
    return (
        '<div style="max-width:600px;border:1px solid #dee2e6;border-radius:4px;text-align:left">'
        f"{''.join(parts)}</div>"
    )
