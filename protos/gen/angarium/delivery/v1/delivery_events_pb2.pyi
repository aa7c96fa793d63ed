import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.delivery.v1 import message_pb2 as _message_pb2
from angarium.delivery.v1 import receipt_service_pb2 as _receipt_service_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BounceType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BOUNCE_TYPE_UNSPECIFIED: _ClassVar[BounceType]
    BOUNCE_TYPE_HARD: _ClassVar[BounceType]
    BOUNCE_TYPE_SOFT: _ClassVar[BounceType]
    BOUNCE_TYPE_BLOCK: _ClassVar[BounceType]
BOUNCE_TYPE_UNSPECIFIED: BounceType
BOUNCE_TYPE_HARD: BounceType
BOUNCE_TYPE_SOFT: BounceType
BOUNCE_TYPE_BLOCK: BounceType

class MessagesAccepted(_message.Message):
    __slots__ = ("dimensions", "messages")
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    dimensions: MessageDimensions
    messages: _containers.RepeatedCompositeFieldContainer[MessageAccepted]
    def __init__(self, dimensions: _Optional[_Union[MessageDimensions, _Mapping]] = ..., messages: _Optional[_Iterable[_Union[MessageAccepted, _Mapping]]] = ...) -> None: ...

class MessageDimensions(_message.Message):
    __slots__ = ("channel", "message_class", "category", "priority", "origin", "branch_id", "template_version_id", "template_name", "campaign_id", "run_id", "variant_key", "is_staff", "rule", "trigger_type", "automation_run_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    IS_STAFF_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    AUTOMATION_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    category: _enums_pb2.Category
    priority: _enums_pb2.Priority
    origin: _message_pb2.Origin
    branch_id: str
    template_version_id: str
    template_name: str
    campaign_id: str
    run_id: str
    variant_key: str
    is_staff: bool
    rule: str
    trigger_type: str
    automation_run_id: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., priority: _Optional[_Union[_enums_pb2.Priority, str]] = ..., origin: _Optional[_Union[_message_pb2.Origin, str]] = ..., branch_id: _Optional[str] = ..., template_version_id: _Optional[str] = ..., template_name: _Optional[str] = ..., campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., is_staff: _Optional[bool] = ..., rule: _Optional[str] = ..., trigger_type: _Optional[str] = ..., automation_run_id: _Optional[str] = ...) -> None: ...

class MessageAccepted(_message.Message):
    __slots__ = ("message_id", "contact_id", "language_code")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    language_code: str
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class MessagesScheduled(_message.Message):
    __slots__ = ("campaign_id", "due_time", "messages")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    due_time: _timestamp_pb2.Timestamp
    messages: _containers.RepeatedCompositeFieldContainer[MessageScheduled]
    def __init__(self, campaign_id: _Optional[str] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., messages: _Optional[_Iterable[_Union[MessageScheduled, _Mapping]]] = ...) -> None: ...

class MessageScheduled(_message.Message):
    __slots__ = ("message_id",)
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    def __init__(self, message_id: _Optional[str] = ...) -> None: ...

class MessagesSent(_message.Message):
    __slots__ = ("campaign_id", "provider", "provider_account_id", "messages")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    provider: str
    provider_account_id: str
    messages: _containers.RepeatedCompositeFieldContainer[MessageSent]
    def __init__(self, campaign_id: _Optional[str] = ..., provider: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[MessageSent, _Mapping]]] = ...) -> None: ...

