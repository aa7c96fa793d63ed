"""Builds the console: the only place where its parts are constructed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from gateway.clients import ClientAddresses
from gateway.console.calls import PeopleChannels, Services
from gateway.console.sessions import Sessions
from gateway.console.sign_in import is_secure
from gateway.console.streams import Streams
from gateway.console.visits import Console
from gateway.settings import GatewaySettings
from gateway.webhooks.once import OneTimeTokens
from services.common.clock import Clock
from services.common.rate_windows import RateLimiter


@asynccontextmanager
async def opened(
    settings: GatewaySettings,
    clock: Clock,
    redis: Redis,
    clients: ClientAddresses,
    limiter: RateLimiter,
    streams: Streams,
) -> AsyncIterator[Console]:
    """Yields the console; its own channels close with it, for they carry people's tokens and no others."""
    channels = PeopleChannels(settings, name="console")
    try:
        yield Console(
            settings=settings,
            clock=clock,
            clients=clients,
            limiter=limiter,
            tokens=OneTimeTokens(redis),
            sessions=Sessions(settings.token_keys, redis, clock, secure=is_secure(settings)),
            channels=channels,
            services=Services.on(channels),
            streams=streams,
        )
    finally:
        await channels.close()
