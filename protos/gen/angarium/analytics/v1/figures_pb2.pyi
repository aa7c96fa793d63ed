from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MessageCounts(_message.Message):
    __slots__ = ("recipients", "sent", "delivered", "read", "bounced", "failed", "skipped", "expired", "cancelled", "pending", "opened", "clicked", "unsubscribed", "complained", "unknown")
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
    def __init__(self, recipients: _Optional[int] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., read: _Optional[int] = ..., bounced: _Optional[int] = ..., failed: _Optional[int] = ..., skipped: _Optional[int] = ..., expired: _Optional[int] = ..., cancelled: _Optional[int] = ..., pending: _Optional[int] = ..., opened: _Optional[int] = ..., clicked: _Optional[int] = ..., unsubscribed: _Optional[int] = ..., complained: _Optional[int] = ..., unknown: _Optional[int] = ...) -> None: ...

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
    __slots__ = ("delivery_rate", "bounce_rate", "failure_rate", "open_rate", "click_rate", "click_to_open_rate", "unsubscribe_rate", "complaint_rate")
    DELIVERY_RATE_FIELD_NUMBER: _ClassVar[int]
    BOUNCE_RATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_TO_OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_RATE_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_RATE_FIELD_NUMBER: _ClassVar[int]
    delivery_rate: Rate
    bounce_rate: Rate
    failure_rate: Rate
    open_rate: Rate
    click_rate: Rate
    click_to_open_rate: Rate
    unsubscribe_rate: Rate
    complaint_rate: Rate
    def __init__(self, delivery_rate: _Optional[_Union[Rate, _Mapping]] = ..., bounce_rate: _Optional[_Union[Rate, _Mapping]] = ..., failure_rate: _Optional[_Union[Rate, _Mapping]] = ..., open_rate: _Optional[_Union[Rate, _Mapping]] = ..., click_rate: _Optional[_Union[Rate, _Mapping]] = ..., click_to_open_rate: _Optional[_Union[Rate, _Mapping]] = ..., unsubscribe_rate: _Optional[_Union[Rate, _Mapping]] = ..., complaint_rate: _Optional[_Union[Rate, _Mapping]] = ...) -> None: ...

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
