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
    return any((await events_waiting(stack, redis)).values())


async def events_waiting(stack: Stack, redis: Redis) -> dict[str, int]:
    """Returns how many events wait for the relay of each service, and for each of its consumers."""
    found: dict[str, int] = {}
    for service in SERVICES:
        found[f"outbox of {service}"] = await stack.count(
            f"SELECT count(*) FROM {service}.outbox WHERE position IS NULL"  # noqa: S608 - our own names
        )
        stream = f"angarium:events:{service}"
        if await redis.exists(stream):
            for group in await redis.xinfo_groups(stream):
                name = group["name"].decode() if isinstance(group["name"], bytes) else group["name"]
                found[f"{service} to {name}"] = group["pending"] + (group["lag"] or 0)
    return found
