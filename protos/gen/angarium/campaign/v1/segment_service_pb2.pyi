import datetime

from angarium.campaign.v1 import contact_pb2 as _contact_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SegmentOperator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEGMENT_OPERATOR_UNSPECIFIED: _ClassVar[SegmentOperator]
    SEGMENT_OPERATOR_AND: _ClassVar[SegmentOperator]
    SEGMENT_OPERATOR_OR: _ClassVar[SegmentOperator]

class ConditionOperator(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONDITION_OPERATOR_UNSPECIFIED: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_EQ: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_NE: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_GT: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_GTE: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_LT: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_LTE: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_IN: _ClassVar[ConditionOperator]
    CONDITION_OPERATOR_CONTAINS: _ClassVar[ConditionOperator]
SEGMENT_OPERATOR_UNSPECIFIED: SegmentOperator
SEGMENT_OPERATOR_AND: SegmentOperator
SEGMENT_OPERATOR_OR: SegmentOperator
CONDITION_OPERATOR_UNSPECIFIED: ConditionOperator
CONDITION_OPERATOR_EQ: ConditionOperator
CONDITION_OPERATOR_NE: ConditionOperator
CONDITION_OPERATOR_GT: ConditionOperator
CONDITION_OPERATOR_GTE: ConditionOperator
CONDITION_OPERATOR_LT: ConditionOperator
CONDITION_OPERATOR_LTE: ConditionOperator
CONDITION_OPERATOR_IN: ConditionOperator
CONDITION_OPERATOR_CONTAINS: ConditionOperator

class Segment(_message.Message):
    __slots__ = ("segment_id", "name", "description", "rule", "branch_ids", "kind", "contact_count", "refresh_time", "etag", "create_time")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Segment.Kind]
        KIND_SYSTEM: _ClassVar[Segment.Kind]
        KIND_CUSTOM: _ClassVar[Segment.Kind]
    KIND_UNSPECIFIED: Segment.Kind
    KIND_SYSTEM: Segment.Kind
    KIND_CUSTOM: Segment.Kind
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONTACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    name: str
    description: str
    rule: SegmentRule
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    kind: Segment.Kind
    contact_count: int
    refresh_time: _timestamp_pb2.Timestamp
    etag: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, segment_id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., rule: _Optional[_Union[SegmentRule, _Mapping]] = ..., branch_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[_Union[Segment.Kind, str]] = ..., contact_count: _Optional[int] = ..., refresh_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SegmentRule(_message.Message):
    __slots__ = ("operator", "conditions", "groups")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    operator: SegmentOperator
    conditions: _containers.RepeatedCompositeFieldContainer[SegmentCondition]
    groups: _containers.RepeatedCompositeFieldContainer[SegmentRule]
    def __init__(self, operator: _Optional[_Union[SegmentOperator, str]] = ..., conditions: _Optional[_Iterable[_Union[SegmentCondition, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[SegmentRule, _Mapping]]] = ...) -> None: ...

class SegmentCondition(_message.Message):
    __slots__ = ("field", "operator", "value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    operator: ConditionOperator
    value: _struct_pb2.Value
    def __init__(self, field: _Optional[str] = ..., operator: _Optional[_Union[ConditionOperator, str]] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class CreateSegmentRequest(_message.Message):
    __slots__ = ("segment", "idempotency_key")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    idempotency_key: str
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateSegmentResponse(_message.Message):
    __slots__ = ("segment", "deduplicated")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    deduplicated: bool
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetSegmentRequest(_message.Message):
    __slots__ = ("segment_id",)
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    def __init__(self, segment_id: _Optional[str] = ...) -> None: ...

class GetSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...

class ListSegmentsRequest(_message.Message):
    __slots__ = ("kind", "text", "page_size", "page_token")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    kind: Segment.Kind
    text: str
    page_size: int
    page_token: str
    def __init__(self, kind: _Optional[_Union[Segment.Kind, str]] = ..., text: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSegmentsResponse(_message.Message):
    __slots__ = ("segments", "next_page_token")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[Segment]
    next_page_token: str
    def __init__(self, segments: _Optional[_Iterable[_Union[Segment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateSegmentRequest(_message.Message):
    __slots__ = ("segment", "update_mask", "idempotency_key")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateSegmentResponse(_message.Message):
    __slots__ = ("segment", "deduplicated")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    deduplicated: bool
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteSegmentRequest(_message.Message):
    __slots__ = ("segment_id", "idempotency_key")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    idempotency_key: str
    def __init__(self, segment_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteSegmentResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PreviewSegmentRequest(_message.Message):
    __slots__ = ("rule", "branch_ids", "sample_size")
    RULE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_SIZE_FIELD_NUMBER: _ClassVar[int]
    rule: SegmentRule
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    sample_size: int
    def __init__(self, rule: _Optional[_Union[SegmentRule, _Mapping]] = ..., branch_ids: _Optional[_Iterable[str]] = ..., sample_size: _Optional[int] = ...) -> None: ...

class PreviewSegmentResponse(_message.Message):
    __slots__ = ("contact_count", "with_email_count", "with_phone_count", "sample")
    CONTACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    WITH_EMAIL_COUNT_FIELD_NUMBER: _ClassVar[int]
    WITH_PHONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    contact_count: int
    with_email_count: int
    with_phone_count: int
    sample: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    def __init__(self, contact_count: _Optional[int] = ..., with_email_count: _Optional[int] = ..., with_phone_count: _Optional[int] = ..., sample: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ...) -> None: ...

class RefreshSegmentRequest(_message.Message):
    __slots__ = ("segment_id",)
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    def __init__(self, segment_id: _Optional[str] = ...) -> None: ...

class RefreshSegmentResponse(_message.Message):
    __slots__ = ("segment",)
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ...) -> None: ...
