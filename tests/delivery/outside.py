"""What tests of receipts, engagement and accounts start from: a tenant's account, messages that left, its gateway."""

from __future__ import annotations

import base64
import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from google.protobuf.struct_pb2 import Struct

from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events_pb2
from angarium.delivery.v1 import provider_service_pb2, provider_service_pb2_grpc, receipt_service_pb2_grpc
from angarium.delivery.v1 import receipt_service_pb2 as pb
from services.common.rpc.client import Channels
from services.common.security.jwt import issue_service
from tests.delivery.kit import House, recipient


@functools.cache
def public_key() -> str:
    """A key as SendGrid shows it."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def struct(**fields: Any) -> Struct:
    value = Struct()
    value.update(fields)
    return value


def sendgrid_account(**fields: Any) -> provider_service_pb2.ProviderAccount:
    config = {
        "from_address": "news@bazaar.example",
        "verification_key": public_key(),
        **fields.pop("config", {}),
    }
    values: dict[str, Any] = {
        "channel": enums_pb2.CHANNEL_EMAIL,
        "provider": "sendgrid",
        "name": "main",
        **fields,
    }
    return provider_service_pb2.ProviderAccount(config=struct(**config), **values)


API_KEY = {"api_key": "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}


def event(
    message_id: UUID | None, kind: str, *, at: float | None = None, id: str = "", **fields: Any
) -> dict[str, Any]:
    """One event of SendGrid's Event Webhook, as it is posted."""
    found: dict[str, Any] = {
        "email": "person0@example.com",
        "timestamp": int(at or time.time()),
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": kind,
        "category": ["order"],
        "sg_event_id": id or uuid4().hex,
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        **fields,
    }
    if message_id is not None:
        found["angarium_message_id"] = str(message_id)
    if kind == "delivered":
        found |= {"response": "250 2.0.0 OK", "ip": "192.0.2.25", "tls": 1}
    if kind == "bounce" and "type" not in fields:
        found |= {"type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 no such user", "tls": 1}
    return found


@dataclass
class Outside:
    """A tenant with an account, and the gateway that tells of it."""

    house: House
    account_id: UUID
    webhook_path: str = ""

    def __post_init__(self) -> None:
        channel = self.house.channel
        self.receipts = receipt_service_pb2_grpc.ReceiptServiceStub(channel)
        self.providers = provider_service_pb2_grpc.ProviderServiceStub(channel)

    def as_gateway(
        self, tenant_id: UUID | None = None, *, tenant: bool = True
    ) -> tuple[tuple[str, str], ...]:
        token = issue_service(self.house.settings, "gateway")
        own = (("x-tenant-id", str(tenant_id or self.house.tenant_id)),) if tenant else ()
        return (("authorization", f"Bearer {token}"), *own)

    async def post(self, events: Sequence[Any] | bytes, **options: Any) -> pb.RecordReceiptsResponse:
        """What the gateway does with a verified webhook."""
        body = events if isinstance(events, bytes) else orjson.dumps(list(events))
        request = pb.RecordReceiptsRequest(
            provider_account_id=str(options.pop("account_id", self.account_id)),
            raw_body=body,
            content_type="application/json",
        )
        request.receive_time.FromDatetime(datetime.now(UTC))
        return await self.receipts.RecordReceipts(request, metadata=self.as_gateway(**options))

    async def bounce(self, return_path: str, mail: bytes) -> pb.RecordReceiptsResponse:
        """What the gateway does with a mail to a return path."""
        request = pb.RecordReceiptsRequest(
            raw_body=mail, content_type="message/rfc822", envelope_recipient=return_path
        )
        return await self.receipts.RecordReceipts(request, metadata=self.as_gateway(tenant=False))

    async def left(self, count: int = 1, *, state: int = 7, **content: Any) -> list[UUID]:
        """Messages that a provider took a minute ago."""
        answer = await self.house.send_block(
            self.house.campaign_content(**content), [recipient(number) for number in range(count)]
        )
        ids = [UUID(id) for id in answer.message_ids]
        sent_at = "now() - interval '1 minute'" if state == 7 else "NULL"
        await self.house.rows(
            f"""UPDATE message SET state = %s, sent_at = {sent_at}, attempt_count = 1, provider = 'sendgrid',
                account_id = %s, provider_message_id = '14c5d75ce93' WHERE message_id = ANY(%s)""",
            state,
            self.account_id,
            ids,
        )
        await self.house.rows("DELETE FROM dispatch_block")
        await self.house.rows("DELETE FROM outbox")
        return ids

    async def applied(self, *, seconds: float = 10.0) -> None:
        """Waits until every stored body is applied."""

        async def done() -> bool:
            return await self.house.value("SELECT count(*) FROM receipt_batch WHERE state = 1") == 0

        await self.house.until(done, seconds=seconds, every=0.02)

    async def message(self, message_id: UUID, *columns: str) -> tuple[Any, ...]:
        rows = await self.house.rows(
            f"SELECT {', '.join(columns)} FROM message WHERE message_id = %s", message_id
        )
        return rows[0]

    async def told(self, type: str) -> list[Any]:
        """Payloads of events of a type, in the order of their commits."""
        rows = await self.house.rows("SELECT envelope FROM outbox WHERE type = %s ORDER BY id", type)
        payloads = []
        for (encoded,) in rows:
            envelope = EventEnvelope.FromString(encoded)
            payload = PAYLOADS[type]()
            assert envelope.payload.Unpack(payload)
            payloads.append(payload)
        return payloads


PAYLOADS: dict[str, Any] = {
    "message.sent": events_pb2.MessagesSent,
    "message.delivered": events_pb2.MessagesReached,
    "message.read": events_pb2.MessagesReached,
    "message.failed": events_pb2.MessagesStopped,
    "message.bounced": events_pb2.RecipientsReported,
    "message.complained": events_pb2.RecipientsReported,
    "recipient.opted_out": events_pb2.RecipientsReported,
    "recipient.invalid": events_pb2.RecipientsReported,
    "message.engaged": events_pb2.MessagesEngaged,
    "message.cost_recorded": events_pb2.CostsRecorded,
    "provider.unhealthy": events_pb2.ProviderHealthChanged,
    "provider.recovered": events_pb2.ProviderHealthChanged,
}


async def open_outside(house: House) -> Outside:
    """A tenant whose only account is one of SendGrid."""
    providers = provider_service_pb2_grpc.ProviderServiceStub(house.channel)
    created = await providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=sendgrid_account(), credentials=API_KEY, idempotency_key=str(uuid4())
        ),
        metadata=house.as_person(),
    )
    account = created.provider_account
    return Outside(house, UUID(account.provider_account_id), account.webhook_path)


__all__ = [
    "API_KEY",
    "Channels",
    "Outside",
    "event",
    "open_outside",
    "public_key",
    "sendgrid_account",
    "struct",
]
