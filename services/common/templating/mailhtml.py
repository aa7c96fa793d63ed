"""Prepares the html and text of an e-mail once per version and language: clean, with links, pixel and footer in place."""

import re
from dataclasses import dataclass
from html import escape
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.common.templating import footer
from services.common.templating.errors import RenderError, TemplateInvalidError
from services.common.templating.plaintext import PLATFORM_LINK, derive_text
from services.common.templating.protect import Protector, separated
from services.common.templating.sanitize import MAXIMUM_DEPTH, CleanHtml
from services.common.templating.values import check_url

UNTOUCHED: Final = ("#", "mailto:", "tel:", "sms:")
WEB: Final = re.compile(r"https?://", re.IGNORECASE)
UNSUBSCRIBE: Final = re.compile(r"\bunsubscribe_url\b")
PREFERENCES: Final = re.compile(r"\bpreferences_url\b")
ADDRESS: Final = re.compile(r"\bpostal_address\b")
EXPRESSION: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
ELEMENT: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements whose end may be left out, or that have none: they say nothing about depth.
UNCOUNTED: Final = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "colgroup",
        "dd",
        "dt",
        "embed",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "option",
        "p",
        "rp",
        "rt",
        "source",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "track",
        "wbr",
    ]
)
PIXEL: Final = '<img src="{{ __pixel_0 }}" width="1" height="1" alt="" style="display:block;border:0">'


