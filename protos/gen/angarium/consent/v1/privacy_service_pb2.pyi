import datetime

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

class PrivacyRequest(_message.Message):
    __slots__ = ("privacy_request_id", "contact_id", "kind", "state", "format", "requested_by", "requester_verified_by", "reason", "parts", "create_time", "due_time", "complete_time", "result_expire_time", "result_size", "failure_reason", "receipt")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[PrivacyRequest.Kind]
        KIND_EXPORT: _ClassVar[PrivacyRequest.Kind]
        KIND_ERASURE: _ClassVar[PrivacyRequest.Kind]
    KIND_UNSPECIFIED: PrivacyRequest.Kind
    KIND_EXPORT: PrivacyRequest.Kind
    KIND_ERASURE: PrivacyRequest.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[PrivacyRequest.State]
        STATE_RECEIVED: _ClassVar[PrivacyRequest.State]
        STATE_RUNNING: _ClassVar[PrivacyRequest.State]
        STATE_COMPLETED: _ClassVar[PrivacyRequest.State]
        STATE_FAILED: _ClassVar[PrivacyRequest.State]
        STATE_REJECTED: _ClassVar[PrivacyRequest.State]
    STATE_UNSPECIFIED: PrivacyRequest.State
    STATE_RECEIVED: PrivacyRequest.State
    STATE_RUNNING: PrivacyRequest.State
    STATE_COMPLETED: PrivacyRequest.State
    STATE_FAILED: PrivacyRequest.State
    STATE_REJECTED: PrivacyRequest.State
    class Format(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        FORMAT_UNSPECIFIED: _ClassVar[PrivacyRequest.Format]
        FORMAT_JSON: _ClassVar[PrivacyRequest.Format]
        FORMAT_CSV: _ClassVar[PrivacyRequest.Format]
    FORMAT_UNSPECIFIED: PrivacyRequest.Format
    FORMAT_JSON: PrivacyRequest.Format
    FORMAT_CSV: PrivacyRequest.Format
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_VERIFIED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESULT_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    RESULT_SIZE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_REASON_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    privacy_request_id: str
    contact_id: str
    kind: PrivacyRequest.Kind
    state: PrivacyRequest.State
    format: PrivacyRequest.Format
    requested_by: str
    requester_verified_by: str
    reason: str
    parts: _containers.RepeatedCompositeFieldContainer[PrivacyRequestPart]
    create_time: _timestamp_pb2.Timestamp
    due_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    result_expire_time: _timestamp_pb2.Timestamp
    result_size: int
    failure_reason: str
    receipt: ErasureReceipt
    def __init__(self, privacy_request_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., kind: _Optional[_Union[PrivacyRequest.Kind, str]] = ..., state: _Optional[_Union[PrivacyRequest.State, str]] = ..., format: _Optional[_Union[PrivacyRequest.Format, str]] = ..., requested_by: _Optional[str] = ..., requester_verified_by: _Optional[str] = ..., reason: _Optional[str] = ..., parts: _Optional[_Iterable[_Union[PrivacyRequestPart, _Mapping]]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., result_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., result_size: _Optional[int] = ..., failure_reason: _Optional[str] = ..., receipt: _Optional[_Union[ErasureReceipt, _Mapping]] = ...) -> None: ...

class PrivacyRequestPart(_message.Message):
    __slots__ = ("service", "state", "row_count", "remaining_count", "attempt_count", "error", "complete_time", "action")
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_COUNT_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    service: str
    state: PrivacyRequest.State
    row_count: int
    remaining_count: int
    attempt_count: int
    error: str
    complete_time: _timestamp_pb2.Timestamp
    action: str
    def __init__(self, service: _Optional[str] = ..., state: _Optional[_Union[PrivacyRequest.State, str]] = ..., row_count: _Optional[int] = ..., remaining_count: _Optional[int] = ..., attempt_count: _Optional[int] = ..., error: _Optional[str] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., action: _Optional[str] = ...) -> None: ...

class ErasureReceipt(_message.Message):
    __slots__ = ("document", "signature", "key_id")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    signature: str
    key_id: str
    def __init__(self, document: _Optional[bytes] = ..., signature: _Optional[str] = ..., key_id: _Optional[str] = ...) -> None: ...

class CreateExportRequest(_message.Message):
    __slots__ = ("contact_id", "format", "requester_verified_by", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_VERIFIED_BY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    format: PrivacyRequest.Format
    requester_verified_by: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., format: _Optional[_Union[PrivacyRequest.Format, str]] = ..., requester_verified_by: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateExportResponse(_message.Message):
    __slots__ = ("privacy_request", "deduplicated")
    PRIVACY_REQUEST_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    privacy_request: PrivacyRequest
    deduplicated: bool
    def __init__(self, privacy_request: _Optional[_Union[PrivacyRequest, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CreateErasureRequest(_message.Message):
    __slots__ = ("contact_id", "reason", "confirmation_phrase", "requester_verified_by", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_PHRASE_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_VERIFIED_BY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    reason: str
    confirmation_phrase: str
    requester_verified_by: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., reason: _Optional[str] = ..., confirmation_phrase: _Optional[str] = ..., requester_verified_by: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateErasureResponse(_message.Message):
    __slots__ = ("privacy_request", "deduplicated")
    PRIVACY_REQUEST_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    privacy_request: PrivacyRequest
    deduplicated: bool
    def __init__(self, privacy_request: _Optional[_Union[PrivacyRequest, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetPrivacyRequestRequest(_message.Message):
    __slots__ = ("privacy_request_id",)
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    privacy_request_id: str
    def __init__(self, privacy_request_id: _Optional[str] = ...) -> None: ...

class GetPrivacyRequestResponse(_message.Message):
    __slots__ = ("privacy_request",)
    PRIVACY_REQUEST_FIELD_NUMBER: _ClassVar[int]
    privacy_request: PrivacyRequest
    def __init__(self, privacy_request: _Optional[_Union[PrivacyRequest, _Mapping]] = ...) -> None: ...

class ListPrivacyRequestsRequest(_message.Message):
    __slots__ = ("contact_id", "kind", "state", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    kind: PrivacyRequest.Kind
    state: PrivacyRequest.State
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., kind: _Optional[_Union[PrivacyRequest.Kind, str]] = ..., state: _Optional[_Union[PrivacyRequest.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPrivacyRequestsResponse(_message.Message):
    __slots__ = ("privacy_requests", "next_page_token")
    PRIVACY_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    privacy_requests: _containers.RepeatedCompositeFieldContainer[PrivacyRequest]
    next_page_token: str
    def __init__(self, privacy_requests: _Optional[_Iterable[_Union[PrivacyRequest, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RejectPrivacyRequestRequest(_message.Message):
    __slots__ = ("privacy_request_id", "reason", "idempotency_key")
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    privacy_request_id: str
    reason: str
    idempotency_key: str
    def __init__(self, privacy_request_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RejectPrivacyRequestResponse(_message.Message):
    __slots__ = ("privacy_request", "deduplicated")
    PRIVACY_REQUEST_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    privacy_request: PrivacyRequest
    deduplicated: bool
    def __init__(self, privacy_request: _Optional[_Union[PrivacyRequest, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DownloadExportRequest(_message.Message):
    __slots__ = ("privacy_request_id",)
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    privacy_request_id: str
    def __init__(self, privacy_request_id: _Optional[str] = ...) -> None: ...

class DownloadExportResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...
