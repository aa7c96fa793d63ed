"""The app's routes: an inbox as a page, its forms, and how it is told where inboxes are."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.admin import answering, body_of
from sandbox.context import Sandbox
from sandbox.faces import json
from sandbox.inapp.inbox import Inbox, RefusedError, Shown, sentence
from sandbox.mailbox.pages import Pages
from sandbox.settings import SettingsError, parse_app

_REMEMBERED = 6

Act = Callable[[Inbox, str], Awaitable[None]]


class App:
    """Pages without scripts: every form is a call of delivery and leads back to the inbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._page = Pages(Path(__file__).with_name("templates")).show
        self._contacts: list[str] = []

    def routes(self) -> list[Route]:
        """Returns the routes."""
        acts: dict[str, Act] = {
            "/app/read": Inbox.read,
            "/app/read-all": lambda inbox, _item: inbox.read_all(),
            "/app/archive": Inbox.archive,
        }
        return [
            Route("/app", self._look, methods=["GET"], name="app"),
            Route("/app", answering(self._connect), methods=["POST"]),
            *(Route(path, self._acting(act), methods=["POST"]) for path, act in acts.items()),
        ]

    async def _look(self, request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return self._connection()
        query = request.query_params
        contact, unread_only = query.get("contact", "").strip(), query.get("show") == "unread"
        shown: Shown | None = None
        problem = query.get("problem", "")
        if self._sandbox.app and contact:
            try:
                inbox = Inbox(self._sandbox.app, contact)
                shown = await inbox.show(unread_only=unread_only, page_token=query.get("after", ""))
                self._remember(contact)
            except RefusedError as refused:
                problem = refused.code

        def link(**changes: str) -> str:
            return _place(contact, **{"show": "unread" if unread_only else "", **changes})

        return self._page(
            "app.html", app=self._sandbox.app, contact=contact, contacts=self._contacts, shown=shown, link=link,
            unread_only=unread_only, is_later=bool(query.get("after")), problem=sentence(problem) if problem else "",
            here=str(request.url_for("app")),
        )  # fmt: skip

    def _acting(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            # Another site's page may not press the buttons of this one.
            if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return PlainTextResponse("This form belongs to the mailbox.", 403)
            form = await request.form()
            contact, problem = _text(form, "contact"), ""
            if self._sandbox.app:
                try:
                    await act(Inbox(self._sandbox.app, contact), _text(form, "item"))
                except RefusedError as refused:
                    problem = refused.code
            place = _place(contact, show=_text(form, "show"), problem=problem)
            return RedirectResponse(place, 303)

        return answer

    async def _connect(self, request: Request) -> Response:
        order = await body_of(request)
        if not isinstance(order, dict) or order.keys() != {"delivery_address", "token"}:
            raise SettingsError(
                "the app is a JSON object with delivery_address and token, both null to forget"
            )
        address, token = order["delivery_address"], order["token"]
        if any(value is not None and not isinstance(value, str) for value in (address, token)):
            raise SettingsError("delivery_address and token are strings or null")
        # Always both: an address that came alone would be shown the token of the one before.
        await self._sandbox.set_app(parse_app(("delivery_address", address), ("token", token)))
        self._contacts.clear()
        return self._connection()

    def _connection(self) -> Response:
        app = self._sandbox.app
        return json({"delivery_address": str(app.delivery) if app else None, "is_set": app is not None})

    def _remember(self, contact: str) -> None:
        self._contacts = [contact, *(one for one in self._contacts if one != contact)][:_REMEMBERED]


def _place(contact: str, **more: str) -> str:
    wanted = {"contact": contact, **more}
    return "/app?" + urlencode({name: value for name, value in wanted.items() if value})


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
