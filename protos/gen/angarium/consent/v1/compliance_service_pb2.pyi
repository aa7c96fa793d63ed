import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.consent.v1 import preference_service_pb2 as _preference_service_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_UNSPECIFIED: _ClassVar[Outcome]
    OUTCOME_ALLOW: _ClassVar[Outcome]
    OUTCOME_DENY: _ClassVar[Outcome]
    OUTCOME_DEFER: _ClassVar[Outcome]

class DecisionReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_REASON_UNSPECIFIED: _ClassVar[DecisionReason]
    DECISION_REASON_NO_ADDRESS: _ClassVar[DecisionReason]
    DECISION_REASON_CONTACT_ERASED: _ClassVar[DecisionReason]
    DECISION_REASON_SUPPRESSED: _ClassVar[DecisionReason]
    DECISION_REASON_CHANNEL_DISABLED: _ClassVar[DecisionReason]
    DECISION_REASON_MARKETING_DISABLED: _ClassVar[DecisionReason]
    DECISION_REASON_TENANT_SUSPENDED: _ClassVar[DecisionReason]
    DECISION_REASON_OPTED_OUT: _ClassVar[DecisionReason]
    DECISION_REASON_DND_REGISTERED: _ClassVar[DecisionReason]
    DECISION_REASON_DND_STALE: _ClassVar[DecisionReason]
    DECISION_REASON_NO_CONSENT: _ClassVar[DecisionReason]
    DECISION_REASON_CONSENT_PENDING: _ClassVar[DecisionReason]
    DECISION_REASON_CONSENT_EXPIRED: _ClassVar[DecisionReason]
    DECISION_REASON_CONSENT_REVOKED: _ClassVar[DecisionReason]
    DECISION_REASON_CHANNEL_OFF: _ClassVar[DecisionReason]
    DECISION_REASON_SMS_CRITICAL_ONLY: _ClassVar[DecisionReason]
    DECISION_REASON_CATEGORY_OFF: _ClassVar[DecisionReason]
    DECISION_REASON_DAILY_CAP_REACHED: _ClassVar[DecisionReason]
    DECISION_REASON_WEEKLY_CAP_REACHED: _ClassVar[DecisionReason]
    DECISION_REASON_QUIET_HOURS: _ClassVar[DecisionReason]
    DECISION_REASON_SMS_WINDOW: _ClassVar[DecisionReason]
    DECISION_REASON_SEND_WINDOW: _ClassVar[DecisionReason]
    DECISION_REASON_DIGEST: _ClassVar[DecisionReason]
    DECISION_REASON_EXPIRES_BEFORE_WINDOW: _ClassVar[DecisionReason]
    DECISION_REASON_NO_WINDOW: _ClassVar[DecisionReason]

class EvaluationPurpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVALUATION_PURPOSE_UNSPECIFIED: _ClassVar[EvaluationPurpose]
    EVALUATION_PURPOSE_SEND: _ClassVar[EvaluationPurpose]
    EVALUATION_PURPOSE_PREVIEW: _ClassVar[EvaluationPurpose]
    EVALUATION_PURPOSE_SELECTION: _ClassVar[EvaluationPurpose]

