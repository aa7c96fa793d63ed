import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
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

class Notice(_message.Message):
    __slots__ = ("notice_id", "source", "rule", "state", "reason", "contact_id", "staff_id", "template_name", "channels", "priority", "due_time", "expire_time", "correlation_key", "event_id", "message_ids", "attempt_count", "create_time")
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[Notice.Source]
        SOURCE_RULE: _ClassVar[Notice.Source]
        SOURCE_TRIGGER: _ClassVar[Notice.Source]
        SOURCE_AUTOMATION: _ClassVar[Notice.Source]
        SOURCE_REFERRAL: _ClassVar[Notice.Source]
        SOURCE_FOLLOW_UP: _ClassVar[Notice.Source]
    SOURCE_UNSPECIFIED: Notice.Source
    SOURCE_RULE: Notice.Source
    SOURCE_TRIGGER: Notice.Source
    SOURCE_AUTOMATION: Notice.Source
    SOURCE_REFERRAL: Notice.Source
    SOURCE_FOLLOW_UP: Notice.Source
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Notice.State]
        STATE_WAITING: _ClassVar[Notice.State]
        STATE_SENT: _ClassVar[Notice.State]
        STATE_SKIPPED: _ClassVar[Notice.State]
        STATE_FAILED: _ClassVar[Notice.State]
        STATE_CANCELLED: _ClassVar[Notice.State]
    STATE_UNSPECIFIED: Notice.State
    STATE_WAITING: Notice.State
    STATE_SENT: Notice.State
    STATE_SKIPPED: Notice.State
    STATE_FAILED: Notice.State
    STATE_CANCELLED: Notice.State
    NOTICE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_KEY_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    notice_id: str
    source: Notice.Source
    rule: str
    state: Notice.State
    reason: str
    contact_id: str
    staff_id: str
    template_name: str
    channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    priority: _enums_pb2.Priority
    due_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    correlation_key: str
    event_id: str
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    attempt_count: int
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, notice_id: _Optional[str] = ..., source: _Optional[_Union[Notice.Source, str]] = ..., rule: _Optional[str] = ..., state: _Optional[_Union[Notice.State, str]] = ..., reason: _Optional[str] = ..., contact_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., template_name: _Optional[str] = ..., channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., priority: _Optional[_Union[_enums_pb2.Priority, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., correlation_key: _Optional[str] = ..., event_id: _Optional[str] = ..., message_ids: _Optional[_Iterable[str]] = ..., attempt_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListNoticesRequest(_message.Message):
    __slots__ = ("state", "source", "rule", "contact_id", "event_id", "page_size", "page_token")
    STATE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state: Notice.State
    source: Notice.Source
    rule: str
    contact_id: str
    event_id: str
    page_size: int
    page_token: str
    def __init__(self, state: _Optional[_Union[Notice.State, str]] = ..., source: _Optional[_Union[Notice.Source, str]] = ..., rule: _Optional[str] = ..., contact_id: _Optional[str] = ..., event_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListNoticesResponse(_message.Message):
    __slots__ = ("notices", "next_page_token")
    NOTICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    notices: _containers.RepeatedCompositeFieldContainer[Notice]
    next_page_token: str
    def __init__(self, notices: _Optional[_Iterable[_Union[Notice, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
