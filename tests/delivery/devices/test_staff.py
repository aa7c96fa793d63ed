"""Staff registers its own devices and no one else's."""

from __future__ import annotations

from uuid import uuid4

import pytest

from angarium.delivery.v1 import device_service_pb2 as pb
from services.common.security.jwt import issue_person
from services.delivery.subjects import of_staff
from tests.delivery.devices.kit import Shop, android
from tests.refusals import reason_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.req("DEL-15", "SEC-4", "LIF-84")]

Metadata = tuple[tuple[str, str], ...]


def signed_in(shop: Shop, staff_id: str, role: str = "receptionist") -> Metadata:
    token = issue_person(shop.house.settings, shop.tenant_id, staff_id, (role,))
    return (("authorization", f"Bearer {token}"),)


async def listed(shop: Shop, who: Metadata) -> list[pb.Device]:
    return list((await shop.devices.ListDevices(pb.ListDevicesRequest(), metadata=who)).devices)


async def test_staff_registers_lists_and_removes_its_own_devices(shop: Shop) -> None:
    mia, noah = signed_in(shop, "mia"), signed_in(shop, "noah", "super_owner")
    made = (await shop.devices.RegisterDevice(android(), metadata=mia)).device
    assert (made.staff_id, made.contact_id) == ("mia", "")
    assert await listed(shop, mia) == [made]
    assert await listed(shop, noah) == []
    remove = pb.UnregisterDeviceRequest(device_id=made.device_id)
    assert not (await shop.devices.UnregisterDevice(remove, metadata=noah)).was_registered
    assert (await shop.devices.UnregisterDevice(remove, metadata=mia)).was_registered
    assert await listed(shop, mia) == []


async def test_a_device_goes_with_whoever_signed_in_last_whether_contact_or_staff(shop: Shop) -> None:
    anna, mia, request = str(uuid4()), signed_in(shop, "mia"), android()
    await shop.register(anna, request)
    await shop.devices.RegisterDevice(request, metadata=mia)
    assert await shop.listed(anna) == []
    assert len(await listed(shop, mia)) == 1
    await shop.register(anna, request)
    assert await listed(shop, mia) == []
    assert [one.staff_id for one in await shop.listed(anna)] == [""]


@pytest.mark.req("SEC-6", "GEN-8")
async def test_nobody_else_reaches_the_devices_of_staff(shop: Shop) -> None:
    mia = signed_in(shop, "mia")
    await shop.devices.RegisterDevice(android(), metadata=mia)
    same_name_elsewhere = signed_in(Shop(shop.house), "mia")
    assert await listed(shop, same_name_elsewhere) == []
    named = pb.ListDevicesRequest(contact_id=str(of_staff(shop.tenant_id, "mia").id))
    assert await reason_of(shop.devices.ListDevices(named, metadata=shop.as_neighbour())) == "NOT_FOUND"
    theirs = android(contact_id=str(uuid4()))
    assert await reason_of(shop.devices.RegisterDevice(theirs, metadata=mia)) == "PERMISSION_DENIED"
