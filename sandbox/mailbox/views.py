"""The mailbox's routes: lists, one message, its body in a frame of its own, its source."""

import re
from collections.abc import Awaitable, Callable
from html import escape
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from sandbox import truth
from sandbox.context import Sandbox
from sandbox.letter import Letter
from sandbox.letters import letter_of, source_of
from sandbox.mailbox import listing
from sandbox.mailbox.pages import Pages
from sandbox.partner import store as partners
from sandbox.recipients.phones import summary_of
from sandbox.recipients.reader import Reader
from sandbox.recipients.texting import CHANNELS, WHATSAPP

_URL = re.compile(r"https?://[^\s<>\"]+")
_BASE = '<base target="_blank">'


class Mailbox:
    """Pages for people: no script, nothing from elsewhere, and looking never changes the truth."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._page = Pages().show

    def routes(self) -> list[Route]:
        """Returns the mailbox's routes."""
        table: list[tuple[str, Callable[[Request], Awaitable[Response]]]] = [
            ("/", self._messages),
            ("/inboxes", self._inboxes),
            ("/webhooks", self._webhooks),
            ("/messages/{number:int}", self._message),
            ("/messages/{number:int}/body", self._body),
            ("/messages/{number:int}/source", self._source),
        ]
        return [Route(path, handler) for path, handler in table]

    async def _messages(self, request: Request) -> Response:
        query = request.query_params
        words, address, chosen = query.get("q", ""), query.get("to", ""), query.get("show", "")
        number = _page_number(query.get("page"))
        page = await self._sandbox.database.read(
            lambda connection: listing.page(connection, words, address, chosen, number)
        )
        totals = await self._sandbox.database.read(truth.totals)
        pending = await self._sandbox.database.read(truth.pending)

        def link(**changes: Any) -> str:
            wanted = {"q": words, "to": address, "show": chosen, "page": number, **changes}
            kept = {name: value for name, value in wanted.items() if value and (name, value) != ("page", 1)}
            return "/?" + urlencode(kept) if kept else "/"

        return self._page(
            "messages.html", page=page, number=number, words=words, address=address, chosen=chosen, link=link,
            filters=listing.FILTERS, totals=totals, pending=pending,
        )  # fmt: skip

    async def _inboxes(self, request: Request) -> Response:
        words = request.query_params.get("q", "")
        number = _page_number(request.query_params.get("page"))
        people, more = await self._sandbox.database.read(
            lambda connection: listing.inboxes(connection, words, number)
        )

        def link(page: int) -> str:
            return "/inboxes?" + urlencode({"q": words, "page": page})

        return self._page("inboxes.html", people=people, more=more, number=number, words=words, link=link)

    async def _webhooks(self, request: Request) -> Response:
        words = request.query_params.get("q", "")
        number = _page_number(request.query_params.get("page"))
        calls, more = await self._sandbox.database.read(
            lambda connection: partners.calls(connection, "", words, number)
        )

        def link(page: int) -> str:
            return "/webhooks?" + urlencode({"q": words, "page": page})

        return self._page("webhooks.html", calls=calls, more=more, number=number, words=words, link=link)

    async def _message(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = await self._sandbox.database.read(lambda connection: listing.message(connection, number))
        if found is None:
            return self._page("missing.html", status=404)
        message, body, story = found
        letter = letter_of(message, body)
        view = request.query_params.get("view") or ("html" if letter.html else "text")
        images = request.query_params.get("images") == "1"
        gateway = self._sandbox.gateway_url
        return self._page(
            "message.html", message=message, letter=letter, story=story, view=view, images=images,
            reading=Reader(gateway).read(letter) if gateway else None,
            text=_linked(letter.text), bubbles=_bubbles(message.channel), has_images="<img" in letter.html.lower(),
            hue=listing.hue(message.sender),
            summary=summary_of(message.behaviour), came_by=listing.came_by(message.channel), at=listing.when(message.accepted_at),
            source=source_of(message, body).decode("utf-8", "replace") if view == "source" else "",
        )  # fmt: skip

    async def _body(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = await self._sandbox.database.read(lambda connection: listing.message(connection, number))
        if found is None:
            return Response(status_code=404)
        images = "http: https: data:" if request.query_params.get("images") == "1" else "data:"
        policy = (
            f"default-src 'none'; img-src {images}; style-src 'unsafe-inline'; font-src data:; form-action 'none';"
            " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
        )
        return HTMLResponse(
            _based(letter_of(found[0], found[1])),
            headers={
                "Content-Security-Policy": policy,
                "Referrer-Policy": "no-referrer",
                "Cache-Control": "no-store",
            },
        )

    async def _source(self, request: Request) -> Response:
        number = request.path_params["number"]
        found = await self._sandbox.database.read(lambda connection: listing.message(connection, number))
        if found is None:
            return Response(status_code=404)
        headers = {"Content-Disposition": f'attachment; filename="message-{number}.eml"'}
        return Response(source_of(found[0], found[1]), media_type="message/rfc822", headers=headers)


def _bubbles(channel: str) -> str:
    """Returns how the bubbles of a channel look; empty for letters."""
    if channel in WHATSAPP:
        return "bubbles whatsapp"
    return "bubbles" if channel in CHANNELS else ""


def _based(letter: Letter) -> str:
    """Links open in a new tab: inside the frame they could go nowhere."""
    head = re.search(r"<head[^>]*>", letter.html, re.IGNORECASE)
    if head is None:
        return _BASE + letter.html
    return letter.html[: head.end()] + _BASE + letter.html[head.end() :]


def _linked(text: str) -> Markup:
    parts, at = [], 0
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;)")
        parts.append(escape(text[at : match.start()]))
        link = f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(url)}</a>'
        parts.append(link)
        at = match.start() + len(url)
    parts.append(escape(text[at:]))
    return Markup("".join(parts))  # noqa: S704 - every part was escaped above


def _page_number(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdigit() and len(text) < 8 else 1
