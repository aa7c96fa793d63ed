import datetime

from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.consent.v1 import consent_service_pb2 as _consent_service_pb2
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

class DndImport(_message.Message):
    __slots__ = ("dnd_import_id", "registry", "file_name", "checksum", "mode", "total_count", "added_count", "removed_count", "invalid_count", "state", "start_time", "end_time", "requested_by", "error")
    class Mode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MODE_UNSPECIFIED: _ClassVar[DndImport.Mode]
        MODE_FULL: _ClassVar[DndImport.Mode]
        MODE_DELTA: _ClassVar[DndImport.Mode]
    MODE_UNSPECIFIED: DndImport.Mode
    MODE_FULL: DndImport.Mode
    MODE_DELTA: DndImport.Mode
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[DndImport.State]
        STATE_RUNNING: _ClassVar[DndImport.State]
        STATE_COMPLETED: _ClassVar[DndImport.State]
        STATE_FAILED: _ClassVar[DndImport.State]
    STATE_UNSPECIFIED: DndImport.State
    STATE_RUNNING: DndImport.State
    STATE_COMPLETED: DndImport.State
    STATE_FAILED: DndImport.State
    DND_IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    INVALID_COUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_BY_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    dnd_import_id: str
    registry: str
    file_name: str
    checksum: bytes
    mode: DndImport.Mode
    total_count: int
    added_count: int
    removed_count: int
    invalid_count: int
    state: DndImport.State
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    requested_by: str
    error: str
    def __init__(self, dnd_import_id: _Optional[str] = ..., registry: _Optional[str] = ..., file_name: _Optional[str] = ..., checksum: _Optional[bytes] = ..., mode: _Optional[_Union[DndImport.Mode, str]] = ..., total_count: _Optional[int] = ..., added_count: _Optional[int] = ..., removed_count: _Optional[int] = ..., invalid_count: _Optional[int] = ..., state: _Optional[_Union[DndImport.State, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., requested_by: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class DndImportHeader(_message.Message):
    __slots__ = ("registry", "mode", "checksum", "file_name", "expected_count")
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    registry: str
    mode: DndImport.Mode
    checksum: bytes
    file_name: str
    expected_count: int
    def __init__(self, registry: _Optional[str] = ..., mode: _Optional[_Union[DndImport.Mode, str]] = ..., checksum: _Optional[bytes] = ..., file_name: _Optional[str] = ..., expected_count: _Optional[int] = ...) -> None: ...

class DndRows(_message.Message):
    __slots__ = ("phones", "is_removal", "categories")
    PHONES_FIELD_NUMBER: _ClassVar[int]
    IS_REMOVAL_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    phones: _containers.RepeatedScalarFieldContainer[str]
    is_removal: bool
    categories: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, phones: _Optional[_Iterable[str]] = ..., is_removal: _Optional[bool] = ..., categories: _Optional[_Iterable[str]] = ...) -> None: ...

class ImportDndRegistryRequest(_message.Message):
    __slots__ = ("header", "rows")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    header: DndImportHeader
    rows: DndRows
    def __init__(self, header: _Optional[_Union[DndImportHeader, _Mapping]] = ..., rows: _Optional[_Union[DndRows, _Mapping]] = ...) -> None: ...

class ImportDndRegistryResponse(_message.Message):
    __slots__ = ("dnd_import", "errors")
    DND_IMPORT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    dnd_import: DndImport
    errors: _containers.RepeatedCompositeFieldContainer[_consent_service_pb2.ImportRowError]
    def __init__(self, dnd_import: _Optional[_Union[DndImport, _Mapping]] = ..., errors: _Optional[_Iterable[_Union[_consent_service_pb2.ImportRowError, _Mapping]]] = ...) -> None: ...

class CheckDndRequest(_message.Message):
    __slots__ = ("phone", "registry")
    PHONE_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    phone: str
    registry: str
    def __init__(self, phone: _Optional[str] = ..., registry: _Optional[str] = ...) -> None: ...

class CheckDndResponse(_message.Message):
    __slots__ = ("is_listed", "listings")
    IS_LISTED_FIELD_NUMBER: _ClassVar[int]
    LISTINGS_FIELD_NUMBER: _ClassVar[int]
    is_listed: bool
    listings: _containers.RepeatedCompositeFieldContainer[DndListing]
    def __init__(self, is_listed: _Optional[bool] = ..., listings: _Optional[_Iterable[_Union[DndListing, _Mapping]]] = ...) -> None: ...

class DndListing(_message.Message):
    __slots__ = ("registry", "list_time", "categories")
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    LIST_TIME_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    registry: str
    list_time: _timestamp_pb2.Timestamp
    categories: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, registry: _Optional[str] = ..., list_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., categories: _Optional[_Iterable[str]] = ...) -> None: ...

class ListDndImportsRequest(_message.Message):
    __slots__ = ("registry", "page_size", "page_token")
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    registry: str
    page_size: int
    page_token: str
    def __init__(self, registry: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDndImportsResponse(_message.Message):
    __slots__ = ("dnd_imports", "next_page_token")
    DND_IMPORTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    dnd_imports: _containers.RepeatedCompositeFieldContainer[DndImport]
    next_page_token: str
    def __init__(self, dnd_imports: _Optional[_Iterable[_Union[DndImport, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class SetContactDndRequest(_message.Message):
    __slots__ = ("contact_id", "is_dnd", "reason", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    IS_DND_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    is_dnd: bool
    reason: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., is_dnd: _Optional[bool] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SetContactDndResponse(_message.Message):
    __slots__ = ("summary", "deduplicated")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    summary: _consent_pb2.ConsentSummary
    deduplicated: bool
    def __init__(self, summary: _Optional[_Union[_consent_pb2.ConsentSummary, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
