from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ExportContactDataRequest(_message.Message):
    __slots__ = ("contact_id", "privacy_request_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    privacy_request_id: str
    def __init__(self, contact_id: _Optional[str] = ..., privacy_request_id: _Optional[str] = ...) -> None: ...

class ExportContactDataResponse(_message.Message):
    __slots__ = ("collection", "records")
    COLLECTION_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    collection: str
    records: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, collection: _Optional[str] = ..., records: _Optional[_Iterable[str]] = ...) -> None: ...

class EraseContactDataRequest(_message.Message):
    __slots__ = ("contact_id", "privacy_request_id", "tombstone_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    TOMBSTONE_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    privacy_request_id: str
    tombstone_id: str
    def __init__(self, contact_id: _Optional[str] = ..., privacy_request_id: _Optional[str] = ..., tombstone_id: _Optional[str] = ...) -> None: ...

class EraseContactDataResponse(_message.Message):
    __slots__ = ("stores", "remaining_count")
    STORES_FIELD_NUMBER: _ClassVar[int]
    REMAINING_COUNT_FIELD_NUMBER: _ClassVar[int]
    stores: _containers.RepeatedCompositeFieldContainer[ErasedStore]
    remaining_count: int
    def __init__(self, stores: _Optional[_Iterable[_Union[ErasedStore, _Mapping]]] = ..., remaining_count: _Optional[int] = ...) -> None: ...

class ErasedStore(_message.Message):
    __slots__ = ("store", "deleted_count", "anonymized_count", "shredded_key_count")
    STORE_FIELD_NUMBER: _ClassVar[int]
    DELETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ANONYMIZED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHREDDED_KEY_COUNT_FIELD_NUMBER: _ClassVar[int]
    store: str
    deleted_count: int
    anonymized_count: int
    shredded_key_count: int
    def __init__(self, store: _Optional[str] = ..., deleted_count: _Optional[int] = ..., anonymized_count: _Optional[int] = ..., shredded_key_count: _Optional[int] = ...) -> None: ...
