import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecipientKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECIPIENT_KIND_UNSPECIFIED: _ClassVar[RecipientKind]
    RECIPIENT_KIND_CONTACT: _ClassVar[RecipientKind]
    RECIPIENT_KIND_ADDRESS: _ClassVar[RecipientKind]
    RECIPIENT_KIND_STAFF: _ClassVar[RecipientKind]

class Origin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ORIGIN_UNSPECIFIED: _ClassVar[Origin]
    ORIGIN_CAMPAIGN: _ClassVar[Origin]
    ORIGIN_TRIGGER: _ClassVar[Origin]
    ORIGIN_AUTOMATION: _ClassVar[Origin]
    ORIGIN_TRANSACTIONAL: _ClassVar[Origin]
    ORIGIN_TEST: _ClassVar[Origin]
    ORIGIN_DIGEST: _ClassVar[Origin]
    ORIGIN_REPLY: _ClassVar[Origin]

class AttemptOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ATTEMPT_OUTCOME_UNSPECIFIED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_ACCEPTED: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_RETRYABLE: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_PERMANENT: _ClassVar[AttemptOutcome]
    ATTEMPT_OUTCOME_UNKNOWN: _ClassVar[AttemptOutcome]
RECIPIENT_KIND_UNSPECIFIED: RecipientKind
RECIPIENT_KIND_CONTACT: RecipientKind
RECIPIENT_KIND_ADDRESS: RecipientKind
RECIPIENT_KIND_STAFF: RecipientKind
ORIGIN_UNSPECIFIED: Origin
ORIGIN_CAMPAIGN: Origin
ORIGIN_TRIGGER: Origin
ORIGIN_AUTOMATION: Origin
ORIGIN_TRANSACTIONAL: Origin
ORIGIN_TEST: Origin
ORIGIN_DIGEST: Origin
ORIGIN_REPLY: Origin
ATTEMPT_OUTCOME_UNSPECIFIED: AttemptOutcome
ATTEMPT_OUTCOME_ACCEPTED: AttemptOutcome
ATTEMPT_OUTCOME_RETRYABLE: AttemptOutcome
ATTEMPT_OUTCOME_PERMANENT: AttemptOutcome
ATTEMPT_OUTCOME_UNKNOWN: AttemptOutcome

