import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.delivery.v1 import message_pb2 as _message_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ChannelStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANNEL_STRATEGY_UNSPECIFIED: _ClassVar[ChannelStrategy]
    CHANNEL_STRATEGY_PREFERRED: _ClassVar[ChannelStrategy]
    CHANNEL_STRATEGY_FIRST_AVAILABLE: _ClassVar[ChannelStrategy]
    CHANNEL_STRATEGY_ALL: _ClassVar[ChannelStrategy]
CHANNEL_STRATEGY_UNSPECIFIED: ChannelStrategy
CHANNEL_STRATEGY_PREFERRED: ChannelStrategy
CHANNEL_STRATEGY_FIRST_AVAILABLE: ChannelStrategy
CHANNEL_STRATEGY_ALL: ChannelStrategy

class MessageContent(_message.Message):
    __slots__ = ("channel", "category", "template_version_id", "priority", "origin", "branch_id", "schedule_time", "expire_time", "reply_to", "campaign_id", "run_id", "variant_key", "subject_override", "correlation_key", "correlation_id", "is_staff", "fallback_channel", "fallback_template", "template_id", "template_name", "attachments", "media_urls", "metadata", "source", "duplicate_window", "cause", "trigger_type", "automation_run_id")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_OVERRIDE_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_KEY_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_ID_FIELD_NUMBER: _ClassVar[int]
    IS_STAFF_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_URLS_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_WINDOW_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    AUTOMATION_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    category: _enums_pb2.Category
    template_version_id: str
    priority: _enums_pb2.Priority
    origin: _message_pb2.Origin
    branch_id: str
    schedule_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    reply_to: str
    campaign_id: str
    run_id: str
    variant_key: str
    subject_override: str
    correlation_key: str
    correlation_id: str
    is_staff: bool
    fallback_channel: _enums_pb2.Channel
    fallback_template: str
    template_id: str
    template_name: str
    attachments: _containers.RepeatedCompositeFieldContainer[Attachment]
    media_urls: _containers.RepeatedScalarFieldContainer[str]
    metadata: _struct_pb2.Struct
    source: str
    duplicate_window: _duration_pb2.Duration
    cause: Cause
    trigger_type: str
    automation_run_id: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., template_version_id: _Optional[str] = ..., priority: _Optional[_Union[_enums_pb2.Priority, str]] = ..., origin: _Optional[_Union[_message_pb2.Origin, str]] = ..., branch_id: _Optional[str] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reply_to: _Optional[str] = ..., campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., subject_override: _Optional[str] = ..., correlation_key: _Optional[str] = ..., correlation_id: _Optional[str] = ..., is_staff: _Optional[bool] = ..., fallback_channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., fallback_template: _Optional[str] = ..., template_id: _Optional[str] = ..., template_name: _Optional[str] = ..., attachments: _Optional[_Iterable[_Union[Attachment, _Mapping]]] = ..., media_urls: _Optional[_Iterable[str]] = ..., metadata: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., source: _Optional[str] = ..., duplicate_window: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cause: _Optional[_Union[Cause, _Mapping]] = ..., trigger_type: _Optional[str] = ..., automation_run_id: _Optional[str] = ...) -> None: ...

class Cause(_message.Message):
    __slots__ = ("event_id", "rule")
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    event_id: str
    rule: str
    def __init__(self, event_id: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...

class Attachment(_message.Message):
    __slots__ = ("filename", "content_type", "content", "media_id", "inline_id")
    FILENAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    MEDIA_ID_FIELD_NUMBER: _ClassVar[int]
    INLINE_ID_FIELD_NUMBER: _ClassVar[int]
    filename: str
    content_type: str
    content: bytes
    media_id: str
    inline_id: str
    def __init__(self, filename: _Optional[str] = ..., content_type: _Optional[str] = ..., content: _Optional[bytes] = ..., media_id: _Optional[str] = ..., inline_id: _Optional[str] = ...) -> None: ...

class Recipient(_message.Message):
    __slots__ = ("message_id", "contact_id", "address", "name", "language_code", "time_zone", "variables", "fallback_address", "staff_id", "email", "phone")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    address: str
    name: str
    language_code: str
    time_zone: str
    variables: _struct_pb2.Struct
    fallback_address: str
    staff_id: str
    email: str
    phone: str
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., address: _Optional[str] = ..., name: _Optional[str] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., variables: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., fallback_address: _Optional[str] = ..., staff_id: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ...) -> None: ...

