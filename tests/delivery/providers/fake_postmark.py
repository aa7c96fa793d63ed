"""A small Postmark with faults on order."""

import asyncio
from email.utils import parseaddr
from typing import Any, Self

import orjson
from aiohttp import web

KEY = "metadata_angarium_message_id"


class FakePostmark:
    def __init__(self) -> None:
        self.requests: list[list[dict[str, Any]]] = []
        self.faults: list[str] = []
        self.codes: dict[str, int] = {}
        self.streams = {"outbound", "broadcast"}
        self.at_once = self.most_at_once = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/email/batch", self.batch)
        app.router.add_get("/messages/outbound", self.search)
        app.router.add_get("/server", self.server)
        app.router.add_get("/message-streams/{stream}", self.stream)
        self.runner = web.AppRunner(app, shutdown_timeout=0.05)  # nobody waits for a call that hangs
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()

    async def batch(self, request: web.Request) -> web.StreamResponse:
        if request.headers["X-Postmark-Server-Token"] != "good":
            return web.json_response({"ErrorCode": 10, "Message": "no such token"}, status=401)
        messages = orjson.loads(await request.read())
        assert 0 < len(messages) <= 500
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "hang":
            await asyncio.sleep(5)
        if fault == "drop":
            self.requests.append(messages)
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault == "429":
            return web.json_response({"ErrorCode": 429}, status=429, headers={"Retry-After": "7"})
        if fault == "garbage":
            return web.Response(body=b'[{"ErrorCode": 0', content_type="application/json")
        if fault.isdigit():
            return web.Response(status=int(fault), text="<html>ada@example.com is broken</html>")
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        answers, taken = [], []
        for number, one in enumerate(messages):
            address = parseaddr(one["To"])[1]
            if code := self.codes.get(address, 0):
                answers.append({"ErrorCode": code, "Message": f"{address} was refused"})
            else:
                taken.append(one)
                name = f"pm{len(self.requests)}-{number}"
                answers.append({"ErrorCode": 0, "Message": "OK", "MessageID": name, "To": one["To"]})
        self.requests.append(taken)
        return web.json_response(answers)

    async def search(self, request: web.Request) -> web.Response:
        if self.faults:
            return web.Response(status=int(self.faults.pop(0)))
        assert request.query["count"] == "1"
        assert request.query["offset"] == "0"
        found = [
            {"MessageID": f"pm{number}", "Status": "Sent"}
            for number, batch in enumerate(self.requests)
            for one in batch
            if one["Metadata"]["angarium_message_id"] == request.query[KEY]
            and one["MessageStream"] == request.query["messagestream"]
        ]
        return web.json_response({"TotalCount": len(found), "Messages": found})

    async def server(self, request: web.Request) -> web.Response:
        if request.headers["X-Postmark-Server-Token"] != "good":
            return web.json_response({"ErrorCode": 10, "Message": "no such token"}, status=401)
        return web.json_response({"ID": 1, "Name": "Main", "DeliveryType": "Live"})

    async def stream(self, request: web.Request) -> web.Response:
        if request.match_info["stream"] not in self.streams:
            return web.json_response({"ErrorCode": 1226, "Message": "no such stream"}, status=422)
        return web.json_response({"ID": request.match_info["stream"], "ArchivedAt": None})

    def received(self) -> list[dict[str, str]]:
        """Every message as its recipient would see it."""
        return [
            {
                "message_id": one["Metadata"]["angarium_message_id"],
                "to": parseaddr(one["To"])[1],
                "subject": one["Subject"],
                "text": one["TextBody"],
                "html": one["HtmlBody"],
            }
            for batch in self.requests
            for one in batch
        ]
