import datetime

from angarium.campaign.v1 import referral_pb2 as _referral_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GetReferralSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetReferralSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: _referral_pb2.ReferralSettings
    def __init__(self, settings: _Optional[_Union[_referral_pb2.ReferralSettings, _Mapping]] = ...) -> None: ...

class UpdateReferralSettingsRequest(_message.Message):
    __slots__ = ("settings", "update_mask", "idempotency_key")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    settings: _referral_pb2.ReferralSettings
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, settings: _Optional[_Union[_referral_pb2.ReferralSettings, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateReferralSettingsResponse(_message.Message):
    __slots__ = ("settings", "deduplicated")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    settings: _referral_pb2.ReferralSettings
    deduplicated: bool
    def __init__(self, settings: _Optional[_Union[_referral_pb2.ReferralSettings, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetReferralCodeRequest(_message.Message):
    __slots__ = ("contact_id",)
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    def __init__(self, contact_id: _Optional[str] = ...) -> None: ...

class GetReferralCodeResponse(_message.Message):
    __slots__ = ("code", "share_url")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SHARE_URL_FIELD_NUMBER: _ClassVar[int]
    code: str
    share_url: str
    def __init__(self, code: _Optional[str] = ..., share_url: _Optional[str] = ...) -> None: ...

class ApplyReferralRequest(_message.Message):
    __slots__ = ("referral_code", "referred_phone", "referred_name", "referred_contact_id", "idempotency_key")
    REFERRAL_CODE_FIELD_NUMBER: _ClassVar[int]
    REFERRED_PHONE_FIELD_NUMBER: _ClassVar[int]
    REFERRED_NAME_FIELD_NUMBER: _ClassVar[int]
    REFERRED_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    referral_code: str
    referred_phone: str
    referred_name: str
    referred_contact_id: str
    idempotency_key: str
    def __init__(self, referral_code: _Optional[str] = ..., referred_phone: _Optional[str] = ..., referred_name: _Optional[str] = ..., referred_contact_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ApplyReferralResponse(_message.Message):
    __slots__ = ("referral", "referred_contact_id", "is_contact_created", "referred_reward", "deduplicated")
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    REFERRED_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    IS_CONTACT_CREATED_FIELD_NUMBER: _ClassVar[int]
    REFERRED_REWARD_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    referred_contact_id: str
    is_contact_created: bool
    referred_reward: _referral_pb2.ReferralReward
    deduplicated: bool
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ..., referred_contact_id: _Optional[str] = ..., is_contact_created: _Optional[bool] = ..., referred_reward: _Optional[_Union[_referral_pb2.ReferralReward, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListReferralsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state", "referrer_contact_id", "from_time", "to_time")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REFERRER_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    TO_TIME_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: _referral_pb2.Referral.State
    referrer_contact_id: str
    from_time: _timestamp_pb2.Timestamp
    to_time: _timestamp_pb2.Timestamp
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[_referral_pb2.Referral.State, str]] = ..., referrer_contact_id: _Optional[str] = ..., from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListReferralsResponse(_message.Message):
    __slots__ = ("referrals", "next_page_token")
    REFERRALS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    referrals: _containers.RepeatedCompositeFieldContainer[_referral_pb2.Referral]
    next_page_token: str
    def __init__(self, referrals: _Optional[_Iterable[_Union[_referral_pb2.Referral, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetReferralRequest(_message.Message):
    __slots__ = ("referral_id",)
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    referral_id: str
    def __init__(self, referral_id: _Optional[str] = ...) -> None: ...

class GetReferralResponse(_message.Message):
    __slots__ = ("referral",)
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ...) -> None: ...

class GetReferralLeaderboardRequest(_message.Message):
    __slots__ = ("from_time", "to_time", "limit")
    FROM_TIME_FIELD_NUMBER: _ClassVar[int]
    TO_TIME_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    from_time: _timestamp_pb2.Timestamp
    to_time: _timestamp_pb2.Timestamp
    limit: int
    def __init__(self, from_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., to_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., limit: _Optional[int] = ...) -> None: ...

class GetReferralLeaderboardResponse(_message.Message):
    __slots__ = ("referrers",)
    REFERRERS_FIELD_NUMBER: _ClassVar[int]
    referrers: _containers.RepeatedCompositeFieldContainer[_referral_pb2.Referrer]
    def __init__(self, referrers: _Optional[_Iterable[_Union[_referral_pb2.Referrer, _Mapping]]] = ...) -> None: ...

class MarkReferralFraudRequest(_message.Message):
    __slots__ = ("referral_id", "reason", "idempotency_key")
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    referral_id: str
    reason: str
    idempotency_key: str
    def __init__(self, referral_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class MarkReferralFraudResponse(_message.Message):
    __slots__ = ("referral", "deduplicated")
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    deduplicated: bool
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ClearReferralFraudRequest(_message.Message):
    __slots__ = ("referral_id", "reason", "idempotency_key")
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    referral_id: str
    reason: str
    idempotency_key: str
    def __init__(self, referral_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ClearReferralFraudResponse(_message.Message):
    __slots__ = ("referral", "deduplicated")
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    referral: _referral_pb2.Referral
    deduplicated: bool
    def __init__(self, referral: _Optional[_Union[_referral_pb2.Referral, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
