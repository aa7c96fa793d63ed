import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.consent.v1 import consent_service_pb2 as _consent_service_pb2
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

class LedgerFault(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LEDGER_FAULT_UNSPECIFIED: _ClassVar[LedgerFault]
    LEDGER_FAULT_ALTERED: _ClassVar[LedgerFault]
    LEDGER_FAULT_MISSING: _ClassVar[LedgerFault]
    LEDGER_FAULT_MOVED: _ClassVar[LedgerFault]
    LEDGER_FAULT_HEAD: _ClassVar[LedgerFault]
LEDGER_FAULT_UNSPECIFIED: LedgerFault
LEDGER_FAULT_ALTERED: LedgerFault
LEDGER_FAULT_MISSING: LedgerFault
LEDGER_FAULT_MOVED: LedgerFault
LEDGER_FAULT_HEAD: LedgerFault

class GetConsentAtRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_class", "branch_id", "at_time")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    AT_TIME_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    at_time: _timestamp_pb2.Timestamp
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., at_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetConsentAtResponse(_message.Message):
    __slots__ = ("has_consent", "state", "marketing_opted_out", "deciding_entry", "entries")
    HAS_CONSENT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    MARKETING_OPTED_OUT_FIELD_NUMBER: _ClassVar[int]
    DECIDING_ENTRY_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    has_consent: bool
    state: _consent_pb2.Consent.State
    marketing_opted_out: bool
    deciding_entry: _consent_service_pb2.ConsentAuditEntry
    entries: _containers.RepeatedCompositeFieldContainer[_consent_service_pb2.ConsentAuditEntry]
    def __init__(self, has_consent: _Optional[bool] = ..., state: _Optional[_Union[_consent_pb2.Consent.State, str]] = ..., marketing_opted_out: _Optional[bool] = ..., deciding_entry: _Optional[_Union[_consent_service_pb2.ConsentAuditEntry, _Mapping]] = ..., entries: _Optional[_Iterable[_Union[_consent_service_pb2.ConsentAuditEntry, _Mapping]]] = ...) -> None: ...

class ExportConsentReceiptRequest(_message.Message):
    __slots__ = ("subject", "channel")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ...) -> None: ...

class ExportConsentReceiptResponse(_message.Message):
    __slots__ = ("document", "signature", "raw_signature", "signed_bytes", "key_id")
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    RAW_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    SIGNED_BYTES_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    document: bytes
    signature: str
    raw_signature: bytes
    signed_bytes: bytes
    key_id: str
    def __init__(self, document: _Optional[bytes] = ..., signature: _Optional[str] = ..., raw_signature: _Optional[bytes] = ..., signed_bytes: _Optional[bytes] = ..., key_id: _Optional[str] = ...) -> None: ...

class ListReceiptKeysRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReceiptKeysResponse(_message.Message):
    __slots__ = ("keys", "next_page_token")
    KEYS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    keys: _containers.RepeatedCompositeFieldContainer[ReceiptKey]
    next_page_token: str
    def __init__(self, keys: _Optional[_Iterable[_Union[ReceiptKey, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReceiptKey(_message.Message):
    __slots__ = ("key_id", "pem", "jwk")
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    PEM_FIELD_NUMBER: _ClassVar[int]
    JWK_FIELD_NUMBER: _ClassVar[int]
    key_id: str
    pem: str
    jwk: str
    def __init__(self, key_id: _Optional[str] = ..., pem: _Optional[str] = ..., jwk: _Optional[str] = ...) -> None: ...

class VerifyConsentLedgerRequest(_message.Message):
    __slots__ = ("contact_id",)
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    def __init__(self, contact_id: _Optional[str] = ...) -> None: ...

class VerifyConsentLedgerResponse(_message.Message):
    __slots__ = ("checked_entries", "checked_chains", "total_entries", "findings", "is_finished")
    CHECKED_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    CHECKED_CHAINS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    IS_FINISHED_FIELD_NUMBER: _ClassVar[int]
    checked_entries: int
    checked_chains: int
    total_entries: int
    findings: _containers.RepeatedCompositeFieldContainer[LedgerFinding]
    is_finished: bool
    def __init__(self, checked_entries: _Optional[int] = ..., checked_chains: _Optional[int] = ..., total_entries: _Optional[int] = ..., findings: _Optional[_Iterable[_Union[LedgerFinding, _Mapping]]] = ..., is_finished: _Optional[bool] = ...) -> None: ...

class LedgerFinding(_message.Message):
    __slots__ = ("fault", "contact_id", "chain_id", "sequence", "consent_audit_entry_id")
    FAULT_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHAIN_ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_AUDIT_ENTRY_ID_FIELD_NUMBER: _ClassVar[int]
    fault: LedgerFault
    contact_id: str
    chain_id: str
    sequence: int
    consent_audit_entry_id: str
    def __init__(self, fault: _Optional[_Union[LedgerFault, str]] = ..., contact_id: _Optional[str] = ..., chain_id: _Optional[str] = ..., sequence: _Optional[int] = ..., consent_audit_entry_id: _Optional[str] = ...) -> None: ...
