import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ProviderAccount(_message.Message):
    __slots__ = ("provider_account_id", "channel", "provider", "name", "config", "credentials_fingerprint", "priority", "message_classes", "rate_per_second", "max_concurrency", "timeout_ms", "is_disabled", "webhook_path", "circuit", "last_error", "etag", "create_time")
    class Circuit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CIRCUIT_UNSPECIFIED: _ClassVar[ProviderAccount.Circuit]
        CIRCUIT_CLOSED: _ClassVar[ProviderAccount.Circuit]
        CIRCUIT_OPEN: _ClassVar[ProviderAccount.Circuit]
        CIRCUIT_HALF_OPEN: _ClassVar[ProviderAccount.Circuit]
    CIRCUIT_UNSPECIFIED: ProviderAccount.Circuit
    CIRCUIT_CLOSED: ProviderAccount.Circuit
    CIRCUIT_OPEN: ProviderAccount.Circuit
    CIRCUIT_HALF_OPEN: ProviderAccount.Circuit
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASSES_FIELD_NUMBER: _ClassVar[int]
    RATE_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_MS_FIELD_NUMBER: _ClassVar[int]
    IS_DISABLED_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_PATH_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    channel: _enums_pb2.Channel
    provider: str
    name: str
    config: _struct_pb2.Struct
    credentials_fingerprint: str
    priority: int
    message_classes: _containers.RepeatedScalarFieldContainer[_enums_pb2.MessageClass]
    rate_per_second: int
    max_concurrency: int
    timeout_ms: int
    is_disabled: bool
    webhook_path: str
    circuit: ProviderAccount.Circuit
    last_error: str
    etag: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, provider_account_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., provider: _Optional[str] = ..., name: _Optional[str] = ..., config: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., credentials_fingerprint: _Optional[str] = ..., priority: _Optional[int] = ..., message_classes: _Optional[_Iterable[_Union[_enums_pb2.MessageClass, str]]] = ..., rate_per_second: _Optional[int] = ..., max_concurrency: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., is_disabled: _Optional[bool] = ..., webhook_path: _Optional[str] = ..., circuit: _Optional[_Union[ProviderAccount.Circuit, str]] = ..., last_error: _Optional[str] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateProviderAccountRequest(_message.Message):
    __slots__ = ("provider_account", "credentials", "idempotency_key")
    class CredentialsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROVIDER_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    provider_account: ProviderAccount
    credentials: _containers.ScalarMap[str, str]
    idempotency_key: str
    def __init__(self, provider_account: _Optional[_Union[ProviderAccount, _Mapping]] = ..., credentials: _Optional[_Mapping[str, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateProviderAccountResponse(_message.Message):
    __slots__ = ("provider_account", "deduplicated")
    PROVIDER_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    provider_account: ProviderAccount
    deduplicated: bool
    def __init__(self, provider_account: _Optional[_Union[ProviderAccount, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetProviderAccountRequest(_message.Message):
    __slots__ = ("provider_account_id",)
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    def __init__(self, provider_account_id: _Optional[str] = ...) -> None: ...

class GetProviderAccountResponse(_message.Message):
    __slots__ = ("provider_account",)
    PROVIDER_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    provider_account: ProviderAccount
    def __init__(self, provider_account: _Optional[_Union[ProviderAccount, _Mapping]] = ...) -> None: ...

class ListProviderAccountsRequest(_message.Message):
    __slots__ = ("channel", "page_size", "page_token")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    page_size: int
    page_token: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProviderAccountsResponse(_message.Message):
    __slots__ = ("provider_accounts", "next_page_token")
    PROVIDER_ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    provider_accounts: _containers.RepeatedCompositeFieldContainer[ProviderAccount]
    next_page_token: str
    def __init__(self, provider_accounts: _Optional[_Iterable[_Union[ProviderAccount, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateProviderAccountRequest(_message.Message):
    __slots__ = ("provider_account", "update_mask", "credentials", "idempotency_key")
    class CredentialsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROVIDER_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    provider_account: ProviderAccount
    update_mask: _field_mask_pb2.FieldMask
    credentials: _containers.ScalarMap[str, str]
    idempotency_key: str
    def __init__(self, provider_account: _Optional[_Union[ProviderAccount, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., credentials: _Optional[_Mapping[str, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateProviderAccountResponse(_message.Message):
    __slots__ = ("provider_account", "deduplicated")
    PROVIDER_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    provider_account: ProviderAccount
    deduplicated: bool
    def __init__(self, provider_account: _Optional[_Union[ProviderAccount, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class VerifyProviderAccountRequest(_message.Message):
    __slots__ = ("provider_account_id",)
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    def __init__(self, provider_account_id: _Optional[str] = ...) -> None: ...

class VerifyProviderAccountResponse(_message.Message):
    __slots__ = ("is_ok", "detail")
    IS_OK_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    is_ok: bool
    detail: str
    def __init__(self, is_ok: _Optional[bool] = ..., detail: _Optional[str] = ...) -> None: ...

class QuoteCostRequest(_message.Message):
    __slots__ = ("channel", "message_count", "segments")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    message_count: int
    segments: int
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_count: _Optional[int] = ..., segments: _Optional[int] = ...) -> None: ...

class QuoteCostResponse(_message.Message):
    __slots__ = ("cost",)
    COST_FIELD_NUMBER: _ClassVar[int]
    cost: _money_pb2.Money
    def __init__(self, cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...
