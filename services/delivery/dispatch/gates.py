"""How many blocks of a lane are handed over at once, and how many of them may be one tenant's (DEL-62, W12)."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID


class Gate:
    """The capacity of a lane; where it has more than one place, no tenant holds all of them."""

    def __init__(self, capacity: int) -> None:
        self._places = asyncio.Semaphore(capacity)
        self._share = max(capacity - 1, 1)
        self._tenants: dict[UUID, asyncio.Semaphore] = {}
        self._holders: Counter[UUID] = Counter()

    @asynccontextmanager
    async def passed(self, tenant_id: UUID) -> AsyncIterator[None]:
        """Holds a place for a hand-over of a tenant."""
        own = self._tenants.setdefault(tenant_id, asyncio.Semaphore(self._share))
        self._holders[tenant_id] += 1
        try:
            async with own, self._places:
                yield
        finally:
            self._holders[tenant_id] -= 1
            if not self._holders[tenant_id]:
                del self._holders[tenant_id], self._tenants[tenant_id]
