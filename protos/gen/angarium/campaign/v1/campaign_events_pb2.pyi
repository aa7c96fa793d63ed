import datetime

from angarium.campaign.v1 import campaign_pb2 as _campaign_pb2
from angarium.campaign.v1 import contact_pb2 as _contact_pb2
from angarium.campaign.v1 import coupon_pb2 as _coupon_pb2
from angarium.campaign.v1 import referral_pb2 as _referral_pb2
from angarium.campaign.v1 import settings_service_pb2 as _settings_service_pb2
from angarium.campaign.v1 import trigger_pb2 as _trigger_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ContactsChanged(_message.Message):
    __slots__ = ("contacts",)
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.ContactReference]
    def __init__(self, contacts: _Optional[_Iterable[_Union[_contact_pb2.ContactReference, _Mapping]]] = ...) -> None: ...

class ContactMerged(_message.Message):
    __slots__ = ("kept", "merged_contact_id")
    KEPT_FIELD_NUMBER: _ClassVar[int]
    MERGED_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    kept: _contact_pb2.ContactReference
    merged_contact_id: str
    def __init__(self, kept: _Optional[_Union[_contact_pb2.ContactReference, _Mapping]] = ..., merged_contact_id: _Optional[str] = ...) -> None: ...

class TenantChanged(_message.Message):
    __slots__ = ("tenant",)
    TENANT_FIELD_NUMBER: _ClassVar[int]
    tenant: _settings_service_pb2.Tenant
    def __init__(self, tenant: _Optional[_Union[_settings_service_pb2.Tenant, _Mapping]] = ...) -> None: ...

class MarketingSettingsUpdated(_message.Message):
    __slots__ = ("settings", "changed_fields", "tenant")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    TENANT_FIELD_NUMBER: _ClassVar[int]
    settings: _settings_service_pb2.MarketingSettings
    changed_fields: _containers.RepeatedScalarFieldContainer[str]
    tenant: _settings_service_pb2.Tenant
    def __init__(self, settings: _Optional[_Union[_settings_service_pb2.MarketingSettings, _Mapping]] = ..., changed_fields: _Optional[_Iterable[str]] = ..., tenant: _Optional[_Union[_settings_service_pb2.Tenant, _Mapping]] = ...) -> None: ...

class BranchSettingsUpdated(_message.Message):
    __slots__ = ("branch", "changed_fields")
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    branch: _settings_service_pb2.BranchSettings
    changed_fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, branch: _Optional[_Union[_settings_service_pb2.BranchSettings, _Mapping]] = ..., changed_fields: _Optional[_Iterable[str]] = ...) -> None: ...

class BudgetAlert(_message.Message):
    __slots__ = ("month", "branch_id", "level", "spent", "reserved", "limit", "alert_threshold_percent")
    MONTH_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SPENT_FIELD_NUMBER: _ClassVar[int]
    RESERVED_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    ALERT_THRESHOLD_PERCENT_FIELD_NUMBER: _ClassVar[int]
    month: str
    branch_id: str
    level: _settings_service_pb2.BudgetLevel
    spent: _money_pb2.Money
    reserved: _money_pb2.Money
    limit: _money_pb2.Money
    alert_threshold_percent: int
    def __init__(self, month: _Optional[str] = ..., branch_id: _Optional[str] = ..., level: _Optional[_Union[_settings_service_pb2.BudgetLevel, str]] = ..., spent: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., reserved: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., limit: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., alert_threshold_percent: _Optional[int] = ...) -> None: ...

class CampaignChanged(_message.Message):
    __slots__ = ("campaign_id", "name", "channel", "state", "reason", "variants", "kind", "template_id", "segment_id", "estimated_recipients", "estimated_cost", "changed_by")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_COST_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    name: str
    channel: _enums_pb2.Channel
    state: _campaign_pb2.Campaign.State
    reason: str
    variants: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignVariant]
    kind: _campaign_pb2.Campaign.Kind
    template_id: str
    segment_id: str
    estimated_recipients: int
    estimated_cost: _money_pb2.Money
    changed_by: str
    def __init__(self, campaign_id: _Optional[str] = ..., name: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., state: _Optional[_Union[_campaign_pb2.Campaign.State, str]] = ..., reason: _Optional[str] = ..., variants: _Optional[_Iterable[_Union[_campaign_pb2.CampaignVariant, _Mapping]]] = ..., kind: _Optional[_Union[_campaign_pb2.Campaign.Kind, str]] = ..., template_id: _Optional[str] = ..., segment_id: _Optional[str] = ..., estimated_recipients: _Optional[int] = ..., estimated_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., changed_by: _Optional[str] = ...) -> None: ...

