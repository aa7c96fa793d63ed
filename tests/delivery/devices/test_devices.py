"""Where contacts get push messages: registering, removing, listing and forgetting devices."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest

from angarium.common.v1 import contact_data_pb2, contact_data_pb2_grpc
from angarium.delivery.v1 import device_service_pb2 as pb
from services.common.clock import SystemClock
from services.common.jobs import JobContext
from services.common.security.hashing import address_hash
from services.common.security.keys import KeySet
from services.delivery.devices import handlers, store
from tests.delivery.devices.kit import APP, Shop, android, browser_keys

pytestmark = pytest.mark.asyncio(loop_scope="module")


def contact() -> str:
    return str(uuid4())


@pytest.mark.req("DEL-15", "DEL-53")
async def test_a_device_is_registered_and_listed_without_its_token(shop: Shop) -> None:
    anna = contact()
    request = android(language_code="de-AT", time_zone="Europe/Vienna")
    made = await shop.register(anna, request)
    (found,) = await shop.listed(anna)
    assert found == made
    assert (found.contact_id, found.platform, found.token_kind) == (
        anna,
        pb.PLATFORM_ANDROID,
        pb.TOKEN_KIND_FCM_TOKEN,
    )
    assert (found.app_id, found.language_code, found.time_zone) == (APP, "de-AT", "Europe/Vienna")
    assert not found.HasField("disable_time")
    assert request.token not in str(found)


@pytest.mark.req("DEL-15", "SEC-45", "GEN-36")
async def test_a_token_is_stored_sealed_and_found_by_a_keyed_hash(shop: Shop) -> None:
    request = android()
    await shop.register(contact(), request)
    rows = await shop.house.rows(
        "SELECT token_hash, sealed, d::text FROM push_device d WHERE tenant_id = %s", shop.tenant_id
    )
    ((token_hash, sealed, row),) = rows
    assert request.token not in row
    assert request.token.encode() not in bytes(sealed)
    keys = shop.house.settings.hash_keys
    assert bytes(token_hash) == address_hash(keys, shop.tenant_id, "push", request.token)


@pytest.mark.req("DEL-15")
async def test_registering_again_is_the_same_device_seen_anew(shop: Shop) -> None:
    anna, request = contact(), android()
    first = await shop.register(anna, request)
    await shop.house.rows(
        "UPDATE push_device SET disabled_at = now(), disabled_reason = 'unregistered',"
        " last_seen_at = now() - interval '3 days' WHERE device_id = %s",
        first.device_id,
    )
    request.language_code = "fr"
    again = await shop.register(anna, request)
    assert again.device_id == first.device_id
    assert again.create_time == first.create_time
    assert again.last_seen_time.ToDatetime() >= first.last_seen_time.ToDatetime()
    assert (again.language_code, again.disabled_reason) == ("fr", "")
    assert not again.HasField("disable_time")


@pytest.mark.req("DEL-15")
async def test_a_token_registered_by_another_contact_moves_to_them(shop: Shop) -> None:
    anna, bert, request = contact(), contact(), android()
    first = await shop.register(anna, request)
    second = await shop.register(bert, request)
    assert await shop.listed(anna) == []
    assert [one.device_id for one in await shop.listed(bert)] == [second.device_id]
    assert second.device_id != first.device_id


@pytest.mark.req("DEL-15")
async def test_a_token_is_known_once_per_tenant_and_app(shop: Shop) -> None:
    anna, request = contact(), android()
    await shop.register(anna, request)
    await shop.register(anna, android(token=request.token, app_id="com.example.other"))
    assert len(await shop.listed(anna)) == 2
    other = Shop(shop.house)
    await other.register(anna, request)
    assert (len(await other.listed(anna)), len(await shop.listed(anna))) == (1, 2)


@pytest.mark.req("DEL-15")
async def test_the_same_token_at_the_same_moment_ends_with_one_contact(shop: Shop) -> None:
    people, request = [contact() for _ in range(8)], android()
    await asyncio.gather(*(shop.register(one, request) for one in people))
    counts = [len(await shop.listed(one)) for one in people]
    assert sorted(counts) == [0] * 7 + [1]


@pytest.mark.req("DEL-15")
async def test_of_more_than_twenty_devices_the_one_unseen_for_longest_leaves(shop: Shop) -> None:
    anna = contact()
    made = [await shop.register(anna) for _ in range(20)]
    oldest, disabled = made[3], made[11]
    await shop.house.rows(
        "UPDATE push_device SET last_seen_at = now() - interval '9 days' WHERE device_id = %s",
        oldest.device_id,
    )
    await shop.register(anna)
    left = {one.device_id for one in await shop.listed(anna)}
    assert len(left) == 20
    assert oldest.device_id not in left
    await shop.house.rows(
        "UPDATE push_device SET disabled_at = now() WHERE device_id = %s", disabled.device_id
    )
    await asyncio.gather(*(shop.register(anna) for _ in range(3)))
    left = {one.device_id for one in await shop.listed(anna)}
    assert len(left) == 20
    assert disabled.device_id not in left


@pytest.mark.req("DEL-53", "SEC-4", "SEC-41")
async def test_a_contact_reaches_its_own_devices_only(shop: Shop) -> None:
    anna, bert = contact(), contact()
    device = await shop.register(bert)
    calls: list[Any] = [
        shop.devices.ListDevices(pb.ListDevicesRequest(contact_id=bert), metadata=shop.as_contact(anna)),
        shop.devices.RegisterDevice(android(contact_id=bert), metadata=shop.as_contact(anna)),
        shop.devices.UnregisterDevice(
            pb.UnregisterDeviceRequest(contact_id=bert, device_id=device.device_id),
            metadata=shop.as_contact(anna),
        ),
    ]
    for call in calls:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    own = await shop.devices.UnregisterDevice(
        pb.UnregisterDeviceRequest(device_id=device.device_id), metadata=shop.as_contact(anna)
    )
    assert not own.was_registered
    assert len(await shop.listed(bert)) == 1


@pytest.mark.req("DEL-53", "SEC-41")
async def test_a_neighbour_system_registers_for_any_contact_and_names_it(shop: Shop) -> None:
    anna = contact()
    await shop.devices.RegisterDevice(android(contact_id=anna), metadata=shop.as_neighbour())
    assert len(await shop.listed(anna)) == 1
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await shop.devices.RegisterDevice(android(), metadata=shop.as_neighbour())
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await shop.devices.ListDevices(
            pb.ListDevicesRequest(contact_id=anna), metadata=shop.house.as_person()
        )
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.req("DEL-53")
async def test_a_device_is_removed_by_its_id_or_its_token_and_a_repeat_is_no_error(shop: Shop) -> None:
    anna = contact()
    ios = android(platform=pb.PLATFORM_IOS, token="AB" * 32)
    first, _ = await shop.register(anna), await shop.register(anna, ios)
    by_id = pb.UnregisterDeviceRequest(device_id=first.device_id)
    by_token = pb.UnregisterDeviceRequest(device_token=pb.DeviceToken(app_id=APP, token=ios.token))
    for request in (by_id, by_token):
        answers = [
            (await shop.devices.UnregisterDevice(request, metadata=shop.as_contact(anna))).was_registered
            for _ in range(2)
        ]
        assert answers == [True, False]
    assert await shop.listed(anna) == []


async def test_devices_are_listed_newest_first_page_by_page(shop: Shop) -> None:
    anna = contact()
    made = [(await shop.register(anna)).device_id for _ in range(5)]
    found, token = [], ""
    while True:
        page = await shop.devices.ListDevices(
            pb.ListDevicesRequest(page_size=2, page_token=token), metadata=shop.as_contact(anna)
        )
        found += [one.device_id for one in page.devices]
        token = page.next_page_token
        if not token:
            break
    assert found == made[::-1]


@pytest.mark.req("DEL-53")
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"token": "short"}, "token"),
        ({"token": "has spaces in it"}, "token"),
        ({"platform": pb.PLATFORM_IOS, "token": "no hexadecimal at all"}, "token"),
        ({"platform": pb.PLATFORM_ANDROID, "token_kind": pb.TOKEN_KIND_APNS}, "token_kind"),
        ({"platform": pb.PLATFORM_IOS, "token_kind": pb.TOKEN_KIND_WEB_PUSH}, "token_kind"),
        ({"web_push_keys": browser_keys()}, "web_push_keys"),
        ({"platform": pb.PLATFORM_WEB, "token": "https://push.example/x"}, "web_push_keys.p256dh"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"app_id": "has spaces"}, "app_id"),
    ],
)
async def test_what_no_device_gives_is_refused_by_its_field(
    shop: Shop, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await shop.register(contact(), android(**fields))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    details = str(dict(caught.value.trailing_metadata() or ()))
    assert field in details


@pytest.mark.req("DEL-94", "DEL-114")
@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://10.0.0.7/x",
        "https://user@push.example/x",
        "https://push.example:22/x",
    ],
)
async def test_an_endpoint_that_may_not_be_called_is_refused(shop: Shop, endpoint: str) -> None:
    request = android(platform=pb.PLATFORM_WEB, token=endpoint, web_push_keys=browser_keys())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await shop.register(contact(), request)
    assert "UNSAFE_URL" in str(dict(caught.value.trailing_metadata() or ()))


@pytest.mark.req("SEC-45")
async def test_a_token_hashed_with_an_earlier_key_is_found_and_hashed_anew(shop: Shop) -> None:
    anna, request = contact(), android()
    first = await shop.register(anna, request)
    old = KeySet.parse("k9:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=")
    hashes = [
        address_hash(keys, shop.tenant_id, "push", request.token)
        for keys in (shop.house.settings.hash_keys, old)
    ]
    await shop.house.rows(
        "UPDATE push_device SET token_hash = %s WHERE device_id = %s", hashes[1], first.device_id
    )
    async with shop.house.service.database.tenant(shop.tenant_id) as uow:
        known = await store.known(uow, UUID(anna), APP, hashes)
    assert str(known) == first.device_id


@pytest.mark.req("CON-90", "CON-91", "W10")
async def test_export_shows_devices_and_erasure_leaves_none_and_lets_none_come_back(shop: Shop) -> None:
    anna = contact()
    made = await shop.register(anna)
    stub = contact_data_pb2_grpc.ContactDataServiceStub(shop.house.channel)
    asked = contact_data_pb2.ExportContactDataRequest(contact_id=anna, privacy_request_id=str(uuid4()))
    parts = stub.ExportContactData(asked, metadata=shop.house.as_service("consent"))
    exported = "".join([str(part) async for part in parts])
    assert made.device_id in exported
    assert "android" in exported
    request = contact_data_pb2.EraseContactDataRequest(
        contact_id=anna, privacy_request_id=str(uuid4()), tombstone_id=str(uuid4())
    )
    done = await stub.EraseContactData(request, metadata=shop.house.as_service("consent"))
    assert {one.store: one.deleted_count for one in done.stores}["delivery.push_device"] == 1
    assert done.remaining_count == 0
    assert await shop.listed(anna) == []
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await shop.register(anna)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.req("JOB-30")
async def test_devices_unseen_for_270_days_are_removed(shop: Shop) -> None:
    anna = contact()
    gone, left = await shop.register(anna), await shop.register(anna)
    for device, days in ((gone, 271), (left, 269)):
        await shop.house.rows(
            "UPDATE push_device SET last_seen_at = now() - %s * interval '1 day' WHERE device_id = %s",
            days,
            device.device_id,
        )
    job = handlers.forgetting_job()
    assert (job.name, job.period) == ("devices", timedelta(days=1))
    held: Any = SimpleNamespace(held=True)
    now = datetime.now(UTC)
    context = JobContext(
        shop.house.service.database, SystemClock(), job.name, uuid4(), now, None, held, asyncio.Event()
    )
    assert (await job.run(context)).done == 1
    assert [one.device_id for one in await shop.listed(anna)] == [left.device_id]
