"""A small Mailgun with faults on order: forms are read and variables filled in independently of what wrote them."""

import asyncio
import re
from base64 import b64decode
from email.utils import getaddresses
from typing import Any, Self

import orjson
from aiohttp import web

VARIABLE = re.compile(r"%recipient\.(.+?)%")


class FakeMailgun:
    def __init__(self) -> None:
        self.requests: list[dict[str, list[str]]] = []
        self.files: list[tuple[str, str, bytes]] = []
        self.faults: list[str] = []
        self.bad_addresses: set[str] = set()
        self.refused = 0
        self.state = "active"
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v3/mg.acme.example/messages", self.messages)
        app.router.add_get("/v3/domains/mg.acme.example", self.domain)
        self.runner = web.AppRunner(app, shutdown_timeout=0.05)  # nobody waits for a call that hangs
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    def key(self, request: web.Request) -> str:
        user, _, key = (
            b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        )
        return key if user == "api" else ""

    async def messages(self, request: web.Request) -> web.StreamResponse:
        if self.key(request) not in ("good", "sending"):
            return web.Response(status=401, text="Forbidden")
        form: dict[str, list[str]] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                self.files.append((name, value.filename, value.file.read()))
            else:
                form.setdefault(name, []).append(str(value))
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "hang":
            await asyncio.sleep(5)
        if fault == "drop":
            self.requests.append(form)
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "429":
            return web.json_response({"message": "slow down"}, status=429, headers={"Retry-After": "7"})
        if fault.isdigit():
            return web.Response(status=int(fault), text="<html>ada@example.com is broken</html>")
        addresses = [address for _, address in getaddresses(form["to"])]
        if self.bad_addresses & set(addresses):
            self.refused += 1
            words = "to parameter is not a valid address: ada@example.com"
            return web.json_response({"message": words}, status=400)
        assert len(addresses) == len({one.lower() for one in addresses}) <= 1000
        if len(addresses) > 1:
            assert set(orjson.loads(form["recipient-variables"][0])) == set(addresses)
        if form.get("o:testmode") != ["yes"]:
            self.requests.append(form)
        return web.json_response({"id": f"<mg{len(self.requests)}@mg.acme.example>", "message": "Queued."})

    async def domain(self, request: web.Request) -> web.Response:
        if self.key(request) != "good":
            return web.Response(status=401, text="Forbidden")
        return web.json_response({"domain": {"name": "mg.acme.example", "state": self.state}})

    def seen(self) -> list[dict[str, Any]]:
        """Every message with all its fields, as its recipient's copy has them."""
        found = []
        for form in self.requests:
            variables = orjson.loads(form.get("recipient-variables", ["{}"])[0])
            for to in getaddresses(form["to"]):
                own = variables.get(to[1])
                found.append(
                    {"to": to}
                    | {
                        name: VARIABLE.sub(lambda match, own=own: own[match[1]], values[0])
                        if own
                        else values[0]
                        for name, values in form.items()
                        if name not in ("to", "recipient-variables")
                    }
                )
        return found

    def received(self) -> list[dict[str, str]]:
        """Every message as its recipient would see it."""
        return [
            {
                "message_id": one["v:angarium_message_id"],
                "to": one["to"][1],
                "subject": one["subject"],
                "text": one["text"],
                "html": one["html"],
            }
            for one in self.seen()
        ]
