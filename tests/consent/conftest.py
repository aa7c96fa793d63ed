"""Starts the consent service on a database of its own, with a clock that the test moves."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import grpc.aio
import psycopg
import pytest
from redis.asyncio import Redis

from services.common.clock import FixedClock
from services.common.db.testing import database_environment
from services.common.rpc.server import start_server
from services.common.settings import read
from services.consent.bootstrap import build
from services.consent.settings import ConsentSettings
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.consent.kit import FakeCampaign, RunningConsent, Tenant


@pytest.fixture
async def consent(
    clone_database: Callable[[Iterable[str]], str], redis: Redis, redis_url: str, clock: FixedClock
) -> AsyncIterator[RunningConsent]:
    """The service as callers reach it; its loops do not run by themselves."""
    owner_url = clone_database(["consent"])
    database = {name.lower(): value for name, value in database_environment(owner_url, "consent").items()}
    settings = read(
        ConsentSettings,
        **{
            **COMPLETE,
            **database,
            "service_name": "consent",
            "redis_url": redis_url,
            "receipt_keys": RECEIPT_KEYS,
            "enable_push": "true",
        },
    )
    campaign = FakeCampaign()
    async with build(settings, clock=clock, lookup=campaign) as service:
        server = await start_server(service, settings)
        channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
        yield RunningConsent(settings, server, service.database, owner_url, channel, clock, campaign)
        await channel.close()
        await server.stop()


@pytest.fixture
async def salon(consent: RunningConsent) -> Tenant:
    """A tenant with marketing on."""
    return await consent.tenant()


@pytest.fixture
def tamper(consent: RunningConsent) -> Callable[..., int]:
    """Changes the tables behind the service's back, as somebody with all rights of the database can."""

    def run(statement: str, *params: Any) -> int:
        with psycopg.connect(consent.owner_url) as connection:
            return connection.execute(statement, params).rowcount

    return run
