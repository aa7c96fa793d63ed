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

class WarmUp(_message.Message):
    __slots__ = ("start_time", "steps")
    class Step(_message.Message):
        __slots__ = ("day", "daily_maximum")
        DAY_FIELD_NUMBER: _ClassVar[int]
        DAILY_MAXIMUM_FIELD_NUMBER: _ClassVar[int]
        day: int
        daily_maximum: int
        def __init__(self, day: _Optional[int] = ..., daily_maximum: _Optional[int] = ...) -> None: ...
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    steps: _containers.RepeatedCompositeFieldContainer[WarmUp.Step]
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[WarmUp.Step, _Mapping]]] = ...) -> None: ...

class DomainLimit(_message.Message):
    __slots__ = ("domain", "max_concurrency", "max_per_minute")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENCY_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    domain: str
    max_concurrency: int
    max_per_minute: int
    def __init__(self, domain: _Optional[str] = ..., max_concurrency: _Optional[int] = ..., max_per_minute: _Optional[int] = ...) -> None: ...

class ProviderAccount(_message.Message):
    __slots__ = ("provider_account_id", "channel", "provider", "name", "config", "credentials_fingerprint", "priority", "message_classes", "rate_per_second", "max_concurrency", "timeout_ms", "is_disabled", "webhook_path", "circuit", "last_error", "etag", "create_time", "countries", "warm_up", "domain_limits")
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
    COUNTRIES_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_LIMITS_FIELD_NUMBER: _ClassVar[int]
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
    countries: _containers.RepeatedScalarFieldContainer[str]
    warm_up: WarmUp
    domain_limits: _containers.RepeatedCompositeFieldContainer[DomainLimit]
    def __init__(self, provider_account_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., provider: _Optional[str] = ..., name: _Optional[str] = ..., config: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., credentials_fingerprint: _Optional[str] = ..., priority: _Optional[int] = ..., message_classes: _Optional[_Iterable[_Union[_enums_pb2.MessageClass, str]]] = ..., rate_per_second: _Optional[int] = ..., max_concurrency: _Optional[int] = ..., timeout_ms: _Optional[int] = ..., is_disabled: _Optional[bool] = ..., webhook_path: _Optional[str] = ..., circuit: _Optional[_Union[ProviderAccount.Circuit, str]] = ..., last_error: _Optional[str] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., countries: _Optional[_Iterable[str]] = ..., warm_up: _Optional[_Union[WarmUp, _Mapping]] = ..., domain_limits: _Optional[_Iterable[_Union[DomainLimit, _Mapping]]] = ...) -> None: ...

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

class VerifySenderRequest(_message.Message):
    __slots__ = ("address",)
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    address: str
    def __init__(self, address: _Optional[str] = ...) -> None: ...

class VerifySenderResponse(_message.Message):
    __slots__ = ("verifications",)
    VERIFICATIONS_FIELD_NUMBER: _ClassVar[int]
    verifications: _containers.RepeatedCompositeFieldContainer[SenderVerification]
    def __init__(self, verifications: _Optional[_Iterable[_Union[SenderVerification, _Mapping]]] = ...) -> None: ...

