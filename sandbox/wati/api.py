"""The routes of WATI that senders use."""

import secrets
from typing import Any
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faces
from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, answering, json
from sandbox.texts import NUMBER, filled, keep

CHANNEL = "wati"
TEMPLATES = "/api/ext/v3/messageTemplates"


class RefusedError(faces.RefusalError):
    """A request WATI refuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self._status, self._message = status, message

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        return json({"success": False, "error": {"message": self._message}}, self._status)


def _too_many(reset: int | None) -> RefusedError:
    del reset
    return RefusedError(429, "Too many requests")


def _failed(status: int) -> RefusedError:
    return RefusedError(status, "Something went wrong")


class Wati:
    """WATI as a sender sees it: authorises, checks, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, _too_many, _failed)

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is WATI's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", f"{TEMPLATES}/send", self._template),
            ("POST", "/api/ext/v3/conversations/messages/text", self._text),
            ("GET", TEMPLATES, self._templates),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _templates(self, request: Request) -> Response:
        _authorise(request)
        return json({"success": True, "template_list": [], "page_number": 1, "page_size": 1})

    async def _template(self, request: Request) -> Response:
        token, order = _authorise(request), await _order(request)
        recipients = [one for one in order.get("recipients") or [] if isinstance(one, dict)]
        numbers = [str(one.get("target") or one.get("phone_number") or "") for one in recipients]
        rule = self._faults.strike([f"+{number}" for number in numbers])
        if rule is not None:
            await self._faults.before(rule, request)
        if (
            not order.get("template_name")
            or not order.get("broadcast_name")
            or not 0 < len(recipients) <= 10_000
        ):
            raise RefusedError(400, "template_name, broadcast_name and recipients are required")
        if str(order["template_name"]).startswith("missing"):
            return json({"success": False, "error": {"code": 132001, "message": "template not found"}})
        sender = str(order.get("channel") or "default")
        receivers, kept = [], []
        for one, number in zip(recipients, numbers, strict=True):
            receiver, text = _receiver(order["template_name"], one, number)
            receivers.append(receiver)
            if text:
                campaign = str(order["broadcast_name"]).removeprefix("angarium-")
                kept.append(
                    {**text, "session": False, "template": order["template_name"], "campaign": campaign}
                )
        if kept:
            await keep(self._sandbox, CHANNEL, token, sender, kept, name=str(uuid4()))
        if rule is not None:
            await self._faults.after(rule, request)
        return json({"success": True, "result": True, "error": None, "receivers": receivers})

    async def _text(self, request: Request) -> Response:
        token, order = _authorise(request), await _order(request)
        sender, _, number = str(order.get("target", "")).rpartition(":")
        rule = self._faults.strike([f"+{number}"])
        if rule is not None:
            await self._faults.before(rule, request)
        if not NUMBER.fullmatch(number) or not order.get("text"):
            raise RefusedError(400, "target and text are required")
        name = str(uuid4())
        kept = {"id": name, "wamid": _wamid(), "to": number, "text": order["text"], "session": True}
        await keep(self._sandbox, CHANNEL, token, sender or "default", [kept], name=name)
        if rule is not None:
            await self._faults.after(rule, request)
        return json({"result": True, "message": {"id": name, "localMessageId": name}})


def _wamid() -> str:
    return "wamid." + secrets.token_urlsafe(24)


def _authorise(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token or token.startswith("invalid"):
        raise RefusedError(401, "Unauthorized")
    return token


async def _order(request: Request) -> dict[str, Any]:
    try:
        order = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise RefusedError(400, "the body is no JSON") from None
    return order if isinstance(order, dict) else {}


def _receiver(template: str, one: dict[str, Any], number: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns what is answered of a recipient, and the text they get; none for what is no number of WhatsApp."""
    name = str(one.get("local_message_id") or uuid4())
    is_valid = bool(NUMBER.fullmatch(number)) and not number.endswith("5550111")
    receiver = {"localMessageId": name, "waId": number, "isValidWhatsAppNumber": is_valid, "errors": []}
    if not is_valid:
        return receiver, {}
    values = [str(value.get("value", "")) for value in one.get("custom_params") or []]
    return receiver, {"id": name, "wamid": _wamid(), "to": number, "text": filled(template, values)}
