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

class DeadLetter(_message.Message):
    __slots__ = ("message_id", "contact_id", "channel", "category", "campaign_id", "run_id", "template_name", "provider", "reason", "last_error", "attempt_count", "create_time", "expire_time", "resolution", "resolved_by", "resolve_time", "note")
    class Resolution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        RESOLUTION_UNSPECIFIED: _ClassVar[DeadLetter.Resolution]
        RESOLUTION_OPEN: _ClassVar[DeadLetter.Resolution]
        RESOLUTION_RETRIED: _ClassVar[DeadLetter.Resolution]
        RESOLUTION_DISCARDED: _ClassVar[DeadLetter.Resolution]
    RESOLUTION_UNSPECIFIED: DeadLetter.Resolution
    RESOLUTION_OPEN: DeadLetter.Resolution
    RESOLUTION_RETRIED: DeadLetter.Resolution
    RESOLUTION_DISCARDED: DeadLetter.Resolution
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LAST_ERROR_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    RESOLVED_BY_FIELD_NUMBER: _ClassVar[int]
    RESOLVE_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    channel: _enums_pb2.Channel
    category: _enums_pb2.Category
    campaign_id: str
    run_id: str
    template_name: str
    provider: str
    reason: str
    last_error: str
    attempt_count: int
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    resolution: DeadLetter.Resolution
    resolved_by: str
    resolve_time: _timestamp_pb2.Timestamp
    note: str
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., template_name: _Optional[str] = ..., provider: _Optional[str] = ..., reason: _Optional[str] = ..., last_error: _Optional[str] = ..., attempt_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolution: _Optional[_Union[DeadLetter.Resolution, str]] = ..., resolved_by: _Optional[str] = ..., resolve_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ...) -> None: ...

class DeadLetterFilter(_message.Message):
    __slots__ = ("channel", "category", "reason", "provider", "campaign_id", "run_id", "contact_id", "start_time", "end_time")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    category: _enums_pb2.Category
    reason: str
    provider: str
    campaign_id: str
    run_id: str
    contact_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., reason: _Optional[str] = ..., provider: _Optional[str] = ..., campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListDeadLettersRequest(_message.Message):
    __slots__ = ("filter", "resolution", "page_size", "page_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: DeadLetterFilter
    resolution: DeadLetter.Resolution
    page_size: int
    page_token: str
    def __init__(self, filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ..., resolution: _Optional[_Union[DeadLetter.Resolution, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDeadLettersResponse(_message.Message):
    __slots__ = ("dead_letters", "next_page_token")
    DEAD_LETTERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dead_letters: _containers.RepeatedCompositeFieldContainer[DeadLetter]
    next_page_token: str
    def __init__(self, dead_letters: _Optional[_Iterable[_Union[DeadLetter, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RetryDeadLetterRequest(_message.Message):
    __slots__ = ("message_id", "idempotency_key", "accept_duplicate")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_DUPLICATE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    idempotency_key: str
    accept_duplicate: bool
    def __init__(self, message_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., accept_duplicate: _Optional[bool] = ...) -> None: ...

class RetryDeadLetterResponse(_message.Message):
    __slots__ = ("dead_letter", "deduplicated")
    DEAD_LETTER_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    dead_letter: DeadLetter
    deduplicated: bool
    def __init__(self, dead_letter: _Optional[_Union[DeadLetter, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class BatchRetryDeadLettersRequest(_message.Message):
    __slots__ = ("filter", "max_count", "idempotency_key")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    MAX_COUNT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    filter: DeadLetterFilter
    max_count: int
    idempotency_key: str
    def __init__(self, filter: _Optional[_Union[DeadLetterFilter, _Mapping]] = ..., max_count: _Optional[int] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class BatchRetryDeadLettersResponse(_message.Message):
    __slots__ = ("retried_count", "expired_count", "has_more", "in_doubt_count", "deduplicated")
    RETRIED_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    IN_DOUBT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    retried_count: int
    expired_count: int
    has_more: bool
    in_doubt_count: int
    deduplicated: bool
    def __init__(self, retried_count: _Optional[int] = ..., expired_count: _Optional[int] = ..., has_more: _Optional[bool] = ..., in_doubt_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DiscardDeadLetterRequest(_message.Message):
    __slots__ = ("message_id", "reason", "idempotency_key")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    reason: str
    idempotency_key: str
    def __init__(self, message_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DiscardDeadLetterResponse(_message.Message):
    __slots__ = ("dead_letter", "deduplicated")
    DEAD_LETTER_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    dead_letter: DeadLetter
    deduplicated: bool
    def __init__(self, dead_letter: _Optional[_Union[DeadLetter, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
