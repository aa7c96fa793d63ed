import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
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

class TokenPurpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKEN_PURPOSE_UNSPECIFIED: _ClassVar[TokenPurpose]
    TOKEN_PURPOSE_UNSUBSCRIBE: _ClassVar[TokenPurpose]
    TOKEN_PURPOSE_PREFERENCES: _ClassVar[TokenPurpose]
    TOKEN_PURPOSE_CONFIRM: _ClassVar[TokenPurpose]

class UnsubscribeMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNSUBSCRIBE_METHOD_UNSPECIFIED: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_ONE_CLICK: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_PAGE: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_PREFERENCE_PAGE: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_SMS_KEYWORD: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_STAFF: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_COMPLAINT: _ClassVar[UnsubscribeMethod]

class Frequency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FREQUENCY_UNSPECIFIED: _ClassVar[Frequency]
    FREQUENCY_IMMEDIATE: _ClassVar[Frequency]
    FREQUENCY_DAILY: _ClassVar[Frequency]
    FREQUENCY_WEEKLY: _ClassVar[Frequency]
    FREQUENCY_MONTHLY: _ClassVar[Frequency]

class CategoryGroup(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CATEGORY_GROUP_UNSPECIFIED: _ClassVar[CategoryGroup]
    CATEGORY_GROUP_PAYMENT: _ClassVar[CategoryGroup]
    CATEGORY_GROUP_EVENT_UPDATES: _ClassVar[CategoryGroup]
    CATEGORY_GROUP_EVENT_REMINDERS: _ClassVar[CategoryGroup]
    CATEGORY_GROUP_ACCOUNT: _ClassVar[CategoryGroup]
    CATEGORY_GROUP_MARKETING: _ClassVar[CategoryGroup]
TOKEN_PURPOSE_UNSPECIFIED: TokenPurpose
TOKEN_PURPOSE_UNSUBSCRIBE: TokenPurpose
TOKEN_PURPOSE_PREFERENCES: TokenPurpose
TOKEN_PURPOSE_CONFIRM: TokenPurpose
UNSUBSCRIBE_METHOD_UNSPECIFIED: UnsubscribeMethod
UNSUBSCRIBE_METHOD_ONE_CLICK: UnsubscribeMethod
UNSUBSCRIBE_METHOD_PAGE: UnsubscribeMethod
UNSUBSCRIBE_METHOD_PREFERENCE_PAGE: UnsubscribeMethod
UNSUBSCRIBE_METHOD_SMS_KEYWORD: UnsubscribeMethod
UNSUBSCRIBE_METHOD_STAFF: UnsubscribeMethod
UNSUBSCRIBE_METHOD_COMPLAINT: UnsubscribeMethod
FREQUENCY_UNSPECIFIED: Frequency
FREQUENCY_IMMEDIATE: Frequency
FREQUENCY_DAILY: Frequency
FREQUENCY_WEEKLY: Frequency
FREQUENCY_MONTHLY: Frequency
CATEGORY_GROUP_UNSPECIFIED: CategoryGroup
CATEGORY_GROUP_PAYMENT: CategoryGroup
CATEGORY_GROUP_EVENT_UPDATES: CategoryGroup
CATEGORY_GROUP_EVENT_REMINDERS: CategoryGroup
CATEGORY_GROUP_ACCOUNT: CategoryGroup
CATEGORY_GROUP_MARKETING: CategoryGroup

class IssueUnsubscribeTokenRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_id", "campaign_id", "purpose")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_id: str
    campaign_id: str
    purpose: TokenPurpose
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., purpose: _Optional[_Union[TokenPurpose, str]] = ...) -> None: ...

