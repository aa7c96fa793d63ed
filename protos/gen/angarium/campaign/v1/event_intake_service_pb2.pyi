import datetime

from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import error_details_pb2 as _error_details_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InboundEnvelope(_message.Message):
    __slots__ = ("event_id", "type", "version", "tenant_id", "branch_ref", "source", "occur_time", "aggregate_type", "aggregate_id", "sequence", "correlation_id", "causation_id", "data", "data_json")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_REF_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    DATA_JSON_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    type: str
    version: int
    tenant_id: str
    branch_ref: str
    source: str
    occur_time: _timestamp_pb2.Timestamp
    aggregate_type: str
    aggregate_id: str
    sequence: int
    correlation_id: str
    causation_id: str
    data: _struct_pb2.Struct
    data_json: bytes
    def __init__(self, event_id: _Optional[str] = ..., type: _Optional[str] = ..., version: _Optional[int] = ..., tenant_id: _Optional[str] = ..., branch_ref: _Optional[str] = ..., source: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., aggregate_type: _Optional[str] = ..., aggregate_id: _Optional[str] = ..., sequence: _Optional[int] = ..., correlation_id: _Optional[str] = ..., causation_id: _Optional[str] = ..., data: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., data_json: _Optional[bytes] = ...) -> None: ...

class IngestResult(_message.Message):
    __slots__ = ("index", "event_id", "state", "reason", "violations")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[IngestResult.State]
        STATE_ACCEPTED: _ClassVar[IngestResult.State]
        STATE_DUPLICATE: _ClassVar[IngestResult.State]
        STATE_REJECTED: _ClassVar[IngestResult.State]
    STATE_UNSPECIFIED: IngestResult.State
    STATE_ACCEPTED: IngestResult.State
    STATE_DUPLICATE: IngestResult.State
    STATE_REJECTED: IngestResult.State
    INDEX_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VIOLATIONS_FIELD_NUMBER: _ClassVar[int]
    index: int
    event_id: str
    state: IngestResult.State
    reason: str
    violations: _containers.RepeatedCompositeFieldContainer[_error_details_pb2.BadRequest.FieldViolation]
    def __init__(self, index: _Optional[int] = ..., event_id: _Optional[str] = ..., state: _Optional[_Union[IngestResult.State, str]] = ..., reason: _Optional[str] = ..., violations: _Optional[_Iterable[_Union[_error_details_pb2.BadRequest.FieldViolation, _Mapping]]] = ...) -> None: ...

class IngestEventsRequest(_message.Message):
    __slots__ = ("events", "events_json", "key_id", "nonce")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_JSON_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[InboundEnvelope]
    events_json: bytes
    key_id: str
    nonce: str
    def __init__(self, events: _Optional[_Iterable[_Union[InboundEnvelope, _Mapping]]] = ..., events_json: _Optional[bytes] = ..., key_id: _Optional[str] = ..., nonce: _Optional[str] = ...) -> None: ...

class IngestEventsResponse(_message.Message):
    __slots__ = ("results", "accepted_count", "duplicate_count", "rejected_count")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[IngestResult]
    accepted_count: int
    duplicate_count: int
    rejected_count: int
    def __init__(self, results: _Optional[_Iterable[_Union[IngestResult, _Mapping]]] = ..., accepted_count: _Optional[int] = ..., duplicate_count: _Optional[int] = ..., rejected_count: _Optional[int] = ...) -> None: ...

class StreamEventsRequest(_message.Message):
    __slots__ = ("block_number", "events")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    events: _containers.RepeatedCompositeFieldContainer[InboundEnvelope]
    def __init__(self, block_number: _Optional[int] = ..., events: _Optional[_Iterable[_Union[InboundEnvelope, _Mapping]]] = ...) -> None: ...

