"""A contact that becomes part of another takes along where it is reached, its inbox, and what it was sent of late."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from angarium.campaign.v1 import campaign_events_pb2
from angarium.common.v1 import enums_pb2
from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import device_service_pb2, device_service_pb2_grpc, message_service_pb2
from services.common.contact_data.person import begin
from services.common.db.database import Database
from services.common.security.envelope import Envelope
from services.delivery.devices.reach import devices_of
from services.delivery.merges import Merges
from tests.delivery.devices.kit import android
from tests.delivery.inbox.home import Home


async def merge(home: Home, merged: UUID, kept: UUID) -> None:
    settings = home.house.settings
    payload = campaign_events_pb2.ContactMerged(merged_contact_id=str(merged))
    payload.kept.contact_id = str(kept)
    database = await Database.open(settings, "delivery")
    try:
        handler = Merges(database, Envelope(settings.encryption_keys), settings.hash_keys).handlers()
        async with database.tenant(home.house.tenant_id) as uow:
            await handler["contact.merged"](uow, EventEnvelope(), payload)
    finally:
        await database.close()


async def reached(home: Home, contact_id: UUID) -> set[str]:
    """The tokens that push messages to a contact go to, as a worker reads them."""
    settings = home.house.settings
    database = await Database.open(settings, "delivery")
    try:
        async with database.tenant(home.house.tenant_id) as uow:
            found = await devices_of(uow, Envelope(settings.encryption_keys), [contact_id.bytes])
    finally:
        await database.close()
    return {one.token for one in found.get(contact_id.bytes, ())}


async def register(home: Home, contact_id: UUID) -> str:
    request = android()
    devices = device_service_pb2_grpc.DeviceServiceStub(home.house.channel)
    await devices.RegisterDevice(request, metadata=home.as_contact(contact_id))
    return request.token


async def listed(home: Home, contact_id: UUID) -> list[Any]:
    devices = device_service_pb2_grpc.DeviceServiceStub(home.house.channel)
    answer = await devices.ListDevices(
        device_service_pb2.ListDevicesRequest(), metadata=home.as_contact(contact_id)
    )
    return list(answer.devices)


@pytest.mark.req("CAM-79")
async def test_devices_inbox_slots_and_messages_follow_whatever_is_told_first_and_however_often(
    home: Home,
) -> None:
    kept, middle, first = home.ada, home.bert, UUID(home.house.neighbours.people.add())
    for person in (kept, middle, first):
        await home.send(person, category=enums_pb2.CATEGORY_ORDER)
        await home.until_items(person, 1)
    tokens = {await register(home, first), await register(home, middle), await register(home, kept)}
    await home.house.rows(
        "INSERT INTO send_slot (tenant_id, contact_id, taken_at, message_id, channel, is_marketing)"
        " SELECT %s, %s, now(), gen_random_uuid(), 1, true FROM generate_series(1, 3)",
        home.house.tenant_id,
        first,
    )
    # The later merge is told of first.
    for _ in range(2):
        await merge(home, middle, kept)
        await merge(home, first, middle)
    assert await reached(home, kept) == tokens
    assert await reached(home, first) == await reached(home, middle) == set()
    items = await home.items(kept)
    assert {one.title for one in items} == {"Your table, Person 0"}
    assert len(items) == await home.unread(kept) == 3
    [[changes]] = await home.house.rows(
        "SELECT array_agg(change ORDER BY change) FROM inbox_item WHERE contact_id = %s", kept
    )
    [[last]] = await home.house.rows("SELECT last_change FROM contact_inbox WHERE contact_id = %s", kept)
    assert (changes, last) == ([1, 2, 3], 3)
    [[slots]] = await home.house.rows("SELECT count(*) FROM send_slot WHERE contact_id = %s", kept)
    assert slots >= 3
    assert await home.house.rows("SELECT 1 FROM send_slot WHERE contact_id = ANY (%s)", [middle, first]) == []
    # An app that still knows itself by the old id sees, and reaches, the same person.
    assert await home.items(first) == items
    another = await register(home, first)
    assert await reached(home, kept) == tokens | {another}
    assert await listed(home, first) == await listed(home, kept)
    for asked in (kept, first):
        found = await home.house.messages.ListMessages(
            message_service_pb2.ListMessagesRequest(contact_id=str(asked)), metadata=home.as_app()
        )
        assert {one.contact_id for one in found.messages} == {str(kept), str(middle), str(first)}


@pytest.mark.req("CAM-79", "CON-91")
async def test_what_becomes_part_of_an_erased_contact_waits_for_its_erasure(home: Home) -> None:
    kept, merged = home.ada, home.bert
    await register(home, merged)
    settings = home.house.settings
    database = await Database.open(settings, "delivery")
    async with database.tenant(home.house.tenant_id) as uow:
        await begin(uow, settings.hash_keys, kept, uuid4())
    await database.close()
    await merge(home, merged, kept)
    assert await home.house.rows("SELECT 1 FROM person_key WHERE contact_id = %s", kept) == []
    assert len(await home.house.rows("SELECT 1 FROM push_device WHERE contact_id = %s", merged)) == 1
