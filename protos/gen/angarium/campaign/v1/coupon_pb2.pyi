import datetime

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

class CouponRefusal(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    COUPON_REFUSAL_UNSPECIFIED: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_INVALID_CODE: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_NOT_YET_VALID: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_EXPIRED: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_MAX_USES_REACHED: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_CUSTOMER_LIMIT_REACHED: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_MIN_ORDER_NOT_MET: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_BRANCH_NOT_ELIGIBLE: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_SERVICE_NOT_ELIGIBLE: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_CATEGORY_NOT_ELIGIBLE: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_SEGMENT_NOT_ELIGIBLE: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_OPTED_OUT: _ClassVar[CouponRefusal]
    COUPON_REFUSAL_NOT_STACKABLE: _ClassVar[CouponRefusal]
COUPON_REFUSAL_UNSPECIFIED: CouponRefusal
COUPON_REFUSAL_INVALID_CODE: CouponRefusal
COUPON_REFUSAL_NOT_YET_VALID: CouponRefusal
COUPON_REFUSAL_EXPIRED: CouponRefusal
COUPON_REFUSAL_MAX_USES_REACHED: CouponRefusal
COUPON_REFUSAL_CUSTOMER_LIMIT_REACHED: CouponRefusal
COUPON_REFUSAL_MIN_ORDER_NOT_MET: CouponRefusal
COUPON_REFUSAL_BRANCH_NOT_ELIGIBLE: CouponRefusal
COUPON_REFUSAL_SERVICE_NOT_ELIGIBLE: CouponRefusal
COUPON_REFUSAL_CATEGORY_NOT_ELIGIBLE: CouponRefusal
COUPON_REFUSAL_SEGMENT_NOT_ELIGIBLE: CouponRefusal
COUPON_REFUSAL_OPTED_OUT: CouponRefusal
COUPON_REFUSAL_NOT_STACKABLE: CouponRefusal

class Coupon(_message.Message):
    __slots__ = ("coupon_id", "code", "code_kind", "name", "description", "percentage", "amount", "free_service_id", "valid_from_date", "valid_until_date", "max_total_uses", "max_uses_per_contact", "current_uses", "reserved_uses", "min_order_amount", "max_discount_amount", "branch_ids", "service_ids", "category_ids", "segment_id", "contact_id", "allow_stacking", "requires_marketing_consent", "campaign_id", "state", "codes", "created_by", "etag", "create_time")
    class CodeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CODE_KIND_UNSPECIFIED: _ClassVar[Coupon.CodeKind]
        CODE_KIND_SHARED: _ClassVar[Coupon.CodeKind]
        CODE_KIND_GENERATED: _ClassVar[Coupon.CodeKind]
        CODE_KIND_POOL: _ClassVar[Coupon.CodeKind]
    CODE_KIND_UNSPECIFIED: Coupon.CodeKind
    CODE_KIND_SHARED: Coupon.CodeKind
    CODE_KIND_GENERATED: Coupon.CodeKind
    CODE_KIND_POOL: Coupon.CodeKind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Coupon.State]
        STATE_ACTIVE: _ClassVar[Coupon.State]
        STATE_INACTIVE: _ClassVar[Coupon.State]
    STATE_UNSPECIFIED: Coupon.State
    STATE_ACTIVE: Coupon.State
    STATE_INACTIVE: Coupon.State
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CODE_KIND_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    PERCENTAGE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    FREE_SERVICE_ID_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_DATE_FIELD_NUMBER: _ClassVar[int]
    MAX_TOTAL_USES_FIELD_NUMBER: _ClassVar[int]
    MAX_USES_PER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_USES_FIELD_NUMBER: _ClassVar[int]
    RESERVED_USES_FIELD_NUMBER: _ClassVar[int]
    MIN_ORDER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    MAX_DISCOUNT_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    SERVICE_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ALLOW_STACKING_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_MARKETING_CONSENT_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    code: str
    code_kind: Coupon.CodeKind
    name: str
    description: str
    percentage: int
    amount: _money_pb2.Money
    free_service_id: str
    valid_from_date: str
    valid_until_date: str
    max_total_uses: int
    max_uses_per_contact: int
    current_uses: int
    reserved_uses: int
    min_order_amount: _money_pb2.Money
    max_discount_amount: _money_pb2.Money
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    service_ids: _containers.RepeatedScalarFieldContainer[str]
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    segment_id: str
    contact_id: str
    allow_stacking: bool
    requires_marketing_consent: bool
    campaign_id: str
    state: Coupon.State
    codes: CouponCodeCounts
    created_by: str
    etag: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, coupon_id: _Optional[str] = ..., code: _Optional[str] = ..., code_kind: _Optional[_Union[Coupon.CodeKind, str]] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., percentage: _Optional[int] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., free_service_id: _Optional[str] = ..., valid_from_date: _Optional[str] = ..., valid_until_date: _Optional[str] = ..., max_total_uses: _Optional[int] = ..., max_uses_per_contact: _Optional[int] = ..., current_uses: _Optional[int] = ..., reserved_uses: _Optional[int] = ..., min_order_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., max_discount_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., branch_ids: _Optional[_Iterable[str]] = ..., service_ids: _Optional[_Iterable[str]] = ..., category_ids: _Optional[_Iterable[str]] = ..., segment_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., allow_stacking: _Optional[bool] = ..., requires_marketing_consent: _Optional[bool] = ..., campaign_id: _Optional[str] = ..., state: _Optional[_Union[Coupon.State, str]] = ..., codes: _Optional[_Union[CouponCodeCounts, _Mapping]] = ..., created_by: _Optional[str] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CouponCodeCounts(_message.Message):
    __slots__ = ("free", "held", "issued", "redeemed")
    FREE_FIELD_NUMBER: _ClassVar[int]
    HELD_FIELD_NUMBER: _ClassVar[int]
    ISSUED_FIELD_NUMBER: _ClassVar[int]
    REDEEMED_FIELD_NUMBER: _ClassVar[int]
    free: int
    held: int
    issued: int
    redeemed: int
    def __init__(self, free: _Optional[int] = ..., held: _Optional[int] = ..., issued: _Optional[int] = ..., redeemed: _Optional[int] = ...) -> None: ...

