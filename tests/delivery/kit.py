"""What tests of delivery start from: the service on a real server, its neighbours, and workers in any number."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import orjson
import psycopg
from google.protobuf.struct_pb2 import Struct
from grpc_health.v1 import health_pb2, health_pb2_grpc

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import lane_service_pb2_grpc, message_pb2, message_service_pb2_grpc
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.testing import database_environment
from services.common.ids import uuid7
from services.common.rpc.server import RunningServer, start_server
from services.common.security.envelope import Envelope
from services.common.security.jwt import issue_person, issue_service
from services.common.service import Service
from services.common.settings import read
from services.delivery.accounts.adapters import aad_of_credentials
from services.delivery.bootstrap import build
from services.delivery.settings import DeliverySettings
from tests.common.given import COMPLETE
from tests.fakes.neighbours import Neighbours, start_neighbours
from tests.ports import free_port

State = message_pb2.Message.State
FINAL = {8, 9, 10, 11, 12, 13, 14}


def recipient(number: int = 0, *, contact: bool = True, **more: Any) -> pb.Recipient:
    variables = Struct()
    variables["name"] = f"Person {number}"
    fields: dict[str, Any] = {"address": f"person{number}@example.com", "variables": variables, **more}
    if contact and "contact_id" not in fields:
        fields["contact_id"] = str(uuid4())
    return pb.Recipient(**fields)


@dataclass
class House:
    """Everything of one test."""

    owner_url: str
    settings: DeliverySettings
    neighbours: Neighbours
    service: Service
    server: RunningServer
    stack: AsyncExitStack
    tenant_id: UUID = field(default_factory=uuid4)
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{self.server.port}")
        self.stack.push_async_callback(self.channel.close)
        self.messages = message_service_pb2_grpc.MessageServiceStub(self.channel)
        self.lanes = lane_service_pb2_grpc.LaneServiceStub(self.channel)

    # Calling

    def as_person(self, *roles: str, tenant_id: UUID | None = None) -> tuple[tuple[str, str], ...]:
        token = issue_person(
            self.settings, tenant_id or self.tenant_id, "person-1", roles or ("super_owner",)
        )
        return (("authorization", f"Bearer {token}"),)

    def as_service(
        self, name: str = "campaign", tenant_id: UUID | None = None
    ) -> tuple[tuple[str, str], ...]:
        token = issue_service(self.settings, name)
        return (("authorization", f"Bearer {token}"), ("x-tenant-id", str(tenant_id or self.tenant_id)))

    def template(self, **options: Any) -> UUID:
        return self.neighbours.templates.add(self.tenant_id, **options)

    def content(self, template: UUID | None = None, **more: Any) -> pb.MessageContent:
        fields: dict[str, Any] = {
            "channel": enums_pb2.CHANNEL_EMAIL,
            "category": enums_pb2.CATEGORY_ORDER,
            "template_version_id": str(template or self.template()),
            **more,
        }
        return pb.MessageContent(**fields)

    def campaign_content(self, template: UUID | None = None, **more: Any) -> pb.MessageContent:
        fields: dict[str, Any] = {
            "category": enums_pb2.CATEGORY_OFFER,
            "priority": enums_pb2.PRIORITY_LOW,
            "origin": message_pb2.ORIGIN_CAMPAIGN,
            "campaign_id": str(uuid7()),
            "run_id": str(uuid7()),
            **more,
        }
        return self.content(template or self.template(category=enums_pb2.CATEGORY_OFFER), **fields)

    async def send_one(
        self, content: pb.MessageContent, to: pb.Recipient, key: str = ""
    ) -> pb.SendMessageResponse:
        request = pb.SendMessageRequest(content=content, recipient=to, idempotency_key=key or str(uuid4()))
        return await self.messages.SendMessage(request, metadata=self.as_person())

    async def send_block(
        self, content: pb.MessageContent, recipients: Sequence[pb.Recipient], key: str = "", **options: Any
    ) -> pb.SendBatchResponse:
        request = pb.SendBatchRequest(
            content=content, recipients=recipients, idempotency_key=key or str(uuid4())
        )
        return await self.messages.SendBatch(request, metadata=self.as_service(**options))

    # Looking

    async def rows(self, query: str, *params: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.owner_url, autocommit=True) as connection:
            await connection.execute("SET search_path = delivery")
            cursor = await connection.execute(query, params)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []

    async def value(self, query: str, *params: Any) -> Any:
        return (await self.rows(query, *params))[0][0]

    async def states(self) -> dict[str, int]:
        rows = await self.rows("SELECT state, count(*) FROM message GROUP BY 1")
        return {State.Name(state).removeprefix("STATE_").lower(): count for state, count in rows}

    async def until(self, condition: Callable[[], Any], *, seconds: float = 20.0, every: float = 0.05) -> Any:
        async with asyncio.timeout(seconds):
            while True:
                found = await condition()
                if found:
                    return found
                await asyncio.sleep(every)

    async def until_states(self, expected: dict[str, int], *, seconds: float = 20.0) -> None:
        try:
            await self.until(lambda: self._is(expected), seconds=seconds)
        except TimeoutError:
            raise AssertionError(f"states are {await self.states()}, not {expected}") from None

    async def _is(self, expected: dict[str, int]) -> bool:
        return await self.states() == expected

    async def events(self, type: str | None = None) -> list[tuple[str, int]]:
        rows = await self.rows("SELECT type, item_count FROM outbox ORDER BY id")
        return [row for row in rows if type in (None, row[0])]

    async def assert_every_waiting_message_stands_in_one_place(self) -> None:
        rows = await self.rows(
            """
            SELECT m.message_id, m.state,
                (SELECT count(*) FROM dispatch_block b WHERE m.message_id = ANY (b.message_ids)) +
                (SELECT count(*) FROM message_wait w WHERE w.message_id = m.message_id) AS places
            FROM message m WHERE m.state IN (1, 2, 3, 6, 15)
            """
        )
        assert [row for row in rows if row[2] != 1] == []

    # Accounts and workers

    async def add_account(
        self, provider: str = "recording", tenant_id: UUID | None = None, **columns: Any
    ) -> UUID:
        account_id = uuid7()
        config = columns.pop("config", {})
        names = ", ".join(["", *columns]) if columns else ""
        marks = ", %s" * len(columns)
        await self.rows(
            f"""INSERT INTO provider_account (
                tenant_id, account_id, channel, provider, name, config, rate_per_second, created_at, updated_at{names})
            VALUES (%s, %s, 1, %s, 'account', %s, 10000, now(), now(){marks})""",
            tenant_id or self.tenant_id,
            account_id,
            provider,
            orjson.dumps(config).decode(),
            *columns.values(),
        )
        return account_id

    async def add_carrier(self, url: str, **columns: Any) -> UUID:
        """An account at a carrier of a test; workers must run with PROVIDER_MODE live."""
        config = {"base_url": url, **columns.pop("config", {})}
        account_id = await self.add_account("sendgrid", config=config, **columns)
        envelope = Envelope(self.settings.encryption_keys)
        async with self.service.database.tenant(self.tenant_id) as uow:
            sealed = await envelope.seal(
                uow, orjson.dumps({"api_key": "good"}), aad_of_credentials(account_id)
            )
            await uow.execute(
                "UPDATE provider_account SET credentials = %s WHERE account_id = %s", (sealed, account_id)
            )
        return account_id

    @asynccontextmanager
    async def worker(self, **changes: Any) -> AsyncIterator[Service]:
        """A worker in this process."""
        settings = self.settings.model_copy(update=changes)
        async with build(settings) as service:
            stop = asyncio.Event()
            tasks = [
                asyncio.create_task(one.run(stop))  # type: ignore[arg-type]
                for one in service.loops
                if one.name in ("dispatch", "reconcile")
            ]
            try:
                yield service
            finally:
                stop.set()
                await asyncio.wait_for(asyncio.gather(*tasks), 20)

    async def start_worker_process(self, **environment: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.delivery", "work",
            env={**os.environ, **self.environment, "PROVIDER_MODE": "live", **environment},
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self.processes.append(process)
        return process

    async def start_serving_process(self) -> str:
        """Another server of delivery on the same database; returns its address once it serves."""
        address = f"127.0.0.1:{free_port()}"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.delivery", "serve",
            env={**os.environ, **self.environment, "BIND_ADDRESS": address, "ENABLE_METRICS": "false"},
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self.processes.append(process)
        async with grpc.aio.insecure_channel(address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)

            async def serves() -> bool:
                try:
                    answer = await stub.Check(health_pb2.HealthCheckRequest())
                except grpc.aio.AioRpcError:
                    return False
                return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

            await self.until(serves)
        return address


def environment_of(settings: DeliverySettings, given: dict[str, Any]) -> dict[str, str]:
    """The variables with which a process gets the same settings."""
    return {
        name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


@asynccontextmanager
async def open_house(owner_url: str, redis_url: str, **changes: Any) -> AsyncIterator[House]:
    """The service serving RPC, its neighbours, and a tenant with a template-less start."""
    async with AsyncExitStack() as stack:
        given: dict[str, Any] = {
            **COMPLETE,
            "service_name": "delivery",
            "redis_url": redis_url,
            "provider_mode": "recording",
            "poll_ms": 100,
            "rate_limit_global_email_per_min": 10_000_000,
            "rate_limit_global_sms_per_min": 10_000_000,
            "rate_limit_email_per_hour": 1000,
            "rate_limit_send_per_min": 1_000_000,
            "rate_limit_per_second": 10_000_000,
            **{name.lower(): value for name, value in database_environment(owner_url, "delivery").items()},
            **changes,
        }
        first = read(DeliverySettings, **given)
        neighbours = await start_neighbours(first)
        stack.push_async_callback(neighbours.server.stop, 0)
        given |= {"consent_address": neighbours.address, "campaign_address": neighbours.address}
        settings = read(DeliverySettings, **given)
        service = await stack.enter_async_context(build(settings))
        server = await start_server(service, settings)
        stack.push_async_callback(server.stop, 0)
        house = House(
            owner_url,
            settings,
            neighbours,
            service,
            server,
            stack,
            environment=environment_of(settings, given),
        )
        try:
            yield house
        finally:
            for process in house.processes:
                if process.returncode is None:
                    process.kill()
                    await process.wait()


def now() -> datetime:
    return datetime.now(UTC)


def later(**delta: float) -> datetime:
    return now() + timedelta(**delta)
