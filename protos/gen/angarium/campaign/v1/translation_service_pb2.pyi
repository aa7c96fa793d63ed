import datetime

from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Translation(_message.Message):
    __slots__ = ("language_code", "key", "value", "is_system", "update_time")
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    IS_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    key: str
    value: str
    is_system: bool
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, language_code: _Optional[str] = ..., key: _Optional[str] = ..., value: _Optional[str] = ..., is_system: _Optional[bool] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListTranslationsRequest(_message.Message):
    __slots__ = ("language_code", "key_prefix", "page_size", "page_token")
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    KEY_PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    key_prefix: str
    page_size: int
    page_token: str
    def __init__(self, language_code: _Optional[str] = ..., key_prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTranslationsResponse(_message.Message):
    __slots__ = ("translations", "next_page_token")
    TRANSLATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    translations: _containers.RepeatedCompositeFieldContainer[Translation]
    next_page_token: str
    def __init__(self, translations: _Optional[_Iterable[_Union[Translation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpsertTranslationsRequest(_message.Message):
    __slots__ = ("translations", "idempotency_key")
    TRANSLATIONS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    translations: _containers.RepeatedCompositeFieldContainer[Translation]
    idempotency_key: str
    def __init__(self, translations: _Optional[_Iterable[_Union[Translation, _Mapping]]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpsertTranslationsResponse(_message.Message):
    __slots__ = ("created_count", "changed_count", "deduplicated")
    CREATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    created_count: int
    changed_count: int
    deduplicated: bool
    def __init__(self, created_count: _Optional[int] = ..., changed_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteTranslationRequest(_message.Message):
    __slots__ = ("language_code", "key", "idempotency_key")
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    key: str
    idempotency_key: str
    def __init__(self, language_code: _Optional[str] = ..., key: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteTranslationResponse(_message.Message):
    __slots__ = ("deduplicated",)
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    deduplicated: bool
    def __init__(self, deduplicated: _Optional[bool] = ...) -> None: ...
