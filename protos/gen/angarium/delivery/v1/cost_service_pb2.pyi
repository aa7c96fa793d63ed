import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
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

class RateUnit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RATE_UNIT_UNSPECIFIED: _ClassVar[RateUnit]
    RATE_UNIT_MESSAGE: _ClassVar[RateUnit]
    RATE_UNIT_SEGMENT: _ClassVar[RateUnit]
RATE_UNIT_UNSPECIFIED: RateUnit
RATE_UNIT_MESSAGE: RateUnit
RATE_UNIT_SEGMENT: RateUnit

class RateCard(_message.Message):
    __slots__ = ("rate_card_id", "provider", "provider_account_id", "channel", "country_code", "prefix", "unit", "cost", "valid_from_time", "is_platform", "message_class")
    RATE_CARD_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_CODE_FIELD_NUMBER: _ClassVar[int]
    PREFIX_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    IS_PLATFORM_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    rate_card_id: str
    provider: str
    provider_account_id: str
    channel: _enums_pb2.Channel
    country_code: str
    prefix: str
    unit: RateUnit
    cost: _money_pb2.Money
    valid_from_time: _timestamp_pb2.Timestamp
    is_platform: bool
    message_class: _enums_pb2.MessageClass
    def __init__(self, rate_card_id: _Optional[str] = ..., provider: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., country_code: _Optional[str] = ..., prefix: _Optional[str] = ..., unit: _Optional[_Union[RateUnit, str]] = ..., cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., valid_from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_platform: _Optional[bool] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ...) -> None: ...

class ListRateCardsRequest(_message.Message):
    __slots__ = ("provider", "channel", "page_size", "page_token")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    provider: str
    channel: _enums_pb2.Channel
    page_size: int
    page_token: str
    def __init__(self, provider: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRateCardsResponse(_message.Message):
    __slots__ = ("rate_cards", "next_page_token")
    RATE_CARDS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    rate_cards: _containers.RepeatedCompositeFieldContainer[RateCard]
    next_page_token: str
    def __init__(self, rate_cards: _Optional[_Iterable[_Union[RateCard, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpsertRateCardRequest(_message.Message):
    __slots__ = ("rate_card", "idempotency_key")
    RATE_CARD_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    rate_card: RateCard
    idempotency_key: str
    def __init__(self, rate_card: _Optional[_Union[RateCard, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpsertRateCardResponse(_message.Message):
    __slots__ = ("rate_card", "deduplicated")
    RATE_CARD_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    rate_card: RateCard
    deduplicated: bool
    def __init__(self, rate_card: _Optional[_Union[RateCard, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