@dataclass(frozen=True, slots=True)
class Link:
    """One distinct target of a content: `url` is None when variables are part of it, `source` is as written.

    A short one stands in a text, where every character counts.
    """

    index: int
    url: str | None
    source: str
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to an e-mail besides cleaning it."""

    language: str
    marketing: bool
    track_links: bool = True
    pixel: bool = True
    postal_address: str = ""


@dataclass(frozen=True, slots=True)
class MailSource:
    """Template sources in the internal dialect, the link table, and the names of what was removed."""

    html: str | None
    text: str
    links: tuple[Link, ...]
    removed: tuple[str, ...]
    appended: tuple[str, ...]


def prepare_mail(html: str | None, text: str | None, treatment: Treatment, preheader: str = "") -> MailSource:
    """Both parts of an e-mail as they are compiled; a missing text part is derived from the html."""
    if html is None:
        shown, appended = _with_text_footer(text or "", treatment)
        return MailSource(None, shown, (), (), appended)
    _refuse_depth(html)
    protector = Protector(separated(html))
    clean = CleanHtml(protector)
    if text is None:
        text = derive_text(clean.body, protector)
    added, lacking = html_footer(clean.body, protector, treatment)
    body = clean.body + added
    shown, _ = _with_text_footer(text, treatment)
    document = LexborHTMLParser(f"<!DOCTYPE html><body>{body}</body>")
    links = _Links(protector, clean, treatment.track_links)
    links.rewrite(document)
    inner = protector.restored((document.body.inner_html if document.body is not None else "") or "")
    if "<tbody" not in html.lower():  # the parser's own, which would open inside a loop and close outside
        inner = inner.replace("<tbody>", "").replace("</tbody>", "")
    inner = _hidden(preheader) + inner
    if treatment.pixel:
        inner += PIXEL
    attributes = "".join(
        f' {name}="{escape(value).replace("{", "&#123;")}"' for name, value in clean.body_attributes.items()
    )
    styles = "".join(f"<style>{style}</style>" for style in clean.styles)
    page = (
        f'<!DOCTYPE html><html lang="{escape(clean.language or treatment.language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{styles}</head>'
        f"<body{attributes}>{inner}</body></html>"
    )
    return MailSource(page, shown, tuple(links.table.values()), tuple(clean.removed), lacking)


def _hidden(preheader: str) -> str:
    """The preheader as the first thing a mailbox reads and nobody sees; its constants are text, not html."""
    if not preheader:
        return ""
    expressions = [*EXPRESSION.findall(preheader), ""]
    constants = [escape(text).replace("{", "&#123;") for text in EXPRESSION.split(preheader)]
    shown = "".join(text + expression for text, expression in zip(constants, expressions, strict=True))
    return f'<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{shown}</div>'


def _refuse_depth(html: str) -> None:
    """Refuses a source nested absurdly deep before a parser spends seconds on it."""
    depth = 0
    for closing, name in ELEMENT.findall(EXPRESSION.sub("", html)):
        if name.lower() not in UNCOUNTED:
            depth += -1 if closing else 1
            if depth > MAXIMUM_DEPTH:
                raise TemplateInvalidError(f"elements nested deeper than {MAXIMUM_DEPTH}", part="html")


def html_footer(body: str, protector: Protector, treatment: Treatment) -> tuple[str, tuple[str, ...]]:
    """The footer of what marketing lacks, in the words of the protector, and the names of it."""
    if not treatment.marketing:
        return "", ()
    expressions = "\n".join(protector.kept)
    unsubscribe = None if UNSUBSCRIBE.search(expressions) else protector.keep("{{ unsubscribe_url }}")
    preferences = (
        None
        if PREFERENCES.search(expressions) or not unsubscribe
        else protector.keep("{{ preferences_url }}")
    )
    address = _lacking_address(expressions, body, treatment)
    added = footer.html_footer(treatment.language, address, unsubscribe, preferences)
    return added, _names(unsubscribe, address)


def _with_text_footer(text: str, treatment: Treatment) -> tuple[str, tuple[str, ...]]:
    if not treatment.marketing:
        return text, ()
    expressions = "\n".join(EXPRESSION.findall(text))
    unsubscribe = None if UNSUBSCRIBE.search(expressions) else "{{ unsubscribe_url }}"
    preferences = None if PREFERENCES.search(expressions) or not unsubscribe else "{{ preferences_url }}"
    address = _lacking_address(expressions, text, treatment)
    shown = address.replace("{", '{{ "{" }}') if address else None
    return text.rstrip("\n") + (
        footer.text_footer(treatment.language, shown, unsubscribe, preferences) or "\n"
    ), _names(unsubscribe, address)


def _lacking_address(expressions: str, body: str, treatment: Treatment) -> str | None:
    address = treatment.postal_address
    if not address or ADDRESS.search(expressions) or escape(address) in body or address in body:
        return None
    return address


def _names(unsubscribe: str | None, address: str | None) -> tuple[str, ...]:
    named = {"unsubscribe": unsubscribe, "postal_address": address}
    return tuple(name for name, value in named.items() if value)


class _Links:
    """Gives each distinct target a number and lets the document point to numbers."""

    def __init__(self, protector: Protector, clean: CleanHtml, tracked: bool) -> None:
        self.protector, self.clean, self.tracked = protector, clean, tracked
        self.table: dict[str, Link] = {}

    def rewrite(self, document: LexborHTMLParser) -> None:
        for node in document.css("a[href]"):
            self.anchor(node)
        for node in document.css("img[src]"):
            source = (node.attributes.get("src") or "").strip()
            if self.protector.holds(source):
                node.attrs["src"] = self.protector.keep(self.marked("bare", len(self.table), source))

    def anchor(self, node: LexborNode) -> None:
        href = (node.attributes.get("href") or "").strip()
        source = self.protector.plain(href, brace="%7B")
        untracked = "data-untracked" in node.attributes
        if untracked:
            del node.attrs["data-untracked"]
        if href.lower().startswith(UNTOUCHED) or PLATFORM_LINK.fullmatch(source):
            return
        if self.protector.holds(href):
            self.dynamic(node, href, source, untracked)
        elif WEB.match(href):
            self.static(node, href, untracked)
        else:
            del node.attrs["href"]
            self.clean.removed["a href"] = None

    def static(self, node: LexborNode, href: str, untracked: bool) -> None:
        try:
            check_url(href, f"the address {href[:100]}", allow_http=True)
        except RenderError as error:
            raise TemplateInvalidError(str(error), part="html") from None
        if self.tracked and not untracked:
            link = self.table.setdefault(href, Link(len(self.table), href, href))
            node.attrs["href"] = self.protector.keep(f"{{{{ __link_{link.index} }}}}")

    def dynamic(self, node: LexborNode, href: str, source: str, untracked: bool) -> None:
        own = UNSUBSCRIBE.search(source) or PREFERENCES.search(source)
        if self.tracked and not untracked and not own:
            link = self.table.setdefault(source, Link(len(self.table), None, source))
            node.attrs["href"] = self.protector.keep(self.marked("open", link.index, href))
        else:
            node.attrs["href"] = self.protector.keep(self.marked("bare", 0, href))

    def marked(self, mark: str, index: int, href: str) -> str:
        inner = self.protector.plain(href, brace="%7B")
        return f"{{{{ __{mark}_{index} }}}}{inner}{{{{ __close_{index} }}}}"