class CouponReservation(_message.Message):
    __slots__ = ("reservation_id", "coupon_id", "code", "contact_id", "order_ref", "discount", "state", "expire_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[CouponReservation.State]
        STATE_HELD: _ClassVar[CouponReservation.State]
        STATE_REDEEMED: _ClassVar[CouponReservation.State]
        STATE_RELEASED: _ClassVar[CouponReservation.State]
        STATE_EXPIRED: _ClassVar[CouponReservation.State]
    STATE_UNSPECIFIED: CouponReservation.State
    STATE_HELD: CouponReservation.State
    STATE_REDEEMED: CouponReservation.State
    STATE_RELEASED: CouponReservation.State
    STATE_EXPIRED: CouponReservation.State
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    coupon_id: str
    code: str
    contact_id: str
    order_ref: str
    discount: _money_pb2.Money
    state: CouponReservation.State
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, reservation_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., code: _Optional[str] = ..., contact_id: _Optional[str] = ..., order_ref: _Optional[str] = ..., discount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., state: _Optional[_Union[CouponReservation.State, str]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CouponRedemption(_message.Message):
    __slots__ = ("redemption_id", "coupon_id", "code", "contact_id", "invoice_id", "branch_id", "order_amount", "discount", "free_service_id", "campaign_id", "message_id", "redeem_time", "reverse_time", "reversal_reason")
    REDEMPTION_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    FREE_SERVICE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    REDEEM_TIME_FIELD_NUMBER: _ClassVar[int]
    REVERSE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVERSAL_REASON_FIELD_NUMBER: _ClassVar[int]
    redemption_id: str
    coupon_id: str
    code: str
    contact_id: str
    invoice_id: str
    branch_id: str
    order_amount: _money_pb2.Money
    discount: _money_pb2.Money
    free_service_id: str
    campaign_id: str
    message_id: str
    redeem_time: _timestamp_pb2.Timestamp
    reverse_time: _timestamp_pb2.Timestamp
    reversal_reason: str
    def __init__(self, redemption_id: _Optional[str] = ..., coupon_id: _Optional[str] = ..., code: _Optional[str] = ..., contact_id: _Optional[str] = ..., invoice_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., order_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., discount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., free_service_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., message_id: _Optional[str] = ..., redeem_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reverse_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reversal_reason: _Optional[str] = ...) -> None: ...
