"""Routes for whoever runs the sandbox: truth, faults, settings, health."""
# ruff: noqa: S608 - only words written here are joined into statements; every value is a parameter

import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import truth
from sandbox.context import Sandbox, Webhook
from sandbox.faces import account_of
from sandbox.faults import FaultError
from sandbox.push.devices import DEVICES
from sandbox.recipients.behaviours import BEHAVIOURS
from sandbox.recipients.phones import PHONES
from sandbox.settings import SettingsError, parse_address, parse_url
from sandbox.store.schema import TABLES

Handler = Callable[[Request], Awaitable[Response]]


class Admin:
    """The admin API: JSON in, JSON out, errors as {"error": words}."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Returns the admin routes."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self._health),
            ("GET", "/truth", self._truth),
            ("GET", "/truth/summary", self._summary),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._order_fault),
            ("DELETE", "/faults", self._clear_faults),
            ("DELETE", "/faults/{fault_id:int}", self._clear_faults),
            ("GET", "/behaviours", self._behaviours),
            ("GET", "/admin/settings", self._settings),
            ("POST", "/admin/settings", self._set_settings),
            ("POST", "/admin/reset", self._reset),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _health(self, _request: Request) -> Response:
        self._sandbox.database.query("SELECT 1")
        return _json({"status": "ok"})

    async def _truth(self, request: Request) -> Response:
        query = request.query_params
        found = await self._sandbox.database.read(
            lambda connection: truth.full(
                connection,
                campaign=query.get("campaign"),
                address=query.get("address"),
                reference=query.get("message_id"),
                after=_number(query.get("after"), "after"),
                limit=_number(query.get("limit"), "limit"),
            )
        )
        return _json({"seed": self._sandbox.settings.seed, **found})

    async def _summary(self, request: Request) -> Response:
        campaign = request.query_params.get("campaign")
        return _json(
            await self._sandbox.database.read(lambda connection: truth.summary(connection, campaign))
        )

    async def _faults(self, _request: Request) -> Response:
        return _json({"faults": self._sandbox.faults.listed()})

    async def _order_fault(self, request: Request) -> Response:
        return _json(await self._sandbox.faults.order(await body_of(request)), 201)

    async def _clear_faults(self, request: Request) -> Response:
        return _json({"cleared": await self._sandbox.faults.clear(request.path_params.get("fault_id"))})

    async def _behaviours(self, _request: Request) -> Response:
        rows = [
            {
                "name": kind.name,
                "per_thousand": kind.share,
                "local_parts": kind.words,
                "summary": kind.summary,
            }
            for kind in BEHAVIOURS
        ]
        phones = [
            {
                "name": kind.name,
                "per_thousand": kind.share,
                "digits": f"555{kind.digits}",
                "summary": kind.summary,
            }
            for kind in PHONES
        ]
        devices = [
            {"name": kind.name, "word": kind.word, "digits": kind.digits, "summary": kind.summary}
            for kind in DEVICES
        ]
        seed = self._sandbox.settings.seed
        return _json({"seed": seed, "behaviours": rows, "phones": phones, "devices": devices})

    async def _settings(self, _request: Request) -> Response:
        sandbox = self._sandbox
        webhook = sandbox.own_webhook("")
        return _json(
            {
                "gateway_url": sandbox.gateway_url,
                "webhook_url": webhook.url if webhook else None,
                "bounce_smtp": str(sandbox.bounce_smtp) if sandbox.bounce_smtp else None,
                "public_key": sandbox.signer.public_key,
                "pace": sandbox.settings.pace,
            }
        )

    async def _set_settings(self, request: Request) -> Response:
        order = await body_of(request)
        known = {"gateway_url", "webhook_url", "bounce_smtp", "api_key", "provider", "webhook_secret"}
        if not isinstance(order, dict) or not order.keys() <= known:
            raise SettingsError(f"settings are a JSON object with some of {', '.join(sorted(known))}")
        if any(value is not None and not isinstance(value, str) for value in order.values()):
            raise SettingsError("settings are strings or null")
        gateway, webhook = (
            parse_url("gateway_url", order.get("gateway_url")),
            parse_url("webhook_url", order.get("webhook_url")),
        )
        bounce = parse_address("bounce_smtp", order["bounce_smtp"]) if order.get("bounce_smtp") else None
        if "gateway_url" in order:
            await self._sandbox.set_gateway(gateway)
        if "webhook_url" in order:
            account = account_of(order.get("api_key") or "", order.get("provider") or "")
            secret = order.get("webhook_secret") or ""
            await self._sandbox.set_webhook(
                account, Webhook(webhook or "", enabled=webhook is not None, secret=secret)
            )
        if "bounce_smtp" in order:
            await self._sandbox.set_bounce_smtp(bounce)
        return await self._settings(request)

    async def _reset(self, _request: Request) -> Response:
        def work(connection: sqlite3.Connection) -> None:
            for table in TABLES:
                if table != "setting":
                    connection.execute(f"DELETE FROM {table}")

        await self._sandbox.database.write(work)
        self._sandbox.faults.forget()
        return _json({"status": "empty"})


def answering(handler: Handler) -> Handler:
    """Returns the handler with what is wrong in an order as status 400."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (FaultError, SettingsError) as problem:
            return _json({"error": str(problem)}, 400)

    return answer


async def body_of(request: Request) -> Any:
    """Returns a request's JSON.

    Raises:
        SettingsError: It is none.
    """
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        raise SettingsError("the body is no JSON") from None


def _number(text: str | None, name: str) -> int:
    if text is None:
        return 0
    if not text.isdigit():
        raise SettingsError(f"{name} must be a number of at least 0")
    return int(text)


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