class SenderVerification(_message.Message):
    __slots__ = ("provider_account_id", "provider", "name", "result", "detail")
    class Result(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RESULT_UNSPECIFIED: _ClassVar[SenderVerification.Result]
        RESULT_VERIFIED: _ClassVar[SenderVerification.Result]
        RESULT_REFUSED: _ClassVar[SenderVerification.Result]
        RESULT_UNKNOWN: _ClassVar[SenderVerification.Result]
    RESULT_UNSPECIFIED: SenderVerification.Result
    RESULT_VERIFIED: SenderVerification.Result
    RESULT_REFUSED: SenderVerification.Result
    RESULT_UNKNOWN: SenderVerification.Result
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    provider: str
    name: str
    result: SenderVerification.Result
    detail: str
    def __init__(self, provider_account_id: _Optional[str] = ..., provider: _Optional[str] = ..., name: _Optional[str] = ..., result: _Optional[_Union[SenderVerification.Result, str]] = ..., detail: _Optional[str] = ...) -> None: ...

class DeleteProviderAccountRequest(_message.Message):
    __slots__ = ("provider_account_id", "idempotency_key")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    idempotency_key: str
    def __init__(self, provider_account_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteProviderAccountResponse(_message.Message):
    __slots__ = ("deduplicated",)
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    deduplicated: bool
    def __init__(self, deduplicated: _Optional[bool] = ...) -> None: ...

class RotateWebhookTokenRequest(_message.Message):
    __slots__ = ("provider_account_id", "end_old_now", "idempotency_key")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    END_OLD_NOW_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    end_old_now: bool
    idempotency_key: str
    def __init__(self, provider_account_id: _Optional[str] = ..., end_old_now: _Optional[bool] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RotateWebhookTokenResponse(_message.Message):
    __slots__ = ("provider_account", "old_path_end_time", "deduplicated")
    PROVIDER_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    OLD_PATH_END_TIME_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    provider_account: ProviderAccount
    old_path_end_time: _timestamp_pb2.Timestamp
    deduplicated: bool
    def __init__(self, provider_account: _Optional[_Union[ProviderAccount, _Mapping]] = ..., old_path_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ProviderHealth(_message.Message):
    __slots__ = ("provider_account_id", "channel", "provider", "name", "is_disabled", "is_platform", "circuit", "consecutive_failure_count", "success_count", "failure_count", "open_time", "probe_time", "check_time", "last_error", "quota_remaining", "warm_up_used_count", "warm_up_maximum", "deferrals")
    class Deferral(_message.Message):
        __slots__ = ("domain", "level", "resume_time", "code")
        DOMAIN_FIELD_NUMBER: _ClassVar[int]
        LEVEL_FIELD_NUMBER: _ClassVar[int]
        RESUME_TIME_FIELD_NUMBER: _ClassVar[int]
        CODE_FIELD_NUMBER: _ClassVar[int]
        domain: str
        level: int
        resume_time: _timestamp_pb2.Timestamp
        code: str
        def __init__(self, domain: _Optional[str] = ..., level: _Optional[int] = ..., resume_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., code: _Optional[str] = ...) -> None: ...
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    IS_DISABLED_FIELD_NUMBER: _ClassVar[int]
    IS_PLATFORM_FIELD_NUMBER: _ClassVar[int]
    CIRCUIT_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    PROBE_TIME_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    QUOTA_REMAINING_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_USED_COUNT_FIELD_NUMBER: _ClassVar[int]
    WARM_UP_MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    DEFERRALS_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    channel: _enums_pb2.Channel
    provider: str
    name: str
    is_disabled: bool
    is_platform: bool
    circuit: ProviderAccount.Circuit
    consecutive_failure_count: int
    success_count: int
    failure_count: int
    open_time: _timestamp_pb2.Timestamp
    probe_time: _timestamp_pb2.Timestamp
    check_time: _timestamp_pb2.Timestamp
    last_error: str
    quota_remaining: int
    warm_up_used_count: int
    warm_up_maximum: int
    deferrals: _containers.RepeatedCompositeFieldContainer[ProviderHealth.Deferral]
    def __init__(self, provider_account_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., provider: _Optional[str] = ..., name: _Optional[str] = ..., is_disabled: _Optional[bool] = ..., is_platform: _Optional[bool] = ..., circuit: _Optional[_Union[ProviderAccount.Circuit, str]] = ..., consecutive_failure_count: _Optional[int] = ..., success_count: _Optional[int] = ..., failure_count: _Optional[int] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., probe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_error: _Optional[str] = ..., quota_remaining: _Optional[int] = ..., warm_up_used_count: _Optional[int] = ..., warm_up_maximum: _Optional[int] = ..., deferrals: _Optional[_Iterable[_Union[ProviderHealth.Deferral, _Mapping]]] = ...) -> None: ...

class ListProviderHealthRequest(_message.Message):
    __slots__ = ("channel", "page_size", "page_token")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    page_size: int
    page_token: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProviderHealthResponse(_message.Message):
    __slots__ = ("provider_health", "next_page_token")
    PROVIDER_HEALTH_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    provider_health: _containers.RepeatedCompositeFieldContainer[ProviderHealth]
    next_page_token: str
    def __init__(self, provider_health: _Optional[_Iterable[_Union[ProviderHealth, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ResetProviderHealthRequest(_message.Message):
    __slots__ = ("provider_account_id", "idempotency_key")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    idempotency_key: str
    def __init__(self, provider_account_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResetProviderHealthResponse(_message.Message):
    __slots__ = ("provider_health", "deduplicated")
    PROVIDER_HEALTH_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    provider_health: ProviderHealth
    deduplicated: bool
    def __init__(self, provider_health: _Optional[_Union[ProviderHealth, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class VerifyProviderAccountRequest(_message.Message):
    __slots__ = ("provider_account_id",)
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    def __init__(self, provider_account_id: _Optional[str] = ...) -> None: ...

class VerifyProviderAccountResponse(_message.Message):
    __slots__ = ("is_ok", "detail", "quota_remaining")
    IS_OK_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    QUOTA_REMAINING_FIELD_NUMBER: _ClassVar[int]
    is_ok: bool
    detail: str
    quota_remaining: int
    def __init__(self, is_ok: _Optional[bool] = ..., detail: _Optional[str] = ..., quota_remaining: _Optional[int] = ...) -> None: ...

class QuoteCostRequest(_message.Message):
    __slots__ = ("channel", "message_count", "segments", "counts", "message_class")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    message_count: int
    segments: int
    counts: _containers.RepeatedCompositeFieldContainer[CountryCount]
    message_class: _enums_pb2.MessageClass
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_count: _Optional[int] = ..., segments: _Optional[int] = ..., counts: _Optional[_Iterable[_Union[CountryCount, _Mapping]]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ...) -> None: ...

class CountryCount(_message.Message):
    __slots__ = ("country_code", "message_count")
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    country_code: str
    message_count: int
    def __init__(self, country_code: _Optional[str] = ..., message_count: _Optional[int] = ...) -> None: ...

class QuoteCostResponse(_message.Message):
    __slots__ = ("cost", "country_costs", "unknown_count")
    COST_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_COSTS_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    cost: _money_pb2.Money
    country_costs: _containers.RepeatedCompositeFieldContainer[CountryCost]
    unknown_count: int
    def __init__(self, cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., country_costs: _Optional[_Iterable[_Union[CountryCost, _Mapping]]] = ..., unknown_count: _Optional[int] = ...) -> None: ...

class CountryCost(_message.Message):
    __slots__ = ("country_code", "cost")
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    country_code: str
    cost: _money_pb2.Money
    def __init__(self, country_code: _Optional[str] = ..., cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class LookupPhoneRequest(_message.Message):
    __slots__ = ("phone", "region_code")
    PHONE_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    phone: str
    region_code: str
    def __init__(self, phone: _Optional[str] = ..., region_code: _Optional[str] = ...) -> None: ...

class LookupPhoneResponse(_message.Message):
    __slots__ = ("is_valid", "phone", "country_code", "line_type", "source", "provider")
    class LineType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LINE_TYPE_UNSPECIFIED: _ClassVar[LookupPhoneResponse.LineType]
        LINE_TYPE_MOBILE: _ClassVar[LookupPhoneResponse.LineType]
        LINE_TYPE_FIXED: _ClassVar[LookupPhoneResponse.LineType]
        LINE_TYPE_VOIP: _ClassVar[LookupPhoneResponse.LineType]
        LINE_TYPE_TOLL_FREE: _ClassVar[LookupPhoneResponse.LineType]
        LINE_TYPE_OTHER: _ClassVar[LookupPhoneResponse.LineType]
    LINE_TYPE_UNSPECIFIED: LookupPhoneResponse.LineType
    LINE_TYPE_MOBILE: LookupPhoneResponse.LineType
    LINE_TYPE_FIXED: LookupPhoneResponse.LineType
    LINE_TYPE_VOIP: LookupPhoneResponse.LineType
    LINE_TYPE_TOLL_FREE: LookupPhoneResponse.LineType
    LINE_TYPE_OTHER: LookupPhoneResponse.LineType
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[LookupPhoneResponse.Source]
        SOURCE_FORMAT: _ClassVar[LookupPhoneResponse.Source]
        SOURCE_PROVIDER: _ClassVar[LookupPhoneResponse.Source]
    SOURCE_UNSPECIFIED: LookupPhoneResponse.Source
    SOURCE_FORMAT: LookupPhoneResponse.Source
    SOURCE_PROVIDER: LookupPhoneResponse.Source
    IS_VALID_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    LINE_TYPE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    is_valid: bool
    phone: str
    country_code: str
    line_type: LookupPhoneResponse.LineType
    source: LookupPhoneResponse.Source
    provider: str
    def __init__(self, is_valid: _Optional[bool] = ..., phone: _Optional[str] = ..., country_code: _Optional[str] = ..., line_type: _Optional[_Union[LookupPhoneResponse.LineType, str]] = ..., source: _Optional[_Union[LookupPhoneResponse.Source, str]] = ..., provider: _Optional[str] = ...) -> None: ...

class GetChannelRouteRequest(_message.Message):
    __slots__ = ("channel", "message_class")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ...) -> None: ...

class GetChannelRouteResponse(_message.Message):
    __slots__ = ("route",)
    class Route(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ROUTE_UNSPECIFIED: _ClassVar[GetChannelRouteResponse.Route]
        ROUTE_OPEN: _ClassVar[GetChannelRouteResponse.Route]
        ROUTE_NO_ACCOUNT: _ClassVar[GetChannelRouteResponse.Route]
        ROUTE_CHANNEL_DISABLED: _ClassVar[GetChannelRouteResponse.Route]
    ROUTE_UNSPECIFIED: GetChannelRouteResponse.Route
    ROUTE_OPEN: GetChannelRouteResponse.Route
    ROUTE_NO_ACCOUNT: GetChannelRouteResponse.Route
    ROUTE_CHANNEL_DISABLED: GetChannelRouteResponse.Route
    ROUTE_FIELD_NUMBER: _ClassVar[int]
    route: GetChannelRouteResponse.Route
    def __init__(self, route: _Optional[_Union[GetChannelRouteResponse.Route, str]] = ...) -> None: ...
