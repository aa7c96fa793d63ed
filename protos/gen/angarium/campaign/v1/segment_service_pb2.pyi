import datetime

from angarium.campaign.v1 import contact_pb2 as _contact_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
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

class SegmentActivity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEGMENT_ACTIVITY_UNSPECIFIED: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_VISIT: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_PURCHASE: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_TICKET: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_ATTENDANCE: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_VIEW: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_RECEIVED: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_OPEN: _ClassVar[SegmentActivity]
    SEGMENT_ACTIVITY_CLICK: _ClassVar[SegmentActivity]
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
SEGMENT_ACTIVITY_UNSPECIFIED: SegmentActivity
SEGMENT_ACTIVITY_VISIT: SegmentActivity
SEGMENT_ACTIVITY_PURCHASE: SegmentActivity
SEGMENT_ACTIVITY_TICKET: SegmentActivity
SEGMENT_ACTIVITY_ATTENDANCE: SegmentActivity
SEGMENT_ACTIVITY_VIEW: SegmentActivity
SEGMENT_ACTIVITY_RECEIVED: SegmentActivity
SEGMENT_ACTIVITY_OPEN: SegmentActivity
SEGMENT_ACTIVITY_CLICK: SegmentActivity

class Segment(_message.Message):
    __slots__ = ("segment_id", "name", "description", "rule", "branch_ids", "kind", "contact_count", "refresh_time", "etag", "create_time", "is_dynamic", "is_active")
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
    IS_DYNAMIC_FIELD_NUMBER: _ClassVar[int]
    IS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
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
    is_dynamic: bool
    is_active: bool
    def __init__(self, segment_id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., rule: _Optional[_Union[SegmentRule, _Mapping]] = ..., branch_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[_Union[Segment.Kind, str]] = ..., contact_count: _Optional[int] = ..., refresh_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_dynamic: _Optional[bool] = ..., is_active: _Optional[bool] = ...) -> None: ...

