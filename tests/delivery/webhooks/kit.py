"""What tests of webhooks start from: the service on a clock that stands still, and a partner who answers as told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import grpc.aio
import orjson
from aiohttp import web
from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import webhook_service_pb2 as pb
from angarium.delivery.v1 import webhook_service_pb2_grpc as pb_grpc
from angarium.delivery.v1.webhook_pb2 import WebhookSubscription
from services.common.db.database import Database
from services.common.db.testing import database_environment
from services.common.ids import uuid7
from services.common.rpc.server import start_server
from services.common.security.envelope import Envelope
from services.common.security.jwt import issue_person, issue_service
from services.common.settings import read
from services.delivery.bootstrap import build
from services.delivery.settings import DeliverySettings
from services.delivery.webhooks import assembly
from services.delivery.webhooks.assembly import Assembly
from tests.common.given import COMPLETE

DELIVERED = "message.delivered"


@dataclass
class Partner:
    """A partner's server: keeps what came, answers by its rule."""

    url: str = ""
    answer: Callable[[web.Request], Any] = lambda request: web.Response(text="ok")
    calls: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.calls.append((dict(request.headers), await request.read()))
        answer = self.answer(request)
        return answer if isinstance(answer, web.StreamResponse) else await answer

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [orjson.loads(body) for _, body in self.calls]

    def answers(self, status: int, text: str = "", **headers: str) -> None:
        self.answer = lambda request: web.Response(
            status=status, text=text, headers={name.replace("_", "-"): one for name, one in headers.items()}
        )


@asynccontextmanager
async def open_partner() -> AsyncIterator[Partner]:
    partner = Partner()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", partner.take)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    partner.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield partner
    await runner.cleanup()


@dataclass
class Stand:
    """Everything of one test; each has a tenant of its own."""

    settings: DeliverySettings
    database: Database
    clock: Any
    channel: grpc.aio.Channel
    parts: Assembly
    partner: Partner
    address: str
    tenant_id: UUID = field(default_factory=uuid4)

    @property
    def webhooks(self) -> pb_grpc.WebhookServiceStub:
        return pb_grpc.WebhookServiceStub(self.channel)

    def as_service(self, name: str) -> tuple[tuple[str, str], ...]:
        token = issue_service(self.settings, name)
        return (("authorization", f"Bearer {token}"), ("x-tenant-id", str(self.tenant_id)))

    def as_person(self, *roles: str, tenant_id: UUID | None = None) -> tuple[tuple[str, str], ...]:
        token = issue_person(
            self.settings, tenant_id or self.tenant_id, "person-1", roles or ("super_owner",)
        )
        return (("authorization", f"Bearer {token}"),)

    async def create(self, *names: str, **more: Any) -> pb.CreateWebhookSubscriptionResponse:
        subscription = {
            "name": "shop",
            "url": self.partner.url,
            "events": names or ("message.*",),
            **more.pop("subscription", {}),
        }
        request = pb.CreateWebhookSubscriptionRequest(
            webhook_subscription=WebhookSubscription(**subscription), **more
        )
        return await self.webhooks.CreateWebhookSubscription(request, metadata=self.as_person())

    async def get(self, subscription_id: str) -> WebhookSubscription:
        request = pb.GetWebhookSubscriptionRequest(webhook_subscription_id=subscription_id)
        answer = await self.webhooks.GetWebhookSubscription(request, metadata=self.as_person())
        return answer.webhook_subscription

    async def update(
        self, subscription: WebhookSubscription, *paths: str, **more: Any
    ) -> WebhookSubscription:
        request = pb.UpdateWebhookSubscriptionRequest(webhook_subscription=subscription, **more)
        request.update_mask.paths.extend(paths)
        answer = await self.webhooks.UpdateWebhookSubscription(request, metadata=self.as_person())
        return answer.webhook_subscription

    async def deliveries(self, **wanted: Any) -> Sequence[Any]:
        request = pb.ListWebhookDeliveriesRequest(**wanted)
        answer = await self.webhooks.ListWebhookDeliveries(request, metadata=self.as_person())
        return answer.webhook_deliveries

    def event(self, type: str, payload: Message, **more: Any) -> EventEnvelope:
        envelope = EventEnvelope(
            event_id=str(uuid7()),
            type=type,
            version=1,
            tenant_id=str(self.tenant_id),
            source="delivery",
            **more,
        )
        envelope.occur_time.FromDatetime(self.clock.now())
        envelope.payload.Pack(payload)
        return envelope

    async def happen(self, *told: EventEnvelope) -> None:
        """Has events applied as the consumer would: in one transaction, together."""
        from services.common.events.payloads import payload_of

        handler = self.parts.fanout.joint()[DELIVERED]
        async with self.database.tenant(self.tenant_id) as uow:
            await handler(uow, [(one, payload_of(one)) for one in told])

    async def happens(self, count: int = 1, type: str = DELIVERED, items: int = 1) -> list[EventEnvelope]:
        told = [self.event(type, reached(items)) for _ in range(count)]
        await self.happen(*told)
        return told

    async def send(self) -> int:
        return await self.parts.sender.deliver_due()

    async def outbox(self, type: str) -> list[EventEnvelope]:
        async with self.database.system() as uow:
            rows = await uow.fetch_all(
                "SELECT envelope FROM outbox WHERE tenant_id = %s AND type = %s ORDER BY id",
                (self.tenant_id, type),
            )
        return [EventEnvelope.FromString(envelope) for (envelope,) in rows]


def reached(items: int = 1) -> events.MessagesReached:
    return events.MessagesReached(
        messages=[events.MessageReached(message_id=str(uuid7())) for _ in range(items)]
    )


def wait(stand: Stand, **time: float) -> None:
    stand.clock.advance(timedelta(**time))


@asynccontextmanager
async def open_stand(owner_url: str, redis_url: str, clock: Any) -> AsyncIterator[Stand]:
    """Delivery serving RPC, without its loops: tests send when they mean to."""
    async with AsyncExitStack() as stack:
        partner = await stack.enter_async_context(open_partner())
        settings = read(
            DeliverySettings,
            **{
                **COMPLETE,
                "service_name": "delivery",
                "redis_url": redis_url,
                "provider_mode": "recording",
                "outbound_allow_local": True,
                **{
                    name.lower(): value for name, value in database_environment(owner_url, "delivery").items()
                },
            },
        )
        service = await stack.enter_async_context(build(settings, clock=clock))
        server = await start_server(service, settings)
        stack.push_async_callback(server.stop, 0)
        address = f"127.0.0.1:{server.port}"
        channel = grpc.aio.insecure_channel(address)
        stack.push_async_callback(channel.close)
        parts = assembly.assemble(
            service.database,
            Envelope(settings.encryption_keys),
            settings.outbound_guard,
            clock,
            settings.hash_keys,
        )
        stack.push_async_callback(parts.outbound.close)
        yield Stand(settings, service.database, clock, channel, parts, partner, address)
