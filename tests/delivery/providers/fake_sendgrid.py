"""A small SendGrid with faults on order."""

import asyncio
from typing import Any, Self

import orjson
from aiohttp import web


class FakeSendGrid:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.bad_addresses: set[str] = set()
        self.scopes = ["mail.send"]
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v3/mail/send", self.send)
        app.router.add_get("/v3/messages", self.messages)
        app.router.add_get("/v3/scopes", self.get_scopes)
        self.runner = web.AppRunner(app, shutdown_timeout=0.05)  # nobody waits for a call that hangs
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    async def send(self, request: web.Request) -> web.StreamResponse:
        if request.headers["Authorization"] != "Bearer good":
            return web.json_response({"errors": [{"message": "authorization required"}]}, status=401)
        body = orjson.loads(await request.read())
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "hang":
            await asyncio.sleep(5)
        if fault == "drop":
            self.requests.append(body)
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "429":
            headers = {"X-RateLimit-Reset": str(self.reset)}
            return web.json_response(
                {"errors": [{"message": "too many requests"}]}, status=429, headers=headers
            )
        if fault.isdigit():
            return web.Response(status=int(fault), text="<html>ada@example.com is broken</html>")
        bad = [
            {
                "field": f"personalizations.{number}.to.0.email",
                "message": f"{one['to'][0]['email']} is not valid",
            }
            for number, one in enumerate(body["personalizations"])
            if one["to"][0]["email"] in self.bad_addresses
        ]
        if bad:
            return web.json_response({"errors": bad}, status=400)
        if body.get("mail_settings"):
            return web.Response(status=200)
        addresses = [one["to"][0]["email"].lower() for one in body["personalizations"]]
        assert len(addresses) == len(set(addresses)) <= 1000
        self.requests.append(body)
        return web.Response(status=202, headers={"X-Message-Id": f"sg{len(self.requests)}"})

    reset = 0

    async def messages(self, request: web.Request) -> web.Response:
        if self.faults:
            return web.Response(status=int(self.faults.pop(0)))
        found = [
            {"msg_id": f"sg{number}.recv", "status": "delivered"}
            for number, body in enumerate(self.requests, 1)
            for one in body["personalizations"]
            if f"(unique_args['angarium_message_id']=\"{one['custom_args']['angarium_message_id']}\")"
            == request.query["query"]
        ]
        return web.json_response({"messages": found})

    async def get_scopes(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != "Bearer good":
            return web.json_response({"errors": [{"message": "authorization required"}]}, status=401)
        return web.json_response({"scopes": self.scopes})

    def received(self) -> list[dict[str, str]]:
        """Every message as its recipient would see it."""
        seen = []
        for body in self.requests:
            for one in body["personalizations"]:
                shown = {part["type"]: part["value"] for part in body["content"]} | {
                    "subject": body["subject"]
                }
                for tag, value in (one.get("substitutions") or {}).items():
                    shown = {name: text.replace(tag, value) for name, text in shown.items()}
                seen.append(
                    {
                        "message_id": one["custom_args"]["angarium_message_id"],
                        "to": one["to"][0]["email"],
                        "subject": shown["subject"],
                        "text": shown["text/plain"],
                        "html": shown["text/html"],
                    }
                )
        return seen
