import datetime

from angarium.campaign.v1 import trigger_pb2 as _trigger_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListTriggerConfigsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTriggerConfigsResponse(_message.Message):
    __slots__ = ("configs", "next_page_token")
    CONFIGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    configs: _containers.RepeatedCompositeFieldContainer[_trigger_pb2.TriggerConfig]
    next_page_token: str
    def __init__(self, configs: _Optional[_Iterable[_Union[_trigger_pb2.TriggerConfig, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetTriggerConfigRequest(_message.Message):
    __slots__ = ("trigger_type",)
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    trigger_type: _trigger_pb2.TriggerType
    def __init__(self, trigger_type: _Optional[_Union[_trigger_pb2.TriggerType, str]] = ...) -> None: ...

class GetTriggerConfigResponse(_message.Message):
    __slots__ = ("config",)
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    config: _trigger_pb2.TriggerConfig
    def __init__(self, config: _Optional[_Union[_trigger_pb2.TriggerConfig, _Mapping]] = ...) -> None: ...

class UpdateTriggerConfigRequest(_message.Message):
    __slots__ = ("config", "update_mask", "idempotency_key")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    config: _trigger_pb2.TriggerConfig
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, config: _Optional[_Union[_trigger_pb2.TriggerConfig, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateTriggerConfigResponse(_message.Message):
    __slots__ = ("config", "deduplicated")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    config: _trigger_pb2.TriggerConfig
    deduplicated: bool
    def __init__(self, config: _Optional[_Union[_trigger_pb2.TriggerConfig, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class EnableTriggerRequest(_message.Message):
    __slots__ = ("trigger_type", "idempotency_key")
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    trigger_type: _trigger_pb2.TriggerType
    idempotency_key: str
    def __init__(self, trigger_type: _Optional[_Union[_trigger_pb2.TriggerType, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class EnableTriggerResponse(_message.Message):
    __slots__ = ("config", "deduplicated")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    config: _trigger_pb2.TriggerConfig
    deduplicated: bool
    def __init__(self, config: _Optional[_Union[_trigger_pb2.TriggerConfig, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DisableTriggerRequest(_message.Message):
    __slots__ = ("trigger_type", "idempotency_key")
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    trigger_type: _trigger_pb2.TriggerType
    idempotency_key: str
    def __init__(self, trigger_type: _Optional[_Union[_trigger_pb2.TriggerType, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DisableTriggerResponse(_message.Message):
    __slots__ = ("config", "voided_count", "deduplicated")
    CONFIG_FIELD_NUMBER: _ClassVar[int]
    VOIDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    config: _trigger_pb2.TriggerConfig
    voided_count: int
    deduplicated: bool
    def __init__(self, config: _Optional[_Union[_trigger_pb2.TriggerConfig, _Mapping]] = ..., voided_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class TestTriggerRequest(_message.Message):
    __slots__ = ("trigger_type", "contact_id", "staff_address", "idempotency_key")
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    trigger_type: _trigger_pb2.TriggerType
    contact_id: str
    staff_address: str
    idempotency_key: str
    def __init__(self, trigger_type: _Optional[_Union[_trigger_pb2.TriggerType, str]] = ..., contact_id: _Optional[str] = ..., staff_address: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class TestTriggerResponse(_message.Message):
    __slots__ = ("channel", "template_name", "subject", "body_text", "body_html", "decision", "would_send", "reason", "message_id", "deduplicated")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    BODY_TEXT_FIELD_NUMBER: _ClassVar[int]
    BODY_HTML_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    WOULD_SEND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    template_name: str
    subject: str
    body_text: str
    body_html: str
    decision: str
    would_send: bool
    reason: str
    message_id: str
    deduplicated: bool
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., template_name: _Optional[str] = ..., subject: _Optional[str] = ..., body_text: _Optional[str] = ..., body_html: _Optional[str] = ..., decision: _Optional[str] = ..., would_send: _Optional[bool] = ..., reason: _Optional[str] = ..., message_id: _Optional[str] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListTriggerHistoryRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "trigger_type", "contact_id", "state", "from_time", "until_time")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    trigger_type: _trigger_pb2.TriggerType
    contact_id: str
    state: _trigger_pb2.TriggerHistoryEntry.State
    from_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., trigger_type: _Optional[_Union[_trigger_pb2.TriggerType, str]] = ..., contact_id: _Optional[str] = ..., state: _Optional[_Union[_trigger_pb2.TriggerHistoryEntry.State, str]] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListTriggerHistoryResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_trigger_pb2.TriggerHistoryEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[_trigger_pb2.TriggerHistoryEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
