import datetime

from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Platform(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLATFORM_UNSPECIFIED: _ClassVar[Platform]
    PLATFORM_IOS: _ClassVar[Platform]
    PLATFORM_ANDROID: _ClassVar[Platform]
    PLATFORM_WEB: _ClassVar[Platform]

class TokenKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKEN_KIND_UNSPECIFIED: _ClassVar[TokenKind]
    TOKEN_KIND_FCM_TOKEN: _ClassVar[TokenKind]
    TOKEN_KIND_FCM_INSTALLATION: _ClassVar[TokenKind]
    TOKEN_KIND_APNS: _ClassVar[TokenKind]
    TOKEN_KIND_WEB_PUSH: _ClassVar[TokenKind]
PLATFORM_UNSPECIFIED: Platform
PLATFORM_IOS: Platform
PLATFORM_ANDROID: Platform
PLATFORM_WEB: Platform
TOKEN_KIND_UNSPECIFIED: TokenKind
TOKEN_KIND_FCM_TOKEN: TokenKind
TOKEN_KIND_FCM_INSTALLATION: TokenKind
TOKEN_KIND_APNS: TokenKind
TOKEN_KIND_WEB_PUSH: TokenKind

class Device(_message.Message):
    __slots__ = ("device_id", "contact_id", "platform", "token_kind", "app_id", "language_code", "time_zone", "create_time", "last_seen_time", "disable_time", "disabled_reason", "staff_id")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    TOKEN_KIND_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    DISABLE_TIME_FIELD_NUMBER: _ClassVar[int]
    DISABLED_REASON_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    contact_id: str
    platform: Platform
    token_kind: TokenKind
    app_id: str
    language_code: str
    time_zone: str
    create_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    disable_time: _timestamp_pb2.Timestamp
    disabled_reason: str
    staff_id: str
    def __init__(self, device_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., platform: _Optional[_Union[Platform, str]] = ..., token_kind: _Optional[_Union[TokenKind, str]] = ..., app_id: _Optional[str] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., disable_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., disabled_reason: _Optional[str] = ..., staff_id: _Optional[str] = ...) -> None: ...

class WebPushKeys(_message.Message):
    __slots__ = ("p256dh", "auth")
    P256DH_FIELD_NUMBER: _ClassVar[int]
    AUTH_FIELD_NUMBER: _ClassVar[int]
    p256dh: str
    auth: str
    def __init__(self, p256dh: _Optional[str] = ..., auth: _Optional[str] = ...) -> None: ...

class RegisterDeviceRequest(_message.Message):
    __slots__ = ("contact_id", "platform", "token", "app_id", "token_kind", "web_push_keys", "language_code", "time_zone")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_KIND_FIELD_NUMBER: _ClassVar[int]
    WEB_PUSH_KEYS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    platform: Platform
    token: str
    app_id: str
    token_kind: TokenKind
    web_push_keys: WebPushKeys
    language_code: str
    time_zone: str
    def __init__(self, contact_id: _Optional[str] = ..., platform: _Optional[_Union[Platform, str]] = ..., token: _Optional[str] = ..., app_id: _Optional[str] = ..., token_kind: _Optional[_Union[TokenKind, str]] = ..., web_push_keys: _Optional[_Union[WebPushKeys, _Mapping]] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class RegisterDeviceResponse(_message.Message):
    __slots__ = ("device",)
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    device: Device
    def __init__(self, device: _Optional[_Union[Device, _Mapping]] = ...) -> None: ...

class UnregisterDeviceRequest(_message.Message):
    __slots__ = ("contact_id", "device_id", "device_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    device_id: str
    device_token: DeviceToken
    def __init__(self, contact_id: _Optional[str] = ..., device_id: _Optional[str] = ..., device_token: _Optional[_Union[DeviceToken, _Mapping]] = ...) -> None: ...

class DeviceToken(_message.Message):
    __slots__ = ("app_id", "token")
    APP_ID_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    app_id: str
    token: str
    def __init__(self, app_id: _Optional[str] = ..., token: _Optional[str] = ...) -> None: ...

class UnregisterDeviceResponse(_message.Message):
    __slots__ = ("was_registered",)
    WAS_REGISTERED_FIELD_NUMBER: _ClassVar[int]
    was_registered: bool
    def __init__(self, was_registered: _Optional[bool] = ...) -> None: ...

class ListDevicesRequest(_message.Message):
    __slots__ = ("contact_id", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDevicesResponse(_message.Message):
    __slots__ = ("devices", "next_page_token")
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    devices: _containers.RepeatedCompositeFieldContainer[Device]
    next_page_token: str
    def __init__(self, devices: _Optional[_Iterable[_Union[Device, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
