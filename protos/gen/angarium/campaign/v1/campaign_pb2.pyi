import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from buf.validate import validate_pb2 as _validate_pb2
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

class Campaign(_message.Message):
    __slots__ = ("campaign_id", "name", "description", "kind", "channel", "message_class", "template_id", "template_version_id", "segment_id", "target_all_contacts", "branch_ids", "schedule_time", "variants", "variables_json", "daily_limit", "monthly_limit", "state", "requires_approval", "submitted_by", "approved_by", "rejection_reason", "pause_reason", "counts", "estimated_cost", "actual_cost", "created_by", "start_time", "complete_time", "etag", "create_time", "update_time", "recurrence", "next_run_time", "schedule_zone", "passed_policy", "ab_test", "coupon_id", "template_name", "segment_name", "submit_time", "approve_time", "rejected_by", "reject_time", "pause_time", "cancelled_by", "cancel_time", "estimated_recipients", "source_event_id")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Campaign.State]
        STATE_DRAFT: _ClassVar[Campaign.State]
        STATE_PENDING_APPROVAL: _ClassVar[Campaign.State]
        STATE_APPROVED: _ClassVar[Campaign.State]
        STATE_SCHEDULED: _ClassVar[Campaign.State]
        STATE_SENDING: _ClassVar[Campaign.State]
        STATE_SENT: _ClassVar[Campaign.State]
        STATE_PAUSED: _ClassVar[Campaign.State]
        STATE_CANCELLED: _ClassVar[Campaign.State]
    STATE_UNSPECIFIED: Campaign.State
    STATE_DRAFT: Campaign.State
    STATE_PENDING_APPROVAL: Campaign.State
    STATE_APPROVED: Campaign.State
    STATE_SCHEDULED: Campaign.State
    STATE_SENDING: Campaign.State
    STATE_SENT: Campaign.State
    STATE_PAUSED: Campaign.State
    STATE_CANCELLED: Campaign.State
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Campaign.Kind]
        KIND_ONE_TIME: _ClassVar[Campaign.Kind]
        KIND_RECURRING: _ClassVar[Campaign.Kind]
        KIND_TRIGGER: _ClassVar[Campaign.Kind]
    KIND_UNSPECIFIED: Campaign.Kind
    KIND_ONE_TIME: Campaign.Kind
    KIND_RECURRING: Campaign.Kind
    KIND_TRIGGER: Campaign.Kind
    class ScheduleZone(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SCHEDULE_ZONE_UNSPECIFIED: _ClassVar[Campaign.ScheduleZone]
        SCHEDULE_ZONE_TENANT: _ClassVar[Campaign.ScheduleZone]
        SCHEDULE_ZONE_RECIPIENT: _ClassVar[Campaign.ScheduleZone]
    SCHEDULE_ZONE_UNSPECIFIED: Campaign.ScheduleZone
    SCHEDULE_ZONE_TENANT: Campaign.ScheduleZone
    SCHEDULE_ZONE_RECIPIENT: Campaign.ScheduleZone
    class PassedTime(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PASSED_TIME_UNSPECIFIED: _ClassVar[Campaign.PassedTime]
        PASSED_TIME_AT_ONCE: _ClassVar[Campaign.PassedTime]
        PASSED_TIME_NEXT_DAY: _ClassVar[Campaign.PassedTime]
    PASSED_TIME_UNSPECIFIED: Campaign.PassedTime
    PASSED_TIME_AT_ONCE: Campaign.PassedTime
    PASSED_TIME_NEXT_DAY: Campaign.PassedTime
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_ALL_CONTACTS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_JSON_FIELD_NUMBER: _ClassVar[int]
    DAILY_LIMIT_FIELD_NUMBER: _ClassVar[int]
    MONTHLY_LIMIT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_APPROVAL_FIELD_NUMBER: _ClassVar[int]
    SUBMITTED_BY_FIELD_NUMBER: _ClassVar[int]
    APPROVED_BY_FIELD_NUMBER: _ClassVar[int]
    REJECTION_REASON_FIELD_NUMBER: _ClassVar[int]
    PAUSE_REASON_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_COST_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_COST_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    RECURRENCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_RUN_TIME_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_ZONE_FIELD_NUMBER: _ClassVar[int]
    PASSED_POLICY_FIELD_NUMBER: _ClassVar[int]
    AB_TEST_FIELD_NUMBER: _ClassVar[int]
    COUPON_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_NAME_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    APPROVE_TIME_FIELD_NUMBER: _ClassVar[int]
    REJECTED_BY_FIELD_NUMBER: _ClassVar[int]
    REJECT_TIME_FIELD_NUMBER: _ClassVar[int]
    PAUSE_TIME_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_BY_FIELD_NUMBER: _ClassVar[int]
    CANCEL_TIME_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    name: str
    description: str
    kind: Campaign.Kind
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    template_id: str
    template_version_id: str
    segment_id: str
    target_all_contacts: bool
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    schedule_time: _timestamp_pb2.Timestamp
    variants: _containers.RepeatedCompositeFieldContainer[CampaignVariant]
    variables_json: str
    daily_limit: int
    monthly_limit: int
    state: Campaign.State
    requires_approval: bool
    submitted_by: str
    approved_by: str
    rejection_reason: str
    pause_reason: str
    counts: RecipientCounts
    estimated_cost: _money_pb2.Money
    actual_cost: _money_pb2.Money
    created_by: str
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    recurrence: Recurrence
    next_run_time: _timestamp_pb2.Timestamp
    schedule_zone: Campaign.ScheduleZone
    passed_policy: Campaign.PassedTime
    ab_test: AbTest
    coupon_id: str
    template_name: str
    segment_name: str
    submit_time: _timestamp_pb2.Timestamp
    approve_time: _timestamp_pb2.Timestamp
    rejected_by: str
    reject_time: _timestamp_pb2.Timestamp
    pause_time: _timestamp_pb2.Timestamp
    cancelled_by: str
    cancel_time: _timestamp_pb2.Timestamp
    estimated_recipients: int
    source_event_id: str
    def __init__(self, campaign_id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., kind: _Optional[_Union[Campaign.Kind, str]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., template_id: _Optional[str] = ..., template_version_id: _Optional[str] = ..., segment_id: _Optional[str] = ..., target_all_contacts: _Optional[bool] = ..., branch_ids: _Optional[_Iterable[str]] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., variants: _Optional[_Iterable[_Union[CampaignVariant, _Mapping]]] = ..., variables_json: _Optional[str] = ..., daily_limit: _Optional[int] = ..., monthly_limit: _Optional[int] = ..., state: _Optional[_Union[Campaign.State, str]] = ..., requires_approval: _Optional[bool] = ..., submitted_by: _Optional[str] = ..., approved_by: _Optional[str] = ..., rejection_reason: _Optional[str] = ..., pause_reason: _Optional[str] = ..., counts: _Optional[_Union[RecipientCounts, _Mapping]] = ..., estimated_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., actual_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., created_by: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recurrence: _Optional[_Union[Recurrence, _Mapping]] = ..., next_run_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., schedule_zone: _Optional[_Union[Campaign.ScheduleZone, str]] = ..., passed_policy: _Optional[_Union[Campaign.PassedTime, str]] = ..., ab_test: _Optional[_Union[AbTest, _Mapping]] = ..., coupon_id: _Optional[str] = ..., template_name: _Optional[str] = ..., segment_name: _Optional[str] = ..., submit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., approve_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., rejected_by: _Optional[str] = ..., reject_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., pause_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cancelled_by: _Optional[str] = ..., cancel_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., estimated_recipients: _Optional[int] = ..., source_event_id: _Optional[str] = ...) -> None: ...

class Recurrence(_message.Message):
    __slots__ = ("pattern", "day", "local_time", "end_time")
    class Pattern(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PATTERN_UNSPECIFIED: _ClassVar[Recurrence.Pattern]
        PATTERN_DAILY: _ClassVar[Recurrence.Pattern]
        PATTERN_WEEKLY: _ClassVar[Recurrence.Pattern]
        PATTERN_MONTHLY: _ClassVar[Recurrence.Pattern]
    PATTERN_UNSPECIFIED: Recurrence.Pattern
    PATTERN_DAILY: Recurrence.Pattern
    PATTERN_WEEKLY: Recurrence.Pattern
    PATTERN_MONTHLY: Recurrence.Pattern
    PATTERN_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    LOCAL_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    pattern: Recurrence.Pattern
    day: int
    local_time: str
    end_time: _timestamp_pb2.Timestamp
    def __init__(self, pattern: _Optional[_Union[Recurrence.Pattern, str]] = ..., day: _Optional[int] = ..., local_time: _Optional[str] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AbTest(_message.Message):
    __slots__ = ("share_basis_points", "duration", "metric", "min_per_variant", "fallback_variant_key")
    class Metric(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        METRIC_UNSPECIFIED: _ClassVar[AbTest.Metric]
        METRIC_OPENS: _ClassVar[AbTest.Metric]
        METRIC_CLICKS: _ClassVar[AbTest.Metric]
    METRIC_UNSPECIFIED: AbTest.Metric
    METRIC_OPENS: AbTest.Metric
    METRIC_CLICKS: AbTest.Metric
    SHARE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    METRIC_FIELD_NUMBER: _ClassVar[int]
    MIN_PER_VARIANT_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    share_basis_points: int
    duration: _duration_pb2.Duration
    metric: AbTest.Metric
    min_per_variant: int
    fallback_variant_key: str
    def __init__(self, share_basis_points: _Optional[int] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., metric: _Optional[_Union[AbTest.Metric, str]] = ..., min_per_variant: _Optional[int] = ..., fallback_variant_key: _Optional[str] = ...) -> None: ...

class AbTestOutcome(_message.Message):
    __slots__ = ("basis", "winner_variant_key", "end_time", "decide_time", "arms")
    class Basis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        BASIS_UNSPECIFIED: _ClassVar[AbTestOutcome.Basis]
        BASIS_SIGNIFICANT: _ClassVar[AbTestOutcome.Basis]
        BASIS_NOT_SIGNIFICANT: _ClassVar[AbTestOutcome.Basis]
        BASIS_TOO_FEW: _ClassVar[AbTestOutcome.Basis]
    BASIS_UNSPECIFIED: AbTestOutcome.Basis
    BASIS_SIGNIFICANT: AbTestOutcome.Basis
    BASIS_NOT_SIGNIFICANT: AbTestOutcome.Basis
    BASIS_TOO_FEW: AbTestOutcome.Basis
    class Arm(_message.Message):
        __slots__ = ("variant_key", "sent_count", "engaged_count", "p_value")
        VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
        SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
        ENGAGED_COUNT_FIELD_NUMBER: _ClassVar[int]
        P_VALUE_FIELD_NUMBER: _ClassVar[int]
        variant_key: str
        sent_count: int
        engaged_count: int
        p_value: float
        def __init__(self, variant_key: _Optional[str] = ..., sent_count: _Optional[int] = ..., engaged_count: _Optional[int] = ..., p_value: _Optional[float] = ...) -> None: ...
    BASIS_FIELD_NUMBER: _ClassVar[int]
    WINNER_VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    ARMS_FIELD_NUMBER: _ClassVar[int]
    basis: AbTestOutcome.Basis
    winner_variant_key: str
    end_time: _timestamp_pb2.Timestamp
    decide_time: _timestamp_pb2.Timestamp
    arms: _containers.RepeatedCompositeFieldContainer[AbTestOutcome.Arm]
    def __init__(self, basis: _Optional[_Union[AbTestOutcome.Basis, str]] = ..., winner_variant_key: _Optional[str] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., arms: _Optional[_Iterable[_Union[AbTestOutcome.Arm, _Mapping]]] = ...) -> None: ...

class CampaignVariant(_message.Message):
    __slots__ = ("key", "name", "template_id", "subject", "share_basis_points", "template_version_id")
    KEY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SHARE_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    key: str
    name: str
    template_id: str
    subject: str
    share_basis_points: int
    template_version_id: str
    def __init__(self, key: _Optional[str] = ..., name: _Optional[str] = ..., template_id: _Optional[str] = ..., subject: _Optional[str] = ..., share_basis_points: _Optional[int] = ..., template_version_id: _Optional[str] = ...) -> None: ...

class RecipientCounts(_message.Message):
    __slots__ = ("total", "pending", "sent", "delivered", "read", "bounced", "failed", "skipped", "unknown", "cancelled", "expired")
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    READ_FIELD_NUMBER: _ClassVar[int]
    BOUNCED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_FIELD_NUMBER: _ClassVar[int]
    total: int
    pending: int
    sent: int
    delivered: int
    read: int
    bounced: int
    failed: int
    skipped: int
    unknown: int
    cancelled: int
    expired: int
    def __init__(self, total: _Optional[int] = ..., pending: _Optional[int] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., read: _Optional[int] = ..., bounced: _Optional[int] = ..., failed: _Optional[int] = ..., skipped: _Optional[int] = ..., unknown: _Optional[int] = ..., cancelled: _Optional[int] = ..., expired: _Optional[int] = ...) -> None: ...

class CampaignRun(_message.Message):
    __slots__ = ("run_id", "run_number", "state", "plan_time", "start_time", "complete_time", "counts", "reason", "rerun_of_run_id", "actual_cost", "ab_test_outcome")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[CampaignRun.State]
        STATE_RUNNING: _ClassVar[CampaignRun.State]
        STATE_PAUSED: _ClassVar[CampaignRun.State]
        STATE_COMPLETED: _ClassVar[CampaignRun.State]
        STATE_CANCELLED: _ClassVar[CampaignRun.State]
        STATE_SKIPPED: _ClassVar[CampaignRun.State]
    STATE_UNSPECIFIED: CampaignRun.State
    STATE_RUNNING: CampaignRun.State
    STATE_PAUSED: CampaignRun.State
    STATE_COMPLETED: CampaignRun.State
    STATE_CANCELLED: CampaignRun.State
    STATE_SKIPPED: CampaignRun.State
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PLAN_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RERUN_OF_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    ACTUAL_COST_FIELD_NUMBER: _ClassVar[int]
    AB_TEST_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    run_number: int
    state: CampaignRun.State
    plan_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    counts: RecipientCounts
    reason: str
    rerun_of_run_id: str
    actual_cost: _money_pb2.Money
    ab_test_outcome: AbTestOutcome
    def __init__(self, run_id: _Optional[str] = ..., run_number: _Optional[int] = ..., state: _Optional[_Union[CampaignRun.State, str]] = ..., plan_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., counts: _Optional[_Union[RecipientCounts, _Mapping]] = ..., reason: _Optional[str] = ..., rerun_of_run_id: _Optional[str] = ..., actual_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., ab_test_outcome: _Optional[_Union[AbTestOutcome, _Mapping]] = ...) -> None: ...

class CampaignRecipient(_message.Message):
    __slots__ = ("message_id", "contact_id", "variant_key", "address", "state", "reason", "send_time", "deliver_time", "hand_over")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[CampaignRecipient.State]
        STATE_PENDING: _ClassVar[CampaignRecipient.State]
        STATE_HANDED_OVER: _ClassVar[CampaignRecipient.State]
        STATE_SENT: _ClassVar[CampaignRecipient.State]
        STATE_DELIVERED: _ClassVar[CampaignRecipient.State]
        STATE_READ: _ClassVar[CampaignRecipient.State]
        STATE_BOUNCED: _ClassVar[CampaignRecipient.State]
        STATE_FAILED: _ClassVar[CampaignRecipient.State]
        STATE_SKIPPED: _ClassVar[CampaignRecipient.State]
        STATE_UNKNOWN: _ClassVar[CampaignRecipient.State]
        STATE_CANCELLED: _ClassVar[CampaignRecipient.State]
        STATE_EXPIRED: _ClassVar[CampaignRecipient.State]
    STATE_UNSPECIFIED: CampaignRecipient.State
    STATE_PENDING: CampaignRecipient.State
    STATE_HANDED_OVER: CampaignRecipient.State
    STATE_SENT: CampaignRecipient.State
    STATE_DELIVERED: CampaignRecipient.State
    STATE_READ: CampaignRecipient.State
    STATE_BOUNCED: CampaignRecipient.State
    STATE_FAILED: CampaignRecipient.State
    STATE_SKIPPED: CampaignRecipient.State
    STATE_UNKNOWN: CampaignRecipient.State
    STATE_CANCELLED: CampaignRecipient.State
    STATE_EXPIRED: CampaignRecipient.State
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    variant_key: str
    address: str
    state: CampaignRecipient.State
    reason: str
    send_time: _timestamp_pb2.Timestamp
    deliver_time: _timestamp_pb2.Timestamp
    hand_over: RecipientHandOver
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., address: _Optional[str] = ..., state: _Optional[_Union[CampaignRecipient.State, str]] = ..., reason: _Optional[str] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hand_over: _Optional[_Union[RecipientHandOver, _Mapping]] = ...) -> None: ...

class RecipientHandOver(_message.Message):
    __slots__ = ("retry_count", "last_retry_time", "read_time", "provider_message_id")
    RETRY_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_RETRY_TIME_FIELD_NUMBER: _ClassVar[int]
    READ_TIME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    retry_count: int
    last_retry_time: _timestamp_pb2.Timestamp
    read_time: _timestamp_pb2.Timestamp
    provider_message_id: str
    def __init__(self, retry_count: _Optional[int] = ..., last_retry_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., provider_message_id: _Optional[str] = ...) -> None: ...
