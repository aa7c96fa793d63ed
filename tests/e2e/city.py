"""A tenant that texts: real services, the gateway and Twilio's emulator, with people who answer."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import psycopg
import pytest
import uvicorn
from redis.asyncio import Redis

from angarium.campaign.v1 import template_service_pb2, template_service_pb2_grpc
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_pb2, message_service_pb2, provider_service_pb2
from cli.client import ClientSettings
from cli.demo.actors import Cast
from cli.demo.stage import Phase
from cli.demo.steps.tenant import create_tenant
from gateway.app import build as build_gateway
from gateway.settings import GatewaySettings
from sandbox.runner import started
from sandbox.settings import Address, Settings
from services.common.db.testing import database_environment
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.server import start_server
from services.common.service import Service
from services.common.settings import read
from tests.common.given import COMPLETE, RECEIPT_KEYS
from tests.ports import free_ports

SERVICES = ("consent", "campaign", "delivery")
STATE = message_pb2.Message
SENDER = "+12025550199"


@dataclass
class City:
    """Everything of one test."""

    owner_url: str
    cast: Cast
    sandbox_url: str
    session: aiohttp.ClientSession
    delivery: Any
    base_url: str = ""
    apns_url: str = ""
    version_id: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    async def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.owner_url, autocommit=True) as connection:
            return await (await connection.execute(query, params)).fetchall()  # type: ignore[arg-type]

    async def send(self, number: str) -> Any:
        """A text that no window holds back."""
        content = message_service_pb2.MessageContent(
            channel=enums_pb2.CHANNEL_SMS,
            category=enums_pb2.CATEGORY_ACCOUNT_SECURITY,
            template_version_id=self.version_id,
        )
        return await self.cast.ada.messages.SendMessage(
            message_service_pb2.SendMessageRequest(
                content=content,
                recipient=message_service_pb2.Recipient(address=number),
                idempotency_key=str(uuid4()),
            )
        )

    async def states(self) -> list[tuple[str, str, str, str]]:
        """Template, state, reason and bounce code of every message, in their order."""
        rows = await self.rows(
            "SELECT c.template_name, m.state, coalesce(m.reason, ''), coalesce(m.failure_code, '')"
            " FROM delivery.message m JOIN delivery.content c USING (tenant_id, content_id) ORDER BY m.message_id"
        )
        return [(row[0], STATE.State.Name(row[1]).removeprefix("STATE_").lower(), *row[2:]) for row in rows]

    async def until(self, wanted: list[tuple[str, str, str, str]], seconds: float = 25.0) -> None:
        try:
            async with asyncio.timeout(seconds):
                while await self.states() != wanted:  # noqa: ASYNC110 - a database offers no event to wait for
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"messages are {await self.states()}, not {wanted}") from None

    async def until_value(self, query: str, wanted: Any, seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while (await self.rows(query))[0][0] != wanted:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)

    async def taken(self, number: str) -> list[str]:
        """The texts that reached a person's phone, in their order."""
        params = {"address": number}
        async with self.session.get(f"{self.sandbox_url}/truth", params=params) as response:
            return [one["subject"] for one in (await response.json())["messages"]]


@pytest.fixture
async def city(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, tmp_path: Path
) -> AsyncIterator[City]:
    """A tenant that texts by Twilio's emulator, and a gateway that hears of it."""
    owner_url = clone_database(SERVICES)
    *ports, door = free_ports(len(SERVICES) + 1)
    base = f"http://127.0.0.1:{door}"
    shared = {
        **COMPLETE,
        "redis_url": redis_url,
        "enable_rate_limiting": False,
        "public_base_url": base,
        # Links in messages are https wherever the environment is not a developer's.
        "frontend_url": "https://shop.example",
        **{f"{name}_address": f"127.0.0.1:{port}" for name, port in zip(SERVICES, ports, strict=True)},
    }
    extra = {
        "consent": {"receipt_keys": RECEIPT_KEYS, "enable_push": True},
        "delivery": {
            "provider_mode": "live",
            "poll_ms": 50,
            "enable_push": True,
            "outbound_allow_local": True,
        },
    }
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = {}
        loops = []
        for name, port in zip(SERVICES, ports, strict=True):
            place = {key.lower(): value for key, value in database_environment(owner_url, name).items()}
            cls = getattr(
                importlib.import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings"
            )
            settings[name] = read(cls, **{**shared, **place, "service_name": name, **extra.get(name, {})})
            build = importlib.import_module(f"services.{name}.bootstrap").build
            service: Service = await stack.enter_async_context(build(settings[name]))
            server = await start_server(service, settings[name], address=f"127.0.0.1:{port}")
            stack.push_async_callback(server.stop, 0)
            loops += [loop for loop in service.loops if loop.name != "jobs"]
        tasks = [asyncio.create_task(loop.run(stop)) for loop in loops]

        async def end() -> None:
            stop.set()
            await asyncio.wait(tasks, timeout=20)

        stack.push_async_callback(end)
        known = {name: value for name, value in shared.items() if name in GatewaySettings.model_fields}
        await serve_gateway(
            stack,
            read(
                GatewaySettings,
                **{**known, "service_name": "gateway", "bind_address": f"127.0.0.1:{door}"},
            ),
            door,
        )
        running = await stack.enter_async_context(
            started(
                Settings(
                    http=Address("127.0.0.1", 0),
                    smtp=Address("127.0.0.1", 0),
                    database=tmp_path / "sandbox.sqlite",
                    signing_key=tmp_path / "key.pem",
                    pace=0.2,
                    webhook_seconds=0.05,
                )
            )
        )
        own = {name: value for name, value in shared.items() if name in ClientSettings.model_fields}
        cast = Cast(read(ClientSettings, **own), uuid4())
        stack.push_async_callback(cast.leave)
        await create_tenant(cast, Phase("tenant", "tenant"))
        url = f"http://127.0.0.1:{running.http_port}"
        await _account(cast, url)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        channels = Channels(settings["delivery"], name="delivery")
        stack.push_async_callback(channels.close)
        made = City(owner_url, cast, url, session, channels, base, f"http://127.0.0.1:{running.apns_port}")
        made.settings = settings
        made.version_id = await _version(channels, cast)
        yield made


async def serve_gateway(stack: AsyncExitStack, settings: GatewaySettings, port: int) -> None:
    config = uvicorn.Config(
        build_gateway(settings), host="127.0.0.1", port=port, log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - the server offers no event to wait for
        await asyncio.sleep(0.01)

    async def leave() -> None:
        server.should_exit = True
        await serving

    stack.push_async_callback(leave)


async def _account(cast: Cast, url: str) -> None:
    account = provider_service_pb2.ProviderAccount(
        channel=enums_pb2.CHANNEL_SMS, provider="twilio", name="texts", rate_per_second=100
    )
    account.config.update({"account_sid": "AC" + "a" * 32, "from": SENDER, "base_url": url})
    await cast.ada.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=account, credentials={"auth_token": "f" * 32}, idempotency_key=str(uuid4())
        )
    )


async def _version(channels: Channels, cast: Cast) -> str:
    """The platform's help text, as good a text as any."""
    stub: Any = channels.stub(template_service_pb2_grpc.TemplateServiceStub, "campaign")
    request = template_service_pb2.ResolveTemplateRequest(name="sms-help", channel=enums_pb2.CHANNEL_SMS)
    with as_tenant(cast.tenant_id):
        found = await stub.ResolveTemplate(request)
    return str(found.version.template_version_id)
