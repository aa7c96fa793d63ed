import datetime

from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WalletPass(_message.Message):
    __slots__ = ("pass_id", "contact_id", "ticket_ref", "kind", "fields", "state", "pass_version", "download_url", "download_expire_time", "create_time", "update_time")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[WalletPass.Kind]
        KIND_APPLE: _ClassVar[WalletPass.Kind]
        KIND_GOOGLE: _ClassVar[WalletPass.Kind]
    KIND_UNSPECIFIED: WalletPass.Kind
    KIND_APPLE: WalletPass.Kind
    KIND_GOOGLE: WalletPass.Kind
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[WalletPass.State]
        STATE_ACTIVE: _ClassVar[WalletPass.State]
        STATE_VOIDED: _ClassVar[WalletPass.State]
        STATE_EXPIRED: _ClassVar[WalletPass.State]
    STATE_UNSPECIFIED: WalletPass.State
    STATE_ACTIVE: WalletPass.State
    STATE_VOIDED: WalletPass.State
    STATE_EXPIRED: WalletPass.State
    PASS_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    TICKET_REF_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PASS_VERSION_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    pass_id: str
    contact_id: str
    ticket_ref: str
    kind: WalletPass.Kind
    fields: PassFields
    state: WalletPass.State
    pass_version: int
    download_url: str
    download_expire_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, pass_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., ticket_ref: _Optional[str] = ..., kind: _Optional[_Union[WalletPass.Kind, str]] = ..., fields: _Optional[_Union[PassFields, _Mapping]] = ..., state: _Optional[_Union[WalletPass.State, str]] = ..., pass_version: _Optional[int] = ..., download_url: _Optional[str] = ..., download_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PassFields(_message.Message):
    __slots__ = ("event_name", "event_ref", "venue_name", "venue_address", "event_time", "time_zone", "seat", "attendee_name", "terms", "language_code", "barcode_payload")
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    EVENT_REF_FIELD_NUMBER: _ClassVar[int]
    VENUE_NAME_FIELD_NUMBER: _ClassVar[int]
    VENUE_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    SEAT_FIELD_NUMBER: _ClassVar[int]
    ATTENDEE_NAME_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    BARCODE_PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    event_name: str
    event_ref: str
    venue_name: str
    venue_address: str
    event_time: _timestamp_pb2.Timestamp
    time_zone: str
    seat: str
    attendee_name: str
    terms: str
    language_code: str
    barcode_payload: str
    def __init__(self, event_name: _Optional[str] = ..., event_ref: _Optional[str] = ..., venue_name: _Optional[str] = ..., venue_address: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., time_zone: _Optional[str] = ..., seat: _Optional[str] = ..., attendee_name: _Optional[str] = ..., terms: _Optional[str] = ..., language_code: _Optional[str] = ..., barcode_payload: _Optional[str] = ...) -> None: ...

