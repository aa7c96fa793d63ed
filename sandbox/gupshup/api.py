"""The routes of Gupshup that senders use."""

import secrets
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faces
from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, answering, json
from sandbox.texts import NUMBER, filled, keep

CHANNEL = "gupshup"


class RefusedError(faces.RefusalError):
    """A request Gupshup refuses."""

    def __init__(self, status: int, message: str, code: int = 0) -> None:
        super().__init__(message)
        self._status, self._message, self._code = status, message, code

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        code = {"code": self._code} if self._code else {}
        return json({"status": "error", "message": self._message, **code}, self._status)


def _too_many(reset: int | None) -> RefusedError:
    del reset
    return RefusedError(429, "Too Many Requests", 4001)


def _failed(status: int) -> RefusedError:
    return RefusedError(status, "Internal Server Error")


class Gupshup:
    """Gupshup as a sender sees it: authorises, checks, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, _too_many, _failed, accepted=202)

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Gupshup's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/wa/api/v1/template/msg", self._template),
            ("POST", "/wa/api/v1/msg", self._text),
            ("GET", "/wa/api/v1/wallet/balance", self._balance),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _balance(self, request: Request) -> Response:
        _authorise(request)
        return json({"status": "success", "walletResponse": {"currency": "USD", "currentBalance": 100}})

    async def _template(self, request: Request) -> Response:
        return await self._take(request, is_template=True)

    async def _text(self, request: Request) -> Response:
        return await self._take(request, is_template=False)

    async def _take(self, request: Request, *, is_template: bool) -> Response:
        key = _authorise(request)
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        to = form.get("destination", "")
        rule = self._faults.strike([f"+{to}"])
        if rule is not None:
            await self._faults.before(rule, request)
        text = _checked(form, is_template=is_template)
        name = str(uuid4())
        wamid = "gBEG" + secrets.token_urlsafe(18)
        kept = {"id": name, "wamid": wamid, "to": to, "text": text, "session": not is_template,
                "app": form["src.name"]}  # fmt: skip
        await keep(self._sandbox, CHANNEL, key, form["source"], [kept], name=name)
        if rule is not None:
            await self._faults.after(rule, request)
        return json({"status": "submitted", "messageId": name}, 202)


def _authorise(request: Request) -> str:
    key = request.headers.get("apikey", "")
    if not key or key.startswith("invalid"):
        raise RefusedError(401, "Portal User Not Found With APIKey")
    return key


def _checked(form: dict[str, str], *, is_template: bool) -> str:
    """Returns what the person sees."""
    if not form.get("source") or not form.get("src.name"):
        raise RefusedError(400, "Invalid App Details")
    if not NUMBER.fullmatch(form.get("destination", "")):
        raise RefusedError(400, "Invalid Destination")
    try:
        order: dict[str, Any] = orjson.loads(form.get("template" if is_template else "message", ""))
    except orjson.JSONDecodeError:
        raise RefusedError(400, "Invalid Message") from None
    if not is_template:
        if not order.get("text"):
            raise RefusedError(400, "Message cannot be empty")
        return str(order["text"])
    if str(order.get("id", "")).startswith("00000000"):
        raise RefusedError(400, "Template Did not match", 4003)
    return filled(order["id"], [str(value) for value in order.get("params") or []])