class MessageSent(_message.Message):
    __slots__ = ("message_id", "attempt", "send_time", "segments", "provider_message_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    attempt: int
    send_time: _timestamp_pb2.Timestamp
    segments: int
    provider_message_id: str
    def __init__(self, message_id: _Optional[str] = ..., attempt: _Optional[int] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., segments: _Optional[int] = ..., provider_message_id: _Optional[str] = ...) -> None: ...

class MessagesReached(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[MessageReached]
    def __init__(self, messages: _Optional[_Iterable[_Union[MessageReached, _Mapping]]] = ...) -> None: ...

class MessageReached(_message.Message):
    __slots__ = ("message_id", "campaign_id", "occur_time")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    campaign_id: str
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MessagesStopped(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[MessageStopped]
    def __init__(self, messages: _Optional[_Iterable[_Union[MessageStopped, _Mapping]]] = ...) -> None: ...

class MessageStopped(_message.Message):
    __slots__ = ("message_id", "campaign_id", "reason", "code", "occur_time", "defer_time")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    DEFER_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    campaign_id: str
    reason: str
    code: str
    occur_time: _timestamp_pb2.Timestamp
    defer_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., reason: _Optional[str] = ..., code: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., defer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RecipientsReported(_message.Message):
    __slots__ = ("reports",)
    REPORTS_FIELD_NUMBER: _ClassVar[int]
    reports: _containers.RepeatedCompositeFieldContainer[RecipientReported]
    def __init__(self, reports: _Optional[_Iterable[_Union[RecipientReported, _Mapping]]] = ...) -> None: ...

class RecipientReported(_message.Message):
    __slots__ = ("message_id", "contact_id", "channel", "address_hash", "hash_key_id", "address_hint", "bounce_type", "code", "campaign_id", "occur_time")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_HASH_FIELD_NUMBER: _ClassVar[int]
    HASH_KEY_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_HINT_FIELD_NUMBER: _ClassVar[int]
    BOUNCE_TYPE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    channel: _enums_pb2.Channel
    address_hash: bytes
    hash_key_id: str
    address_hint: str
    bounce_type: BounceType
    code: str
    campaign_id: str
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., address_hash: _Optional[bytes] = ..., hash_key_id: _Optional[str] = ..., address_hint: _Optional[str] = ..., bounce_type: _Optional[_Union[BounceType, str]] = ..., code: _Optional[str] = ..., campaign_id: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MessagesEngaged(_message.Message):
    __slots__ = ("hits",)
    HITS_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[MessageEngaged]
    def __init__(self, hits: _Optional[_Iterable[_Union[MessageEngaged, _Mapping]]] = ...) -> None: ...

class MessageEngaged(_message.Message):
    __slots__ = ("engagement_id", "message_id", "contact_id", "campaign_id", "kind", "engagement_class", "class_reason", "rule_version", "link_id", "url", "truncated_ip", "user_agent_family", "occur_time", "judgement")
    ENGAGEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ENGAGEMENT_CLASS_FIELD_NUMBER: _ClassVar[int]
    CLASS_REASON_FIELD_NUMBER: _ClassVar[int]
    RULE_VERSION_FIELD_NUMBER: _ClassVar[int]
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    TRUNCATED_IP_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FAMILY_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    JUDGEMENT_FIELD_NUMBER: _ClassVar[int]
    engagement_id: str
    message_id: str
    contact_id: str
    campaign_id: str
    kind: _receipt_service_pb2.EngagementKind
    engagement_class: _receipt_service_pb2.EngagementClass
    class_reason: str
    rule_version: int
    link_id: str
    url: str
    truncated_ip: str
    user_agent_family: str
    occur_time: _timestamp_pb2.Timestamp
    judgement: int
    def __init__(self, engagement_id: _Optional[str] = ..., message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., kind: _Optional[_Union[_receipt_service_pb2.EngagementKind, str]] = ..., engagement_class: _Optional[_Union[_receipt_service_pb2.EngagementClass, str]] = ..., class_reason: _Optional[str] = ..., rule_version: _Optional[int] = ..., link_id: _Optional[str] = ..., url: _Optional[str] = ..., truncated_ip: _Optional[str] = ..., user_agent_family: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., judgement: _Optional[int] = ...) -> None: ...

class CostsRecorded(_message.Message):
    __slots__ = ("provider", "campaign_id", "costs")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    provider: str
    campaign_id: str
    costs: _containers.RepeatedCompositeFieldContainer[CostRecorded]
    def __init__(self, provider: _Optional[str] = ..., campaign_id: _Optional[str] = ..., costs: _Optional[_Iterable[_Union[CostRecorded, _Mapping]]] = ...) -> None: ...

class CostRecorded(_message.Message):
    __slots__ = ("message_id", "attempt", "cost", "is_actual", "billing_period", "is_platform_cost", "branch_id", "is_budgeted")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    IS_ACTUAL_FIELD_NUMBER: _ClassVar[int]
    BILLING_PERIOD_FIELD_NUMBER: _ClassVar[int]
    IS_PLATFORM_COST_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    IS_BUDGETED_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    attempt: int
    cost: _money_pb2.Money
    is_actual: bool
    billing_period: str
    is_platform_cost: bool
    branch_id: str
    is_budgeted: bool
    def __init__(self, message_id: _Optional[str] = ..., attempt: _Optional[int] = ..., cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., is_actual: _Optional[bool] = ..., billing_period: _Optional[str] = ..., is_platform_cost: _Optional[bool] = ..., branch_id: _Optional[str] = ..., is_budgeted: _Optional[bool] = ...) -> None: ...

class ProviderHealthChanged(_message.Message):
    __slots__ = ("provider_account_id", "provider", "error_class", "replacement_provider_account_id", "channel")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    REPLACEMENT_PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    provider: str
    error_class: str
    replacement_provider_account_id: str
    channel: _enums_pb2.Channel
    def __init__(self, provider_account_id: _Optional[str] = ..., provider: _Optional[str] = ..., error_class: _Optional[str] = ..., replacement_provider_account_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ...) -> None: ...

class WebhookDisabled(_message.Message):
    __slots__ = ("webhook_subscription_id", "reason", "error_class", "consecutive_failure_count")
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    CONSECUTIVE_FAILURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    reason: str
    error_class: str
    consecutive_failure_count: int
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., reason: _Optional[str] = ..., error_class: _Optional[str] = ..., consecutive_failure_count: _Optional[int] = ...) -> None: ...

class WebhookCallSettled(_message.Message):
    __slots__ = ("call_id", "webhook_subscription_id", "is_delivered", "attempt_count", "response_status", "error_class")
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    IS_DELIVERED_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_CLASS_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    webhook_subscription_id: str
    is_delivered: bool
    attempt_count: int
    response_status: int
    error_class: str
    def __init__(self, call_id: _Optional[str] = ..., webhook_subscription_id: _Optional[str] = ..., is_delivered: _Optional[bool] = ..., attempt_count: _Optional[int] = ..., response_status: _Optional[int] = ..., error_class: _Optional[str] = ...) -> None: ...

class LaneChanged(_message.Message):
    __slots__ = ("lane", "tenant_id", "oldest_age", "message_count", "reason", "changed_by")
    LANE_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    OLDEST_AGE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CHANGED_BY_FIELD_NUMBER: _ClassVar[int]
    lane: _enums_pb2.Priority
    tenant_id: str
    oldest_age: _duration_pb2.Duration
    message_count: int
    reason: str
    changed_by: str
    def __init__(self, lane: _Optional[_Union[_enums_pb2.Priority, str]] = ..., tenant_id: _Optional[str] = ..., oldest_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., message_count: _Optional[int] = ..., reason: _Optional[str] = ..., changed_by: _Optional[str] = ...) -> None: ...

class AttemptsFailed(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[AttemptFailed]
    def __init__(self, messages: _Optional[_Iterable[_Union[AttemptFailed, _Mapping]]] = ...) -> None: ...

class AttemptFailed(_message.Message):
    __slots__ = ("message_id", "campaign_id", "attempt", "code", "next_retry_time", "occur_time")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NEXT_RETRY_TIME_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    campaign_id: str
    attempt: int
    code: str
    next_retry_time: _timestamp_pb2.Timestamp
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., attempt: _Optional[int] = ..., code: _Optional[str] = ..., next_retry_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class MessagesRetried(_message.Message):
    __slots__ = ("messages",)
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[MessageRetried]
    def __init__(self, messages: _Optional[_Iterable[_Union[MessageRetried, _Mapping]]] = ...) -> None: ...

class MessageRetried(_message.Message):
    __slots__ = ("message_id", "campaign_id", "actor", "occur_time")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    campaign_id: str
    actor: str
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., actor: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TemplateRenderFailed(_message.Message):
    __slots__ = ("template_version_id", "template_name", "reason", "message_count", "occur_time")
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_COUNT_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    template_version_id: str
    template_name: str
    reason: str
    message_count: int
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, template_version_id: _Optional[str] = ..., template_name: _Optional[str] = ..., reason: _Optional[str] = ..., message_count: _Optional[int] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TenantVolumeReached(_message.Message):
    __slots__ = ("channel", "period", "limit")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    period: str
    limit: int
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., period: _Optional[str] = ..., limit: _Optional[int] = ...) -> None: ...
