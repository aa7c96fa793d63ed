"""Sends events as signed requests, as a neighbour does."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import aiohttp
import orjson

from cli.output import CommandError
from services.common.security import signed_requests

PATH: Final = "/v1/events"
TRIES: Final = 5
MOST_EVENTS: Final = 500

_MEND: Final[Mapping[int, tuple[str, str]]] = {
    400: (
        "The file holds no events that could be read.",
        "One envelope, a list, or an object with events; at most 500",
    ),
    401: (
        "The signature is not accepted.",
        "Check key and secret, and this machine's clock: angarium events keys list",
    ),
    413: ("The file is too large for one request.", "Send at most 5 MB at once"),
}


async def send(url: str, key_id: str, secret: str, body: bytes) -> dict[str, Any]:
    """Sends a body and returns what became of its events; repeats while the other side is busy or away."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        for attempt in range(TRIES):
            wait = 2.0**attempt
            try:
                headers = signed_requests.headers(
                    key_id, secret.encode(), "POST", PATH, body, now=datetime.now(UTC), nonce=uuid4()
                )
                async with session.post(url.rstrip("/") + PATH, data=body, headers=headers) as answer:
                    if answer.status == 202:
                        found: dict[str, Any] = orjson.loads(await answer.read())
                        return found
                    if answer.status in _MEND:
                        raise CommandError(*_MEND[answer.status])
                    if answer.status not in (429, 503):
                        raise CommandError(f"The gateway answers {answer.status}.", "See its log.")
                    wait = float(answer.headers.get("Retry-After", wait))
            except (aiohttp.ClientError, TimeoutError) as error:
                if attempt == TRIES - 1:
                    raise CommandError(
                        f"The gateway at {url} cannot be reached: {type(error).__name__}.",
                        "See what is down: angarium status – or name another place with --url",
                    ) from None
            if attempt < TRIES - 1:
                await asyncio.sleep(wait)
    raise CommandError("The gateway is busy and stays so.", "Try again later; nothing is stored twice.")