class Check(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_UNSPECIFIED: _ClassVar[Check]
    CHECK_ADDRESS: _ClassVar[Check]
    CHECK_ERASURE: _ClassVar[Check]
    CHECK_SUPPRESSION: _ClassVar[Check]
    CHECK_SWITCHES: _ClassVar[Check]
    CHECK_OPT_OUT: _ClassVar[Check]
    CHECK_DND: _ClassVar[Check]
    CHECK_CONSENT: _ClassVar[Check]
    CHECK_PREFERENCES: _ClassVar[Check]
    CHECK_MARKETING_CAPS: _ClassVar[Check]
    CHECK_CONTACT_CAPS: _ClassVar[Check]
    CHECK_QUIET_HOURS: _ClassVar[Check]
    CHECK_SMS_WINDOW: _ClassVar[Check]
    CHECK_SEND_WINDOW: _ClassVar[Check]
    CHECK_FREQUENCY: _ClassVar[Check]
    CHECK_EXPIRY: _ClassVar[Check]
OUTCOME_UNSPECIFIED: Outcome
OUTCOME_ALLOW: Outcome
OUTCOME_DENY: Outcome
OUTCOME_DEFER: Outcome
DECISION_REASON_UNSPECIFIED: DecisionReason
DECISION_REASON_NO_ADDRESS: DecisionReason
DECISION_REASON_CONTACT_ERASED: DecisionReason
DECISION_REASON_SUPPRESSED: DecisionReason
DECISION_REASON_CHANNEL_DISABLED: DecisionReason
DECISION_REASON_MARKETING_DISABLED: DecisionReason
DECISION_REASON_TENANT_SUSPENDED: DecisionReason
DECISION_REASON_OPTED_OUT: DecisionReason
DECISION_REASON_DND_REGISTERED: DecisionReason
DECISION_REASON_DND_STALE: DecisionReason
DECISION_REASON_NO_CONSENT: DecisionReason
DECISION_REASON_CONSENT_PENDING: DecisionReason
DECISION_REASON_CONSENT_EXPIRED: DecisionReason
DECISION_REASON_CONSENT_REVOKED: DecisionReason
DECISION_REASON_CHANNEL_OFF: DecisionReason
DECISION_REASON_SMS_CRITICAL_ONLY: DecisionReason
DECISION_REASON_CATEGORY_OFF: DecisionReason
DECISION_REASON_DAILY_CAP_REACHED: DecisionReason
DECISION_REASON_WEEKLY_CAP_REACHED: DecisionReason
DECISION_REASON_QUIET_HOURS: DecisionReason
DECISION_REASON_SMS_WINDOW: DecisionReason
DECISION_REASON_SEND_WINDOW: DecisionReason
DECISION_REASON_DIGEST: DecisionReason
DECISION_REASON_EXPIRES_BEFORE_WINDOW: DecisionReason
DECISION_REASON_NO_WINDOW: DecisionReason
EVALUATION_PURPOSE_UNSPECIFIED: EvaluationPurpose
EVALUATION_PURPOSE_SEND: EvaluationPurpose
EVALUATION_PURPOSE_PREVIEW: EvaluationPurpose
EVALUATION_PURPOSE_SELECTION: EvaluationPurpose
CHECK_UNSPECIFIED: Check
CHECK_ADDRESS: Check
CHECK_ERASURE: Check
CHECK_SUPPRESSION: Check
CHECK_SWITCHES: Check
CHECK_OPT_OUT: Check
CHECK_DND: Check
CHECK_CONSENT: Check
CHECK_PREFERENCES: Check
CHECK_MARKETING_CAPS: Check
CHECK_CONTACT_CAPS: Check
CHECK_QUIET_HOURS: Check
CHECK_SMS_WINDOW: Check
CHECK_SEND_WINDOW: Check
CHECK_FREQUENCY: Check
CHECK_EXPIRY: Check

class CheckResult(_message.Message):
    __slots__ = ("check", "outcome", "detail", "defer_time")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    DEFER_TIME_FIELD_NUMBER: _ClassVar[int]
    check: Check
    outcome: Outcome
    detail: str
    defer_time: _timestamp_pb2.Timestamp
    def __init__(self, check: _Optional[_Union[Check, str]] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., detail: _Optional[str] = ..., defer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("sent_today", "marketing_today", "marketing_week", "marketing_24_hours")
    SENT_TODAY_FIELD_NUMBER: _ClassVar[int]
    MARKETING_TODAY_FIELD_NUMBER: _ClassVar[int]
    MARKETING_WEEK_FIELD_NUMBER: _ClassVar[int]
    MARKETING_24_HOURS_FIELD_NUMBER: _ClassVar[int]
    sent_today: int
    marketing_today: int
    marketing_week: int
    marketing_24_hours: int
    def __init__(self, sent_today: _Optional[int] = ..., marketing_today: _Optional[int] = ..., marketing_week: _Optional[int] = ..., marketing_24_hours: _Optional[int] = ...) -> None: ...

class EvaluationContext(_message.Message):
    __slots__ = ("channel", "category", "branch_id", "evaluate_time", "expire_time", "purpose", "campaign_id", "explain", "is_digest")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    IS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    category: _enums_pb2.Category
    branch_id: str
    evaluate_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    purpose: EvaluationPurpose
    campaign_id: str
    explain: bool
    is_digest: bool
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., branch_id: _Optional[str] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., purpose: _Optional[_Union[EvaluationPurpose, str]] = ..., campaign_id: _Optional[str] = ..., explain: _Optional[bool] = ..., is_digest: _Optional[bool] = ...) -> None: ...

class EvaluateSendRequest(_message.Message):
    __slots__ = ("subject", "address", "context", "message_id", "usage")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    address: str
    context: EvaluationContext
    message_id: str
    usage: Usage
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., address: _Optional[str] = ..., context: _Optional[_Union[EvaluationContext, _Mapping]] = ..., message_id: _Optional[str] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ...) -> None: ...

class EvaluateSendResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: Decision
    def __init__(self, decision: _Optional[_Union[Decision, _Mapping]] = ...) -> None: ...

class Decision(_message.Message):
    __slots__ = ("decision_id", "outcome", "reason", "defer_time", "checks", "time_zone", "language_code", "caps", "unsubscribe_token", "jurisdictions", "digest_frequency")
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DEFER_TIME_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CAPS_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    JURISDICTIONS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    outcome: Outcome
    reason: DecisionReason
    defer_time: _timestamp_pb2.Timestamp
    checks: _containers.RepeatedCompositeFieldContainer[CheckResult]
    time_zone: str
    language_code: str
    caps: Caps
    unsubscribe_token: str
    jurisdictions: _containers.RepeatedScalarFieldContainer[str]
    digest_frequency: _preference_service_pb2.Frequency
    def __init__(self, decision_id: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., reason: _Optional[_Union[DecisionReason, str]] = ..., defer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., checks: _Optional[_Iterable[_Union[CheckResult, _Mapping]]] = ..., time_zone: _Optional[str] = ..., language_code: _Optional[str] = ..., caps: _Optional[_Union[Caps, _Mapping]] = ..., unsubscribe_token: _Optional[str] = ..., jurisdictions: _Optional[_Iterable[str]] = ..., digest_frequency: _Optional[_Union[_preference_service_pb2.Frequency, str]] = ...) -> None: ...

class Caps(_message.Message):
    __slots__ = ("marketing_daily", "marketing_weekly", "channel_daily")
    MARKETING_DAILY_FIELD_NUMBER: _ClassVar[int]
    MARKETING_WEEKLY_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_DAILY_FIELD_NUMBER: _ClassVar[int]
    marketing_daily: int
    marketing_weekly: int
    channel_daily: int
    def __init__(self, marketing_daily: _Optional[int] = ..., marketing_weekly: _Optional[int] = ..., channel_daily: _Optional[int] = ...) -> None: ...

class EvaluationItem(_message.Message):
    __slots__ = ("contact_id", "address", "message_id", "usage")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    address: str
    message_id: str
    usage: Usage
    def __init__(self, contact_id: _Optional[str] = ..., address: _Optional[str] = ..., message_id: _Optional[str] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ...) -> None: ...

class EvaluateSendBatchRequest(_message.Message):
    __slots__ = ("context", "items")
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    context: EvaluationContext
    items: _containers.RepeatedCompositeFieldContainer[EvaluationItem]
    def __init__(self, context: _Optional[_Union[EvaluationContext, _Mapping]] = ..., items: _Optional[_Iterable[_Union[EvaluationItem, _Mapping]]] = ...) -> None: ...

class EvaluateSendBatchResponse(_message.Message):
    __slots__ = ("decisions",)
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedCompositeFieldContainer[Decision]
    def __init__(self, decisions: _Optional[_Iterable[_Union[Decision, _Mapping]]] = ...) -> None: ...

class GetDecisionRequest(_message.Message):
    __slots__ = ("decision_id",)
    DECISION_ID_FIELD_NUMBER: _ClassVar[int]
    decision_id: str
    def __init__(self, decision_id: _Optional[str] = ...) -> None: ...

class GetDecisionResponse(_message.Message):
    __slots__ = ("decision",)
    DECISION_FIELD_NUMBER: _ClassVar[int]
    decision: StoredDecision
    def __init__(self, decision: _Optional[_Union[StoredDecision, _Mapping]] = ...) -> None: ...

class StoredDecision(_message.Message):
    __slots__ = ("decision", "contact_id", "message_id", "channel", "category", "evaluate_time", "create_time", "branch_id")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    EVALUATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    decision: Decision
    contact_id: str
    message_id: str
    channel: _enums_pb2.Channel
    category: _enums_pb2.Category
    evaluate_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    branch_id: str
    def __init__(self, decision: _Optional[_Union[Decision, _Mapping]] = ..., contact_id: _Optional[str] = ..., message_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., evaluate_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class ListDecisionsRequest(_message.Message):
    __slots__ = ("contact_id", "message_id", "outcome", "start_time", "end_time", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    message_id: str
    outcome: Outcome
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., message_id: _Optional[str] = ..., outcome: _Optional[_Union[Outcome, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListDecisionsResponse(_message.Message):
    __slots__ = ("decisions", "next_page_token")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedCompositeFieldContainer[StoredDecision]
    next_page_token: str
    def __init__(self, decisions: _Optional[_Iterable[_Union[StoredDecision, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
