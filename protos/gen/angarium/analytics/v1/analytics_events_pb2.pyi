import datetime

from angarium.analytics.v1 import ingest_service_pb2 as _ingest_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
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

class HealthScored(_message.Message):
    __slots__ = ("date", "score")
    DATE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    date: str
    score: int
    def __init__(self, date: _Optional[str] = ..., score: _Optional[int] = ...) -> None: ...

class SpendDiffers(_message.Message):
    __slots__ = ("billing_period", "spend", "facts", "ledger")
    BILLING_PERIOD_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    FACTS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_FIELD_NUMBER: _ClassVar[int]
    billing_period: str
    spend: _money_pb2.Money
    facts: _money_pb2.Money
    ledger: _money_pb2.Money
    def __init__(self, billing_period: _Optional[str] = ..., spend: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., facts: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., ledger: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class ConversionsObserved(_message.Message):
    __slots__ = ("conversions",)
    CONVERSIONS_FIELD_NUMBER: _ClassVar[int]
    conversions: _containers.RepeatedCompositeFieldContainer[ConversionObserved]
    def __init__(self, conversions: _Optional[_Iterable[_Union[ConversionObserved, _Mapping]]] = ...) -> None: ...

class ConversionObserved(_message.Message):
    __slots__ = ("contact_id", "conversion_type", "value", "order_ref", "message_id", "coupon_campaign_id", "coupon_code", "occur_time", "rating")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_TYPE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_CODE_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    conversion_type: _ingest_service_pb2.ConversionType
    value: _money_pb2.Money
    order_ref: str
    message_id: str
    coupon_campaign_id: str
    coupon_code: str
    occur_time: _timestamp_pb2.Timestamp
    rating: int
    def __init__(self, contact_id: _Optional[str] = ..., conversion_type: _Optional[_Union[_ingest_service_pb2.ConversionType, str]] = ..., value: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., order_ref: _Optional[str] = ..., message_id: _Optional[str] = ..., coupon_campaign_id: _Optional[str] = ..., coupon_code: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rating: _Optional[int] = ...) -> None: ...

class ConversionsReversed(_message.Message):
    __slots__ = ("reversals",)
    REVERSALS_FIELD_NUMBER: _ClassVar[int]
    reversals: _containers.RepeatedCompositeFieldContainer[ConversionReversed]
    def __init__(self, reversals: _Optional[_Iterable[_Union[ConversionReversed, _Mapping]]] = ...) -> None: ...

class ConversionReversed(_message.Message):
    __slots__ = ("conversion_type", "order_ref", "reversal_ref", "value")
    CONVERSION_TYPE_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    REVERSAL_REF_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    conversion_type: _ingest_service_pb2.ConversionType
    order_ref: str
    reversal_ref: str
    value: _money_pb2.Money
    def __init__(self, conversion_type: _Optional[_Union[_ingest_service_pb2.ConversionType, str]] = ..., order_ref: _Optional[str] = ..., reversal_ref: _Optional[str] = ..., value: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...
