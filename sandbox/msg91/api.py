"""The routes of MSG91 that senders use; it judges by the type of an answer, not by its status."""

import secrets
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faces
from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, answering, json
from sandbox.texts import NUMBER, filled, keep

CHANNEL = "msg91"
SENDER = "SANDBX"


class RefusedError(faces.RefusalError):
    """A request MSG91 refuses."""

    def __init__(self, status: int, message: str, code: int = 0) -> None:
        super().__init__(message)
        self._status, self._message, self._code = status, message, code

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        code = {"code": str(self._code)} if self._code else {}
        return json({"type": "error", "message": self._message, **code}, self._status)


def _too_many(reset: int | None) -> RefusedError:
    del reset
    return RefusedError(429, "Too Many Requests")


def _failed(status: int) -> RefusedError:
    return RefusedError(status, "Internal error", 601)


class Msg91:
    """MSG91 as a sender sees it: authorises, checks, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, _too_many, _failed)

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is MSG91's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/api/v5/flow", self._flow),
            ("GET", "/api/balance.php", self._balance),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _balance(self, request: Request) -> Response:
        _authorise(request.query_params.get("authkey", ""))
        return json({"balance": 1000})

    async def _flow(self, request: Request) -> Response:
        key = _authorise(request.headers.get("authkey", ""))
        try:
            order: dict[str, Any] = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            raise RefusedError(200, "Invalid JSON") from None
        recipients = [one for one in order.get("recipients") or [] if isinstance(one, dict)]
        rule = self._faults.strike([f"+{one.get('mobiles', '')}" for one in recipients])
        if rule is not None:
            await self._faults.before(rule, request)
        template = str(order.get("template_id") or "")
        if not template or template.startswith("0000"):
            raise RefusedError(200, "Template ID Missing or Invalid Template", 400)
        for one in recipients:
            number = str(one.get("mobiles", ""))
            if not NUMBER.fullmatch(number) or number.endswith("5550111"):
                raise RefusedError(200, "Invalid mobile number", 202)
        name = secrets.token_hex(12)
        kept = [
            {
                "id": f"{name}-{place}", "to": one["mobiles"], "sender": SENDER, "request": name,
                "text": filled(template[:8], [str(value) for key, value in one.items() if key != "mobiles"]),
            }
            for place, one in enumerate(recipients)
        ]  # fmt: skip
        await keep(self._sandbox, CHANNEL, key, SENDER, kept, name=name)
        if rule is not None:
            await self._faults.after(rule, request)
        return json({"type": "success", "message": name})


def _authorise(key: str) -> str:
    if not key or key.startswith("invalid"):
        raise RefusedError(401, "Authentication failure", 201)
    return key
