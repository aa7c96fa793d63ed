"""The sandbox's own log and settings, over its admin API."""

import asyncio
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

from cli.output import CommandError

_PATIENCE = 60.0
_PAGE = 5000


class SandboxClient:
    """Asks the sandbox; again for up to a minute while it is being restarted."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session:
            await self._session.close()

    async def settings(self, changes: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Returns the settings, after changing some."""
        return await self._ask("POST" if changes else "GET", "/admin/settings", json=changes)

    async def show_inboxes(self, delivery_address: str, token: str) -> str:
        """Lets the sandbox's app show in-app inboxes by a neighbour's token; returns the page's address."""
        await self._ask("POST", "/app", json={"delivery_address": delivery_address, "token": token})
        return f"{self.url}/app"

    async def order_fault(self, **order: Any) -> None:
        """Orders a fault of the providers."""
        await self._ask("POST", "/faults", json=order)

    async def lift_faults(self) -> list[dict[str, Any]]:
        """Ends all faults and returns what they were, with how often each struck."""
        found: list[dict[str, Any]] = (await self._ask("GET", "/faults"))["faults"]
        await self._ask("DELETE", "/faults")
        return found

    async def summary(self, campaign_id: str) -> dict[str, Any]:
        """Returns what is pending and the totals of a campaign."""
        return await self._ask("GET", "/truth/summary", params={"campaign": campaign_id})

    async def messages(self, campaign_id: str) -> list[dict[str, Any]]:
        """Returns every accepted message of a campaign with what became of it."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            params = {"campaign": campaign_id, "after": str(after), "limit": str(_PAGE)}
            page = await self._ask("GET", "/truth", params=params)
            found += page["messages"]
            after = page["next"]
        return found

    async def message(self, message_id: str) -> dict[str, Any] | None:
        """Returns one message by our id; None when it was not accepted."""
        page = await self._ask("GET", "/truth", params={"message_id": message_id})
        return page["messages"][0] if page["messages"] else None

    async def _ask(self, method: str, path: str, **named: Any) -> dict[str, Any]:
        assert self._session is not None  # noqa: S101 - used inside its `async with`
        ends = time.monotonic() + _PATIENCE
        while True:
            try:
                async with self._session.request(method, f"{self.url}{path}", **named) as response:
                    if response.status < 500:
                        answer: dict[str, Any] = await response.json()
                        if response.status not in (200, 201):
                            raise CommandError(f"The sandbox refused {path}: {answer.get('error')}")
                        return answer
            except (aiohttp.ClientError, TimeoutError) as error:
                if time.monotonic() > ends:
                    raise CommandError(f"The sandbox does not answer: {type(error).__name__}.") from error
            if time.monotonic() > ends:
                raise CommandError("The sandbox does not answer.")
            await asyncio.sleep(0.2)
