import datetime

from angarium.campaign.v1 import feedback_pb2 as _feedback_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ResolveFeedbackTokenRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class ResolveFeedbackTokenResponse(_message.Message):
    __slots__ = ("tenant_name", "branding", "visit_date", "branch_name", "language_code", "feedback", "is_open")
    TENANT_NAME_FIELD_NUMBER: _ClassVar[int]
    BRANDING_FIELD_NUMBER: _ClassVar[int]
    VISIT_DATE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    IS_OPEN_FIELD_NUMBER: _ClassVar[int]
    tenant_name: str
    branding: PageBranding
    visit_date: str
    branch_name: str
    language_code: str
    feedback: _feedback_pb2.Feedback
    is_open: bool
    def __init__(self, tenant_name: _Optional[str] = ..., branding: _Optional[_Union[PageBranding, _Mapping]] = ..., visit_date: _Optional[str] = ..., branch_name: _Optional[str] = ..., language_code: _Optional[str] = ..., feedback: _Optional[_Union[_feedback_pb2.Feedback, _Mapping]] = ..., is_open: _Optional[bool] = ...) -> None: ...

class PageBranding(_message.Message):
    __slots__ = ("logo_url", "primary_color", "footer_text")
    LOGO_URL_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_COLOR_FIELD_NUMBER: _ClassVar[int]
    FOOTER_TEXT_FIELD_NUMBER: _ClassVar[int]
    logo_url: str
    primary_color: str
    footer_text: str
    def __init__(self, logo_url: _Optional[str] = ..., primary_color: _Optional[str] = ..., footer_text: _Optional[str] = ...) -> None: ...

class FeedbackVisit(_message.Message):
    __slots__ = ("contact_id", "reference_id", "branch_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    reference_id: str
    branch_id: str
    def __init__(self, contact_id: _Optional[str] = ..., reference_id: _Optional[str] = ..., branch_id: _Optional[str] = ...) -> None: ...

class SubmitFeedbackRequest(_message.Message):
    __slots__ = ("token", "visit", "rating", "comment", "idempotency_key")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    VISIT_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    token: str
    visit: FeedbackVisit
    rating: int
    comment: str
    idempotency_key: str
    def __init__(self, token: _Optional[str] = ..., visit: _Optional[_Union[FeedbackVisit, _Mapping]] = ..., rating: _Optional[int] = ..., comment: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SubmitFeedbackResponse(_message.Message):
    __slots__ = ("feedback", "deduplicated")
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    feedback: _feedback_pb2.Feedback
    deduplicated: bool
    def __init__(self, feedback: _Optional[_Union[_feedback_pb2.Feedback, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListFeedbackRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "ratings", "branch_id", "start_time", "end_time", "contact_id", "is_handled")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    RATINGS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    IS_HANDLED_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    ratings: _containers.RepeatedScalarFieldContainer[int]
    branch_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    contact_id: str
    is_handled: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., ratings: _Optional[_Iterable[int]] = ..., branch_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., contact_id: _Optional[str] = ..., is_handled: _Optional[bool] = ...) -> None: ...

class ListFeedbackResponse(_message.Message):
    __slots__ = ("feedback", "next_page_token")
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    feedback: _containers.RepeatedCompositeFieldContainer[_feedback_pb2.Feedback]
    next_page_token: str
    def __init__(self, feedback: _Optional[_Iterable[_Union[_feedback_pb2.Feedback, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class HandleFeedbackRequest(_message.Message):
    __slots__ = ("feedback_id", "note", "idempotency_key")
    FEEDBACK_ID_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    feedback_id: str
    note: str
    idempotency_key: str
    def __init__(self, feedback_id: _Optional[str] = ..., note: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class HandleFeedbackResponse(_message.Message):
    __slots__ = ("feedback", "deduplicated")
    FEEDBACK_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    feedback: _feedback_pb2.Feedback
    deduplicated: bool
    def __init__(self, feedback: _Optional[_Union[_feedback_pb2.Feedback, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetFeedbackSummaryRequest(_message.Message):
    __slots__ = ("start_time", "end_time", "branch_id")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    branch_id: str
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class GetFeedbackSummaryResponse(_message.Message):
    __slots__ = ("count", "average", "distribution", "unhandled_low_count")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_FIELD_NUMBER: _ClassVar[int]
    DISTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    UNHANDLED_LOW_COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    average: float
    distribution: _containers.RepeatedCompositeFieldContainer[RatingCount]
    unhandled_low_count: int
    def __init__(self, count: _Optional[int] = ..., average: _Optional[float] = ..., distribution: _Optional[_Iterable[_Union[RatingCount, _Mapping]]] = ..., unhandled_low_count: _Optional[int] = ...) -> None: ...

class RatingCount(_message.Message):
    __slots__ = ("rating", "count")
    RATING_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    rating: int
    count: int
    def __init__(self, rating: _Optional[int] = ..., count: _Optional[int] = ...) -> None: ...
