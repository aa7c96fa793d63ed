"""Between push devices and the contract."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.delivery.v1 import device_service_pb2 as pb
from angarium.delivery.v1 import message_pb2
from services.delivery.devices.domain import Refused
from services.delivery.devices.store import Device, Shown
from services.delivery.enums import wire
from services.delivery.providers.webpush.encryption import decoded


def device(one: Device) -> pb.Device:
    """Returns a device; its token is never shown."""
    return pb.Device(
        device_id=str(one.device_id),
        contact_id="" if one.staff_id else str(one.contact_id),
        staff_id=one.staff_id or "",
        platform=wire(one.platform),
        token_kind=wire(one.kind),
        app_id=one.app_id,
        language_code=one.language_code,
        time_zone=one.time_zone,
        create_time=_time(one.created_at),
        last_seen_time=_time(one.last_seen_at),
        disable_time=_time(one.disabled_at),
        disabled_reason=one.disabled_reason,
    )


def attempt(one: Shown) -> message_pb2.DeviceAttempt:
    """Returns what came of a device in a try of a message."""
    return message_pb2.DeviceAttempt(
        device_id=str(one.device_id),
        provider=one.provider,
        provider_account_id=str(one.account_id),
        finish_time=_time(one.finished_at),
        outcome=wire(one.outcome),
        code=one.code,
        detail=one.detail,
        provider_message_id=one.provider_message_id,
    )


def keys(request: pb.RegisterDeviceRequest) -> tuple[bytes, bytes]:
    """Returns the keys of a subscription, empty where there are none; Refused for what is no base64url."""
    given = request.web_push_keys
    found = []
    for field, text in (("p256dh", given.p256dh), ("auth", given.auth)):
        try:
            found.append(decoded(text) if text else b"")
        except ValueError:
            raise Refused(f"web_push_keys.{field}", "must be base64url") from None
    return found[0], found[1]


def _time(instant: datetime | None) -> Timestamp | None:
    if instant is None:
        return None
    value = Timestamp()
    value.FromDatetime(instant)
    return value
