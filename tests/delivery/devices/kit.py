"""What tests of devices start from: delivery with push switched on, and callers who register devices."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import device_service_pb2 as pb
from angarium.delivery.v1 import device_service_pb2_grpc, provider_service_pb2, provider_service_pb2_grpc
from angarium.delivery.v1 import message_service_pb2 as messages_pb
from services.common.security.jwt import issue_contact, issue_neighbour
from services.delivery.providers import Device
from services.delivery.providers.base import TokenKind
from tests.delivery.kit import House, State, recipient

APP = "com.example.app"
PUSH = enums_pb2.CHANNEL_PUSH
PLATFORMS = {
    TokenKind.FCM_TOKEN: pb.PLATFORM_ANDROID,
    TokenKind.APNS: pb.PLATFORM_IOS,
    TokenKind.WEB_PUSH: pb.PLATFORM_WEB,
}


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def browser_keys() -> pb.WebPushKeys:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    encoded = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return pb.WebPushKeys(p256dh=text(encoded), auth=text(secrets.token_bytes(16)))


def android(**fields: Any) -> pb.RegisterDeviceRequest:
    given: dict[str, Any] = {
        "platform": pb.PLATFORM_ANDROID,
        "token": f"fcm:{secrets.token_hex(16)}",
        "app_id": APP,
        **fields,
    }
    return pb.RegisterDeviceRequest(**given)


@dataclass
class Shop:
    """A tenant of a house, and everybody who calls for it."""

    house: House
    tenant_id: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.house.tenant_id = self.tenant_id
        self.devices = device_service_pb2_grpc.DeviceServiceStub(self.house.channel)
        self.providers = provider_service_pb2_grpc.ProviderServiceStub(self.house.channel)

    def as_contact(self, contact_id: str) -> tuple[tuple[str, str], ...]:
        token = issue_contact(self.house.settings, self.tenant_id, UUID(contact_id))
        return (("authorization", f"Bearer {token}"),)

    def as_neighbour(self) -> tuple[tuple[str, str], ...]:
        token = issue_neighbour(self.house.settings, self.tenant_id, "shop")
        return (("authorization", f"Bearer {token}"),)

    async def register(self, contact_id: str, request: pb.RegisterDeviceRequest | None = None) -> pb.Device:
        answer = await self.devices.RegisterDevice(request or android(), metadata=self.as_contact(contact_id))
        found: pb.Device = answer.device
        return found

    async def register_for(self, contact_id: str, device: Device) -> pb.Device:
        """Registers a simulated device as its app would."""
        return await self.register(contact_id, self.asked_for(device))

    @staticmethod
    def asked_for(device: Device) -> pb.RegisterDeviceRequest:
        request = pb.RegisterDeviceRequest(
            platform=PLATFORMS[device.kind], token=device.token, app_id=device.app_id
        )
        if device.kind is TokenKind.WEB_PUSH:
            request.web_push_keys.p256dh, request.web_push_keys.auth = text(device.p256dh), text(device.auth)
        return request

    async def listed(self, contact_id: str) -> list[pb.Device]:
        answer = await self.devices.ListDevices(pb.ListDevicesRequest(), metadata=self.as_contact(contact_id))
        return list(answer.devices)

    async def account(self, name: str, config: dict[str, Any], credentials: dict[str, str]) -> UUID:
        account = provider_service_pb2.ProviderAccount(
            channel=PUSH, provider=name, name=name, rate_per_second=1000, timeout_ms=1000
        )
        account.config.update(config)
        answer = await self.providers.CreateProviderAccount(
            provider_service_pb2.CreateProviderAccountRequest(
                provider_account=account, credentials=credentials, idempotency_key=str(uuid4())
            ),
            metadata=self.house.as_person(),
        )
        return UUID(answer.provider_account.provider_account_id)

    def content(self, **options: Any) -> messages_pb.MessageContent:
        fields = {name: options.pop(name) for name in ("category", "priority") if name in options}
        template = self.house.template(channel=PUSH, **options)
        return self.house.content(template, channel=PUSH, **fields)

    async def send(self, *contacts: str, **options: Any) -> list[str]:
        """Sends a push message to contacts, and returns its ids."""
        people = [
            recipient(number, contact_id=one, address="", language_code="en")
            for number, one in enumerate(contacts)
        ]
        answer = await self.house.send_block(self.content(**options), people)
        assert not answer.errors, answer.errors
        return list(answer.message_ids)

    async def message(self, message_id: str) -> messages_pb.GetMessageResponse:
        answer: messages_pb.GetMessageResponse = await self.house.messages.GetMessage(
            messages_pb.GetMessageRequest(message_id=message_id), metadata=self.house.as_person()
        )
        return answer

    async def settled(self, *ids: str) -> list[tuple[str, str]]:
        """States and reasons of messages once none of them is on its way."""

        async def over() -> Any:
            found = await self.house.rows(
                "SELECT message_id::text, state, coalesce(reason, '') FROM message WHERE message_id = ANY(%s)",
                [UUID(one) for one in ids],
            )
            known = {
                id: (State.Name(state).removeprefix("STATE_").lower(), reason) for id, state, reason in found
            }
            states = [known[one] for one in ids]
            return states if all(one[0] in ("sent", "failed", "skipped") for one in states) else None

        result: list[tuple[str, str]] = await self.house.until(over, seconds=15)
        return result