class CreateWalletPassRequest(_message.Message):
    __slots__ = ("contact_id", "ticket_ref", "kind", "fields", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    TICKET_REF_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    ticket_ref: str
    kind: WalletPass.Kind
    fields: PassFields
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., ticket_ref: _Optional[str] = ..., kind: _Optional[_Union[WalletPass.Kind, str]] = ..., fields: _Optional[_Union[PassFields, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateWalletPassResponse(_message.Message):
    __slots__ = ("wallet_pass", "deduplicated")
    WALLET_PASS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    wallet_pass: WalletPass
    deduplicated: bool
    def __init__(self, wallet_pass: _Optional[_Union[WalletPass, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class UpdateWalletPassRequest(_message.Message):
    __slots__ = ("pass_id", "fields", "update_mask", "idempotency_key")
    PASS_ID_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    pass_id: str
    fields: PassFields
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, pass_id: _Optional[str] = ..., fields: _Optional[_Union[PassFields, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateWalletPassResponse(_message.Message):
    __slots__ = ("wallet_pass", "deduplicated")
    WALLET_PASS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    wallet_pass: WalletPass
    deduplicated: bool
    def __init__(self, wallet_pass: _Optional[_Union[WalletPass, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class VoidWalletPassRequest(_message.Message):
    __slots__ = ("ticket_ref", "reason")
    TICKET_REF_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    ticket_ref: str
    reason: str
    def __init__(self, ticket_ref: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class VoidWalletPassResponse(_message.Message):
    __slots__ = ("voided_count",)
    VOIDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    voided_count: int
    def __init__(self, voided_count: _Optional[int] = ...) -> None: ...

class OfferWalletPassesRequest(_message.Message):
    __slots__ = ("offer_id", "contact_id", "ticket_refs", "fields")
    OFFER_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    TICKET_REFS_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    offer_id: str
    contact_id: str
    ticket_refs: _containers.RepeatedScalarFieldContainer[str]
    fields: PassFields
    def __init__(self, offer_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., ticket_refs: _Optional[_Iterable[str]] = ..., fields: _Optional[_Union[PassFields, _Mapping]] = ...) -> None: ...

class OfferWalletPassesResponse(_message.Message):
    __slots__ = ("download_url", "pass_count")
    DOWNLOAD_URL_FIELD_NUMBER: _ClassVar[int]
    PASS_COUNT_FIELD_NUMBER: _ClassVar[int]
    download_url: str
    pass_count: int
    def __init__(self, download_url: _Optional[str] = ..., pass_count: _Optional[int] = ...) -> None: ...

class VoidWalletPassesRequest(_message.Message):
    __slots__ = ("event_ref", "ticket_refs", "contact_id", "reason")
    EVENT_REF_FIELD_NUMBER: _ClassVar[int]
    TICKET_REFS_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    event_ref: str
    ticket_refs: _containers.RepeatedScalarFieldContainer[str]
    contact_id: str
    reason: str
    def __init__(self, event_ref: _Optional[str] = ..., ticket_refs: _Optional[_Iterable[str]] = ..., contact_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class VoidWalletPassesResponse(_message.Message):
    __slots__ = ("voided_count", "has_more")
    VOIDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HAS_MORE_FIELD_NUMBER: _ClassVar[int]
    voided_count: int
    has_more: bool
    def __init__(self, voided_count: _Optional[int] = ..., has_more: _Optional[bool] = ...) -> None: ...

class UpdateEventPassesRequest(_message.Message):
    __slots__ = ("event_ref", "fields", "update_mask", "after_pass_id")
    EVENT_REF_FIELD_NUMBER: _ClassVar[int]
    FIELDS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    AFTER_PASS_ID_FIELD_NUMBER: _ClassVar[int]
    event_ref: str
    fields: PassFields
    update_mask: _field_mask_pb2.FieldMask
    after_pass_id: str
    def __init__(self, event_ref: _Optional[str] = ..., fields: _Optional[_Union[PassFields, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., after_pass_id: _Optional[str] = ...) -> None: ...

class UpdateEventPassesResponse(_message.Message):
    __slots__ = ("updated_count", "next_pass_id")
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEXT_PASS_ID_FIELD_NUMBER: _ClassVar[int]
    updated_count: int
    next_pass_id: str
    def __init__(self, updated_count: _Optional[int] = ..., next_pass_id: _Optional[str] = ...) -> None: ...

class GetWalletPassRequest(_message.Message):
    __slots__ = ("pass_id", "download_token", "preferred_kind")
    PASS_ID_FIELD_NUMBER: _ClassVar[int]
    DOWNLOAD_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PREFERRED_KIND_FIELD_NUMBER: _ClassVar[int]
    pass_id: str
    download_token: str
    preferred_kind: WalletPass.Kind
    def __init__(self, pass_id: _Optional[str] = ..., download_token: _Optional[str] = ..., preferred_kind: _Optional[_Union[WalletPass.Kind, str]] = ...) -> None: ...

class GetWalletPassResponse(_message.Message):
    __slots__ = ("wallet_pass", "apple_file", "google_save_url", "pass_count")
    WALLET_PASS_FIELD_NUMBER: _ClassVar[int]
    APPLE_FILE_FIELD_NUMBER: _ClassVar[int]
    GOOGLE_SAVE_URL_FIELD_NUMBER: _ClassVar[int]
    PASS_COUNT_FIELD_NUMBER: _ClassVar[int]
    wallet_pass: WalletPass
    apple_file: bytes
    google_save_url: str
    pass_count: int
    def __init__(self, wallet_pass: _Optional[_Union[WalletPass, _Mapping]] = ..., apple_file: _Optional[bytes] = ..., google_save_url: _Optional[str] = ..., pass_count: _Optional[int] = ...) -> None: ...

class CreateTicketQrRequest(_message.Message):
    __slots__ = ("ticket_ref", "event_ref", "validation_url", "expire_time", "scale")
    TICKET_REF_FIELD_NUMBER: _ClassVar[int]
    EVENT_REF_FIELD_NUMBER: _ClassVar[int]
    VALIDATION_URL_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    ticket_ref: str
    event_ref: str
    validation_url: str
    expire_time: _timestamp_pb2.Timestamp
    scale: int
    def __init__(self, ticket_ref: _Optional[str] = ..., event_ref: _Optional[str] = ..., validation_url: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., scale: _Optional[int] = ...) -> None: ...

class CreateTicketQrResponse(_message.Message):
    __slots__ = ("png", "payload", "expire_time")
    PNG_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    png: bytes
    payload: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, png: _Optional[bytes] = ..., payload: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ValidateTicketQrRequest(_message.Message):
    __slots__ = ("payload",)
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    payload: str
    def __init__(self, payload: _Optional[str] = ...) -> None: ...

class ValidateTicketQrResponse(_message.Message):
    __slots__ = ("is_valid", "reason", "ticket_ref", "event_ref")
    IS_VALID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TICKET_REF_FIELD_NUMBER: _ClassVar[int]
    EVENT_REF_FIELD_NUMBER: _ClassVar[int]
    is_valid: bool
    reason: str
    ticket_ref: str
    event_ref: str
    def __init__(self, is_valid: _Optional[bool] = ..., reason: _Optional[str] = ..., ticket_ref: _Optional[str] = ..., event_ref: _Optional[str] = ...) -> None: ...