class CampaignLaunched(_message.Message):
    __slots__ = ("campaign_id", "run_id", "name", "channel", "recipient_count", "variants")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    name: str
    channel: _enums_pb2.Channel
    recipient_count: int
    variants: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignVariant]
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., name: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., recipient_count: _Optional[int] = ..., variants: _Optional[_Iterable[_Union[_campaign_pb2.CampaignVariant, _Mapping]]] = ...) -> None: ...

class CampaignRecipientsSkipped(_message.Message):
    __slots__ = ("campaign_id", "run_id", "channel", "recipients")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    channel: _enums_pb2.Channel
    recipients: _containers.RepeatedCompositeFieldContainer[SkippedRecipient]
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., recipients: _Optional[_Iterable[_Union[SkippedRecipient, _Mapping]]] = ...) -> None: ...

class SkippedRecipient(_message.Message):
    __slots__ = ("message_id", "contact_id", "variant_key", "reason")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    variant_key: str
    reason: str
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CampaignCompleted(_message.Message):
    __slots__ = ("campaign_id", "run_id", "counts", "actual_cost")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_COST_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    counts: _campaign_pb2.RecipientCounts
    actual_cost: _money_pb2.Money
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., counts: _Optional[_Union[_campaign_pb2.RecipientCounts, _Mapping]] = ..., actual_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...

class CampaignRunSkipped(_message.Message):
    __slots__ = ("campaign_id", "run_id", "plan_time", "reason")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    PLAN_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    plan_time: _timestamp_pb2.Timestamp
    reason: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., plan_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class CampaignAbTestDecided(_message.Message):
    __slots__ = ("campaign_id", "run_id", "outcome")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    outcome: _campaign_pb2.AbTestOutcome
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., outcome: _Optional[_Union[_campaign_pb2.AbTestOutcome, _Mapping]] = ...) -> None: ...

