from angarium.campaign.v1 import coupon_pb2 as _coupon_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.rpc import status_pb2 as _status_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CouponOrder(_message.Message):
    __slots__ = ("contact_id", "branch_id", "service_ids", "category_ids", "amount", "other_codes")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    SERVICE_IDS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_IDS_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    OTHER_CODES_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    branch_id: str
    service_ids: _containers.RepeatedScalarFieldContainer[str]
    category_ids: _containers.RepeatedScalarFieldContainer[str]
    amount: _money_pb2.Money
    other_codes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contact_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., service_ids: _Optional[_Iterable[str]] = ..., category_ids: _Optional[_Iterable[str]] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., other_codes: _Optional[_Iterable[str]] = ...) -> None: ...

class CreateCouponRequest(_message.Message):
    __slots__ = ("coupon", "idempotency_key")
    COUPON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    idempotency_key: str
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateCouponResponse(_message.Message):
    __slots__ = ("coupon", "deduplicated")
    COUPON_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    deduplicated: bool
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetCouponRequest(_message.Message):
    __slots__ = ("coupon_id",)
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    def __init__(self, coupon_id: _Optional[str] = ...) -> None: ...

class GetCouponResponse(_message.Message):
    __slots__ = ("coupon",)
    COUPON_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ...) -> None: ...

class ListCouponsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state", "campaign_id", "text")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: _coupon_pb2.Coupon.State
    campaign_id: str
    text: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[_coupon_pb2.Coupon.State, str]] = ..., campaign_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class ListCouponsResponse(_message.Message):
    __slots__ = ("coupons", "next_page_token")
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    coupons: _containers.RepeatedCompositeFieldContainer[_coupon_pb2.Coupon]
    next_page_token: str
    def __init__(self, coupons: _Optional[_Iterable[_Union[_coupon_pb2.Coupon, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateCouponRequest(_message.Message):
    __slots__ = ("coupon", "update_mask", "idempotency_key")
    COUPON_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateCouponResponse(_message.Message):
    __slots__ = ("coupon", "deduplicated")
    COUPON_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    deduplicated: bool
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeactivateCouponRequest(_message.Message):
    __slots__ = ("coupon_id", "idempotency_key")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    idempotency_key: str
    def __init__(self, coupon_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeactivateCouponResponse(_message.Message):
    __slots__ = ("coupon", "deduplicated")
    COUPON_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    deduplicated: bool
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class AddCouponCodesRequest(_message.Message):
    __slots__ = ("coupon_id", "block_number", "codes")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    block_number: int
    codes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, coupon_id: _Optional[str] = ..., block_number: _Optional[int] = ..., codes: _Optional[_Iterable[str]] = ...) -> None: ...

class AddCouponCodesResponse(_message.Message):
    __slots__ = ("block_number", "added_count", "known_count", "errors")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    KNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    added_count: int
    known_count: int
    errors: _containers.RepeatedCompositeFieldContainer[CouponCodeError]
    def __init__(self, block_number: _Optional[int] = ..., added_count: _Optional[int] = ..., known_count: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[CouponCodeError, _Mapping]]] = ...) -> None: ...

class CouponCodeError(_message.Message):
    __slots__ = ("index", "status")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    index: int
    status: _status_pb2.Status
    def __init__(self, index: _Optional[int] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class ValidateCouponRequest(_message.Message):
    __slots__ = ("code", "order")
    CODE_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    code: str
    order: CouponOrder
    def __init__(self, code: _Optional[str] = ..., order: _Optional[_Union[CouponOrder, _Mapping]] = ...) -> None: ...

class ValidateCouponResponse(_message.Message):
    __slots__ = ("valid", "coupon", "discount", "invalid_reason")
    VALID_FIELD_NUMBER: _ClassVar[int]
    COUPON_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_FIELD_NUMBER: _ClassVar[int]
    INVALID_REASON_FIELD_NUMBER: _ClassVar[int]
    valid: bool
    coupon: _coupon_pb2.Coupon
    discount: _money_pb2.Money
    invalid_reason: _coupon_pb2.CouponRefusal
    def __init__(self, valid: _Optional[bool] = ..., coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., discount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., invalid_reason: _Optional[_Union[_coupon_pb2.CouponRefusal, str]] = ...) -> None: ...

class ReserveCouponRequest(_message.Message):
    __slots__ = ("code", "order", "order_ref", "idempotency_key")
    CODE_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ORDER_REF_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    code: str
    order: CouponOrder
    order_ref: str
    idempotency_key: str
    def __init__(self, code: _Optional[str] = ..., order: _Optional[_Union[CouponOrder, _Mapping]] = ..., order_ref: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ReserveCouponResponse(_message.Message):
    __slots__ = ("reservation", "deduplicated")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    reservation: _coupon_pb2.CouponReservation
    deduplicated: bool
    def __init__(self, reservation: _Optional[_Union[_coupon_pb2.CouponReservation, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ReleaseCouponRequest(_message.Message):
    __slots__ = ("reservation_id", "idempotency_key")
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    reservation_id: str
    idempotency_key: str
    def __init__(self, reservation_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ReleaseCouponResponse(_message.Message):
    __slots__ = ("reservation", "deduplicated")
    RESERVATION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    reservation: _coupon_pb2.CouponReservation
    deduplicated: bool
    def __init__(self, reservation: _Optional[_Union[_coupon_pb2.CouponReservation, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RedeemCouponRequest(_message.Message):
    __slots__ = ("code", "reservation_id", "order", "invoice_id", "idempotency_key")
    CODE_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_ID_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    code: str
    reservation_id: str
    order: CouponOrder
    invoice_id: str
    idempotency_key: str
    def __init__(self, code: _Optional[str] = ..., reservation_id: _Optional[str] = ..., order: _Optional[_Union[CouponOrder, _Mapping]] = ..., invoice_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RedeemCouponResponse(_message.Message):
    __slots__ = ("redemption", "deduplicated")
    REDEMPTION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    redemption: _coupon_pb2.CouponRedemption
    deduplicated: bool
    def __init__(self, redemption: _Optional[_Union[_coupon_pb2.CouponRedemption, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ReverseRedemptionRequest(_message.Message):
    __slots__ = ("redemption_id", "invoice_id", "reason", "idempotency_key")
    REDEMPTION_ID_FIELD_NUMBER: _ClassVar[int]
    INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    redemption_id: str
    invoice_id: str
    reason: str
    idempotency_key: str
    def __init__(self, redemption_id: _Optional[str] = ..., invoice_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ReverseRedemptionResponse(_message.Message):
    __slots__ = ("redemptions", "deduplicated")
    REDEMPTIONS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    redemptions: _containers.RepeatedCompositeFieldContainer[_coupon_pb2.CouponRedemption]
    deduplicated: bool
    def __init__(self, redemptions: _Optional[_Iterable[_Union[_coupon_pb2.CouponRedemption, _Mapping]]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListCouponRedemptionsRequest(_message.Message):
    __slots__ = ("coupon_id", "page_size", "page_token")
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    coupon_id: str
    page_size: int
    page_token: str
    def __init__(self, coupon_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCouponRedemptionsResponse(_message.Message):
    __slots__ = ("redemptions", "next_page_token")
    REDEMPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    redemptions: _containers.RepeatedCompositeFieldContainer[_coupon_pb2.CouponRedemption]
    next_page_token: str
    def __init__(self, redemptions: _Optional[_Iterable[_Union[_coupon_pb2.CouponRedemption, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
