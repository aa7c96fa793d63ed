from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EngagementScored(_message.Message):
    __slots__ = ("scores",)
    SCORES_FIELD_NUMBER: _ClassVar[int]
    scores: _containers.RepeatedCompositeFieldContainer[ContactScore]
    def __init__(self, scores: _Optional[_Iterable[_Union[ContactScore, _Mapping]]] = ...) -> None: ...

class ContactScore(_message.Message):
    __slots__ = ("contact_id", "score")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    score: int
    def __init__(self, contact_id: _Optional[str] = ..., score: _Optional[int] = ...) -> None: ...
