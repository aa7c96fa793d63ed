import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
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

class InboundAction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    INBOUND_ACTION_UNSPECIFIED: _ClassVar[InboundAction]
    INBOUND_ACTION_STOPPED: _ClassVar[InboundAction]
    INBOUND_ACTION_STARTED: _ClassVar[InboundAction]
    INBOUND_ACTION_HELP: _ClassVar[InboundAction]
    INBOUND_ACTION_NONE: _ClassVar[InboundAction]
INBOUND_ACTION_UNSPECIFIED: InboundAction
INBOUND_ACTION_STOPPED: InboundAction
INBOUND_ACTION_STARTED: InboundAction
INBOUND_ACTION_HELP: InboundAction
INBOUND_ACTION_NONE: InboundAction

class GrantConsentRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_class", "branch_id", "source", "evidence", "ip_address", "user_agent", "expire_time", "double_opt_in", "idempotency_key", "wording_version", "jurisdiction")
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
    WORDING_VERSION_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
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
    wording_version: str
    jurisdiction: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., double_opt_in: _Optional[bool] = ..., idempotency_key: _Optional[str] = ..., wording_version: _Optional[str] = ..., jurisdiction: _Optional[str] = ...) -> None: ...

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
    __slots__ = ("consent_audit_entry_id", "contact_id", "field_changed", "old_value", "new_value", "channel", "message_class", "branch_id", "change_source", "change_reason", "created_by", "create_time", "sequence", "entry_hash", "source", "wording_version", "jurisdiction", "evidence", "expire_time", "occur_time")
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
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ENTRY_HASH_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    WORDING_VERSION_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
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
    sequence: int
    entry_hash: bytes
    source: _consent_pb2.ConsentSource
    wording_version: str
    jurisdiction: str
    evidence: _struct_pb2.Struct
    expire_time: _timestamp_pb2.Timestamp
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_audit_entry_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., field_changed: _Optional[str] = ..., old_value: _Optional[str] = ..., new_value: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., change_source: _Optional[str] = ..., change_reason: _Optional[str] = ..., created_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., sequence: _Optional[int] = ..., entry_hash: _Optional[bytes] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., wording_version: _Optional[str] = ..., jurisdiction: _Optional[str] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("subject", "channel", "message_class", "state", "source", "evidence", "event_time", "branch_id", "wording_version", "jurisdiction")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    WORDING_VERSION_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    state: _consent_pb2.Consent.State
    source: _consent_pb2.ConsentSource
    evidence: _struct_pb2.Struct
    event_time: _timestamp_pb2.Timestamp
    branch_id: str
    wording_version: str
    jurisdiction: str
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., state: _Optional[_Union[_consent_pb2.Consent.State, str]] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., branch_id: _Optional[str] = ..., wording_version: _Optional[str] = ..., jurisdiction: _Optional[str] = ...) -> None: ...

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

