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

class Contact(_message.Message):
    __slots__ = ("contact_id", "external_id", "branch_id", "first_name", "last_name", "name", "email", "phone", "language_code", "time_zone", "source", "customer_type", "tags", "attributes", "birth_date", "anniversary_date", "visit_count", "last_visit_time", "first_visit_time", "purchase_count", "last_purchase_time", "total_spend_minor", "last_activity_time", "membership_status", "membership_expire_time", "loyalty_points", "engagement_score", "state", "etag", "create_time", "update_time", "region_code", "assigned_staff_id", "packages", "points_expiring", "points_expire_date", "attended_event_refs", "push_reachable", "has_whatsapp", "consented_channels")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Contact.State]
        STATE_ACTIVE: _ClassVar[Contact.State]
        STATE_BLOCKED: _ClassVar[Contact.State]
        STATE_ERASED: _ClassVar[Contact.State]
        STATE_MERGED: _ClassVar[Contact.State]
    STATE_UNSPECIFIED: Contact.State
    STATE_ACTIVE: Contact.State
    STATE_BLOCKED: Contact.State
    STATE_ERASED: Contact.State
    STATE_MERGED: Contact.State
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    FIRST_NAME_FIELD_NUMBER: _ClassVar[int]
    LAST_NAME_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_TYPE_FIELD_NUMBER: _ClassVar[int]
    TAGS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    BIRTH_DATE_FIELD_NUMBER: _ClassVar[int]
    ANNIVERSARY_DATE_FIELD_NUMBER: _ClassVar[int]
    VISIT_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_VISIT_TIME_FIELD_NUMBER: _ClassVar[int]
    FIRST_VISIT_TIME_FIELD_NUMBER: _ClassVar[int]
    PURCHASE_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_PURCHASE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_SPEND_MINOR_FIELD_NUMBER: _ClassVar[int]
    LAST_ACTIVITY_TIME_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_STATUS_FIELD_NUMBER: _ClassVar[int]
    MEMBERSHIP_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    LOYALTY_POINTS_FIELD_NUMBER: _ClassVar[int]
    ENGAGEMENT_SCORE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    PACKAGES_FIELD_NUMBER: _ClassVar[int]
    POINTS_EXPIRING_FIELD_NUMBER: _ClassVar[int]
    POINTS_EXPIRE_DATE_FIELD_NUMBER: _ClassVar[int]
    ATTENDED_EVENT_REFS_FIELD_NUMBER: _ClassVar[int]
    PUSH_REACHABLE_FIELD_NUMBER: _ClassVar[int]
    HAS_WHATSAPP_FIELD_NUMBER: _ClassVar[int]
    CONSENTED_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    external_id: str
    branch_id: str
    first_name: str
    last_name: str
    name: str
    email: str
    phone: str
    language_code: str
    time_zone: str
    source: str
    customer_type: str
    tags: _containers.RepeatedScalarFieldContainer[str]
    attributes: _struct_pb2.Struct
    birth_date: str
    anniversary_date: str
    visit_count: int
    last_visit_time: _timestamp_pb2.Timestamp
    first_visit_time: _timestamp_pb2.Timestamp
    purchase_count: int
    last_purchase_time: _timestamp_pb2.Timestamp
    total_spend_minor: int
    last_activity_time: _timestamp_pb2.Timestamp
    membership_status: str
    membership_expire_time: _timestamp_pb2.Timestamp
    loyalty_points: int
    engagement_score: int
    state: Contact.State
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    region_code: str
    assigned_staff_id: str
    packages: _containers.RepeatedCompositeFieldContainer[ContactPackage]
    points_expiring: int
    points_expire_date: str
    attended_event_refs: _containers.RepeatedScalarFieldContainer[str]
    push_reachable: bool
    has_whatsapp: bool
    consented_channels: _containers.RepeatedScalarFieldContainer[_enums_pb2.Channel]
    def __init__(self, contact_id: _Optional[str] = ..., external_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., first_name: _Optional[str] = ..., last_name: _Optional[str] = ..., name: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., source: _Optional[str] = ..., customer_type: _Optional[str] = ..., tags: _Optional[_Iterable[str]] = ..., attributes: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., birth_date: _Optional[str] = ..., anniversary_date: _Optional[str] = ..., visit_count: _Optional[int] = ..., last_visit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., first_visit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., purchase_count: _Optional[int] = ..., last_purchase_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., total_spend_minor: _Optional[int] = ..., last_activity_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., membership_status: _Optional[str] = ..., membership_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., loyalty_points: _Optional[int] = ..., engagement_score: _Optional[int] = ..., state: _Optional[_Union[Contact.State, str]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., region_code: _Optional[str] = ..., assigned_staff_id: _Optional[str] = ..., packages: _Optional[_Iterable[_Union[ContactPackage, _Mapping]]] = ..., points_expiring: _Optional[int] = ..., points_expire_date: _Optional[str] = ..., attended_event_refs: _Optional[_Iterable[str]] = ..., push_reachable: _Optional[bool] = ..., has_whatsapp: _Optional[bool] = ..., consented_channels: _Optional[_Iterable[_Union[_enums_pb2.Channel, str]]] = ...) -> None: ...

class ContactPackage(_message.Message):
    __slots__ = ("package_ref", "name", "remaining_count", "expire_time")
    PACKAGE_REF_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    REMAINING_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    package_ref: str
    name: str
    remaining_count: int
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, package_ref: _Optional[str] = ..., name: _Optional[str] = ..., remaining_count: _Optional[int] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ContactReference(_message.Message):
    __slots__ = ("contact_id", "state", "branch_id", "language_code", "time_zone", "address_hashes", "region_code", "registry_hashes", "changed_fields")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_HASHES_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    REGISTRY_HASHES_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    state: Contact.State
    branch_id: str
    language_code: str
    time_zone: str
    address_hashes: _containers.RepeatedCompositeFieldContainer[AddressHash]
    region_code: str
    registry_hashes: _containers.RepeatedScalarFieldContainer[bytes]
    changed_fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contact_id: _Optional[str] = ..., state: _Optional[_Union[Contact.State, str]] = ..., branch_id: _Optional[str] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., address_hashes: _Optional[_Iterable[_Union[AddressHash, _Mapping]]] = ..., region_code: _Optional[str] = ..., registry_hashes: _Optional[_Iterable[bytes]] = ..., changed_fields: _Optional[_Iterable[str]] = ...) -> None: ...

class AddressHash(_message.Message):
    __slots__ = ("channel", "hash", "key_id", "hint")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    hash: bytes
    key_id: str
    hint: str
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., hash: _Optional[bytes] = ..., key_id: _Optional[str] = ..., hint: _Optional[str] = ...) -> None: ...

class StaffMember(_message.Message):
    __slots__ = ("staff_id", "name", "roles", "email", "is_email_verified", "language_code", "time_zone", "branch_ids", "phone", "is_disabled")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    IS_EMAIL_VERIFIED_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    IS_DISABLED_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    name: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    email: str
    is_email_verified: bool
    language_code: str
    time_zone: str
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    phone: str
    is_disabled: bool
    def __init__(self, staff_id: _Optional[str] = ..., name: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., email: _Optional[str] = ..., is_email_verified: _Optional[bool] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., branch_ids: _Optional[_Iterable[str]] = ..., phone: _Optional[str] = ..., is_disabled: _Optional[bool] = ...) -> None: ...
