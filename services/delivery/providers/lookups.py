"""Asking for messages one by one, a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from services.delivery.providers.base import Lookup

AT_ONCE: Final = 4


async def look_up(
    message_ids: Sequence[UUID], ask: Callable[[UUID], Awaitable[Lookup]]
) -> dict[UUID, Lookup]:
    """What `ask` says of each message, with at most four questions at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(message_id: UUID) -> Lookup:
        async with gate:
            return await ask(message_id)

    return dict(zip(message_ids, await asyncio.gather(*map(one, message_ids)), strict=True))