class TemplateActivated(_message.Message):
    __slots__ = ("template_id", "template_version_id", "version")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    template_version_id: str
    version: int
    def __init__(self, template_id: _Optional[str] = ..., template_version_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class TemplateWhatsAppStatusChanged(_message.Message):
    __slots__ = ("template_id", "template_version_id", "version", "language_code", "business_account", "whatsapp_template_name", "state", "former_state", "reason", "campaign_ids")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FORMER_STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_IDS_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    template_version_id: str
    version: int
    language_code: str
    business_account: str
    whatsapp_template_name: str
    state: _enums_pb2.WhatsAppApprovalState
    former_state: _enums_pb2.WhatsAppApprovalState
    reason: str
    campaign_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, template_id: _Optional[str] = ..., template_version_id: _Optional[str] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., business_account: _Optional[str] = ..., whatsapp_template_name: _Optional[str] = ..., state: _Optional[_Union[_enums_pb2.WhatsAppApprovalState, str]] = ..., former_state: _Optional[_Union[_enums_pb2.WhatsAppApprovalState, str]] = ..., reason: _Optional[str] = ..., campaign_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class SegmentRefreshed(_message.Message):
    __slots__ = ("segment_id", "contact_count", "added_count", "removed_count")
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    segment_id: str
    contact_count: int
    added_count: int
    removed_count: int
    def __init__(self, segment_id: _Optional[str] = ..., contact_count: _Optional[int] = ..., added_count: _Optional[int] = ..., removed_count: _Optional[int] = ...) -> None: ...

class CouponChanged(_message.Message):
    __slots__ = ("coupon", "actor")
    COUPON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    coupon: _coupon_pb2.Coupon
    actor: str
    def __init__(self, coupon: _Optional[_Union[_coupon_pb2.Coupon, _Mapping]] = ..., actor: _Optional[str] = ...) -> None: ...

class CouponUsed(_message.Message):
    __slots__ = ("redemption",)
    REDEMPTION_FIELD_NUMBER: _ClassVar[int]
    redemption: _coupon_pb2.CouponRedemption
    def __init__(self, redemption: _Optional[_Union[_coupon_pb2.CouponRedemption, _Mapping]] = ...) -> None: ...

class ContactAccountDeleted(_message.Message):
    __slots__ = ("contact_id", "inbound_event_id", "source")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    INBOUND_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    inbound_event_id: str
    source: str
    def __init__(self, contact_id: _Optional[str] = ..., inbound_event_id: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class FeedbackReceived(_message.Message):
    __slots__ = ("feedback_id", "contact_id", "rating", "low", "branch_id", "reference_id", "source", "message_id")
    FEEDBACK_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    RATING_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    feedback_id: str
    contact_id: str
    rating: int
    low: bool
    branch_id: str
    reference_id: str
    source: str
    message_id: str
    def __init__(self, feedback_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., rating: _Optional[int] = ..., low: _Optional[bool] = ..., branch_id: _Optional[str] = ..., reference_id: _Optional[str] = ..., source: _Optional[str] = ..., message_id: _Optional[str] = ...) -> None: ...

class TriggersSettled(_message.Message):
    __slots__ = ("entries",)
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[_trigger_pb2.TriggerHistoryEntry]
    def __init__(self, entries: _Optional[_Iterable[_Union[_trigger_pb2.TriggerHistoryEntry, _Mapping]]] = ...) -> None: ...

class AutomationRunsChanged(_message.Message):
    __slots__ = ("runs",)
    RUNS_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[AutomationRunChange]
    def __init__(self, runs: _Optional[_Iterable[_Union[AutomationRunChange, _Mapping]]] = ...) -> None: ...

class AutomationRunChange(_message.Message):
    __slots__ = ("automation_id", "run_id", "contact_id", "error")
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    run_id: str
    contact_id: str
    error: str
    def __init__(self, automation_id: _Optional[str] = ..., run_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., error: _Optional[str] = ...) -> None: ...

class ReferralChanged(_message.Message):
    __slots__ = ("referral_id", "referrer_id", "referred_id", "referral_code", "state", "invoice_id", "amount", "referrer_reward", "referred_reward", "reason", "actor")
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRER_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRED_ID_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    REFERRER_REWARD_FIELD_NUMBER: _ClassVar[int]
    REFERRED_REWARD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    referral_id: str
    referrer_id: str
    referred_id: str
    referral_code: str
    state: _referral_pb2.Referral.State
    invoice_id: str
    amount: _money_pb2.Money
    referrer_reward: _referral_pb2.ReferralReward
    referred_reward: _referral_pb2.ReferralReward
    reason: str
    actor: str
    def __init__(self, referral_id: _Optional[str] = ..., referrer_id: _Optional[str] = ..., referred_id: _Optional[str] = ..., referral_code: _Optional[str] = ..., state: _Optional[_Union[_referral_pb2.Referral.State, str]] = ..., invoice_id: _Optional[str] = ..., amount: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., referrer_reward: _Optional[_Union[_referral_pb2.ReferralReward, _Mapping]] = ..., referred_reward: _Optional[_Union[_referral_pb2.ReferralReward, _Mapping]] = ..., reason: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class PointsRequested(_message.Message):
    __slots__ = ("contact_id", "external_id", "points", "reason", "referral_id", "credit_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_ID_FIELD_NUMBER: _ClassVar[int]
    CREDIT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    external_id: str
    points: int
    reason: str
    referral_id: str
    credit_id: str
    def __init__(self, contact_id: _Optional[str] = ..., external_id: _Optional[str] = ..., points: _Optional[int] = ..., reason: _Optional[str] = ..., referral_id: _Optional[str] = ..., credit_id: _Optional[str] = ...) -> None: ...

class FollowupDue(_message.Message):
    __slots__ = ("followup_id", "contact_id", "staff_id", "due_time")
    FOLLOWUP_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    followup_id: str
    contact_id: str
    staff_id: str
    due_time: _timestamp_pb2.Timestamp
    def __init__(self, followup_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
