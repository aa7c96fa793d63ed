import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BudgetLevel(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BUDGET_LEVEL_UNSPECIFIED: _ClassVar[BudgetLevel]
    BUDGET_LEVEL_THRESHOLD: _ClassVar[BudgetLevel]
    BUDGET_LEVEL_EXHAUSTED: _ClassVar[BudgetLevel]
BUDGET_LEVEL_UNSPECIFIED: BudgetLevel
BUDGET_LEVEL_THRESHOLD: BudgetLevel
BUDGET_LEVEL_EXHAUSTED: BudgetLevel

class Tenant(_message.Message):
    __slots__ = ("tenant_id", "name", "currency_code", "region_code", "default_time_zone", "default_language_code", "state", "create_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Tenant.State]
        STATE_ACTIVE: _ClassVar[Tenant.State]
        STATE_SUSPENDED: _ClassVar[Tenant.State]
        STATE_CLOSED: _ClassVar[Tenant.State]
    STATE_UNSPECIFIED: Tenant.State
    STATE_ACTIVE: Tenant.State
    STATE_SUSPENDED: Tenant.State
    STATE_CLOSED: Tenant.State
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    currency_code: str
    region_code: str
    default_time_zone: str
    default_language_code: str
    state: Tenant.State
    create_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., currency_code: _Optional[str] = ..., region_code: _Optional[str] = ..., default_time_zone: _Optional[str] = ..., default_language_code: _Optional[str] = ..., state: _Optional[_Union[Tenant.State, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class MarketingSettings(_message.Message):
    __slots__ = ("marketing_enabled", "enabled_channels", "blocked_channels", "email_from_address", "email_from_name", "reply_to_address", "send_window_start", "send_window_end", "sms_window_start", "sms_window_end", "quiet_hours_start", "quiet_hours_end", "daily_message_limit_per_contact", "weekly_message_limit_per_contact", "monthly_budget_limit", "budget_alert_threshold_percent", "campaign_approval_required", "campaign_approval_threshold_recipients", "allow_self_approval", "double_opt_in_channels", "consent_validity_days", "dnd_channels", "dnd_registries", "logo_url", "primary_color", "footer_text", "postal_address", "tracking_enabled", "etag", "sms_fallback_enabled", "pass_terms", "daily_email_limit", "daily_sms_limit", "monthly_email_limit", "monthly_sms_limit", "amp_enabled", "whatsapp_provider", "whatsapp_business_number", "whatsapp_business_id", "sms_provider", "sms_sender_id", "sms_callback_number", "email_provider")
    MARKETING_ENABLED_FIELD_NUMBER: _ClassVar[int]
    ENABLED_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    BLOCKED_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FROM_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FROM_NAME_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SEND_WINDOW_START_FIELD_NUMBER: _ClassVar[int]
    SEND_WINDOW_END_FIELD_NUMBER: _ClassVar[int]
    SMS_WINDOW_START_FIELD_NUMBER: _ClassVar[int]
    SMS_WINDOW_END_FIELD_NUMBER: _ClassVar[int]
    QUIET_HOURS_START_FIELD_NUMBER: _ClassVar[int]
    QUIET_HOURS_END_FIELD_NUMBER: _ClassVar[int]
    DAILY_MESSAGE_LIMIT_PER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    WEEKLY_MESSAGE_LIMIT_PER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_BUDGET_LIMIT_FIELD_NUMBER: _ClassVar[int]
    BUDGET_ALERT_THRESHOLD_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_APPROVAL_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_APPROVAL_THRESHOLD_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    ALLOW_SELF_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    DOUBLE_OPT_IN_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_VALIDITY_DAYS_FIELD_NUMBER: _ClassVar[int]
    DND_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    DND_REGISTRIES_FIELD_NUMBER: _ClassVar[int]
    LOGO_URL_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_COLOR_FIELD_NUMBER: _ClassVar[int]
    FOOTER_TEXT_FIELD_NUMBER: _ClassVar[int]
    POSTAL_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TRACKING_ENABLED_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    SMS_FALLBACK_ENABLED_FIELD_NUMBER: _ClassVar[int]
    PASS_TERMS_FIELD_NUMBER: _ClassVar[int]
    DAILY_EMAIL_LIMIT_FIELD_NUMBER: _ClassVar[int]
    DAILY_SMS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_EMAIL_LIMIT_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_SMS_LIMIT_FIELD_NUMBER: _ClassVar[int]
    AMP_ENABLED_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_BUSINESS_NUMBER_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_BUSINESS_ID_FIELD_NUMBER: _ClassVar[int]
    SMS_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SMS_SENDER_ID_FIELD_NUMBER: _ClassVar[int]
    SMS_CALLBACK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EMAIL_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    marketing_enabled: bool
    enabled_channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    blocked_channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    email_from_address: str
    email_from_name: str
    reply_to_address: str
    send_window_start: str
    send_window_end: str
    sms_window_start: str
    sms_window_end: str
    quiet_hours_start: str
    quiet_hours_end: str
    daily_message_limit_per_contact: int
    weekly_message_limit_per_contact: int
    monthly_budget_limit: _money_pb2.Money
    budget_alert_threshold_percent: int
    campaign_approval_required: bool
    campaign_approval_threshold_recipients: int
    allow_self_approval: bool
    double_opt_in_channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    consent_validity_days: int
    dnd_channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    dnd_registries: _containers.RepeatedScalarFieldContainer[str]
    logo_url: str
    primary_color: str
    footer_text: str
    postal_address: str
    tracking_enabled: bool
    etag: str
    sms_fallback_enabled: bool
    pass_terms: str
    daily_email_limit: int
    daily_sms_limit: int
    monthly_email_limit: int
    monthly_sms_limit: int
    amp_enabled: bool
    whatsapp_provider: str
    whatsapp_business_number: str
    whatsapp_business_id: str
    sms_provider: str
    sms_sender_id: str
    sms_callback_number: str
    email_provider: str
    def __init__(self, marketing_enabled: _Optional[bool] = ..., enabled_channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., blocked_channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., email_from_address: _Optional[str] = ..., email_from_name: _Optional[str] = ..., reply_to_address: _Optional[str] = ..., send_window_start: _Optional[str] = ..., send_window_end: _Optional[str] = ..., sms_window_start: _Optional[str] = ..., sms_window_end: _Optional[str] = ..., quiet_hours_start: _Optional[str] = ..., quiet_hours_end: _Optional[str] = ..., daily_message_limit_per_contact: _Optional[int] = ..., weekly_message_limit_per_contact: _Optional[int] = ..., monthly_budget_limit: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., budget_alert_threshold_percent: _Optional[int] = ..., campaign_approval_required: _Optional[bool] = ..., campaign_approval_threshold_recipients: _Optional[int] = ..., allow_self_approval: _Optional[bool] = ..., double_opt_in_channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., consent_validity_days: _Optional[int] = ..., dnd_channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., dnd_registries: _Optional[_Iterable[str]] = ..., logo_url: _Optional[str] = ..., primary_color: _Optional[str] = ..., footer_text: _Optional[str] = ..., postal_address: _Optional[str] = ..., tracking_enabled: _Optional[bool] = ..., etag: _Optional[str] = ..., sms_fallback_enabled: _Optional[bool] = ..., pass_terms: _Optional[str] = ..., daily_email_limit: _Optional[int] = ..., daily_sms_limit: _Optional[int] = ..., monthly_email_limit: _Optional[int] = ..., monthly_sms_limit: _Optional[int] = ..., amp_enabled: _Optional[bool] = ..., whatsapp_provider: _Optional[str] = ..., whatsapp_business_number: _Optional[str] = ..., whatsapp_business_id: _Optional[str] = ..., sms_provider: _Optional[str] = ..., sms_sender_id: _Optional[str] = ..., sms_callback_number: _Optional[str] = ..., email_provider: _Optional[str] = ...) -> None: ...

class BranchSettings(_message.Message):
    __slots__ = ("branch_id", "name", "marketing_enabled", "monthly_budget_limit", "time_zone", "region_code", "current_month_spend", "state", "etag", "create_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[BranchSettings.State]
        STATE_ACTIVE: _ClassVar[BranchSettings.State]
        STATE_ARCHIVED: _ClassVar[BranchSettings.State]
    STATE_UNSPECIFIED: BranchSettings.State
    STATE_ACTIVE: BranchSettings.State
    STATE_ARCHIVED: BranchSettings.State
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MARKETING_ENABLED_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_BUDGET_LIMIT_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_MONTH_SPEND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    branch_id: str
    name: str
    marketing_enabled: bool
    monthly_budget_limit: _money_pb2.Money
    time_zone: str
    region_code: str
    current_month_spend: _money_pb2.Money
    state: BranchSettings.State
    etag: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, branch_id: _Optional[str] = ..., name: _Optional[str] = ..., marketing_enabled: _Optional[bool] = ..., monthly_budget_limit: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., time_zone: _Optional[str] = ..., region_code: _Optional[str] = ..., current_month_spend: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., state: _Optional[_Union[BranchSettings.State, str]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CreateTenantRequest(_message.Message):
    __slots__ = ("tenant", "idempotency_key")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    idempotency_key: str
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateTenantResponse(_message.Message):
    __slots__ = ("tenant", "deduplicated")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    deduplicated: bool
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetTenantRequest(_message.Message):
    __slots__ = ("tenant_id",)
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    def __init__(self, tenant_id: _Optional[str] = ...) -> None: ...

class GetTenantResponse(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ...) -> None: ...

class SuspendTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "reason", "idempotency_key")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    reason: str
    idempotency_key: str
    def __init__(self, tenant_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SuspendTenantResponse(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ...) -> None: ...

class ResumeTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "idempotency_key")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    idempotency_key: str
    def __init__(self, tenant_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResumeTenantResponse(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ...) -> None: ...

class CloseTenantRequest(_message.Message):
    __slots__ = ("tenant_id", "reason", "idempotency_key")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    reason: str
    idempotency_key: str
    def __init__(self, tenant_id: _Optional[str] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CloseTenantResponse(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ...) -> None: ...

class UpdateTenantRequest(_message.Message):
    __slots__ = ("tenant", "update_mask", "idempotency_key")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateTenantResponse(_message.Message):
    __slots__ = ("tenant", "deduplicated")
    TENANT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    tenant: Tenant
    deduplicated: bool
    def __init__(self, tenant: _Optional[_Union[Tenant, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListTenantsRequest(_message.Message):
    __slots__ = ("state", "name_prefix", "page_size", "page_token")
    STATE_FIELD_NUMBER: _ClassVar[int]
    NAME_PREFIX_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    state: Tenant.State
    name_prefix: str
    page_size: int
    page_token: str
    def __init__(self, state: _Optional[_Union[Tenant.State, str]] = ..., name_prefix: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTenantsResponse(_message.Message):
    __slots__ = ("tenants", "next_page_token")
    TENANTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tenants: _containers.RepeatedCompositeFieldContainer[Tenant]
    next_page_token: str
    def __init__(self, tenants: _Optional[_Iterable[_Union[Tenant, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetMarketingSettingsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetMarketingSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: MarketingSettings
    def __init__(self, settings: _Optional[_Union[MarketingSettings, _Mapping]] = ...) -> None: ...

class UpdateMarketingSettingsRequest(_message.Message):
    __slots__ = ("settings", "update_mask", "idempotency_key")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    settings: MarketingSettings
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, settings: _Optional[_Union[MarketingSettings, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateMarketingSettingsResponse(_message.Message):
    __slots__ = ("settings", "deduplicated")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    settings: MarketingSettings
    deduplicated: bool
    def __init__(self, settings: _Optional[_Union[MarketingSettings, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CreateBranchRequest(_message.Message):
    __slots__ = ("branch", "idempotency_key")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    branch: BranchSettings
    idempotency_key: str
    def __init__(self, branch: _Optional[_Union[BranchSettings, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateBranchResponse(_message.Message):
    __slots__ = ("branch", "deduplicated")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    branch: BranchSettings
    deduplicated: bool
    def __init__(self, branch: _Optional[_Union[BranchSettings, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ArchiveBranchRequest(_message.Message):
    __slots__ = ("branch_id", "idempotency_key")
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    branch_id: str
    idempotency_key: str
    def __init__(self, branch_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ArchiveBranchResponse(_message.Message):
    __slots__ = ("branch", "deduplicated")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    branch: BranchSettings
    deduplicated: bool
    def __init__(self, branch: _Optional[_Union[BranchSettings, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetBranchSettingsRequest(_message.Message):
    __slots__ = ("branch_id",)
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    branch_id: str
    def __init__(self, branch_id: _Optional[str] = ...) -> None: ...

class GetBranchSettingsResponse(_message.Message):
    __slots__ = ("branch",)
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    branch: BranchSettings
    def __init__(self, branch: _Optional[_Union[BranchSettings, _Mapping]] = ...) -> None: ...

class ListBranchSettingsRequest(_message.Message):
    __slots__ = ("include_archived", "page_size", "page_token")
    INCLUDE_ARCHIVED_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    include_archived: bool
    page_size: int
    page_token: str
    def __init__(self, include_archived: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBranchSettingsResponse(_message.Message):
    __slots__ = ("branches", "next_page_token")
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    branches: _containers.RepeatedCompositeFieldContainer[BranchSettings]
    next_page_token: str
    def __init__(self, branches: _Optional[_Iterable[_Union[BranchSettings, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateBranchSettingsRequest(_message.Message):
    __slots__ = ("branch", "update_mask", "idempotency_key")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    branch: BranchSettings
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, branch: _Optional[_Union[BranchSettings, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateBranchSettingsResponse(_message.Message):
    __slots__ = ("branch", "deduplicated")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    branch: BranchSettings
    deduplicated: bool
    def __init__(self, branch: _Optional[_Union[BranchSettings, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetBudgetRequest(_message.Message):
    __slots__ = ("month", "branch_id")
    MONTH_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    month: str
    branch_id: str
    def __init__(self, month: _Optional[str] = ..., branch_id: _Optional[str] = ...) -> None: ...

class GetBudgetResponse(_message.Message):
    __slots__ = ("limit", "reserved", "spent", "remaining", "month", "uncounted", "level", "alert_time", "exhaust_time", "alert_threshold_percent")
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    SPENT_FIELD_NUMBER: _ClassVar[int]
    REMAINING_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    UNCOUNTED_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    ALERT_TIME_FIELD_NUMBER: _ClassVar[int]
    EXHAUST_TIME_FIELD_NUMBER: _ClassVar[int]
    ALERT_THRESHOLD_PERCENT_FIELD_NUMBER: _ClassVar[int]
    limit: _money_pb2.Money
    reserved: _money_pb2.Money
    spent: _money_pb2.Money
    remaining: _money_pb2.Money
    month: str
    uncounted: _money_pb2.Money
    level: BudgetLevel
    alert_time: _timestamp_pb2.Timestamp
    exhaust_time: _timestamp_pb2.Timestamp
    alert_threshold_percent: int
    def __init__(self, limit: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reserved: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., spent: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., remaining: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., month: _Optional[str] = ..., uncounted: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., level: _Optional[_Union[BudgetLevel, str]] = ..., alert_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., exhaust_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., alert_threshold_percent: _Optional[int] = ...) -> None: ...
