"""What the faces of all providers share: refusals, faults on order, accounts told apart by their keys."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Any, NoReturn

import orjson
from starlette.requests import Request
from starlette.responses import Response

from sandbox import faults
from sandbox.context import Sandbox

Handler = Callable[[Request], Awaitable[Response]]


class RefusalError(Exception):
    """A request that a provider would refuse; each provider has its own words and bytes."""

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        raise NotImplementedError


class BrokenAnswerError(RefusalError):
    """An answer that claims to be JSON and is not."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def response(self) -> Response:
        """Returns an answer cut off in its middle."""
        return Response(b'{"errors":[{"message":"internal', self.status, media_type="application/json")


def answering(handler: Handler) -> Handler:
    """Returns the handler with its refusals as answers."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except RefusalError as refused:
            return refused.response()

    return answer


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Returns a JSON answer."""
    return Response(orjson.dumps(value), status, headers=headers, media_type="application/json")


def account_of(key: str, provider: str = "") -> str:
    """Returns the name under which a key's account is stored; the key itself is not kept.

    Accounts of SendGrid have no prefix, those of others their provider's.
    """
    name = blake2b(key.encode(), digest_size=8).hexdigest() if key else ""
    return f"{provider}:{name}" if provider and provider != "sendgrid" else name


class Faults:
    """The faults on order as a face of a provider commits them."""

    def __init__(
        self,
        sandbox: Sandbox,
        too_many: Callable[[int | None], RefusalError],
        failed: Callable[[int], RefusalError],
        accepted: int = 200,
    ) -> None:
        self._sandbox = sandbox
        self._too_many = too_many
        self._failed = failed
        self._accepted = accepted

    def strike(self, addresses: list[str]) -> faults.Rule | None:
        """Counts a request and returns the fault that hits it, if any."""
        return self._sandbox.faults.strike(faults.API, addresses=addresses)

    async def before(self, rule: faults.Rule, request: Request) -> None:
        """Commits a fault that comes before anything is accepted."""
        if rule.kind == "timeout_before":
            await _hang(rule.seconds, request)
        elif rule.kind == "slow":
            await asyncio.sleep(rule.seconds)
        elif rule.kind == "rate_limit":
            raise self._too_many(int(time.time() + rule.seconds) if rule.reset else None)
        elif rule.kind == "server_error":
            raise self._failed(rule.code or 503)
        elif rule.kind == "disconnect_before":
            _disconnect(request)
        elif rule.kind == "broken_json" and not rule.accepted:
            raise BrokenAnswerError(rule.code or 500)

    async def after(self, rule: faults.Rule, request: Request) -> None:
        """Commits a fault that comes when everything is on disk."""
        if rule.kind == "timeout_after":
            await _hang(rule.seconds, request)
        elif rule.kind == "disconnect_after":
            _disconnect(request)
        elif rule.kind == "broken_json":
            raise BrokenAnswerError(rule.code or self._accepted)


async def _hang(seconds: float, request: Request) -> NoReturn:
    gone = asyncio.ensure_future(request.receive())  # answers when the client has hung up
    await faults.wait_out(seconds, gone)
    gone.cancel()
    _disconnect(request)


def _disconnect(request: Request) -> NoReturn:
    request.scope["sandbox.disconnect"]()
    raise ConnectionAbortedError
