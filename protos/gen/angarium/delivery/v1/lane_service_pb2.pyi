import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LaneMetrics(_message.Message):
    __slots__ = ("lane", "waiting_count", "active_count", "delayed_count", "completed_count", "failed_count", "unknown_count", "oldest_age", "is_paused", "longest_wait", "overdue_count")
    LANE_FIELD_NUMBER: _ClassVar[int]
    WAITING_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_COUNT_FIELD_NUMBER: _ClassVar[int]
    DELAYED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_FIELD_NUMBER: _ClassVar[int]
    IS_PAUSED_FIELD_NUMBER: _ClassVar[int]
    LONGEST_WAIT_FIELD_NUMBER: _ClassVar[int]
    OVERDUE_COUNT_FIELD_NUMBER: _ClassVar[int]
    lane: _enums_pb2.Priority
    waiting_count: int
    active_count: int
    delayed_count: int
    completed_count: int
    failed_count: int
    unknown_count: int
    oldest_age: _duration_pb2.Duration
    is_paused: bool
    longest_wait: _duration_pb2.Duration
    overdue_count: int
    def __init__(self, lane: _Optional[_Union[_enums_pb2.Priority, str]] = ..., waiting_count: _Optional[int] = ..., active_count: _Optional[int] = ..., delayed_count: _Optional[int] = ..., completed_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., unknown_count: _Optional[int] = ..., oldest_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., is_paused: _Optional[bool] = ..., longest_wait: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., overdue_count: _Optional[int] = ...) -> None: ...

class GetLaneMetricsRequest(_message.Message):
    __slots__ = ("lane", "tenant_id")
    LANE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    lane: _enums_pb2.Priority
    tenant_id: str
    def __init__(self, lane: _Optional[_Union[_enums_pb2.Priority, str]] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class GetLaneMetricsResponse(_message.Message):
    __slots__ = ("lanes",)
    LANES_FIELD_NUMBER: _ClassVar[int]
    lanes: _containers.RepeatedCompositeFieldContainer[LaneMetrics]
    def __init__(self, lanes: _Optional[_Iterable[_Union[LaneMetrics, _Mapping]]] = ...) -> None: ...

class PauseLaneRequest(_message.Message):
    __slots__ = ("lane", "tenant_id", "reason")
    LANE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    lane: _enums_pb2.Priority
    tenant_id: str
    reason: str
    def __init__(self, lane: _Optional[_Union[_enums_pb2.Priority, str]] = ..., tenant_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class PauseLaneResponse(_message.Message):
    __slots__ = ("was_running",)
    WAS_RUNNING_FIELD_NUMBER: _ClassVar[int]
    was_running: bool
    def __init__(self, was_running: _Optional[bool] = ...) -> None: ...

class ResumeLaneRequest(_message.Message):
    __slots__ = ("lane", "tenant_id")
    LANE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    lane: _enums_pb2.Priority
    tenant_id: str
    def __init__(self, lane: _Optional[_Union[_enums_pb2.Priority, str]] = ..., tenant_id: _Optional[str] = ...) -> None: ...

class ResumeLaneResponse(_message.Message):
    __slots__ = ("was_paused",)
    WAS_PAUSED_FIELD_NUMBER: _ClassVar[int]
    was_paused: bool
    def __init__(self, was_paused: _Optional[bool] = ...) -> None: ...

class DrainLaneRequest(_message.Message):
    __slots__ = ("lane", "tenant_id", "reason", "idempotency_key")
    LANE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    lane: _enums_pb2.Priority
    tenant_id: str
    reason: str
    idempotency_key: str
    def __init__(self, lane: _Optional[_Union[_enums_pb2.Priority, str]] = ..., tenant_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DrainLaneResponse(_message.Message):
    __slots__ = ("cancelled_count", "deduplicated")
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    cancelled_count: int
    deduplicated: bool
    def __init__(self, cancelled_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