class IssueUnsubscribeTokenResponse(_message.Message):
    __slots__ = ("token", "url")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    token: str
    url: str
    def __init__(self, token: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class ResolveTokenRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class ResolveTokenResponse(_message.Message):
    __slots__ = ("purpose", "masked_address", "channel", "tenant_name", "language_code", "is_unsubscribed", "branding", "preferences", "consent_state", "preferences_token")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    MASKED_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TENANT_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    IS_UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    BRANDING_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    CONSENT_STATE_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_TOKEN_FIELD_NUMBER: _ClassVar[int]
    purpose: TokenPurpose
    masked_address: str
    channel: _enums_pb2.Channel
    tenant_name: str
    language_code: str
    is_unsubscribed: bool
    branding: Branding
    preferences: Preferences
    consent_state: _consent_pb2.Consent.State
    preferences_token: str
    def __init__(self, purpose: _Optional[_Union[TokenPurpose, str]] = ..., masked_address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., tenant_name: _Optional[str] = ..., language_code: _Optional[str] = ..., is_unsubscribed: _Optional[bool] = ..., branding: _Optional[_Union[Branding, _Mapping]] = ..., preferences: _Optional[_Union[Preferences, _Mapping]] = ..., consent_state: _Optional[_Union[_consent_pb2.Consent.State, str]] = ..., preferences_token: _Optional[str] = ...) -> None: ...

class RequestFreshLinkRequest(_message.Message):
    __slots__ = ("token", "address", "language_code", "idempotency_key")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    token: str
    address: str
    language_code: str
    idempotency_key: str
    def __init__(self, token: _Optional[str] = ..., address: _Optional[str] = ..., language_code: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RequestFreshLinkResponse(_message.Message):
    __slots__ = ("deduplicated",)
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    deduplicated: bool
    def __init__(self, deduplicated: _Optional[bool] = ...) -> None: ...

class GetFreshLinkRequest(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...

class GetFreshLinkResponse(_message.Message):
    __slots__ = ("url", "expire_time", "contact_id", "channel", "address", "language_code")
    URL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    url: str
    expire_time: _timestamp_pb2.Timestamp
    contact_id: str
    channel: _enums_pb2.Channel
    address: str
    language_code: str
    def __init__(self, url: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., address: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class Branding(_message.Message):
    __slots__ = ("logo_url", "primary_color", "footer_text")
    LOGO_URL_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_COLOR_FIELD_NUMBER: _ClassVar[int]
    FOOTER_TEXT_FIELD_NUMBER: _ClassVar[int]
    logo_url: str
    primary_color: str
    footer_text: str
    def __init__(self, logo_url: _Optional[str] = ..., primary_color: _Optional[str] = ..., footer_text: _Optional[str] = ...) -> None: ...

class UnsubscribeRequest(_message.Message):
    __slots__ = ("token", "all_channels", "method", "ip_address", "user_agent")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ALL_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    token: str
    all_channels: bool
    method: UnsubscribeMethod
    ip_address: str
    user_agent: str
    def __init__(self, token: _Optional[str] = ..., all_channels: _Optional[bool] = ..., method: _Optional[_Union[UnsubscribeMethod, str]] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class UnsubscribeResponse(_message.Message):
    __slots__ = ("summary", "already_unsubscribed")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    ALREADY_UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    summary: _consent_pb2.ConsentSummary
    already_unsubscribed: bool
    def __init__(self, summary: _Optional[_Union[_consent_pb2.ConsentSummary, _Mapping]] = ..., already_unsubscribed: _Optional[bool] = ...) -> None: ...

class ChannelPreference(_message.Message):
    __slots__ = ("channel", "is_enabled", "frequency")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    is_enabled: bool
    frequency: Frequency
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., is_enabled: _Optional[bool] = ..., frequency: _Optional[_Union[Frequency, str]] = ...) -> None: ...

class CategoryPreference(_message.Message):
    __slots__ = ("category", "group", "channel", "is_enabled", "frequency", "is_default")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    category: _enums_pb2.Category
    group: CategoryGroup
    channel: _enums_pb2.Channel
    is_enabled: bool
    frequency: Frequency
    is_default: bool
    def __init__(self, category: _Optional[_Union[_enums_pb2.Category, str]] = ..., group: _Optional[_Union[CategoryGroup, str]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., is_enabled: _Optional[bool] = ..., frequency: _Optional[_Union[Frequency, str]] = ..., is_default: _Optional[bool] = ...) -> None: ...

class QuietHours(_message.Message):
    __slots__ = ("is_enabled", "start", "end")
    IS_ENABLED_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    is_enabled: bool
    start: str
    end: str
    def __init__(self, is_enabled: _Optional[bool] = ..., start: _Optional[str] = ..., end: _Optional[str] = ...) -> None: ...

class Preferences(_message.Message):
    __slots__ = ("contact_id", "channels", "sms_critical_only", "preferred_channel", "language_code", "time_zone", "quiet_hours", "digest_time", "max_emails_per_day", "max_sms_per_day", "marketing_opted_out", "is_dnd", "categories", "etag", "update_time")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    SMS_CRITICAL_ONLY_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    QUIET_HOURS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_TIME_FIELD_NUMBER: _ClassVar[int]
    MAX_EMAILS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    MAX_SMS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    MARKETING_OPTED_OUT_FIELD_NUMBER: _ClassVar[int]
    IS_DND_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    channels: _containers.RepeatedCompositeFieldContainer[ChannelPreference]
    sms_critical_only: bool
    preferred_channel: _enums_pb2.Channel
    language_code: str
    time_zone: str
    quiet_hours: QuietHours
    digest_time: str
    max_emails_per_day: int
    max_sms_per_day: int
    marketing_opted_out: bool
    is_dnd: bool
    categories: _containers.RepeatedCompositeFieldContainer[CategoryPreference]
    etag: str
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, contact_id: _Optional[str] = ..., channels: _Optional[_Iterable[_Union[ChannelPreference, _Mapping]]] = ..., sms_critical_only: _Optional[bool] = ..., preferred_channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., quiet_hours: _Optional[_Union[QuietHours, _Mapping]] = ..., digest_time: _Optional[str] = ..., max_emails_per_day: _Optional[int] = ..., max_sms_per_day: _Optional[int] = ..., marketing_opted_out: _Optional[bool] = ..., is_dnd: _Optional[bool] = ..., categories: _Optional[_Iterable[_Union[CategoryPreference, _Mapping]]] = ..., etag: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetPreferencesRequest(_message.Message):
    __slots__ = ("contact_id",)
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    def __init__(self, contact_id: _Optional[str] = ...) -> None: ...

class GetPreferencesResponse(_message.Message):
    __slots__ = ("preferences",)
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ...) -> None: ...

class UpdatePreferencesRequest(_message.Message):
    __slots__ = ("preferences", "update_mask", "changed_by", "reason", "idempotency_key")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    update_mask: _field_mask_pb2.FieldMask
    changed_by: str
    reason: str
    idempotency_key: str
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., changed_by: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdatePreferencesResponse(_message.Message):
    __slots__ = ("preferences", "deduplicated")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    deduplicated: bool
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class SetCategoryPreferencesRequest(_message.Message):
    __slots__ = ("contact_id", "categories", "reason", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    categories: _containers.RepeatedCompositeFieldContainer[CategoryPreference]
    reason: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., categories: _Optional[_Iterable[_Union[CategoryPreference, _Mapping]]] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SetCategoryPreferencesResponse(_message.Message):
    __slots__ = ("preferences", "deduplicated")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    deduplicated: bool
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class SubscribeToChannelRequest(_message.Message):
    __slots__ = ("contact_id", "channel", "address", "source", "evidence", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    channel: _enums_pb2.Channel
    address: str
    source: _consent_pb2.ConsentSource
    evidence: _struct_pb2.Struct
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., address: _Optional[str] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SubscribeToChannelResponse(_message.Message):
    __slots__ = ("preferences", "consent", "deduplicated")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    consent: _consent_pb2.Consent
    deduplicated: bool
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ..., consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class UnsubscribeFromChannelRequest(_message.Message):
    __slots__ = ("contact_id", "channel", "all_messages", "reason", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ALL_MESSAGES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    channel: _enums_pb2.Channel
    all_messages: bool
    reason: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., all_messages: _Optional[bool] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UnsubscribeFromChannelResponse(_message.Message):
    __slots__ = ("preferences", "deduplicated")
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    deduplicated: bool
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class PreferenceChange(_message.Message):
    __slots__ = ("preference_change_id", "changed_by", "changes", "reason", "source", "create_time")
    PREFERENCE_CHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    preference_change_id: str
    changed_by: str
    changes: _containers.RepeatedCompositeFieldContainer[FieldChange]
    reason: str
    source: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, preference_change_id: _Optional[str] = ..., changed_by: _Optional[str] = ..., changes: _Optional[_Iterable[_Union[FieldChange, _Mapping]]] = ..., reason: _Optional[str] = ..., source: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FieldChange(_message.Message):
    __slots__ = ("field", "old_value", "new_value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OLD_VALUE_FIELD_NUMBER: _ClassVar[int]
    NEW_VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    old_value: _struct_pb2.Value
    new_value: _struct_pb2.Value
    def __init__(self, field: _Optional[str] = ..., old_value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., new_value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class ListPreferenceHistoryRequest(_message.Message):
    __slots__ = ("contact_id", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPreferenceHistoryResponse(_message.Message):
    __slots__ = ("changes", "next_page_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[PreferenceChange]
    next_page_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[PreferenceChange, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdatePreferencesByTokenRequest(_message.Message):
    __slots__ = ("token", "preferences", "update_mask", "stop_marketing", "ip_address", "user_agent")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    STOP_MARKETING_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    token: str
    preferences: Preferences
    update_mask: _field_mask_pb2.FieldMask
    stop_marketing: bool
    ip_address: str
    user_agent: str
    def __init__(self, token: _Optional[str] = ..., preferences: _Optional[_Union[Preferences, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., stop_marketing: _Optional[bool] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class UpdatePreferencesByTokenResponse(_message.Message):
    __slots__ = ("preferences",)
    PREFERENCES_FIELD_NUMBER: _ClassVar[int]
    preferences: Preferences
    def __init__(self, preferences: _Optional[_Union[Preferences, _Mapping]] = ...) -> None: ...

class RevokeLinksRequest(_message.Message):
    __slots__ = ("contact_id", "reason", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    reason: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RevokeLinksResponse(_message.Message):
    __slots__ = ("deduplicated",)
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    deduplicated: bool
    def __init__(self, deduplicated: _Optional[bool] = ...) -> None: ...

class ResolvePreferredChannelsRequest(_message.Message):
    __slots__ = ("contact_ids",)
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contact_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ResolvePreferredChannelsResponse(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    def __init__(self, channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ...) -> None: ...
