import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CONSENT_SOURCE_UNSPECIFIED: _ClassVar[ConsentSource]
    CONSENT_SOURCE_WEB_FORM: _ClassVar[ConsentSource]
    CONSENT_SOURCE_STAFF: _ClassVar[ConsentSource]
    CONSENT_SOURCE_POS: _ClassVar[ConsentSource]
    CONSENT_SOURCE_IMPORT: _ClassVar[ConsentSource]
    CONSENT_SOURCE_API: _ClassVar[ConsentSource]
    CONSENT_SOURCE_SMS_KEYWORD: _ClassVar[ConsentSource]
    CONSENT_SOURCE_DOUBLE_OPT_IN: _ClassVar[ConsentSource]
    CONSENT_SOURCE_PREFERENCE_PAGE: _ClassVar[ConsentSource]
    CONSENT_SOURCE_UNSUBSCRIBE_LINK: _ClassVar[ConsentSource]
    CONSENT_SOURCE_COMPLAINT: _ClassVar[ConsentSource]
    CONSENT_SOURCE_MIGRATION: _ClassVar[ConsentSource]

class OptOutSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPT_OUT_SOURCE_UNSPECIFIED: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_CUSTOMER_REQUEST: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_UNSUBSCRIBE_LINK: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_MANUAL: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_SMS_KEYWORD: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_COMPLAINT: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_PREFERENCE_PAGE: _ClassVar[OptOutSource]
    OPT_OUT_SOURCE_IMPORT: _ClassVar[OptOutSource]
CONSENT_SOURCE_UNSPECIFIED: ConsentSource
CONSENT_SOURCE_WEB_FORM: ConsentSource
CONSENT_SOURCE_STAFF: ConsentSource
CONSENT_SOURCE_POS: ConsentSource
CONSENT_SOURCE_IMPORT: ConsentSource
CONSENT_SOURCE_API: ConsentSource
CONSENT_SOURCE_SMS_KEYWORD: ConsentSource
CONSENT_SOURCE_DOUBLE_OPT_IN: ConsentSource
CONSENT_SOURCE_PREFERENCE_PAGE: ConsentSource
CONSENT_SOURCE_UNSUBSCRIBE_LINK: ConsentSource
CONSENT_SOURCE_COMPLAINT: ConsentSource
CONSENT_SOURCE_MIGRATION: ConsentSource
OPT_OUT_SOURCE_UNSPECIFIED: OptOutSource
OPT_OUT_SOURCE_CUSTOMER_REQUEST: OptOutSource
OPT_OUT_SOURCE_UNSUBSCRIBE_LINK: OptOutSource
OPT_OUT_SOURCE_MANUAL: OptOutSource
OPT_OUT_SOURCE_SMS_KEYWORD: OptOutSource
OPT_OUT_SOURCE_COMPLAINT: OptOutSource
OPT_OUT_SOURCE_PREFERENCE_PAGE: OptOutSource
OPT_OUT_SOURCE_IMPORT: OptOutSource

class Subject(_message.Message):
    __slots__ = ("contact_id", "address")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    address: str
    def __init__(self, contact_id: _Optional[str] = ..., address: _Optional[str] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("consent_id", "contact_id", "channel", "message_class", "branch_id", "state", "grant_time", "revoke_time", "expire_time", "source", "evidence", "confirm_time", "create_time", "update_time", "etag", "wording_version", "jurisdiction", "confirmation_count", "confirmation_expire_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Consent.State]
        STATE_PENDING: _ClassVar[Consent.State]
        STATE_GRANTED: _ClassVar[Consent.State]
        STATE_REVOKED: _ClassVar[Consent.State]
        STATE_EXPIRED: _ClassVar[Consent.State]
    STATE_UNSPECIFIED: Consent.State
    STATE_PENDING: Consent.State
    STATE_GRANTED: Consent.State
    STATE_REVOKED: Consent.State
    STATE_EXPIRED: Consent.State
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    GRANT_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKE_TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    WORDING_VERSION_FIELD_NUMBER: _ClassVar[int]
    JURISDICTION_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    contact_id: str
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    state: Consent.State
    grant_time: _timestamp_pb2.Timestamp
    revoke_time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    source: ConsentSource
    evidence: _struct_pb2.Struct
    confirm_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    wording_version: str
    jurisdiction: str
    confirmation_count: int
    confirmation_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., state: _Optional[_Union[Consent.State, str]] = ..., grant_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revoke_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[_Union[ConsentSource, str]] = ..., evidence: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., confirm_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., wording_version: _Optional[str] = ..., jurisdiction: _Optional[str] = ..., confirmation_count: _Optional[int] = ..., confirmation_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ConsentSummary(_message.Message):
    __slots__ = ("contact_id", "marketing_opted_out", "opt_out_time", "opt_out_source", "consented_channels", "is_dnd")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    MARKETING_OPTED_OUT_FIELD_NUMBER: _ClassVar[int]
    OPT_OUT_TIME_FIELD_NUMBER: _ClassVar[int]
    OPT_OUT_SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONSENTED_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    IS_DND_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    marketing_opted_out: bool
    opt_out_time: _timestamp_pb2.Timestamp
    opt_out_source: OptOutSource
    consented_channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    is_dnd: bool
    def __init__(self, contact_id: _Optional[str] = ..., marketing_opted_out: _Optional[bool] = ..., opt_out_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., opt_out_source: _Optional[_Union[OptOutSource, str]] = ..., consented_channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ..., is_dnd: _Optional[bool] = ...) -> None: ...
