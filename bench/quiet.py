"""Waiting until everything that was told has been heard: outboxes relayed, streams read to their ends."""

import asyncio

from redis.asyncio import Redis

from bench.stack import Stack
from cli.secrets import SERVICES

_POLL = 0.1
_LONGEST = 120.0


async def events_settled(stack: Stack) -> None:
    """Returns once no event waits for its relay or for one of its consumers."""
    redis: Redis = Redis.from_url(stack.installation.redis_url)
    try:
        async with asyncio.timeout(_LONGEST):
            while await _waiting(stack, redis):  # noqa: ASYNC110 - other processes set no event of ours
                await asyncio.sleep(_POLL)
    finally:
        await redis.aclose()


async def _waiting(stack: Stack, redis: Redis) -> bool:
    for service in SERVICES:
        if await stack.count(f"SELECT count(*) FROM {service}.outbox WHERE position IS NULL"):  # noqa: S608 - our own names
            return True
        stream = f"angarium:events:{service}"
        if await redis.exists(stream):
            for group in await redis.xinfo_groups(stream):
                if group["pending"] or group["lag"]:
                    return True
    return False
