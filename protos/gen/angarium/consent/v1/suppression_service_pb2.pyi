import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_service_pb2 as _consent_service_pb2
from angarium.consent.v1 import preference_service_pb2 as _preference_service_pb2
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

class SuppressionScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPRESSION_SCOPE_UNSPECIFIED: _ClassVar[SuppressionScope]
    SUPPRESSION_SCOPE_ALL: _ClassVar[SuppressionScope]
    SUPPRESSION_SCOPE_MARKETING: _ClassVar[SuppressionScope]
    SUPPRESSION_SCOPE_GROUP_PAYMENT: _ClassVar[SuppressionScope]

class SuppressionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUPPRESSION_REASON_UNSPECIFIED: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_HARD_BOUNCE: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_SOFT_BOUNCE_LIMIT: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_COMPLAINT: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_INVALID_ADDRESS: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_SMS_STOP: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_CUSTOMER_UNSUBSCRIBE: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_MANUAL: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_LEGAL: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_DEVICE_UNREGISTERED: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_PROVIDER_BLOCKLIST: _ClassVar[SuppressionReason]
    SUPPRESSION_REASON_ERASURE: _ClassVar[SuppressionReason]
SUPPRESSION_SCOPE_UNSPECIFIED: SuppressionScope
SUPPRESSION_SCOPE_ALL: SuppressionScope
SUPPRESSION_SCOPE_MARKETING: SuppressionScope
SUPPRESSION_SCOPE_GROUP_PAYMENT: SuppressionScope
SUPPRESSION_REASON_UNSPECIFIED: SuppressionReason
SUPPRESSION_REASON_HARD_BOUNCE: SuppressionReason
SUPPRESSION_REASON_SOFT_BOUNCE_LIMIT: SuppressionReason
SUPPRESSION_REASON_COMPLAINT: SuppressionReason
SUPPRESSION_REASON_INVALID_ADDRESS: SuppressionReason
SUPPRESSION_REASON_SMS_STOP: SuppressionReason
SUPPRESSION_REASON_CUSTOMER_UNSUBSCRIBE: SuppressionReason
SUPPRESSION_REASON_MANUAL: SuppressionReason
SUPPRESSION_REASON_LEGAL: SuppressionReason
SUPPRESSION_REASON_DEVICE_UNREGISTERED: SuppressionReason
SUPPRESSION_REASON_PROVIDER_BLOCKLIST: SuppressionReason
SUPPRESSION_REASON_ERASURE: SuppressionReason

class Suppression(_message.Message):
    __slots__ = ("suppression_id", "channel", "address_hint", "scope", "reason", "detail", "contact_id", "suppress_time", "expire_time", "source_message_id")
    SUPPRESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_HINT_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    SUPPRESS_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    suppression_id: str
    channel: _enums_pb2.Channel
    address_hint: str
    scope: SuppressionScope
    reason: SuppressionReason
    detail: str
    contact_id: str
    suppress_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    source_message_id: str
    def __init__(self, suppression_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., address_hint: _Optional[str] = ..., scope: _Optional[_Union[SuppressionScope, str]] = ..., reason: _Optional[_Union[SuppressionReason, str]] = ..., detail: _Optional[str] = ..., contact_id: _Optional[str] = ..., suppress_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source_message_id: _Optional[str] = ...) -> None: ...

