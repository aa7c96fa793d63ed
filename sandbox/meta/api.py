"""The routes of the Cloud API that senders use."""

import base64
import secrets
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, answering, json
from sandbox.meta import errors
from sandbox.meta.errors import RefusedError
from sandbox.meta.templates import Templates
from sandbox.texts import NUMBER, echoed, filled, keep

CHANNEL = "meta"
NUMBER_PATH = "/v{version:float}/{number:int}"


class Meta:
    """The Cloud API as a sender sees it: authorises, checks, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, errors.too_many, errors.failed)
        self._templates = Templates()

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Meta's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", f"{NUMBER_PATH}/messages", self._send),
            ("POST", f"{NUMBER_PATH}/message_templates", self._submit),
            ("GET", f"{NUMBER_PATH}/message_templates", self._reviews),
            ("GET", NUMBER_PATH, self._number),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _number(self, request: Request) -> Response:
        _authorise(request)
        number = str(request.path_params["number"])
        return json({"verified_name": "Sandbox", "quality_rating": "GREEN", "id": number})

    async def _submit(self, request: Request) -> Response:
        _authorise(request)
        try:
            order = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            raise RefusedError(400, 100, "Invalid parameter") from None
        return json(self._templates.submit(str(request.path_params["number"]), order))

    async def _reviews(self, request: Request) -> Response:
        _authorise(request)
        return json({"data": self._templates.reviews(str(request.path_params["number"]))})

    async def _send(self, request: Request) -> Response:
        token = _authorise(request)
        try:
            order = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            raise RefusedError(400, 100, "Invalid parameter") from None
        rule = self._faults.strike([f"+{order.get('to', '')}"])
        if rule is not None:
            await self._faults.before(rule, request)
        text = _checked(order)
        self._templates.check(order)
        name = "wamid." + base64.b64encode(secrets.token_bytes(30)).decode()
        sender = str(request.path_params["number"])
        kept = {
            "id": name, "to": order["to"], "text": text, "session": order["type"] == "text",
            "biz_opaque_callback_data": order.get("biz_opaque_callback_data", ""),
            **echoed(order.get("biz_opaque_callback_data", "")),
        }  # fmt: skip
        await keep(self._sandbox, CHANNEL, token, sender, [kept], name=name)
        if rule is not None:
            await self._faults.after(rule, request)
        return json(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": order["to"], "wa_id": order["to"]}],
                "messages": [{"id": name, "message_status": "accepted"}],
            }
        )


def _authorise(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer" or not token or token.startswith("invalid"):
        raise RefusedError(*errors.UNAUTHORISED)
    return token


def _checked(order: dict[str, Any]) -> str:
    """Returns what the person sees."""
    if order.get("messaging_product") != "whatsapp" or order.get("recipient_type") != "individual":
        raise RefusedError(400, 100, "Invalid parameter")
    if not NUMBER.fullmatch(str(order.get("to", ""))):
        raise RefusedError(400, 131009, "Parameter value is not valid")
    if order.get("type") == "text":
        body = order.get("text", {}).get("body", "")
        if not body or len(body) > 4096:
            raise RefusedError(400, 131009, "Parameter value is not valid")
        return str(body)
    template = order.get("template") or {}
    name, language = template.get("name", ""), (template.get("language") or {}).get("code", "")
    if order.get("type") != "template" or not name or not language:
        raise RefusedError(400, 131008, "Required parameter is missing")
    if name.startswith("missing"):
        raise RefusedError(404, 132001, "Template name does not exist in the translation")
    if name.startswith("paused"):
        raise RefusedError(400, 132015, "Template is paused")
    values = [
        value.get("text", "")
        for component in template.get("components") or []
        for value in component.get("parameters") or []
    ]
    if not all(isinstance(value, str) and value for value in values):
        raise RefusedError(400, 132000, "Number of parameters does not match the expected number of params")
    return filled(f"{name} {language}", values)
