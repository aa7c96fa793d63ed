import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.consent.v1 import preference_service_pb2 as _preference_service_pb2
from angarium.consent.v1 import suppression_service_pb2 as _suppression_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ConsentsUpdated(_message.Message):
    __slots__ = ("consents",)
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    consents: _containers.RepeatedCompositeFieldContainer[ConsentUpdated]
    def __init__(self, consents: _Optional[_Iterable[_Union[ConsentUpdated, _Mapping]]] = ...) -> None: ...

class ConsentUpdated(_message.Message):
    __slots__ = ("contact_id", "field", "old_value", "new_value", "channel", "message_class", "branch_id", "source")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OLD_VALUE_FIELD_NUMBER: _ClassVar[int]
    NEW_VALUE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_CLASS_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    field: str
    old_value: str
    new_value: str
    channel: _enums_pb2.Channel
    message_class: _enums_pb2.MessageClass
    branch_id: str
    source: _consent_pb2.ConsentSource
    def __init__(self, contact_id: _Optional[str] = ..., field: _Optional[str] = ..., old_value: _Optional[str] = ..., new_value: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_class: _Optional[_Union[_enums_pb2.MessageClass, str]] = ..., branch_id: _Optional[str] = ..., source: _Optional[_Union[_consent_pb2.ConsentSource, str]] = ...) -> None: ...

class ContactOptedOut(_message.Message):
    __slots__ = ("contact_id", "channel", "source", "method", "message_id", "campaign_id", "opt_out_time")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    OPT_OUT_TIME_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    channel: _enums_pb2.Channel
    source: _consent_pb2.OptOutSource
    method: _preference_service_pb2.UnsubscribeMethod
    message_id: str
    campaign_id: str
    opt_out_time: _timestamp_pb2.Timestamp
    def __init__(self, contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., source: _Optional[_Union[_consent_pb2.OptOutSource, str]] = ..., method: _Optional[_Union[_preference_service_pb2.UnsubscribeMethod, str]] = ..., message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., opt_out_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SuppressionsAdded(_message.Message):
    __slots__ = ("suppressions",)
    SUPPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    suppressions: _containers.RepeatedCompositeFieldContainer[SuppressionChange]
    def __init__(self, suppressions: _Optional[_Iterable[_Union[SuppressionChange, _Mapping]]] = ...) -> None: ...

class SuppressionsRemoved(_message.Message):
    __slots__ = ("suppressions",)
    SUPPRESSIONS_FIELD_NUMBER: _ClassVar[int]
    suppressions: _containers.RepeatedCompositeFieldContainer[SuppressionChange]
    def __init__(self, suppressions: _Optional[_Iterable[_Union[SuppressionChange, _Mapping]]] = ...) -> None: ...

class SuppressionChange(_message.Message):
    __slots__ = ("suppression_id", "channel", "scope", "reason", "contact_id")
    SUPPRESSION_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    suppression_id: str
    channel: _enums_pb2.Channel
    scope: _suppression_service_pb2.SuppressionScope
    reason: _suppression_service_pb2.SuppressionReason
    contact_id: str
    def __init__(self, suppression_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., scope: _Optional[_Union[_suppression_service_pb2.SuppressionScope, str]] = ..., reason: _Optional[_Union[_suppression_service_pb2.SuppressionReason, str]] = ..., contact_id: _Optional[str] = ...) -> None: ...

class ConsentConfirmationRequested(_message.Message):
    __slots__ = ("consent_id", "contact_id", "channel", "confirmation_count", "expire_time")
    CONSENT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    consent_id: str
    contact_id: str
    channel: _enums_pb2.Channel
    confirmation_count: int
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, consent_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., confirmation_count: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FreshLinkRequested(_message.Message):
    __slots__ = ("request_id", "expire_time")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, request_id: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PreferencesUpdated(_message.Message):
    __slots__ = ("contact_id", "fields", "language_code", "time_zone")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    fields: _containers.RepeatedScalarFieldContainer[str]
    language_code: str
    time_zone: str
    def __init__(self, contact_id: _Optional[str] = ..., fields: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class ContactAddressAdded(_message.Message):
    __slots__ = ("contact_id", "channel", "sealed_address")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SEALED_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    channel: _enums_pb2.Channel
    sealed_address: bytes
    def __init__(self, contact_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., sealed_address: _Optional[bytes] = ...) -> None: ...

class DndImportCompleted(_message.Message):
    __slots__ = ("dnd_import_id", "registry", "added_count", "removed_count")
    DND_IMPORT_ID_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_FIELD_NUMBER: _ClassVar[int]
    ADDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REMOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    dnd_import_id: str
    registry: str
    added_count: int
    removed_count: int
    def __init__(self, dnd_import_id: _Optional[str] = ..., registry: _Optional[str] = ..., added_count: _Optional[int] = ..., removed_count: _Optional[int] = ...) -> None: ...

class PrivacyRequestCreated(_message.Message):
    __slots__ = ("privacy_request_id", "kind", "contact_id")
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    privacy_request_id: str
    kind: str
    contact_id: str
    def __init__(self, privacy_request_id: _Optional[str] = ..., kind: _Optional[str] = ..., contact_id: _Optional[str] = ...) -> None: ...

class PrivacyRequestCompleted(_message.Message):
    __slots__ = ("privacy_request_id", "kind", "contact_id")
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    privacy_request_id: str
    kind: str
    contact_id: str
    def __init__(self, privacy_request_id: _Optional[str] = ..., kind: _Optional[str] = ..., contact_id: _Optional[str] = ...) -> None: ...

class ContactErased(_message.Message):
    __slots__ = ("contact_id", "privacy_request_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    privacy_request_id: str
    def __init__(self, contact_id: _Optional[str] = ..., privacy_request_id: _Optional[str] = ...) -> None: ...
