"""What a mail client sees in a message: pixel, links and the ways to unsubscribe."""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from sandbox.letter import Letter

Kind = Literal["content", "unsubscribe", "preferences"]

_TEXT_URL = re.compile(r"https?://[^\s<>\"')\]]+")
_HEADER_URI = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True)
class Link:
    """A link as the message carries it."""

    url: str
    kind: Kind
    text: str = ""


@dataclass(frozen=True)
class Reading:
    """Everything in a message that a person or a machine can act on."""

    images: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    one_click: str | None = None
    unsubscribe: str | None = None

    @property
    def content_links(self) -> list[Link]:
        """The links a person would follow out of interest, in order of appearance."""
        return [link for link in self.links if link.kind == "content"]


class Reader:
    """Reads messages for one gateway; whatever leads elsewhere is never requested."""

    def __init__(self, gateway_url: str) -> None:
        base = urlsplit(gateway_url)
        self._origin = (base.scheme, base.netloc.lower())
        self._path = base.path.rstrip("/") + "/"

    def ours(self, url: str) -> bool:
        """Says whether a URL leads to the gateway."""
        parts = urlsplit(url)
        return (parts.scheme, parts.netloc.lower()) == self._origin and parts.path.startswith(self._path)

    def read(self, letter: Letter) -> Reading:
        """Returns what can be acted on; links and images of other hosts are left out."""
        header_urls = [
            uri.strip()
            for uri in _HEADER_URI.findall(letter.header("List-Unsubscribe"))
            if uri.strip().lower().startswith(("https://", "http://"))
        ]
        header_urls = [url for url in header_urls if self.ours(url)]
        post = letter.header("List-Unsubscribe-Post").replace(" ", "")
        images, links = self._html(letter.html, header_urls) if letter.html else ([], [])
        if not letter.html:
            found = dict.fromkeys(url.rstrip(".,;") for url in _TEXT_URL.findall(letter.text))
            links = [Link(url, self._kind(url, header_urls)) for url in found if self.ours(url)]
        page = next((link.url for link in links if link.kind == "unsubscribe"), None)
        return Reading(
            images=images,
            links=links,
            one_click=header_urls[0]
            if header_urls and post.lower() == "list-unsubscribe=one-click"
            else None,
            unsubscribe=page or (header_urls[0] if header_urls else None),
        )

    def _html(self, html: str, header_urls: list[str]) -> tuple[list[str], list[Link]]:
        tree = LexborHTMLParser(html)
        images = [node.attributes.get("src") or "" for node in tree.css("img[src]")]
        links: dict[str, Link] = {}
        for node in tree.css("a[href]"):
            url = (node.attributes.get("href") or "").strip()
            if url in links or not self.ours(url):
                continue
            text = node.text(strip=True)
            links[url] = Link(url, self._kind(url, header_urls), text)
        return [url for url in dict.fromkeys(images) if self.ours(url)], list(links.values())

    def _kind(self, url: str, header_urls: list[str]) -> Kind:
        path = urlsplit(url).path.lower()[len(self._path) - 1 :]
        if url in header_urls or path.startswith("/unsubscribe"):
            return "unsubscribe"
        if path.startswith("/preferences"):
            return "preferences"
        return "content"