class AddSuppressionRequest(_message.Message):
    __slots__ = ("address", "channel", "scope", "reason", "detail", "expire_time", "idempotency_key")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    address: str
    channel: _enums_pb2.Channel
    scope: SuppressionScope
    reason: SuppressionReason
    detail: str
    expire_time: _timestamp_pb2.Timestamp
    idempotency_key: str
    def __init__(self, address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[SuppressionScope, str]] = ..., reason: _Optional[_Union[SuppressionReason, str]] = ..., detail: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class AddSuppressionResponse(_message.Message):
    __slots__ = ("suppression", "deduplicated")
    SUPPRESSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    suppression: Suppression
    deduplicated: bool
    def __init__(self, suppression: _Optional[_Union[Suppression, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CheckSuppressionRequest(_message.Message):
    __slots__ = ("address", "channel", "message_class")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    address: str
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    def __init__(self, address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ...) -> None: ...

class CheckSuppressionResponse(_message.Message):
    __slots__ = ("is_suppressed", "suppression")
    IS_SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSION_FIELD_NUMBER: _ClassVar[int]
    is_suppressed: bool
    suppression: Suppression
    def __init__(self, is_suppressed: _Optional[bool] = ..., suppression: _Optional[_Union[Suppression, _Mapping]] = ...) -> None: ...

class RemoveSuppressionRequest(_message.Message):
    __slots__ = ("suppression_id", "address", "channel", "reason", "idempotency_key")
    SUPPRESSION_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    suppression_id: str
    address: str
    channel: _enums_pb2.Channel
    reason: str
    idempotency_key: str
    def __init__(self, suppression_id: _Optional[str] = ..., address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RemoveSuppressionResponse(_message.Message):
    __slots__ = ("removed_count", "deduplicated")
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    removed_count: int
    deduplicated: bool
    def __init__(self, removed_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListSuppressionsRequest(_message.Message):
    __slots__ = ("channel", "reason", "scope", "address", "page_size", "page_token")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    reason: SuppressionReason
    scope: SuppressionScope
    address: str
    page_size: int
    page_token: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., reason: _Optional[_Union[SuppressionReason, str]] = ..., scope: _Optional[_Union[SuppressionScope, str]] = ..., address: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSuppressionsResponse(_message.Message):
    __slots__ = ("suppressions", "next_page_token")
    SUPPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    suppressions: _containers.RepeatedCompositeFieldContainer[Suppression]
    next_page_token: str
    def __init__(self, suppressions: _Optional[_Iterable[_Union[Suppression, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SuppressionImportRow(_message.Message):
    __slots__ = ("address", "channel", "scope", "reason", "detail", "expire_time")
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    address: str
    channel: _enums_pb2.Channel
    scope: SuppressionScope
    reason: SuppressionReason
    detail: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[SuppressionScope, str]] = ..., reason: _Optional[_Union[SuppressionReason, str]] = ..., detail: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ImportSuppressionsRequest(_message.Message):
    __slots__ = ("block_number", "rows")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    rows: _containers.RepeatedCompositeFieldContainer[SuppressionImportRow]
    def __init__(self, block_number: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[SuppressionImportRow, _Mapping]]] = ...) -> None: ...

class ImportSuppressionsResponse(_message.Message):
    __slots__ = ("block_number", "added_count", "unchanged_count", "errors")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    added_count: int
    unchanged_count: int
    errors: _containers.RepeatedCompositeFieldContainer[_consent_service_pb2.ImportRowError]
    def __init__(self, block_number: _Optional[int] = ..., added_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[_consent_service_pb2.ImportRowError, _Mapping]]] = ...) -> None: ...

class ResolveStopLinkRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class ResolveStopLinkResponse(_message.Message):
    __slots__ = ("masked_address", "tenant_name", "language_code", "branding", "is_stopped")
    MASKED_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TENANT_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    BRANDING_FIELD_NUMBER: _ClassVar[int]
    IS_STOPPED_FIELD_NUMBER: _ClassVar[int]
    masked_address: str
    tenant_name: str
    language_code: str
    branding: _preference_service_pb2.Branding
    is_stopped: bool
    def __init__(self, masked_address: _Optional[str] = ..., tenant_name: _Optional[str] = ..., language_code: _Optional[str] = ..., branding: _Optional[_Union[_preference_service_pb2.Branding, _Mapping]] = ..., is_stopped: _Optional[bool] = ...) -> None: ...

class FollowStopLinkRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class FollowStopLinkResponse(_message.Message):
    __slots__ = ("already_stopped",)
    ALREADY_STOPPED_FIELD_NUMBER: _ClassVar[int]
    already_stopped: bool
    def __init__(self, already_stopped: _Optional[bool] = ...) -> None: ...