class SendMessageRequest(_message.Message):
    __slots__ = ("content", "recipient", "idempotency_key", "recipients", "channels", "strategy", "refuse_deferral")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    REFUSE_DEFERRAL_FIELD_NUMBER: _ClassVar[int]
    content: MessageContent
    recipient: Recipient
    idempotency_key: str
    recipients: _containers.RepeatedCompositeFieldContainer[Recipient]
    channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    strategy: ChannelStrategy
    refuse_deferral: bool
    def __init__(self, content: _Optional[_Union[MessageContent, _Mapping]] = ..., recipient: _Optional[_Union[Recipient, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., recipients: _Optional[_Iterable[_Union[Recipient, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., strategy: _Optional[_Union[ChannelStrategy, str]] = ..., refuse_deferral: _Optional[bool] = ...) -> None: ...

class SendMessageResponse(_message.Message):
    __slots__ = ("message_id", "state", "reason", "deduplicated", "code", "messages")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    state: _message_pb2.Message.State
    reason: str
    deduplicated: bool
    code: str
    messages: _containers.RepeatedCompositeFieldContainer[MessageResult]
    def __init__(self, message_id: _Optional[str] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., deduplicated: _Optional[bool] = ..., code: _Optional[str] = ..., messages: _Optional[_Iterable[_Union[MessageResult, _Mapping]]] = ...) -> None: ...

class MessageResult(_message.Message):
    __slots__ = ("message_id", "channel", "state", "reason", "recipient_index", "is_repeat", "code")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_INDEX_FIELD_NUMBER: _ClassVar[int]
    IS_REPEAT_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    channel: _enums_pb2.Channel
    state: _message_pb2.Message.State
    reason: str
    recipient_index: int
    is_repeat: bool
    code: str
    def __init__(self, message_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., recipient_index: _Optional[int] = ..., is_repeat: _Optional[bool] = ..., code: _Optional[str] = ...) -> None: ...

class SendBatchRequest(_message.Message):
    __slots__ = ("content", "recipients", "name", "idempotency_key", "items", "batch_id", "more_follow")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    MORE_FOLLOW_FIELD_NUMBER: _ClassVar[int]
    content: MessageContent
    recipients: _containers.RepeatedCompositeFieldContainer[Recipient]
    name: str
    idempotency_key: str
    items: _containers.RepeatedCompositeFieldContainer[BatchItem]
    batch_id: str
    more_follow: bool
    def __init__(self, content: _Optional[_Union[MessageContent, _Mapping]] = ..., recipients: _Optional[_Iterable[_Union[Recipient, _Mapping]]] = ..., name: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., items: _Optional[_Iterable[_Union[BatchItem, _Mapping]]] = ..., batch_id: _Optional[str] = ..., more_follow: _Optional[bool] = ...) -> None: ...

class BatchItem(_message.Message):
    __slots__ = ("content", "recipient")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    content: MessageContent
    recipient: Recipient
    def __init__(self, content: _Optional[_Union[MessageContent, _Mapping]] = ..., recipient: _Optional[_Union[Recipient, _Mapping]] = ...) -> None: ...

class SendBatchResponse(_message.Message):
    __slots__ = ("accepted_count", "duplicate_count", "errors", "message_ids", "deduplicated", "batch_id", "stopped")
    ACCEPTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    STOPPED_FIELD_NUMBER: _ClassVar[int]
    accepted_count: int
    duplicate_count: int
    errors: _containers.RepeatedCompositeFieldContainer[RecipientError]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    deduplicated: bool
    batch_id: str
    stopped: _containers.RepeatedCompositeFieldContainer[StoppedItem]
    def __init__(self, accepted_count: _Optional[int] = ..., duplicate_count: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[RecipientError, _Mapping]]] = ..., message_ids: _Optional[_Iterable[str]] = ..., deduplicated: _Optional[bool] = ..., batch_id: _Optional[str] = ..., stopped: _Optional[_Iterable[_Union[StoppedItem, _Mapping]]] = ...) -> None: ...

class StoppedItem(_message.Message):
    __slots__ = ("index", "state", "reason", "code")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    index: int
    state: _message_pb2.Message.State
    reason: str
    code: str
    def __init__(self, index: _Optional[int] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class RecipientError(_message.Message):
    __slots__ = ("index", "status")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    index: int
    status: _status_pb2.Status
    def __init__(self, index: _Optional[int] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class StreamMessagesRequest(_message.Message):
    __slots__ = ("batch",)
    BATCH_FIELD_NUMBER: _ClassVar[int]
    batch: SendBatchRequest
    def __init__(self, batch: _Optional[_Union[SendBatchRequest, _Mapping]] = ...) -> None: ...

class StreamMessagesResponse(_message.Message):
    __slots__ = ("idempotency_key", "result", "error")
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    idempotency_key: str
    result: SendBatchResponse
    error: _status_pb2.Status
    def __init__(self, idempotency_key: _Optional[str] = ..., result: _Optional[_Union[SendBatchResponse, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class GetMessageRequest(_message.Message):
    __slots__ = ("message_id", "view_content")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_CONTENT_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    view_content: bool
    def __init__(self, message_id: _Optional[str] = ..., view_content: _Optional[bool] = ...) -> None: ...

class GetMessageResponse(_message.Message):
    __slots__ = ("message", "attempts", "log", "content")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ATTEMPTS_FIELD_NUMBER: _ClassVar[int]
    LOG_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    message: _message_pb2.Message
    attempts: _containers.RepeatedCompositeFieldContainer[_message_pb2.Attempt]
    log: _containers.RepeatedCompositeFieldContainer[_message_pb2.MessageLogEntry]
    content: SentContent
    def __init__(self, message: _Optional[_Union[_message_pb2.Message, _Mapping]] = ..., attempts: _Optional[_Iterable[_Union[_message_pb2.Attempt, _Mapping]]] = ..., log: _Optional[_Iterable[_Union[_message_pb2.MessageLogEntry, _Mapping]]] = ..., content: _Optional[_Union[SentContent, _Mapping]] = ...) -> None: ...

class SentContent(_message.Message):
    __slots__ = ("language_code", "subject", "text", "html", "amp", "parameters", "values_removed")
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HTML_FIELD_NUMBER: _ClassVar[int]
    AMP_FIELD_NUMBER: _ClassVar[int]
    PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    VALUES_REMOVED_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    subject: str
    text: str
    html: str
    amp: str
    parameters: _containers.RepeatedScalarFieldContainer[str]
    values_removed: bool
    def __init__(self, language_code: _Optional[str] = ..., subject: _Optional[str] = ..., text: _Optional[str] = ..., html: _Optional[str] = ..., amp: _Optional[str] = ..., parameters: _Optional[_Iterable[str]] = ..., values_removed: _Optional[bool] = ...) -> None: ...

class ListMessagesRequest(_message.Message):
    __slots__ = ("contact_id", "campaign_id", "channel", "state", "category", "start_time", "end_time", "page_size", "page_token", "batch_id", "correlation_key", "run_id", "source")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_KEY_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    campaign_id: str
    channel: _enums_pb2.Channel
    state: _message_pb2.Message.State
    category: _enums_pb2.Category
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    batch_id: str
    correlation_key: str
    run_id: str
    source: str
    def __init__(self, contact_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., batch_id: _Optional[str] = ..., correlation_key: _Optional[str] = ..., run_id: _Optional[str] = ..., source: _Optional[str] = ...) -> None: ...

class ListMessagesResponse(_message.Message):
    __slots__ = ("messages", "next_page_token")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[_message_pb2.Message]
    next_page_token: str
    def __init__(self, messages: _Optional[_Iterable[_Union[_message_pb2.Message, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchMessagesRequest(_message.Message):
    __slots__ = ("message_ids", "campaign_id", "contact_id", "channel", "states", "resume_token", "from_start")
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FROM_START_FIELD_NUMBER: _ClassVar[int]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    campaign_id: str
    contact_id: str
    channel: _enums_pb2.Channel
    states: _containers.RepeatedScalarFieldContainer[_message_pb2.Message.State]
    resume_token: str
    from_start: bool
    def __init__(self, message_ids: _Optional[_Iterable[str]] = ..., campaign_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., states: _Optional[_Iterable[_Union[_message_pb2.Message.State, str]]] = ..., resume_token: _Optional[str] = ..., from_start: _Optional[bool] = ...) -> None: ...

class WatchMessagesResponse(_message.Message):
    __slots__ = ("changes", "resume_token")
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    RESUME_TOKEN_FIELD_NUMBER: _ClassVar[int]
    changes: _containers.RepeatedCompositeFieldContainer[MessageStateChange]
    resume_token: str
    def __init__(self, changes: _Optional[_Iterable[_Union[MessageStateChange, _Mapping]]] = ..., resume_token: _Optional[str] = ...) -> None: ...

class MessageStateChange(_message.Message):
    __slots__ = ("message_id", "state", "reason", "code", "campaign_id", "occur_time")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    state: _message_pb2.Message.State
    reason: str
    code: str
    campaign_id: str
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, message_id: _Optional[str] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., code: _Optional[str] = ..., campaign_id: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class StreamRunStatesRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class StreamRunStatesResponse(_message.Message):
    __slots__ = ("message_ids", "states", "reasons")
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    states: _containers.RepeatedScalarFieldContainer[_message_pb2.Message.State]
    reasons: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, message_ids: _Optional[_Iterable[str]] = ..., states: _Optional[_Iterable[_Union[_message_pb2.Message.State, str]]] = ..., reasons: _Optional[_Iterable[str]] = ...) -> None: ...

class MessageSelector(_message.Message):
    __slots__ = ("message_id", "campaign_id", "run_id", "correlation_key", "contact_id", "tenant_marketing", "batch_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    CORRELATION_KEY_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_MARKETING_FIELD_NUMBER: _ClassVar[int]
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    campaign_id: str
    run_id: str
    correlation_key: str
    contact_id: str
    tenant_marketing: bool
    batch_id: str
    def __init__(self, message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., correlation_key: _Optional[str] = ..., contact_id: _Optional[str] = ..., tenant_marketing: _Optional[bool] = ..., batch_id: _Optional[str] = ...) -> None: ...

class CancelMessagesRequest(_message.Message):
    __slots__ = ("selector", "reason", "idempotency_key")
    SELECTOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    selector: MessageSelector
    reason: str
    idempotency_key: str
    def __init__(self, selector: _Optional[_Union[MessageSelector, _Mapping]] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CancelMessagesResponse(_message.Message):
    __slots__ = ("cancelled_count", "deduplicated")
    CANCELLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    cancelled_count: int
    deduplicated: bool
    def __init__(self, cancelled_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class HoldMessagesRequest(_message.Message):
    __slots__ = ("selector", "reason")
    SELECTOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    selector: MessageSelector
    reason: str
    def __init__(self, selector: _Optional[_Union[MessageSelector, _Mapping]] = ..., reason: _Optional[str] = ...) -> None: ...

class HoldMessagesResponse(_message.Message):
    __slots__ = ("held_count",)
    HELD_COUNT_FIELD_NUMBER: _ClassVar[int]
    held_count: int
    def __init__(self, held_count: _Optional[int] = ...) -> None: ...

class ReleaseMessagesRequest(_message.Message):
    __slots__ = ("selector",)
    SELECTOR_FIELD_NUMBER: _ClassVar[int]
    selector: MessageSelector
    def __init__(self, selector: _Optional[_Union[MessageSelector, _Mapping]] = ...) -> None: ...

class ReleaseMessagesResponse(_message.Message):
    __slots__ = ("released_count",)
    RELEASED_COUNT_FIELD_NUMBER: _ClassVar[int]
    released_count: int
    def __init__(self, released_count: _Optional[int] = ...) -> None: ...

class BatchGetHandOversRequest(_message.Message):
    __slots__ = ("message_ids",)
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, message_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class BatchGetHandOversResponse(_message.Message):
    __slots__ = ("hand_overs",)
    HAND_OVERS_FIELD_NUMBER: _ClassVar[int]
    hand_overs: _containers.RepeatedCompositeFieldContainer[HandOver]
    def __init__(self, hand_overs: _Optional[_Iterable[_Union[HandOver, _Mapping]]] = ...) -> None: ...

class HandOver(_message.Message):
    __slots__ = ("message_id", "attempt_count", "last_attempt_time", "read_time", "provider_message_id")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_ATTEMPT_TIME_FIELD_NUMBER: _ClassVar[int]
    READ_TIME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    attempt_count: int
    last_attempt_time: _timestamp_pb2.Timestamp
    read_time: _timestamp_pb2.Timestamp
    provider_message_id: str
    def __init__(self, message_id: _Optional[str] = ..., attempt_count: _Optional[int] = ..., last_attempt_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., read_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., provider_message_id: _Optional[str] = ...) -> None: ...

class RescheduleMessageRequest(_message.Message):
    __slots__ = ("message_id", "schedule_time", "idempotency_key")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    schedule_time: _timestamp_pb2.Timestamp
    idempotency_key: str
    def __init__(self, message_id: _Optional[str] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RescheduleMessageResponse(_message.Message):
    __slots__ = ("message", "deduplicated")
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    message: _message_pb2.Message
    deduplicated: bool
    def __init__(self, message: _Optional[_Union[_message_pb2.Message, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetBatchRequest(_message.Message):
    __slots__ = ("batch_id",)
    BATCH_ID_FIELD_NUMBER: _ClassVar[int]
    batch_id: str
    def __init__(self, batch_id: _Optional[str] = ...) -> None: ...

class GetBatchResponse(_message.Message):
    __slots__ = ("batch",)
    BATCH_FIELD_NUMBER: _ClassVar[int]
    batch: _message_pb2.Batch
    def __init__(self, batch: _Optional[_Union[_message_pb2.Batch, _Mapping]] = ...) -> None: ...

class ListBatchesRequest(_message.Message):
    __slots__ = ("name", "start_time", "end_time", "page_size", "page_token")
    NAME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    name: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, name: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListBatchesResponse(_message.Message):
    __slots__ = ("batches", "next_page_token")
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    batches: _containers.RepeatedCompositeFieldContainer[_message_pb2.Batch]
    next_page_token: str
    def __init__(self, batches: _Optional[_Iterable[_Union[_message_pb2.Batch, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
