"""An HTTP provider in the words of SendGrid that can be made to wait with its answer, as a network does."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Self

import orjson
from aiohttp import web


class Carrier:
    """Takes every message; while `gate` is closed it has taken them, and its answer does not come."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.requests = 0
        self.arrived = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.knows = True
        self.status = 202
        """What it answers; anything else means that it takes nothing."""
        self.refuse = 0
        """The status with which everything is refused; 0 takes it."""
        self.url = ""
        self.first_at: dict[str, float] = {}
        self.last: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v3/mail/send", self.send)
        app.router.add_get("/v3/messages", self.messages)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        host, port = self.runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.gate.set()
        await self.runner.cleanup()

    async def send(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        self.requests += 1
        self.last = body
        at = asyncio.get_running_loop().time()
        for one in body["personalizations"] if self.status == 202 else ():
            id = one["custom_args"]["angarium_message_id"]
            self.taken[id] += 1
            self.first_at.setdefault(id, at)
        self.arrived.set()
        await self.gate.wait()
        if self.refuse:
            return web.json_response({"errors": [{"message": "no"}]}, status=self.refuse)
        return web.Response(status=self.status, headers={"X-Message-Id": f"carrier-{self.requests}"})

    async def messages(self, request: web.Request) -> web.Response:
        id = request.query["query"].split('"')[1]
        found: list[dict[str, Any]] = []
        if self.knows and self.taken[id]:
            found = [{"msg_id": f"carrier-{id}.recv", "status": "processed"}]
        return web.json_response({"messages": found})

    @property
    def duplicates(self) -> int:
        """How many messages were taken more than once."""
        return sum(1 for count in self.taken.values() if count > 1)
