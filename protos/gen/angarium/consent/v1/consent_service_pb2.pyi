import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class GrantConsentRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_class", "branch_id", "source", "evidence", "ip_address", "user_agent", "expire_time", "double_opt_in", "idempotency_key")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    DOUBLE_OPT_IN_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    source: _consent_pb2.ConsentSource
    evidence: _struct_pb2.Struct
    ip_address: str
    user_agent: str
    expire_time: _timestamp_pb2.Timestamp
    double_opt_in: bool
    idempotency_key: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., double_opt_in: _Optional[bool] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class GrantConsentResponse(_message.Message):
    __slots__ = ("consent", "deduplicated")
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    consent: _consent_pb2.Consent
    deduplicated: bool
    def __init__(self, consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RevokeConsentRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_class", "branch_id", "source", "reason", "idempotency_key")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    source: _consent_pb2.ConsentSource
    reason: str
    idempotency_key: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RevokeConsentResponse(_message.Message):
    __slots__ = ("consents", "deduplicated")
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.Consent]
    deduplicated: bool
    def __init__(self, consents: _Optional[_Iterable[_Union[_consent_pb2.Consent, _Mapping]]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CheckConsentRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_class", "branch_id")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class CheckConsentResponse(_message.Message):
    __slots__ = ("has_consent", "consent")
    HAS_CONSENT_FIELD_NUMBER: _ClassVar[int]
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    has_consent: bool
    consent: _consent_pb2.Consent
    def __init__(self, has_consent: _Optional[bool] = ..., consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ...) -> None: ...

class ListConsentsRequest(_message.Message):
    __slots__ = ("contact_id", "channel", "message_class", "state", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    state: _consent_pb2.Consent.State
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., state: _Optional[_Union[_consent_pb2.Consent.State, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConsentsResponse(_message.Message):
    __slots__ = ("consents", "next_page_token")
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.Consent]
    next_page_token: str
    def __init__(self, consents: _Optional[_Iterable[_Union[_consent_pb2.Consent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class OptOutRequest(_message.Message):
    __slots__ = ("subject", "channel", "source", "reason", "campaign_id", "message_id", "idempotency_key")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    source: _consent_pb2.OptOutSource
    reason: str
    campaign_id: str
    message_id: str
    idempotency_key: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., source: _Optional[_Union[_consent_pb2.OptOutSource, str]] = ..., reason: _Optional[str] = ..., campaign_id: _Optional[str] = ..., message_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class OptOutResponse(_message.Message):
    __slots__ = ("summary", "deduplicated")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    summary: _consent_pb2.ConsentSummary
    deduplicated: bool
    def __init__(self, summary: _Optional[_Union[_consent_pb2.ConsentSummary, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ConsentAuditEntry(_message.Message):
    __slots__ = ("consent_audit_entry_id", "contact_id", "field_changed", "old_value", "new_value", "channel", "message_class", "branch_id", "change_source", "change_reason", "created_by", "create_time")
    CONSENT_AUDIT_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    FIELD_CHANGED_FIELD_NUMBER: _ClassVar[int]
    OLD_VALUE_FIELD_NUMBER: _ClassVar[int]
    NEW_VALUE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    CHANGE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHANGE_REASON_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    consent_audit_entry_id: str
    contact_id: str
    field_changed: str
    old_value: str
    new_value: str
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    change_source: str
    change_reason: str
    created_by: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_audit_entry_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., field_changed: _Optional[str] = ..., old_value: _Optional[str] = ..., new_value: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., change_source: _Optional[str] = ..., change_reason: _Optional[str] = ..., created_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ListConsentAuditRequest(_message.Message):
    __slots__ = ("contact_id", "start_time", "end_time", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConsentAuditResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[ConsentAuditEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[ConsentAuditEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ConsentImportRow(_message.Message):
    __slots__ = ("subject", "channel", "message_class", "state", "source", "evidence", "event_time", "branch_id")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    state: _consent_pb2.Consent.State
    source: _consent_pb2.ConsentSource
    evidence: _struct_pb2.Struct
    event_time: _timestamp_pb2.Timestamp
    branch_id: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., state: _Optional[_Union[_consent_pb2.Consent.State, str]] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class ImportConsentsRequest(_message.Message):
    __slots__ = ("block_number", "rows")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    rows: _containers.RepeatedCompositeFieldContainer[ConsentImportRow]
    def __init__(self, block_number: _Optional[int] = ..., rows: _Optional[_Iterable[_Union[ConsentImportRow, _Mapping]]] = ...) -> None: ...

class ImportConsentsResponse(_message.Message):
    __slots__ = ("block_number", "changed_count", "unchanged_count", "overridden_count", "errors")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    OVERRIDDEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    changed_count: int
    unchanged_count: int
    overridden_count: int
    errors: _containers.RepeatedCompositeFieldContainer[ImportRowError]
    def __init__(self, block_number: _Optional[int] = ..., changed_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., overridden_count: _Optional[int] = ..., errors: _Optional[_Iterable[_Union[ImportRowError, _Mapping]]] = ...) -> None: ...

class ImportRowError(_message.Message):
    __slots__ = ("index", "status")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    index: int
    status: _status_pb2.Status
    def __init__(self, index: _Optional[int] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...
