from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from sandbox.runner import started
from sandbox.settings import Address, Settings, parse_address
from tests.sandbox.kit import Kit
from tests.sandbox.standin import BounceBox, Gateway, bounce_box_started, gateway_started


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with gateway_started() as running:
        yield running


@pytest.fixture
async def bounces() -> AsyncIterator[BounceBox]:
    async with bounce_box_started() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, gateway: Gateway, bounces: BounceBox) -> Settings:
    return Settings(
        http=Address("127.0.0.1", 0),
        smtp=Address("127.0.0.1", 0),
        database=tmp_path / "sandbox.sqlite",
        seed="test",
        gateway_url=gateway.url,
        webhook_url=f"{gateway.url}/webhooks/sendgrid/token",
        bounce_smtp=parse_address("bounce", bounces.address),
        signing_key=tmp_path / "key.pem",
        pace=0.02,
        webhook_seconds=0.05,
    )


@pytest.fixture
async def kit(settings: Settings, gateway: Gateway, bounces: BounceBox) -> AsyncIterator[Kit]:
    """A running sandbox with everything it talks to, and the shortest ways to use it."""
    async with started(settings) as running, aiohttp.ClientSession() as session:
        yield Kit(running.http_port, running.smtp_port, session, gateway, bounces)
