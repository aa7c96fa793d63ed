import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TimeRange(_message.Message):
    __slots__ = ("start_time", "end_time", "start_date", "end_date", "time_zone")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    START_DATE_FIELD_NUMBER: _ClassVar[int]
    END_DATE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    start_date: str
    end_date: str
    time_zone: str
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_date: _Optional[str] = ..., end_date: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class FigureFilter(_message.Message):
    __slots__ = ("channel", "branch_id", "message_class", "category")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    branch_id: str
    message_class: _enums_pb2.MessageClass
    category: _enums_pb2.Category
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., branch_id: _Optional[str] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ...) -> None: ...

class MessageCounts(_message.Message):
    __slots__ = ("recipients", "sent", "delivered", "read", "bounced", "failed", "skipped", "expired", "cancelled", "pending", "opened", "clicked", "unsubscribed", "complained", "unknown", "any_opened", "any_clicked", "opens", "clicks", "machine_opens", "machine_clicks", "converted", "retried", "retry_success", "retry_failure")
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    BOUNCED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    CLICKED_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    COMPLAINED_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    ANY_OPENED_FIELD_NUMBER: _ClassVar[int]
    ANY_CLICKED_FIELD_NUMBER: _ClassVar[int]
    OPENS_FIELD_NUMBER: _ClassVar[int]
    CLICKS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_OPENS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_CLICKS_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_FIELD_NUMBER: _ClassVar[int]
    RETRIED_FIELD_NUMBER: _ClassVar[int]
    RETRY_SUCCESS_FIELD_NUMBER: _ClassVar[int]
    RETRY_FAILURE_FIELD_NUMBER: _ClassVar[int]
    recipients: int
    sent: int
    delivered: int
    read: int
    bounced: int
    failed: int
    skipped: int
    expired: int
    cancelled: int
    pending: int
    opened: int
    clicked: int
    unsubscribed: int
    complained: int
    unknown: int
    any_opened: int
    any_clicked: int
    opens: int
    clicks: int
    machine_opens: int
    machine_clicks: int
    converted: int
    retried: int
    retry_success: int
    retry_failure: int
    def __init__(self, recipients: _Optional[int] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., read: _Optional[int] = ..., bounced: _Optional[int] = ..., failed: _Optional[int] = ..., skipped: _Optional[int] = ..., expired: _Optional[int] = ..., cancelled: _Optional[int] = ..., pending: _Optional[int] = ..., opened: _Optional[int] = ..., clicked: _Optional[int] = ..., unsubscribed: _Optional[int] = ..., complained: _Optional[int] = ..., unknown: _Optional[int] = ..., any_opened: _Optional[int] = ..., any_clicked: _Optional[int] = ..., opens: _Optional[int] = ..., clicks: _Optional[int] = ..., machine_opens: _Optional[int] = ..., machine_clicks: _Optional[int] = ..., converted: _Optional[int] = ..., retried: _Optional[int] = ..., retry_success: _Optional[int] = ..., retry_failure: _Optional[int] = ...) -> None: ...

class Rate(_message.Message):
    __slots__ = ("numerator", "denominator", "percent")
    NUMERATOR_FIELD_NUMBER: _ClassVar[int]
    DENOMINATOR_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    numerator: int
    denominator: int
    percent: float
    def __init__(self, numerator: _Optional[int] = ..., denominator: _Optional[int] = ..., percent: _Optional[float] = ...) -> None: ...

class Rates(_message.Message):
    __slots__ = ("delivery_rate", "bounce_rate", "failure_rate", "open_rate", "click_rate", "click_to_open_rate", "unsubscribe_rate", "complaint_rate", "read_rate", "conversion_rate", "raw_open_rate", "raw_click_rate")
    DELIVERY_RATE_FIELD_NUMBER: _ClassVar[int]
    BOUNCE_RATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_TO_OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_RATE_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_RATE_FIELD_NUMBER: _ClassVar[int]
    READ_RATE_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_RATE_FIELD_NUMBER: _ClassVar[int]
    RAW_OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    RAW_CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    delivery_rate: Rate
    bounce_rate: Rate
    failure_rate: Rate
    open_rate: Rate
    click_rate: Rate
    click_to_open_rate: Rate
    unsubscribe_rate: Rate
    complaint_rate: Rate
    read_rate: Rate
    conversion_rate: Rate
    raw_open_rate: Rate
    raw_click_rate: Rate
    def __init__(self, delivery_rate: _Optional[_Union[Rate, _Mapping]] = ..., bounce_rate: _Optional[_Union[Rate, _Mapping]] = ..., failure_rate: _Optional[_Union[Rate, _Mapping]] = ..., open_rate: _Optional[_Union[Rate, _Mapping]] = ..., click_rate: _Optional[_Union[Rate, _Mapping]] = ..., click_to_open_rate: _Optional[_Union[Rate, _Mapping]] = ..., unsubscribe_rate: _Optional[_Union[Rate, _Mapping]] = ..., complaint_rate: _Optional[_Union[Rate, _Mapping]] = ..., read_rate: _Optional[_Union[Rate, _Mapping]] = ..., conversion_rate: _Optional[_Union[Rate, _Mapping]] = ..., raw_open_rate: _Optional[_Union[Rate, _Mapping]] = ..., raw_click_rate: _Optional[_Union[Rate, _Mapping]] = ...) -> None: ...

class EngagementCount(_message.Message):
    __slots__ = ("kind", "engagement_class", "messages", "hits")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ENGAGEMENT_CLASS_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    engagement_class: str
    messages: int
    hits: int
    def __init__(self, kind: _Optional[str] = ..., engagement_class: _Optional[str] = ..., messages: _Optional[int] = ..., hits: _Optional[int] = ...) -> None: ...

class ReasonCount(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...
