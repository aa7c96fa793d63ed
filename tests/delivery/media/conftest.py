from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from redis.asyncio import Redis

from gateway.settings import GatewaySettings
from services.common.settings import read
from tests.common.given import COMPLETE
from tests.delivery.kit import open_house
from tests.delivery.media.studio import Studio
from tests.e2e.city import serve_gateway
from tests.ports import free_ports


@pytest.fixture
async def studio(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[Studio]:
    """Delivery, the gateway, and a web server of somebody else that pictures are fetched from."""
    [door] = free_ports(1)
    base = f"http://127.0.0.1:{door}"
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            open_house(
                clone_database(["delivery"]), redis_url, public_base_url=base, outbound_allow_local=True
            )
        )
        shared = {**COMPLETE, "redis_url": redis_url, "enable_rate_limiting": False, "public_base_url": base}
        shared["delivery_address"] = f"127.0.0.1:{house.server.port}"
        known = {name: value for name, value in shared.items() if name in GatewaySettings.model_fields}
        settings = read(
            GatewaySettings, **{**known, "service_name": "gateway", "bind_address": f"127.0.0.1:{door}"}
        )
        await serve_gateway(stack, settings, door)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        made = Studio(house, base, session)
        app = web.Application()
        app.router.add_get("/{name}", made.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        made.elsewhere = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield made