class SegmentRule(_message.Message):
    __slots__ = ("operator", "conditions", "groups", "behaviours", "splits")
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    BEHAVIOURS_FIELD_NUMBER: _ClassVar[int]
    SPLITS_FIELD_NUMBER: _ClassVar[int]
    operator: SegmentOperator
    conditions: _containers.RepeatedCompositeFieldContainer[SegmentCondition]
    groups: _containers.RepeatedCompositeFieldContainer[SegmentRule]
    behaviours: _containers.RepeatedCompositeFieldContainer[SegmentBehaviour]
    splits: _containers.RepeatedCompositeFieldContainer[SegmentSplit]
    def __init__(self, operator: _Optional[_Union[SegmentOperator, str]] = ..., conditions: _Optional[_Iterable[_Union[SegmentCondition, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[SegmentRule, _Mapping]]] = ..., behaviours: _Optional[_Iterable[_Union[SegmentBehaviour, _Mapping]]] = ..., splits: _Optional[_Iterable[_Union[SegmentSplit, _Mapping]]] = ...) -> None: ...

class SegmentCondition(_message.Message):
    __slots__ = ("field", "operator", "value", "channel")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    field: str
    operator: ConditionOperator
    value: _struct_pb2.Value
    channel: _enums_pb2.Channel
    def __init__(self, field: _Optional[str] = ..., operator: _Optional[_Union[ConditionOperator, str]] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ...) -> None: ...

class SegmentBehaviour(_message.Message):
    __slots__ = ("activity", "is_negated", "at_least", "within_days", "reference")
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    IS_NEGATED_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    WITHIN_DAYS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    activity: SegmentActivity
    is_negated: bool
    at_least: int
    within_days: int
    reference: str
    def __init__(self, activity: _Optional[_Union[SegmentActivity, str]] = ..., is_negated: _Optional[bool] = ..., at_least: _Optional[int] = ..., within_days: _Optional[int] = ..., reference: _Optional[str] = ...) -> None: ...

class SegmentSplit(_message.Message):
    __slots__ = ("salt", "first_bucket", "end_bucket")
    SALT_FIELD_NUMBER: _ClassVar[int]
    FIRST_BUCKET_FIELD_NUMBER: _ClassVar[int]
    END_BUCKET_FIELD_NUMBER: _ClassVar[int]
    salt: str
    first_bucket: int
    end_bucket: int
    def __init__(self, salt: _Optional[str] = ..., first_bucket: _Optional[int] = ..., end_bucket: _Optional[int] = ...) -> None: ...

class SegmentFilter(_message.Message):
    __slots__ = ("last_purchase", "customer_type", "event_attendance")
    class LastPurchase(_message.Message):
        __slots__ = ("days", "operator")
        DAYS_FIELD_NUMBER: _ClassVar[int]
        OPERATOR_FIELD_NUMBER: _ClassVar[int]
        days: int
        operator: str
        def __init__(self, days: _Optional[int] = ..., operator: _Optional[str] = ...) -> None: ...
    LAST_PURCHASE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ATTENDANCE_FIELD_NUMBER: _ClassVar[int]
    last_purchase: SegmentFilter.LastPurchase
    customer_type: str
    event_attendance: str
    def __init__(self, last_purchase: _Optional[_Union[SegmentFilter.LastPurchase, _Mapping]] = ..., customer_type: _Optional[str] = ..., event_attendance: _Optional[str] = ...) -> None: ...

class CreateSegmentRequest(_message.Message):
    __slots__ = ("segment", "idempotency_key", "filter")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    idempotency_key: str
    filter: SegmentFilter
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., filter: _Optional[_Union[SegmentFilter, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("kind", "text", "page_size", "page_token", "is_active")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    IS_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    kind: Segment.Kind
    text: str
    page_size: int
    page_token: str
    is_active: bool
    def __init__(self, kind: _Optional[_Union[Segment.Kind, str]] = ..., text: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., is_active: _Optional[bool] = ...) -> None: ...

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

class ListSegmentContactsRequest(_message.Message):
    __slots__ = ("segment_id", "page_size", "page_token")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    page_size: int
    page_token: str
    def __init__(self, segment_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSegmentContactsResponse(_message.Message):
    __slots__ = ("contacts", "next_page_token")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    next_page_token: str
    def __init__(self, contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RefreshSegmentRequest(_message.Message):
    __slots__ = ("segment_id", "rebuild", "idempotency_key")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    REBUILD_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    rebuild: bool
    idempotency_key: str
    def __init__(self, segment_id: _Optional[str] = ..., rebuild: _Optional[bool] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RefreshSegmentResponse(_message.Message):
    __slots__ = ("segment", "added_count", "removed_count", "deduplicated")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    added_count: int
    removed_count: int
    deduplicated: bool
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., added_count: _Optional[int] = ..., removed_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class PreviewSegmentRequest(_message.Message):
    __slots__ = ("rule", "branch_ids", "sample_size", "filter", "channels")
    RULE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_SIZE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    rule: SegmentRule
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    sample_size: int
    filter: SegmentFilter
    channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    def __init__(self, rule: _Optional[_Union[SegmentRule, _Mapping]] = ..., branch_ids: _Optional[_Iterable[str]] = ..., sample_size: _Optional[int] = ..., filter: _Optional[_Union[SegmentFilter, _Mapping]] = ..., channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ...) -> None: ...

class PreviewSegmentResponse(_message.Message):
    __slots__ = ("contact_count", "with_email_count", "with_phone_count", "sample", "eligibility")
    CONTACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    WITH_EMAIL_COUNT_FIELD_NUMBER: _ClassVar[int]
    WITH_PHONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_FIELD_NUMBER: _ClassVar[int]
    ELIGIBILITY_FIELD_NUMBER: _ClassVar[int]
    contact_count: int
    with_email_count: int
    with_phone_count: int
    sample: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    eligibility: _containers.RepeatedCompositeFieldContainer[SegmentEligibility]
    def __init__(self, contact_count: _Optional[int] = ..., with_email_count: _Optional[int] = ..., with_phone_count: _Optional[int] = ..., sample: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., eligibility: _Optional[_Iterable[_Union[SegmentEligibility, _Mapping]]] = ...) -> None: ...

class SegmentEligibility(_message.Message):
    __slots__ = ("channel", "eligible_count", "asked_count")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ASKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    eligible_count: int
    asked_count: int
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., eligible_count: _Optional[int] = ..., asked_count: _Optional[int] = ...) -> None: ...

class ExplainSegmentRequest(_message.Message):
    __slots__ = ("rule", "segment_id", "branch_ids")
    RULE_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    rule: SegmentRule
    segment_id: str
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, rule: _Optional[_Union[SegmentRule, _Mapping]] = ..., segment_id: _Optional[str] = ..., branch_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ExplainSegmentResponse(_message.Message):
    __slots__ = ("sql", "steps", "indexes", "contact_count", "planning_milliseconds", "execution_milliseconds", "is_cut_short")
    SQL_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    INDEXES_FIELD_NUMBER: _ClassVar[int]
    CONTACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    PLANNING_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    EXECUTION_MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    IS_CUT_SHORT_FIELD_NUMBER: _ClassVar[int]
    sql: str
    steps: _containers.RepeatedCompositeFieldContainer[SegmentPlanStep]
    indexes: _containers.RepeatedScalarFieldContainer[str]
    contact_count: int
    planning_milliseconds: float
    execution_milliseconds: float
    is_cut_short: bool
    def __init__(self, sql: _Optional[str] = ..., steps: _Optional[_Iterable[_Union[SegmentPlanStep, _Mapping]]] = ..., indexes: _Optional[_Iterable[str]] = ..., contact_count: _Optional[int] = ..., planning_milliseconds: _Optional[float] = ..., execution_milliseconds: _Optional[float] = ..., is_cut_short: _Optional[bool] = ...) -> None: ...

class SegmentPlanStep(_message.Message):
    __slots__ = ("depth", "node", "table", "index", "expected_row_count", "row_count", "removed_row_count", "milliseconds")
    DEPTH_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    MILLISECONDS_FIELD_NUMBER: _ClassVar[int]
    depth: int
    node: str
    table: str
    index: str
    expected_row_count: int
    row_count: int
    removed_row_count: int
    milliseconds: float
    def __init__(self, depth: _Optional[int] = ..., node: _Optional[str] = ..., table: _Optional[str] = ..., index: _Optional[str] = ..., expected_row_count: _Optional[int] = ..., row_count: _Optional[int] = ..., removed_row_count: _Optional[int] = ..., milliseconds: _Optional[float] = ...) -> None: ...

class AddSegmentMembersRequest(_message.Message):
    __slots__ = ("segment_id", "contact_ids", "idempotency_key")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, segment_id: _Optional[str] = ..., contact_ids: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class AddSegmentMembersResponse(_message.Message):
    __slots__ = ("segment", "added_count", "unchanged_count", "unknown_contact_ids", "deduplicated")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    added_count: int
    unchanged_count: int
    unknown_contact_ids: _containers.RepeatedScalarFieldContainer[str]
    deduplicated: bool
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., added_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., unknown_contact_ids: _Optional[_Iterable[str]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RemoveSegmentMembersRequest(_message.Message):
    __slots__ = ("segment_id", "contact_ids", "idempotency_key")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, segment_id: _Optional[str] = ..., contact_ids: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RemoveSegmentMembersResponse(_message.Message):
    __slots__ = ("segment", "removed_count", "unchanged_count", "deduplicated")
    SEGMENT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    segment: Segment
    removed_count: int
    unchanged_count: int
    deduplicated: bool
    def __init__(self, segment: _Optional[_Union[Segment, _Mapping]] = ..., removed_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CheckSegmentMembershipRequest(_message.Message):
    __slots__ = ("contact_id", "segment_ids")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    segment_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contact_id: _Optional[str] = ..., segment_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckSegmentMembershipResponse(_message.Message):
    __slots__ = ("is_member",)
    class IsMemberEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bool
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bool] = ...) -> None: ...
    IS_MEMBER_FIELD_NUMBER: _ClassVar[int]
    is_member: _containers.ScalarMap[str, bool]
    def __init__(self, is_member: _Optional[_Mapping[str, bool]] = ...) -> None: ...

class Holdout(_message.Message):
    __slots__ = ("segment_id", "basis_points", "salt")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    SALT_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    basis_points: int
    salt: str
    def __init__(self, segment_id: _Optional[str] = ..., basis_points: _Optional[int] = ..., salt: _Optional[str] = ...) -> None: ...

class SetHoldoutRequest(_message.Message):
    __slots__ = ("holdout", "redraw", "idempotency_key")
    HOLDOUT_FIELD_NUMBER: _ClassVar[int]
    REDRAW_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    holdout: Holdout
    redraw: bool
    idempotency_key: str
    def __init__(self, holdout: _Optional[_Union[Holdout, _Mapping]] = ..., redraw: _Optional[bool] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SetHoldoutResponse(_message.Message):
    __slots__ = ("holdout", "deduplicated")
    HOLDOUT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    holdout: Holdout
    deduplicated: bool
    def __init__(self, holdout: _Optional[_Union[Holdout, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetHoldoutRequest(_message.Message):
    __slots__ = ("segment_id",)
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    def __init__(self, segment_id: _Optional[str] = ...) -> None: ...

class GetHoldoutResponse(_message.Message):
    __slots__ = ("holdout",)
    HOLDOUT_FIELD_NUMBER: _ClassVar[int]
    holdout: Holdout
    def __init__(self, holdout: _Optional[_Union[Holdout, _Mapping]] = ...) -> None: ...