class Message(_message.Message):
    __slots__ = ("message_id", "contact_id", "branch_id", "channel", "message_class", "category", "priority", "origin", "template_version_id", "language_code", "masked_address", "state", "reason", "failure_code", "due_time", "expire_time", "defer_time", "next_retry_time", "attempt_count", "provider", "provider_account_id", "provider_message_id", "send_time", "deliver_time", "read_time", "bounce_time", "fail_time", "open_time", "click_time", "cost", "campaign_id", "run_id", "variant_key", "correlation_id", "create_time", "fallback_of", "fallback_message_id", "digest_message_id", "recipient_kind", "hold_time", "hold_reason", "correlation_key", "source", "created_by", "batch_id", "template_name", "event_id", "rule", "trigger_type", "automation_run_id", "segment_count", "open_count", "click_count", "complain_time", "unsubscribe_time", "metadata", "attachment_count", "last_attempt_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Message.State]
        STATE_PENDING: _ClassVar[Message.State]
        STATE_SCHEDULED: _ClassVar[Message.State]
        STATE_DEFERRED: _ClassVar[Message.State]
        STATE_QUEUED: _ClassVar[Message.State]
        STATE_SENDING: _ClassVar[Message.State]
        STATE_RETRYING: _ClassVar[Message.State]
        STATE_SENT: _ClassVar[Message.State]
        STATE_DELIVERED: _ClassVar[Message.State]
        STATE_READ: _ClassVar[Message.State]
        STATE_BOUNCED: _ClassVar[Message.State]
        STATE_FAILED: _ClassVar[Message.State]
        STATE_SKIPPED: _ClassVar[Message.State]
        STATE_EXPIRED: _ClassVar[Message.State]
        STATE_CANCELLED: _ClassVar[Message.State]
        STATE_UNKNOWN: _ClassVar[Message.State]
    STATE_UNSPECIFIED: Message.State
    STATE_PENDING: Message.State
    STATE_SCHEDULED: Message.State
    STATE_DEFERRED: Message.State
    STATE_QUEUED: Message.State
    STATE_SENDING: Message.State
    STATE_RETRYING: Message.State
    STATE_SENT: Message.State
    STATE_DELIVERED: Message.State
    STATE_READ: Message.State
    STATE_BOUNCED: Message.State
    STATE_FAILED: Message.State
    STATE_SKIPPED: Message.State
    STATE_EXPIRED: Message.State
    STATE_CANCELLED: Message.State
    STATE_UNKNOWN: Message.State
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    MASKED_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    FAILURE_CODE_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    DEFER_TIME_FIELD_NUMBER: _ClassVar[int]
    NEXT_RETRY_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    DELIVER_TIME_FIELD_NUMBER: _ClassVar[int]
    READ_TIME_FIELD_NUMBER: _ClassVar[int]
    BOUNCE_TIME_FIELD_NUMBER: _ClassVar[int]
    FAIL_TIME_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    CLICK_TIME_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_OF_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DIGEST_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_KIND_FIELD_NUMBER: _ClassVar[int]
    HOLD_TIME_FIELD_NUMBER: _ClassVar[int]
    HOLD_REASON_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_KEY_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    AUTOMATION_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    CLICK_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLAIN_TIME_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_TIME_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    branch_id: str
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    category: _enums_pb2.Category
    priority: _enums_pb2.Priority
    origin: Origin
    template_version_id: str
    language_code: str
    masked_address: str
    state: Message.State
    reason: str
    failure_code: str
    due_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    defer_time: _timestamp_pb2.Timestamp
    next_retry_time: _timestamp_pb2.Timestamp
    attempt_count: int
    provider: str
    provider_account_id: str
    provider_message_id: str
    send_time: _timestamp_pb2.Timestamp
    deliver_time: _timestamp_pb2.Timestamp
    read_time: _timestamp_pb2.Timestamp
    bounce_time: _timestamp_pb2.Timestamp
    fail_time: _timestamp_pb2.Timestamp
    open_time: _timestamp_pb2.Timestamp
    click_time: _timestamp_pb2.Timestamp
    cost: _money_pb2.Money
    campaign_id: str
    run_id: str
    variant_key: str
    correlation_id: str
    create_time: _timestamp_pb2.Timestamp
    fallback_of: str
    fallback_message_id: str
    digest_message_id: str
    recipient_kind: RecipientKind
    hold_time: _timestamp_pb2.Timestamp
    hold_reason: str
    correlation_key: str
    source: str
    created_by: str
    batch_id: str
    template_name: str
    event_id: str
    rule: str
    trigger_type: str
    automation_run_id: str
    segment_count: int
    open_count: int
    click_count: int
    complain_time: _timestamp_pb2.Timestamp
    unsubscribe_time: _timestamp_pb2.Timestamp
    metadata: _struct_pb2.Struct
    attachment_count: int
    last_attempt_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., priority: _Optional[_Union[_enums_pb2.Priority, str]] = ..., origin: _Optional[_Union[Origin, str]] = ..., template_version_id: _Optional[str] = ..., language_code: _Optional[str] = ..., masked_address: _Optional[str] = ..., state: _Optional[_Union[Message.State, str]] = ..., reason: _Optional[str] = ..., failure_code: _Optional[str] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., defer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., next_retry_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempt_count: _Optional[int] = ..., provider: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., provider_message_id: _Optional[str] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deliver_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., bounce_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fail_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., click_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., correlation_id: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., fallback_of: _Optional[str] = ..., fallback_message_id: _Optional[str] = ..., digest_message_id: _Optional[str] = ..., recipient_kind: _Optional[_Union[RecipientKind, str]] = ..., hold_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hold_reason: _Optional[str] = ..., correlation_key: _Optional[str] = ..., source: _Optional[str] = ..., created_by: _Optional[str] = ..., batch_id: _Optional[str] = ..., template_name: _Optional[str] = ..., event_id: _Optional[str] = ..., rule: _Optional[str] = ..., trigger_type: _Optional[str] = ..., automation_run_id: _Optional[str] = ..., segment_count: _Optional[int] = ..., open_count: _Optional[int] = ..., click_count: _Optional[int] = ..., complain_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., unsubscribe_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., attachment_count: _Optional[int] = ..., last_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("number", "provider", "provider_account_id", "start_time", "finish_time", "outcome", "code", "detail", "provider_message_id", "devices")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    DEVICES_FIELD_NUMBER: _ClassVar[int]
    number: int
    provider: str
    provider_account_id: str
    start_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    outcome: AttemptOutcome
    code: str
    detail: str
    provider_message_id: str
    devices: _containers.RepeatedCompositeFieldContainer[DeviceAttempt]
    def __init__(self, number: _Optional[int] = ..., provider: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[AttemptOutcome, str]] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ..., provider_message_id: _Optional[str] = ..., devices: _Optional[_Iterable[_Union[DeviceAttempt, _Mapping]]] = ...) -> None: ...

