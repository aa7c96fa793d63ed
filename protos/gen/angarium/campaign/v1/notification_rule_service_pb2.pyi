import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class NotificationRule(_message.Message):
    __slots__ = ("name", "event_types", "conditions", "recipients", "category", "priority", "channels", "mode", "template_name", "delay", "before_field", "until_field", "expire_after", "cancelled_by", "moved_by", "variables", "is_enabled", "can_be_disabled", "changed_fields", "etag")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MODE_UNSPECIFIED: _ClassVar[NotificationRule.Mode]
        MODE_ALL_AVAILABLE: _ClassVar[NotificationRule.Mode]
        MODE_FIRST_AVAILABLE: _ClassVar[NotificationRule.Mode]
    MODE_UNSPECIFIED: NotificationRule.Mode
    MODE_ALL_AVAILABLE: NotificationRule.Mode
    MODE_FIRST_AVAILABLE: NotificationRule.Mode
    class Field(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FIELD_UNSPECIFIED: _ClassVar[NotificationRule.Field]
        FIELD_ENABLED: _ClassVar[NotificationRule.Field]
        FIELD_TEMPLATE: _ClassVar[NotificationRule.Field]
        FIELD_DELAY: _ClassVar[NotificationRule.Field]
        FIELD_CHANNELS: _ClassVar[NotificationRule.Field]
        FIELD_MODE: _ClassVar[NotificationRule.Field]
    FIELD_UNSPECIFIED: NotificationRule.Field
    FIELD_ENABLED: NotificationRule.Field
    FIELD_TEMPLATE: NotificationRule.Field
    FIELD_DELAY: NotificationRule.Field
    FIELD_CHANNELS: NotificationRule.Field
    FIELD_MODE: NotificationRule.Field
    NAME_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_AFTER_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_BY_FIELD_NUMBER: _ClassVar[int]
    MOVED_BY_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    CAN_BE_DISABLED_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    event_types: _containers.RepeatedScalarFieldContainer[str]
    conditions: _containers.RepeatedScalarFieldContainer[str]
    recipients: _containers.RepeatedScalarFieldContainer[str]
    category: _enums_pb2.Category
    priority: _enums_pb2.Priority
    channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    mode: NotificationRule.Mode
    template_name: str
    delay: _duration_pb2.Duration
    before_field: str
    until_field: str
    expire_after: _duration_pb2.Duration
    cancelled_by: _containers.RepeatedScalarFieldContainer[str]
    moved_by: _containers.RepeatedScalarFieldContainer[str]
    variables: _containers.RepeatedScalarFieldContainer[str]
    is_enabled: bool
    can_be_disabled: bool
    changed_fields: _containers.RepeatedScalarFieldContainer[NotificationRule.Field]
    etag: str
    def __init__(self, name: _Optional[str] = ..., event_types: _Optional[_Iterable[str]] = ..., conditions: _Optional[_Iterable[str]] = ..., recipients: _Optional[_Iterable[str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., priority: _Optional[_Union[_enums_pb2.Priority, str]] = ..., channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., mode: _Optional[_Union[NotificationRule.Mode, str]] = ..., template_name: _Optional[str] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., before_field: _Optional[str] = ..., until_field: _Optional[str] = ..., expire_after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cancelled_by: _Optional[_Iterable[str]] = ..., moved_by: _Optional[_Iterable[str]] = ..., variables: _Optional[_Iterable[str]] = ..., is_enabled: _Optional[bool] = ..., can_be_disabled: _Optional[bool] = ..., changed_fields: _Optional[_Iterable[_Union[NotificationRule.Field, str]]] = ..., etag: _Optional[str] = ...) -> None: ...

class ListNotificationRulesRequest(_message.Message):
    __slots__ = ("event_type", "name", "changed_only", "page_size", "page_token")
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANGED_ONLY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    event_type: str
    name: str
    changed_only: bool
    page_size: int
    page_token: str
    def __init__(self, event_type: _Optional[str] = ..., name: _Optional[str] = ..., changed_only: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNotificationRulesResponse(_message.Message):
    __slots__ = ("rules", "next_page_token")
    RULES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rules: _containers.RepeatedCompositeFieldContainer[NotificationRule]
    next_page_token: str
    def __init__(self, rules: _Optional[_Iterable[_Union[NotificationRule, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateNotificationRuleRequest(_message.Message):
    __slots__ = ("rule", "update_mask", "idempotency_key")
    RULE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    rule: NotificationRule
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, rule: _Optional[_Union[NotificationRule, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateNotificationRuleResponse(_message.Message):
    __slots__ = ("rule", "deduplicated")
    RULE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    rule: NotificationRule
    deduplicated: bool
    def __init__(self, rule: _Optional[_Union[NotificationRule, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ResetNotificationRuleRequest(_message.Message):
    __slots__ = ("name", "idempotency_key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    idempotency_key: str
    def __init__(self, name: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResetNotificationRuleResponse(_message.Message):
    __slots__ = ("rule", "deduplicated")
    RULE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    rule: NotificationRule
    deduplicated: bool
    def __init__(self, rule: _Optional[_Union[NotificationRule, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
