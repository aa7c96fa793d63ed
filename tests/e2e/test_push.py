"""Push messages from registration to the devices of people: real services, and every push service's emulator."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import contact_pb2, contact_service_pb2, template_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import (
    device_service_pb2,
    device_service_pb2_grpc,
    message_service_pb2,
    provider_service_pb2,
)
from services.common.rpc.client import as_tenant
from tests.delivery.providers.rigs.pushing import RIGS
from tests.e2e.city import City

APP = "com.example.app"
PUSH = enums_pb2.CHANNEL_PUSH
PLATFORMS = {
    "fcm": device_service_pb2.PLATFORM_ANDROID,
    "apns": device_service_pb2.PLATFORM_IOS,
    "webpush": device_service_pb2.PLATFORM_WEB,
}


async def add_account(city: City, name: str) -> None:
    rig = RIGS[name]
    account = provider_service_pb2.ProviderAccount(
        channel=PUSH, provider=name, name=name, rate_per_second=1000
    )
    account.config.update(rig.config(city.sandbox_url, city.apns_url))
    await city.cast.ada.providers.CreateProviderAccount(
        provider_service_pb2.CreateProviderAccountRequest(
            provider_account=account, credentials=rig.credentials(), idempotency_key=str(uuid4())
        )
    )


async def add_contacts(city: City, count: int) -> list[str]:
    made = []
    for number in range(count):
        contact = contact_pb2.Contact(
            external_id=f"c{number}", first_name=f"Person {number}", language_code="en"
        )
        answer = await city.cast.ada.contacts.UpsertContact(
            contact_service_pb2.UpsertContactRequest(contact=contact, idempotency_key=str(uuid4()))
        )
        made.append(answer.contact.contact_id)
    return made


async def add_template(city: City) -> str:
    ada = city.cast.ada
    created = await ada.templates.CreateTemplate(
        template_service_pb2.CreateTemplateRequest(
            template=template_service_pb2.Template(
                name="Code",
                channel=PUSH,
                template_type=template_service_pb2.TEMPLATE_TYPE_TRANSACTIONAL,
                category=enums_pb2.CATEGORY_ACCOUNT_SECURITY,
            ),
            version=template_service_pb2.TemplateVersion(
                fallback_language_code="en",
                contents=[
                    template_service_pb2.TemplateContent(
                        language_code="en",
                        subject="Your code",
                        body_text="It is 4711, {{ contact.first_name }}.",
                    )
                ],
            ),
            idempotency_key=str(uuid4()),
        )
    )
    activated = await ada.templates.ActivateTemplateVersion(
        template_service_pb2.ActivateTemplateVersionRequest(
            template_id=created.template.template_id,
            version=created.version.version,
            idempotency_key=str(uuid4()),
        )
    )
    return str(activated.template.active_version_id)


async def add_device(city: City, contact_id: str, service: str, behaviour: str = "device_healthy") -> None:
    asked = {"service": service, "behaviour": behaviour}
    async with city.session.post(f"{city.sandbox_url}/push/devices", json=asked) as response:
        made = await response.json()
    request = device_service_pb2.RegisterDeviceRequest(
        contact_id=contact_id,
        platform=PLATFORMS[service],
        token=made.get("token") or made["endpoint"],
        app_id=APP,
    )
    if service == "webpush":
        request.web_push_keys.p256dh = made["keys"]["p256dh"]
        request.web_push_keys.auth = made["keys"]["auth"]
    stub: Any = city.delivery.stub(device_service_pb2_grpc.DeviceServiceStub, "delivery")
    with as_tenant(city.cast.tenant_id):
        await stub.RegisterDevice(request)


@pytest.mark.req("DEL-53", "DEL-97", "DEL-106", "CON-70")
async def test_a_block_reaches_people_on_every_device_they_have(city: City) -> None:
    for name in RIGS:
        await add_account(city, name)
    version_id = await add_template(city)
    everywhere, dead, nowhere = await add_contacts(city, 3)
    for service in RIGS:
        await add_device(city, everywhere, service)
    await add_device(city, dead, "fcm", "device_unregistered")
    content = message_service_pb2.MessageContent(
        channel=PUSH, category=enums_pb2.CATEGORY_ACCOUNT_SECURITY, template_version_id=version_id
    )
    people = [message_service_pb2.Recipient(contact_id=one) for one in (everywhere, dead, nowhere)]
    answer = await city.cast.ada.messages.SendBatch(
        message_service_pb2.SendBatchRequest(content=content, recipients=people, idempotency_key=str(uuid4()))
    )
    assert not answer.errors, answer
    sent, failed, skipped = [UUID(one) for one in answer.message_ids]

    async def states() -> dict[UUID, tuple[int, str]]:
        rows = await city.rows("SELECT message_id, state, coalesce(reason, '') FROM delivery.message")
        return {row[0]: (row[1], row[2]) for row in rows}

    wanted = {sent: (7, ""), failed: (11, "no_device"), skipped: (12, "no_address")}
    async with asyncio.timeout(20):
        while await states() != wanted:  # noqa: ASYNC110 - a database offers no event to wait for
            await asyncio.sleep(0.05)
    async with city.session.get(f"{city.sandbox_url}/truth", params={"message_id": str(sent)}) as response:
        shown = (await response.json())["messages"]
    assert len(shown) == 3
    assert {one["subject"] for one in shown} == {"Your code"}
