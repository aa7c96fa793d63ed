import datetime

from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Job(_message.Message):
    __slots__ = ("name", "period", "time_of_day", "due_time", "success_time", "is_running", "is_requested", "is_switched_off", "is_overdue", "skipped_start_count", "runs")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    TIME_OF_DAY_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    SUCCESS_TIME_FIELD_NUMBER: _ClassVar[int]
    IS_RUNNING_FIELD_NUMBER: _ClassVar[int]
    IS_REQUESTED_FIELD_NUMBER: _ClassVar[int]
    IS_SWITCHED_OFF_FIELD_NUMBER: _ClassVar[int]
    IS_OVERDUE_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_START_COUNT_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    name: str
    period: _duration_pb2.Duration
    time_of_day: str
    due_time: _timestamp_pb2.Timestamp
    success_time: _timestamp_pb2.Timestamp
    is_running: bool
    is_requested: bool
    is_switched_off: bool
    is_overdue: bool
    skipped_start_count: int
    runs: _containers.RepeatedCompositeFieldContainer[JobRun]
    def __init__(self, name: _Optional[str] = ..., period: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., time_of_day: _Optional[str] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., success_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_running: _Optional[bool] = ..., is_requested: _Optional[bool] = ..., is_switched_off: _Optional[bool] = ..., is_overdue: _Optional[bool] = ..., skipped_start_count: _Optional[int] = ..., runs: _Optional[_Iterable[_Union[JobRun, _Mapping]]] = ...) -> None: ...

class JobRun(_message.Message):
    __slots__ = ("job_run_id", "state", "start_time", "end_time", "seen_count", "done_count", "skipped_count", "failed_count", "error")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[JobRun.State]
        STATE_RUNNING: _ClassVar[JobRun.State]
        STATE_SUCCEEDED: _ClassVar[JobRun.State]
        STATE_FAILED: _ClassVar[JobRun.State]
        STATE_LOST: _ClassVar[JobRun.State]
    STATE_UNSPECIFIED: JobRun.State
    STATE_RUNNING: JobRun.State
    STATE_SUCCEEDED: JobRun.State
    STATE_FAILED: JobRun.State
    STATE_LOST: JobRun.State
    JOB_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    SEEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    DONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    job_run_id: str
    state: JobRun.State
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    seen_count: int
    done_count: int
    skipped_count: int
    failed_count: int
    error: str
    def __init__(self, job_run_id: _Optional[str] = ..., state: _Optional[_Union[JobRun.State, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., seen_count: _Optional[int] = ..., done_count: _Optional[int] = ..., skipped_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., error: _Optional[str] = ...) -> None: ...

class ListJobsRequest(_message.Message):
    __slots__ = ("run_count", "page_size", "page_token")
    RUN_COUNT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    run_count: int
    page_size: int
    page_token: str
    def __init__(self, run_count: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[Job]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[Job, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RunJobRequest(_message.Message):
    __slots__ = ("name", "idempotency_key")
    NAME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    name: str
    idempotency_key: str
    def __init__(self, name: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RunJobResponse(_message.Message):
    __slots__ = ("outcome", "job", "deduplicated")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[RunJobResponse.Outcome]
        OUTCOME_REQUESTED: _ClassVar[RunJobResponse.Outcome]
        OUTCOME_SKIPPED_RUNNING: _ClassVar[RunJobResponse.Outcome]
        OUTCOME_SKIPPED_SWITCHED_OFF: _ClassVar[RunJobResponse.Outcome]
    OUTCOME_UNSPECIFIED: RunJobResponse.Outcome
    OUTCOME_REQUESTED: RunJobResponse.Outcome
    OUTCOME_SKIPPED_RUNNING: RunJobResponse.Outcome
    OUTCOME_SKIPPED_SWITCHED_OFF: RunJobResponse.Outcome
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    JOB_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    outcome: RunJobResponse.Outcome
    job: Job
    deduplicated: bool
    def __init__(self, outcome: _Optional[_Union[RunJobResponse.Outcome, str]] = ..., job: _Optional[_Union[Job, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
