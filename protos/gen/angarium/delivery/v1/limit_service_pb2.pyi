import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RateLimitScope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RATE_LIMIT_SCOPE_UNSPECIFIED: _ClassVar[RateLimitScope]
    RATE_LIMIT_SCOPE_CONTACT: _ClassVar[RateLimitScope]
    RATE_LIMIT_SCOPE_TENANT: _ClassVar[RateLimitScope]
    RATE_LIMIT_SCOPE_GLOBAL: _ClassVar[RateLimitScope]
RATE_LIMIT_SCOPE_UNSPECIFIED: RateLimitScope
RATE_LIMIT_SCOPE_CONTACT: RateLimitScope
RATE_LIMIT_SCOPE_TENANT: RateLimitScope
RATE_LIMIT_SCOPE_GLOBAL: RateLimitScope

class RateLimitRule(_message.Message):
    __slots__ = ("rate_limit_rule_id", "channel", "scope", "subject_id", "tenant_id", "max_per_minute", "max_per_hour", "max_per_day", "burst_limit", "changed_by", "create_time", "update_time")
    RATE_LIMIT_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_MINUTE_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_HOUR_FIELD_NUMBER: _ClassVar[int]
    MAX_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    BURST_LIMIT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    rate_limit_rule_id: str
    channel: _enums_pb2.Channel
    scope: RateLimitScope
    subject_id: str
    tenant_id: str
    max_per_minute: int
    max_per_hour: int
    max_per_day: int
    burst_limit: int
    changed_by: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, rate_limit_rule_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[RateLimitScope, str]] = ..., subject_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., max_per_minute: _Optional[int] = ..., max_per_hour: _Optional[int] = ..., max_per_day: _Optional[int] = ..., burst_limit: _Optional[int] = ..., changed_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SetRateLimitRuleRequest(_message.Message):
    __slots__ = ("rule", "idempotency_key")
    RULE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    rule: RateLimitRule
    idempotency_key: str
    def __init__(self, rule: _Optional[_Union[RateLimitRule, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SetRateLimitRuleResponse(_message.Message):
    __slots__ = ("rule", "deduplicated")
    RULE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    rule: RateLimitRule
    deduplicated: bool
    def __init__(self, rule: _Optional[_Union[RateLimitRule, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteRateLimitRuleRequest(_message.Message):
    __slots__ = ("rate_limit_rule_id", "idempotency_key")
    RATE_LIMIT_RULE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    rate_limit_rule_id: str
    idempotency_key: str
    def __init__(self, rate_limit_rule_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteRateLimitRuleResponse(_message.Message):
    __slots__ = ("deduplicated",)
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    deduplicated: bool
    def __init__(self, deduplicated: _Optional[bool] = ...) -> None: ...

class ListRateLimitRulesRequest(_message.Message):
    __slots__ = ("channel", "scope", "page_size", "page_token")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    scope: RateLimitScope
    page_size: int
    page_token: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[RateLimitScope, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRateLimitRulesResponse(_message.Message):
    __slots__ = ("rules", "next_page_token")
    RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rules: _containers.RepeatedCompositeFieldContainer[RateLimitRule]
    next_page_token: str
    def __init__(self, rules: _Optional[_Iterable[_Union[RateLimitRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RateLimitWindow(_message.Message):
    __slots__ = ("is_default", "max_count", "current_count", "remaining_count", "period", "reset_time")
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    MAX_COUNT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_COUNT_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    RESET_TIME_FIELD_NUMBER: _ClassVar[int]
    is_default: bool
    max_count: int
    current_count: int
    remaining_count: int
    period: _duration_pb2.Duration
    reset_time: _timestamp_pb2.Timestamp
    def __init__(self, is_default: _Optional[bool] = ..., max_count: _Optional[int] = ..., current_count: _Optional[int] = ..., remaining_count: _Optional[int] = ..., period: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reset_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetRateLimitStatusRequest(_message.Message):
    __slots__ = ("channel", "scope", "subject_id", "tenant_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    scope: RateLimitScope
    subject_id: str
    tenant_id: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[RateLimitScope, str]] = ..., subject_id: _Optional[str] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class GetRateLimitStatusResponse(_message.Message):
    __slots__ = ("is_configured", "windows")
    IS_CONFIGURED_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    is_configured: bool
    windows: _containers.RepeatedCompositeFieldContainer[RateLimitWindow]
    def __init__(self, is_configured: _Optional[bool] = ..., windows: _Optional[_Iterable[_Union[RateLimitWindow, _Mapping]]] = ...) -> None: ...

class ResetRateLimitRequest(_message.Message):
    __slots__ = ("channel", "scope", "subject_id", "tenant_id", "reason", "idempotency_key")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    scope: RateLimitScope
    subject_id: str
    tenant_id: str
    reason: str
    idempotency_key: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[RateLimitScope, str]] = ..., subject_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResetRateLimitResponse(_message.Message):
    __slots__ = ("deduplicated",)
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    deduplicated: bool
    def __init__(self, deduplicated: _Optional[bool] = ...) -> None: ...