class StreamEventsResponse(_message.Message):
    __slots__ = ("block_number", "result", "error")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    result: IngestEventsResponse
    error: _status_pb2.Status
    def __init__(self, block_number: _Optional[int] = ..., result: _Optional[_Union[IngestEventsResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class InboundEvent(_message.Message):
    __slots__ = ("event_id", "type", "named_type", "source", "branch_ref", "aggregate_type", "aggregate_id", "sequence", "correlation_id", "causation_id", "state", "attempts", "error", "steps", "key_id", "occur_time", "receive_time", "next_attempt_time", "finish_time", "fact", "data_json")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[InboundEvent.State]
        STATE_RECEIVED: _ClassVar[InboundEvent.State]
        STATE_FAILED: _ClassVar[InboundEvent.State]
        STATE_PROCESSED: _ClassVar[InboundEvent.State]
        STATE_IGNORED: _ClassVar[InboundEvent.State]
        STATE_DEAD: _ClassVar[InboundEvent.State]
    STATE_UNSPECIFIED: InboundEvent.State
    STATE_RECEIVED: InboundEvent.State
    STATE_FAILED: InboundEvent.State
    STATE_PROCESSED: InboundEvent.State
    STATE_IGNORED: InboundEvent.State
    STATE_DEAD: InboundEvent.State
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAMED_TYPE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_REF_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    CAUSATION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    DATA_JSON_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    type: str
    named_type: str
    source: str
    branch_ref: str
    aggregate_type: str
    aggregate_id: str
    sequence: int
    correlation_id: str
    causation_id: str
    state: InboundEvent.State
    attempts: int
    error: str
    steps: _containers.RepeatedScalarFieldContainer[str]
    key_id: str
    occur_time: _timestamp_pb2.Timestamp
    receive_time: _timestamp_pb2.Timestamp
    next_attempt_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    fact: str
    data_json: str
    def __init__(self, event_id: _Optional[str] = ..., type: _Optional[str] = ..., named_type: _Optional[str] = ..., source: _Optional[str] = ..., branch_ref: _Optional[str] = ..., aggregate_type: _Optional[str] = ..., aggregate_id: _Optional[str] = ..., sequence: _Optional[int] = ..., correlation_id: _Optional[str] = ..., causation_id: _Optional[str] = ..., state: _Optional[_Union[InboundEvent.State, str]] = ..., attempts: _Optional[int] = ..., error: _Optional[str] = ..., steps: _Optional[_Iterable[str]] = ..., key_id: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fact: _Optional[str] = ..., data_json: _Optional[str] = ...) -> None: ...

class ListInboundEventsRequest(_message.Message):
    __slots__ = ("state", "type", "source", "aggregate_type", "aggregate_id", "receive_time_from", "receive_time_until", "page_size", "page_token")
    STATE_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    AGGREGATE_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FROM_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_UNTIL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state: InboundEvent.State
    type: str
    source: str
    aggregate_type: str
    aggregate_id: str
    receive_time_from: _timestamp_pb2.Timestamp
    receive_time_until: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, state: _Optional[_Union[InboundEvent.State, str]] = ..., type: _Optional[str] = ..., source: _Optional[str] = ..., aggregate_type: _Optional[str] = ..., aggregate_id: _Optional[str] = ..., receive_time_from: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., receive_time_until: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListInboundEventsResponse(_message.Message):
    __slots__ = ("inbound_events", "next_page_token")
    INBOUND_EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    inbound_events: _containers.RepeatedCompositeFieldContainer[InboundEvent]
    next_page_token: str
    def __init__(self, inbound_events: _Optional[_Iterable[_Union[InboundEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetInboundEventRequest(_message.Message):
    __slots__ = ("event_id",)
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    def __init__(self, event_id: _Optional[str] = ...) -> None: ...

class GetInboundEventResponse(_message.Message):
    __slots__ = ("inbound_event",)
    INBOUND_EVENT_FIELD_NUMBER: _ClassVar[int]
    inbound_event: InboundEvent
    def __init__(self, inbound_event: _Optional[_Union[InboundEvent, _Mapping]] = ...) -> None: ...

class ReplayInboundEventRequest(_message.Message):
    __slots__ = ("event_id", "idempotency_key")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    idempotency_key: str
    def __init__(self, event_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ReplayInboundEventResponse(_message.Message):
    __slots__ = ("inbound_event", "deduplicated")
    INBOUND_EVENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    inbound_event: InboundEvent
    deduplicated: bool
    def __init__(self, inbound_event: _Optional[_Union[InboundEvent, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class IntakeKey(_message.Message):
    __slots__ = ("key_id", "source", "event_types", "is_active", "previous_expire_time", "created_by", "create_time", "rotate_time", "revoke_time", "last_use_time")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    IS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ROTATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_USE_TIME_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    source: str
    event_types: _containers.RepeatedScalarFieldContainer[str]
    is_active: bool
    previous_expire_time: _timestamp_pb2.Timestamp
    created_by: str
    create_time: _timestamp_pb2.Timestamp
    rotate_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    last_use_time: _timestamp_pb2.Timestamp
    def __init__(self, key_id: _Optional[str] = ..., source: _Optional[str] = ..., event_types: _Optional[_Iterable[str]] = ..., is_active: _Optional[bool] = ..., previous_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., created_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rotate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_use_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateIntakeKeyRequest(_message.Message):
    __slots__ = ("source", "event_types", "idempotency_key")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    source: str
    event_types: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, source: _Optional[str] = ..., event_types: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateIntakeKeyResponse(_message.Message):
    __slots__ = ("intake_key", "secret", "deduplicated")
    INTAKE_KEY_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    intake_key: IntakeKey
    secret: str
    deduplicated: bool
    def __init__(self, intake_key: _Optional[_Union[IntakeKey, _Mapping]] = ..., secret: _Optional[str] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RotateIntakeKeyRequest(_message.Message):
    __slots__ = ("key_id", "overlap", "idempotency_key")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    overlap: _duration_pb2.Duration
    idempotency_key: str
    def __init__(self, key_id: _Optional[str] = ..., overlap: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RotateIntakeKeyResponse(_message.Message):
    __slots__ = ("intake_key", "secret", "deduplicated")
    INTAKE_KEY_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    intake_key: IntakeKey
    secret: str
    deduplicated: bool
    def __init__(self, intake_key: _Optional[_Union[IntakeKey, _Mapping]] = ..., secret: _Optional[str] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RevokeIntakeKeyRequest(_message.Message):
    __slots__ = ("key_id", "idempotency_key")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    idempotency_key: str
    def __init__(self, key_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RevokeIntakeKeyResponse(_message.Message):
    __slots__ = ("intake_key", "deduplicated")
    INTAKE_KEY_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    intake_key: IntakeKey
    deduplicated: bool
    def __init__(self, intake_key: _Optional[_Union[IntakeKey, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListIntakeKeysRequest(_message.Message):
    __slots__ = ("with_revoked", "page_size", "page_token")
    WITH_REVOKED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    with_revoked: bool
    page_size: int
    page_token: str
    def __init__(self, with_revoked: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListIntakeKeysResponse(_message.Message):
    __slots__ = ("intake_keys", "next_page_token")
    INTAKE_KEYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    intake_keys: _containers.RepeatedCompositeFieldContainer[IntakeKey]
    next_page_token: str
    def __init__(self, intake_keys: _Optional[_Iterable[_Union[IntakeKey, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ResolveIntakeKeyRequest(_message.Message):
    __slots__ = ("key_id",)
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    def __init__(self, key_id: _Optional[str] = ...) -> None: ...

class ResolveIntakeKeyResponse(_message.Message):
    __slots__ = ("tenant_id", "source", "secrets", "previous_expire_time")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SECRETS_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    source: str
    secrets: _containers.RepeatedScalarFieldContainer[bytes]
    previous_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, tenant_id: _Optional[str] = ..., source: _Optional[str] = ..., secrets: _Optional[_Iterable[bytes]] = ..., previous_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
