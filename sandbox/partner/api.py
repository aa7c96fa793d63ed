"""Where the sandbox's partners are called, and where they are told their secrets."""

import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import json
from sandbox.partner import store
from sandbox.partner.rule import verdict
from sandbox.partner.store import Call, Partner

MOST_BYTES = 1024 * 1024


class Partners:
    """Takes webhooks in the names of any partners; who is called for the first time exists from then on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Returns the routes."""
        return [
            Route("/partners/{name:str}", self._take, methods=["POST"]),
            Route("/partners/{name:str}", self._tell, methods=["PUT"]),
            Route("/partners/{name:str}/calls", self._calls, methods=["GET"]),
        ]

    async def _take(self, request: Request) -> Response:
        body = await request.body()
        if len(body) > MOST_BYTES:
            return PlainTextResponse("too much", 413)
        one = store.partner(self._sandbox.database, request.path_params["name"])
        headers = dict(request.headers)
        found = verdict(one.secret, headers, body)
        await store.take(self._sandbox.database, one, time.time(), found, headers, body)
        if found not in ("verified", "nobody told the secret"):
            return PlainTextResponse(found, 401)
        return PlainTextResponse("thank you" if one.answer < 300 else "as you wished", one.answer)

    async def _tell(self, request: Request) -> Response:
        said = await request.json()
        secret, answer = str(said.get("secret") or ""), said.get("answer", 200)
        if not isinstance(answer, int) or not 200 <= answer <= 599:
            return json({"error": "answer must be a status from 200 to 599"}, 400)
        one = Partner(request.path_params["name"], secret, answer)
        await store.save(self._sandbox.database, one)
        return json({"name": one.name, "answer": one.answer, "url": str(request.url)})

    async def _calls(self, request: Request) -> Response:
        name = request.path_params["name"]
        found, _ = await self._sandbox.database.read(lambda connection: store.calls(connection, name, "", 1))
        return json({"calls": [_shown(call) for call in found]})


def _shown(call: Call) -> dict[str, object]:
    return {
        "at": call.at.isoformat(),
        "event_id": call.event_id,
        "type": call.type,
        "verdict": call.verdict,
        "answer": call.answer,
        "headers": dict(call.headers),
        "body": call.body,
    }
