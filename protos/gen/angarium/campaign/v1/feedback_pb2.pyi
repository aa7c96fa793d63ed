import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Feedback(_message.Message):
    __slots__ = ("feedback_id", "request_id", "contact_id", "branch_id", "reference_id", "rating", "comment", "source", "is_low", "create_time", "update_time", "handled_by", "handle_time", "handled_note")
    class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SOURCE_UNSPECIFIED: _ClassVar[Feedback.Source]
        SOURCE_LINK: _ClassVar[Feedback.Source]
        SOURCE_STAFF: _ClassVar[Feedback.Source]
        SOURCE_API: _ClassVar[Feedback.Source]
    SOURCE_UNSPECIFIED: Feedback.Source
    SOURCE_LINK: Feedback.Source
    SOURCE_STAFF: Feedback.Source
    SOURCE_API: Feedback.Source
    FEEDBACK_ID_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    IS_LOW_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    HANDLED_BY_FIELD_NUMBER: _ClassVar[int]
    HANDLE_TIME_FIELD_NUMBER: _ClassVar[int]
    HANDLED_NOTE_FIELD_NUMBER: _ClassVar[int]
    feedback_id: str
    request_id: str
    contact_id: str
    branch_id: str
    reference_id: str
    rating: int
    comment: str
    source: Feedback.Source
    is_low: bool
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    handled_by: str
    handle_time: _timestamp_pb2.Timestamp
    handled_note: str
    def __init__(self, feedback_id: _Optional[str] = ..., request_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., reference_id: _Optional[str] = ..., rating: _Optional[int] = ..., comment: _Optional[str] = ..., source: _Optional[_Union[Feedback.Source, str]] = ..., is_low: _Optional[bool] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., handled_by: _Optional[str] = ..., handle_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., handled_note: _Optional[str] = ...) -> None: ...