class ConfirmConsentRequest(_message.Message):
    __slots__ = ("token", "ip_address", "user_agent")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    token: str
    ip_address: str
    user_agent: str
    def __init__(self, token: _Optional[str] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class ConfirmConsentResponse(_message.Message):
    __slots__ = ("consent", "already_confirmed")
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    ALREADY_CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    consent: _consent_pb2.Consent
    already_confirmed: bool
    def __init__(self, consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ..., already_confirmed: _Optional[bool] = ...) -> None: ...

class ResendConsentConfirmationRequest(_message.Message):
    __slots__ = ("consent_id", "idempotency_key")
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    idempotency_key: str
    def __init__(self, consent_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResendConsentConfirmationResponse(_message.Message):
    __slots__ = ("consent", "deduplicated")
    CONSENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    consent: _consent_pb2.Consent
    deduplicated: bool
    def __init__(self, consent: _Optional[_Union[_consent_pb2.Consent, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetConfirmationLinkRequest(_message.Message):
    __slots__ = ("consent_id",)
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    def __init__(self, consent_id: _Optional[str] = ...) -> None: ...

class GetConfirmationLinkResponse(_message.Message):
    __slots__ = ("url", "expire_time", "confirmation_count", "contact_id", "channel", "address")
    URL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    url: str
    expire_time: _timestamp_pb2.Timestamp
    confirmation_count: int
    contact_id: str
    channel: _enums_pb2.Channel
    address: str
    def __init__(self, url: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., confirmation_count: _Optional[int] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., address: _Optional[str] = ...) -> None: ...

class ContactConsent(_message.Message):
    __slots__ = ("contact_id", "email_consent", "sms_consent", "whatsapp_consent", "push_consent", "is_dnd", "marketing_opted_out", "opt_out_time", "opt_out_source", "preferred_channel", "language_code", "consents", "etag")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    EMAIL_CONSENT_FIELD_NUMBER: _ClassVar[int]
    SMS_CONSENT_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_CONSENT_FIELD_NUMBER: _ClassVar[int]
    PUSH_CONSENT_FIELD_NUMBER: _ClassVar[int]
    IS_DND_FIELD_NUMBER: _ClassVar[int]
    MARKETING_OPTED_OUT_FIELD_NUMBER: _ClassVar[int]
    OPT_OUT_TIME_FIELD_NUMBER: _ClassVar[int]
    OPT_OUT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    email_consent: bool
    sms_consent: bool
    whatsapp_consent: bool
    push_consent: bool
    is_dnd: bool
    marketing_opted_out: bool
    opt_out_time: _timestamp_pb2.Timestamp
    opt_out_source: _consent_pb2.OptOutSource
    preferred_channel: _enums_pb2.Channel
    language_code: str
    consents: _containers.RepeatedCompositeFieldContainer[_consent_pb2.Consent]
    etag: str
    def __init__(self, contact_id: _Optional[str] = ..., email_consent: _Optional[bool] = ..., sms_consent: _Optional[bool] = ..., whatsapp_consent: _Optional[bool] = ..., push_consent: _Optional[bool] = ..., is_dnd: _Optional[bool] = ..., marketing_opted_out: _Optional[bool] = ..., opt_out_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opt_out_source: _Optional[_Union[_consent_pb2.OptOutSource, str]] = ..., preferred_channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., language_code: _Optional[str] = ..., consents: _Optional[_Iterable[_Union[_consent_pb2.Consent, _Mapping]]] = ..., etag: _Optional[str] = ...) -> None: ...

class GetContactConsentRequest(_message.Message):
    __slots__ = ("contact_id",)
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    def __init__(self, contact_id: _Optional[str] = ...) -> None: ...

class GetContactConsentResponse(_message.Message):
    __slots__ = ("contact_consent",)
    CONTACT_CONSENT_FIELD_NUMBER: _ClassVar[int]
    contact_consent: ContactConsent
    def __init__(self, contact_consent: _Optional[_Union[ContactConsent, _Mapping]] = ...) -> None: ...

class UpdateContactConsentRequest(_message.Message):
    __slots__ = ("contact_consent", "update_mask", "source", "reason", "evidence", "idempotency_key")
    CONTACT_CONSENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_consent: ContactConsent
    update_mask: _field_mask_pb2.FieldMask
    source: _consent_pb2.ConsentSource
    reason: str
    evidence: _struct_pb2.Struct
    idempotency_key: str
    def __init__(self, contact_consent: _Optional[_Union[ContactConsent, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., reason: _Optional[str] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateContactConsentResponse(_message.Message):
    __slots__ = ("contact_consent", "deduplicated")
    CONTACT_CONSENT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    contact_consent: ContactConsent
    deduplicated: bool
    def __init__(self, contact_consent: _Optional[_Union[ContactConsent, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CancelOptOutRequest(_message.Message):
    __slots__ = ("contact_id", "evidence", "source", "reason", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    evidence: _struct_pb2.Struct
    source: _consent_pb2.ConsentSource
    reason: str
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ..., reason: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CancelOptOutResponse(_message.Message):
    __slots__ = ("summary", "deduplicated")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    summary: _consent_pb2.ConsentSummary
    deduplicated: bool
    def __init__(self, summary: _Optional[_Union[_consent_pb2.ConsentSummary, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class HandleInboundTextRequest(_message.Message):
    __slots__ = ("channel", "from_address", "text", "provider_account_id", "provider_message_id", "receive_time")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FROM_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    from_address: str
    text: str
    provider_account_id: str
    provider_message_id: str
    receive_time: _timestamp_pb2.Timestamp
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., from_address: _Optional[str] = ..., text: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., provider_message_id: _Optional[str] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class HandleInboundTextResponse(_message.Message):
    __slots__ = ("action", "reply_key", "language_code", "contact_id")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REPLY_KEY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    action: InboundAction
    reply_key: str
    language_code: str
    contact_id: str
    def __init__(self, action: _Optional[_Union[InboundAction, str]] = ..., reply_key: _Optional[str] = ..., language_code: _Optional[str] = ..., contact_id: _Optional[str] = ...) -> None: ...
