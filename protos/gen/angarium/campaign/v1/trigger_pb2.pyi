import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TriggerType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRIGGER_TYPE_UNSPECIFIED: _ClassVar[TriggerType]
    TRIGGER_TYPE_POST_VISIT_THANK_YOU: _ClassVar[TriggerType]
    TRIGGER_TYPE_REBOOKING_REMINDER: _ClassVar[TriggerType]
    TRIGGER_TYPE_BIRTHDAY_WISH: _ClassVar[TriggerType]
    TRIGGER_TYPE_FEEDBACK_REQUEST: _ClassVar[TriggerType]
    TRIGGER_TYPE_PACKAGE_EXPIRY: _ClassVar[TriggerType]
    TRIGGER_TYPE_MISS_YOU: _ClassVar[TriggerType]
    TRIGGER_TYPE_MEMBERSHIP_EXPIRY: _ClassVar[TriggerType]
    TRIGGER_TYPE_FIRST_VISIT_FOLLOWUP: _ClassVar[TriggerType]
    TRIGGER_TYPE_ANNIVERSARY_WISH: _ClassVar[TriggerType]
    TRIGGER_TYPE_LOYALTY_POINTS_EARNED: _ClassVar[TriggerType]
    TRIGGER_TYPE_LOYALTY_POINTS_EXPIRING: _ClassVar[TriggerType]
TRIGGER_TYPE_UNSPECIFIED: TriggerType
TRIGGER_TYPE_POST_VISIT_THANK_YOU: TriggerType
TRIGGER_TYPE_REBOOKING_REMINDER: TriggerType
TRIGGER_TYPE_BIRTHDAY_WISH: TriggerType
TRIGGER_TYPE_FEEDBACK_REQUEST: TriggerType
TRIGGER_TYPE_PACKAGE_EXPIRY: TriggerType
TRIGGER_TYPE_MISS_YOU: TriggerType
TRIGGER_TYPE_MEMBERSHIP_EXPIRY: TriggerType
TRIGGER_TYPE_FIRST_VISIT_FOLLOWUP: TriggerType
TRIGGER_TYPE_ANNIVERSARY_WISH: TriggerType
TRIGGER_TYPE_LOYALTY_POINTS_EARNED: TriggerType
TRIGGER_TYPE_LOYALTY_POINTS_EXPIRING: TriggerType

class TriggerConfig(_message.Message):
    __slots__ = ("trigger_type", "enabled", "delay_minutes", "days_before", "days_after", "send_time", "template_id", "channel", "fallback_channel", "branch_ids", "cooldown_days", "campaign_id", "enable_time", "template_name", "category", "updated_by", "update_time", "etag")
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    DELAY_MINUTES_FIELD_NUMBER: _ClassVar[int]
    DAYS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    DAYS_AFTER_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_DAYS_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ENABLE_TIME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    UPDATED_BY_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    trigger_type: TriggerType
    enabled: bool
    delay_minutes: int
    days_before: int
    days_after: int
    send_time: str
    template_id: str
    channel: _enums_pb2.Channel
    fallback_channel: _enums_pb2.Channel
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    cooldown_days: int
    campaign_id: str
    enable_time: _timestamp_pb2.Timestamp
    template_name: str
    category: _enums_pb2.Category
    updated_by: str
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, trigger_type: _Optional[_Union[TriggerType, str]] = ..., enabled: _Optional[bool] = ..., delay_minutes: _Optional[int] = ..., days_before: _Optional[int] = ..., days_after: _Optional[int] = ..., send_time: _Optional[str] = ..., template_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., fallback_channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., branch_ids: _Optional[_Iterable[str]] = ..., cooldown_days: _Optional[int] = ..., campaign_id: _Optional[str] = ..., enable_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., template_name: _Optional[str] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., updated_by: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class TriggerHistoryEntry(_message.Message):
    __slots__ = ("history_id", "trigger_type", "contact_id", "reference_id", "occurrence_key", "state", "skip_reason", "message_id", "trigger_time", "branch_id", "campaign_id")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[TriggerHistoryEntry.State]
        STATE_QUEUED: _ClassVar[TriggerHistoryEntry.State]
        STATE_SENT: _ClassVar[TriggerHistoryEntry.State]
        STATE_SKIPPED: _ClassVar[TriggerHistoryEntry.State]
        STATE_FAILED: _ClassVar[TriggerHistoryEntry.State]
    STATE_UNSPECIFIED: TriggerHistoryEntry.State
    STATE_QUEUED: TriggerHistoryEntry.State
    STATE_SENT: TriggerHistoryEntry.State
    STATE_SKIPPED: TriggerHistoryEntry.State
    STATE_FAILED: TriggerHistoryEntry.State
    HISTORY_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    OCCURRENCE_KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SKIP_REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TIME_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    history_id: str
    trigger_type: TriggerType
    contact_id: str
    reference_id: str
    occurrence_key: str
    state: TriggerHistoryEntry.State
    skip_reason: str
    message_id: str
    trigger_time: _timestamp_pb2.Timestamp
    branch_id: str
    campaign_id: str
    def __init__(self, history_id: _Optional[str] = ..., trigger_type: _Optional[_Union[TriggerType, str]] = ..., contact_id: _Optional[str] = ..., reference_id: _Optional[str] = ..., occurrence_key: _Optional[str] = ..., state: _Optional[_Union[TriggerHistoryEntry.State, str]] = ..., skip_reason: _Optional[str] = ..., message_id: _Optional[str] = ..., trigger_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., branch_id: _Optional[str] = ..., campaign_id: _Optional[str] = ...) -> None: ...
