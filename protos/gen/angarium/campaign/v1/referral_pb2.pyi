import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReferralReward(_message.Message):
    __slots__ = ("points", "percentage", "free_service_id", "description", "coupon_id", "coupon_code", "issue_time")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    PERCENTAGE_FIELD_NUMBER: _ClassVar[int]
    FREE_SERVICE_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    COUPON_CODE_FIELD_NUMBER: _ClassVar[int]
    ISSUE_TIME_FIELD_NUMBER: _ClassVar[int]
    points: int
    percentage: int
    free_service_id: str
    description: str
    coupon_id: str
    coupon_code: str
    issue_time: _timestamp_pb2.Timestamp
    def __init__(self, points: _Optional[int] = ..., percentage: _Optional[int] = ..., free_service_id: _Optional[str] = ..., description: _Optional[str] = ..., coupon_id: _Optional[str] = ..., coupon_code: _Optional[str] = ..., issue_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ReferralSettings(_message.Message):
    __slots__ = ("is_enabled", "referrer_reward", "referred_reward", "max_referrals_per_month", "min_order_for_reward", "reward_on", "expires_after_days", "clawback_days", "etag")
    class RewardOn(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        REWARD_ON_UNSPECIFIED: _ClassVar[ReferralSettings.RewardOn]
        REWARD_ON_SIGNUP: _ClassVar[ReferralSettings.RewardOn]
        REWARD_ON_FIRST_VISIT: _ClassVar[ReferralSettings.RewardOn]
        REWARD_ON_FIRST_PAID_VISIT: _ClassVar[ReferralSettings.RewardOn]
    REWARD_ON_UNSPECIFIED: ReferralSettings.RewardOn
    REWARD_ON_SIGNUP: ReferralSettings.RewardOn
    REWARD_ON_FIRST_VISIT: ReferralSettings.RewardOn
    REWARD_ON_FIRST_PAID_VISIT: ReferralSettings.RewardOn
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    REFERRER_REWARD_FIELD_NUMBER: _ClassVar[int]
    REFERRED_REWARD_FIELD_NUMBER: _ClassVar[int]
    MAX_REFERRALS_PER_MONTH_FIELD_NUMBER: _ClassVar[int]
    MIN_ORDER_FOR_REWARD_FIELD_NUMBER: _ClassVar[int]
    REWARD_ON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AFTER_DAYS_FIELD_NUMBER: _ClassVar[int]
    CLAWBACK_DAYS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    is_enabled: bool
    referrer_reward: ReferralReward
    referred_reward: ReferralReward
    max_referrals_per_month: int
    min_order_for_reward: _money_pb2.Money
    reward_on: ReferralSettings.RewardOn
    expires_after_days: int
    clawback_days: int
    etag: str
    def __init__(self, is_enabled: _Optional[bool] = ..., referrer_reward: _Optional[_Union[ReferralReward, _Mapping]] = ..., referred_reward: _Optional[_Union[ReferralReward, _Mapping]] = ..., max_referrals_per_month: _Optional[int] = ..., min_order_for_reward: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reward_on: _Optional[_Union[ReferralSettings.RewardOn, str]] = ..., expires_after_days: _Optional[int] = ..., clawback_days: _Optional[int] = ..., etag: _Optional[str] = ...) -> None: ...

class Referral(_message.Message):
    __slots__ = ("referral_id", "referrer_contact_id", "referral_code", "referred_contact_id", "masked_phone", "state", "create_time", "expire_time", "convert_time", "first_invoice_id", "first_invoice_amount", "referrer_reward", "referred_reward", "fraud_reason")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Referral.State]
        STATE_PENDING: _ClassVar[Referral.State]
        STATE_CONVERTED: _ClassVar[Referral.State]
        STATE_REWARDED: _ClassVar[Referral.State]
        STATE_EXPIRED: _ClassVar[Referral.State]
        STATE_FRAUD: _ClassVar[Referral.State]
    STATE_UNSPECIFIED: Referral.State
    STATE_PENDING: Referral.State
    STATE_CONVERTED: Referral.State
    STATE_REWARDED: Referral.State
    STATE_EXPIRED: Referral.State
    STATE_FRAUD: Referral.State
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRER_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_CODE_FIELD_NUMBER: _ClassVar[int]
    REFERRED_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    MASKED_PHONE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONVERT_TIME_FIELD_NUMBER: _ClassVar[int]
    FIRST_INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_INVOICE_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REFERRER_REWARD_FIELD_NUMBER: _ClassVar[int]
    REFERRED_REWARD_FIELD_NUMBER: _ClassVar[int]
    FRAUD_REASON_FIELD_NUMBER: _ClassVar[int]
    referral_id: str
    referrer_contact_id: str
    referral_code: str
    referred_contact_id: str
    masked_phone: str
    state: Referral.State
    create_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    convert_time: _timestamp_pb2.Timestamp
    first_invoice_id: str
    first_invoice_amount: _money_pb2.Money
    referrer_reward: ReferralReward
    referred_reward: ReferralReward
    fraud_reason: str
    def __init__(self, referral_id: _Optional[str] = ..., referrer_contact_id: _Optional[str] = ..., referral_code: _Optional[str] = ..., referred_contact_id: _Optional[str] = ..., masked_phone: _Optional[str] = ..., state: _Optional[_Union[Referral.State, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., convert_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_invoice_id: _Optional[str] = ..., first_invoice_amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., referrer_reward: _Optional[_Union[ReferralReward, _Mapping]] = ..., referred_reward: _Optional[_Union[ReferralReward, _Mapping]] = ..., fraud_reason: _Optional[str] = ...) -> None: ...

class Referrer(_message.Message):
    __slots__ = ("contact_id", "name", "converted_count", "rewarded_count", "last_convert_time")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REWARDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_CONVERT_TIME_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    name: str
    converted_count: int
    rewarded_count: int
    last_convert_time: _timestamp_pb2.Timestamp
    def __init__(self, contact_id: _Optional[str] = ..., name: _Optional[str] = ..., converted_count: _Optional[int] = ..., rewarded_count: _Optional[int] = ..., last_convert_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
