import datetime

from angarium.common.v1 import events_pb2 as _events_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConversionType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONVERSION_TYPE_UNSPECIFIED: _ClassVar[ConversionType]
    CONVERSION_TYPE_PURCHASE: _ClassVar[ConversionType]
    CONVERSION_TYPE_VISIT: _ClassVar[ConversionType]
    CONVERSION_TYPE_COUPON_REDEMPTION: _ClassVar[ConversionType]
    CONVERSION_TYPE_REGISTRATION: _ClassVar[ConversionType]
    CONVERSION_TYPE_FEEDBACK: _ClassVar[ConversionType]
    CONVERSION_TYPE_CUSTOM: _ClassVar[ConversionType]

class Attribution(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTRIBUTION_UNSPECIFIED: _ClassVar[Attribution]
    ATTRIBUTION_NONE: _ClassVar[Attribution]
    ATTRIBUTION_EXPLICIT: _ClassVar[Attribution]
    ATTRIBUTION_COUPON: _ClassVar[Attribution]
    ATTRIBUTION_CLICK: _ClassVar[Attribution]
CONVERSION_TYPE_UNSPECIFIED: ConversionType
CONVERSION_TYPE_PURCHASE: ConversionType
CONVERSION_TYPE_VISIT: ConversionType
CONVERSION_TYPE_COUPON_REDEMPTION: ConversionType
CONVERSION_TYPE_REGISTRATION: ConversionType
CONVERSION_TYPE_FEEDBACK: ConversionType
CONVERSION_TYPE_CUSTOM: ConversionType
ATTRIBUTION_UNSPECIFIED: Attribution
ATTRIBUTION_NONE: Attribution
ATTRIBUTION_EXPLICIT: Attribution
ATTRIBUTION_COUPON: Attribution
ATTRIBUTION_CLICK: Attribution

class IngestEventsRequest(_message.Message):
    __slots__ = ("events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_events_pb2.EventEnvelope]
    def __init__(self, events: _Optional[_Iterable[_Union[_events_pb2.EventEnvelope, _Mapping]]] = ...) -> None: ...

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

class IngestResult(_message.Message):
    __slots__ = ("event_id", "state", "reason")
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
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    state: IngestResult.State
    reason: str
    def __init__(self, event_id: _Optional[str] = ..., state: _Optional[_Union[IngestResult.State, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class RecordConversionRequest(_message.Message):
    __slots__ = ("contact_id", "conversion_type", "value", "order_ref", "message_id", "tracking_token", "coupon_code", "occur_time", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    TRACKING_TOKEN_FIELD_NUMBER: _ClassVar[int]
    COUPON_CODE_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    conversion_type: ConversionType
    value: _money_pb2.Money
    order_ref: str
    message_id: str
    tracking_token: str
    coupon_code: str
    occur_time: _timestamp_pb2.Timestamp
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., conversion_type: _Optional[_Union[ConversionType, str]] = ..., value: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., order_ref: _Optional[str] = ..., message_id: _Optional[str] = ..., tracking_token: _Optional[str] = ..., coupon_code: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class Conversion(_message.Message):
    __slots__ = ("conversion_id", "contact_id", "conversion_type", "value", "reversed_value", "order_ref", "occur_time", "message_id", "campaign_id", "variant_key", "coupon_code", "attribution")
    CONVERSION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    REVERSED_VALUE_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    COUPON_CODE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    conversion_id: str
    contact_id: str
    conversion_type: ConversionType
    value: _money_pb2.Money
    reversed_value: _money_pb2.Money
    order_ref: str
    occur_time: _timestamp_pb2.Timestamp
    message_id: str
    campaign_id: str
    variant_key: str
    coupon_code: str
    attribution: Attribution
    def __init__(self, conversion_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., conversion_type: _Optional[_Union[ConversionType, str]] = ..., value: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reversed_value: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., order_ref: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., coupon_code: _Optional[str] = ..., attribution: _Optional[_Union[Attribution, str]] = ...) -> None: ...

class RecordConversionResponse(_message.Message):
    __slots__ = ("conversion", "deduplicated")
    CONVERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    conversion: Conversion
    deduplicated: bool
    def __init__(self, conversion: _Optional[_Union[Conversion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RebuildRollupsRequest(_message.Message):
    __slots__ = ("start_time", "end_time")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RebuildRollupsResponse(_message.Message):
    __slots__ = ("row_count", "changed_count")
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    row_count: int
    changed_count: int
    def __init__(self, row_count: _Optional[int] = ..., changed_count: _Optional[int] = ...) -> None: ...