class DeviceAttempt(_message.Message):
    __slots__ = ("device_id", "provider", "provider_account_id", "finish_time", "outcome", "code", "detail", "provider_message_id")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    provider: str
    provider_account_id: str
    finish_time: _timestamp_pb2.Timestamp
    outcome: AttemptOutcome
    code: str
    detail: str
    provider_message_id: str
    def __init__(self, device_id: _Optional[str] = ..., provider: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[AttemptOutcome, str]] = ..., code: _Optional[str] = ..., detail: _Optional[str] = ..., provider_message_id: _Optional[str] = ...) -> None: ...

class MessageLogEntry(_message.Message):
    __slots__ = ("type", "occur_time", "detail", "actor")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    ACTOR_FIELD_NUMBER: _ClassVar[int]
    type: str
    occur_time: _timestamp_pb2.Timestamp
    detail: str
    actor: str
    def __init__(self, type: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., detail: _Optional[str] = ..., actor: _Optional[str] = ...) -> None: ...

class Batch(_message.Message):
    __slots__ = ("batch_id", "name", "state", "total_count", "accepted_count", "rejected_count", "counts", "created_by", "create_time", "cancel_time", "cancel_reason")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Batch.State]
        STATE_ACCEPTING: _ClassVar[Batch.State]
        STATE_PROCESSING: _ClassVar[Batch.State]
        STATE_COMPLETED: _ClassVar[Batch.State]
        STATE_CANCELLED: _ClassVar[Batch.State]
    STATE_UNSPECIFIED: Batch.State
    STATE_ACCEPTING: Batch.State
    STATE_PROCESSING: Batch.State
    STATE_COMPLETED: Batch.State
    STATE_CANCELLED: Batch.State
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REJECTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CANCEL_TIME_FIELD_NUMBER: _ClassVar[int]
    CANCEL_REASON_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    name: str
    state: Batch.State
    total_count: int
    accepted_count: int
    rejected_count: int
    counts: _containers.RepeatedCompositeFieldContainer[StateCount]
    created_by: str
    create_time: _timestamp_pb2.Timestamp
    cancel_time: _timestamp_pb2.Timestamp
    cancel_reason: str
    def __init__(self, batch_id: _Optional[str] = ..., name: _Optional[str] = ..., state: _Optional[_Union[Batch.State, str]] = ..., total_count: _Optional[int] = ..., accepted_count: _Optional[int] = ..., rejected_count: _Optional[int] = ..., counts: _Optional[_Iterable[_Union[StateCount, _Mapping]]] = ..., created_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cancel_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cancel_reason: _Optional[str] = ...) -> None: ...

class StateCount(_message.Message):
    __slots__ = ("state", "count")
    STATE_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    state: Message.State
    count: int
    def __init__(self, state: _Optional[_Union[Message.State, str]] = ..., count: _Optional[int] = ...) -> None: ...
