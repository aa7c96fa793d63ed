"""DeviceService: where contacts and staff get push messages."""

from typing import Any

from angarium.delivery.v1 import device_service_pb2 as pb
from angarium.delivery.v1 import device_service_pb2_grpc as grpc_pb
from services.common.rpc.context import tenant
from services.delivery.devices import convert, handlers
from services.delivery.devices.handlers import Devices
from services.delivery.subjects import own


class DeviceServicer(grpc_pb.DeviceServiceServicer):
    """Answers calls about push devices."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    async def RegisterDevice(
        self, request: pb.RegisterDeviceRequest, context: Any
    ) -> pb.RegisterDeviceResponse:
        found = await handlers.register(self._devices, tenant(), own(tenant(), request.contact_id), request)
        return pb.RegisterDeviceResponse(device=convert.device(found))

    async def UnregisterDevice(
        self, request: pb.UnregisterDeviceRequest, context: Any
    ) -> pb.UnregisterDeviceResponse:
        subject = own(tenant(), request.contact_id)
        was_registered = await handlers.unregister(self._devices, tenant(), subject.id, request)
        return pb.UnregisterDeviceResponse(was_registered=was_registered)

    async def ListDevices(self, request: pb.ListDevicesRequest, context: Any) -> pb.ListDevicesResponse:
        return await handlers.page(self._devices, tenant(), own(tenant(), request.contact_id).id, request)
