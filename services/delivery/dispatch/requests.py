"""How many requests each account has under way in this process (DEL-35)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

from services.delivery.accounts.store import ProviderAccount


class Requests:
    """Room for requests; what changed of an account counts for its next one."""

    def __init__(self) -> None:
        self._gates: dict[tuple[UUID, int], asyncio.Semaphore] = {}

    @asynccontextmanager
    async def room(self, accounts: Iterable[ProviderAccount]) -> AsyncIterator[None]:
        """Waits for room for a request to each account and keeps it: nothing is in doubt while it only waits."""
        async with AsyncExitStack() as held:
            # In one order everywhere: two that need the same accounts do not wait for each other crosswise.
            for one in sorted(accounts, key=lambda account: account.account_id):
                await held.enter_async_context(self._gate(one))
            yield

    def _gate(self, account: ProviderAccount) -> asyncio.Semaphore:
        most = account.max_concurrency
        return self._gates.setdefault((account.account_id, most), asyncio.Semaphore(most))
