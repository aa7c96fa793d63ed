from angarium.campaign.v1 import contact_pb2 as _contact_pb2
from angarium.campaign.v1 import segment_service_pb2 as _segment_service_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.rpc import status_pb2 as _status_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class UpsertContactRequest(_message.Message):
    __slots__ = ("contact", "update_mask", "idempotency_key")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpsertContactResponse(_message.Message):
    __slots__ = ("contact", "created", "deduplicated")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    CREATED_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    created: bool
    deduplicated: bool
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., created: _Optional[bool] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class BatchUpsertContactsRequest(_message.Message):
    __slots__ = ("block_number", "contacts")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    def __init__(self, block_number: _Optional[int] = ..., contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ...) -> None: ...

class BatchUpsertContactsResponse(_message.Message):
    __slots__ = ("block_number", "created_count", "updated_count", "unchanged_count", "contact_ids", "errors")
    BLOCK_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CREATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    block_number: int
    created_count: int
    updated_count: int
    unchanged_count: int
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    errors: _containers.RepeatedCompositeFieldContainer[ContactRowError]
    def __init__(self, block_number: _Optional[int] = ..., created_count: _Optional[int] = ..., updated_count: _Optional[int] = ..., unchanged_count: _Optional[int] = ..., contact_ids: _Optional[_Iterable[str]] = ..., errors: _Optional[_Iterable[_Union[ContactRowError, _Mapping]]] = ...) -> None: ...

class ContactRowError(_message.Message):
    __slots__ = ("index", "status")
    INDEX_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    index: int
    status: _status_pb2.Status
    def __init__(self, index: _Optional[int] = ..., status: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class GetContactRequest(_message.Message):
    __slots__ = ("contact_id", "external_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    external_id: str
    def __init__(self, contact_id: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class GetContactResponse(_message.Message):
    __slots__ = ("contact",)
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ...) -> None: ...

class ListContactsRequest(_message.Message):
    __slots__ = ("name_prefix", "email", "phone", "tag", "branch_id", "page_size", "page_token", "assigned_staff_id")
    NAME_PREFIX_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    name_prefix: str
    email: str
    phone: str
    tag: str
    branch_id: str
    page_size: int
    page_token: str
    assigned_staff_id: str
    def __init__(self, name_prefix: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., tag: _Optional[str] = ..., branch_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., assigned_staff_id: _Optional[str] = ...) -> None: ...

class ListContactsResponse(_message.Message):
    __slots__ = ("contacts", "next_page_token")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    next_page_token: str
    def __init__(self, contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExportContactsRequest(_message.Message):
    __slots__ = ("tag", "branch_id", "assigned_staff_id", "after_contact_id")
    TAG_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    tag: str
    branch_id: str
    assigned_staff_id: str
    after_contact_id: str
    def __init__(self, tag: _Optional[str] = ..., branch_id: _Optional[str] = ..., assigned_staff_id: _Optional[str] = ..., after_contact_id: _Optional[str] = ...) -> None: ...

class ExportContactsResponse(_message.Message):
    __slots__ = ("contacts",)
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.Contact]
    def __init__(self, contacts: _Optional[_Iterable[_Union[_contact_pb2.Contact, _Mapping]]] = ...) -> None: ...

class UpdateContactTagsRequest(_message.Message):
    __slots__ = ("contact_id", "add_tags", "remove_tags", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ADD_TAGS_FIELD_NUMBER: _ClassVar[int]
    REMOVE_TAGS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    add_tags: _containers.RepeatedScalarFieldContainer[str]
    remove_tags: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., add_tags: _Optional[_Iterable[str]] = ..., remove_tags: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateContactTagsResponse(_message.Message):
    __slots__ = ("contact", "deduplicated")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    deduplicated: bool
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class UpdateContactAttributesRequest(_message.Message):
    __slots__ = ("contact_id", "set_attributes", "remove_keys", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    SET_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    REMOVE_KEYS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    set_attributes: _struct_pb2.Struct
    remove_keys: _containers.RepeatedScalarFieldContainer[str]
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., set_attributes: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., remove_keys: _Optional[_Iterable[str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateContactAttributesResponse(_message.Message):
    __slots__ = ("contact", "deduplicated")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    deduplicated: bool
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class MergeContactsRequest(_message.Message):
    __slots__ = ("keep_contact_id", "merge_contact_id", "idempotency_key")
    KEEP_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    MERGE_CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    keep_contact_id: str
    merge_contact_id: str
    idempotency_key: str
    def __init__(self, keep_contact_id: _Optional[str] = ..., merge_contact_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class MergeContactsResponse(_message.Message):
    __slots__ = ("contact", "deduplicated")
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    contact: _contact_pb2.Contact
    deduplicated: bool
    def __init__(self, contact: _Optional[_Union[_contact_pb2.Contact, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListContactSegmentsRequest(_message.Message):
    __slots__ = ("contact_id", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListContactSegmentsResponse(_message.Message):
    __slots__ = ("segments", "next_page_token")
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    segments: _containers.RepeatedCompositeFieldContainer[_segment_service_pb2.Segment]
    next_page_token: str
    def __init__(self, segments: _Optional[_Iterable[_Union[_segment_service_pb2.Segment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ResolveContactsRequest(_message.Message):
    __slots__ = ("contact_ids",)
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contact_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ResolveContactsResponse(_message.Message):
    __slots__ = ("contacts",)
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[_contact_pb2.ContactReference]
    def __init__(self, contacts: _Optional[_Iterable[_Union[_contact_pb2.ContactReference, _Mapping]]] = ...) -> None: ...

class ResolveRecipientsRequest(_message.Message):
    __slots__ = ("contact_ids", "staff_ids")
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    STAFF_IDS_FIELD_NUMBER: _ClassVar[int]
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    staff_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, contact_ids: _Optional[_Iterable[str]] = ..., staff_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class ResolveRecipientsResponse(_message.Message):
    __slots__ = ("contacts", "staff_members")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    STAFF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[ReachableContact]
    staff_members: _containers.RepeatedCompositeFieldContainer[_contact_pb2.StaffMember]
    def __init__(self, contacts: _Optional[_Iterable[_Union[ReachableContact, _Mapping]]] = ..., staff_members: _Optional[_Iterable[_Union[_contact_pb2.StaffMember, _Mapping]]] = ...) -> None: ...

class ReachableContact(_message.Message):
    __slots__ = ("contact_id", "name", "email", "phone", "language_code", "time_zone", "state", "branch_id")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    name: str
    email: str
    phone: str
    language_code: str
    time_zone: str
    state: _contact_pb2.Contact.State
    branch_id: str
    def __init__(self, contact_id: _Optional[str] = ..., name: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., language_code: _Optional[str] = ..., time_zone: _Optional[str] = ..., state: _Optional[_Union[_contact_pb2.Contact.State, str]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class UpsertStaffMemberRequest(_message.Message):
    __slots__ = ("staff_member", "idempotency_key")
    STAFF_MEMBER_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    staff_member: _contact_pb2.StaffMember
    idempotency_key: str
    def __init__(self, staff_member: _Optional[_Union[_contact_pb2.StaffMember, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpsertStaffMemberResponse(_message.Message):
    __slots__ = ("staff_member", "deduplicated")
    STAFF_MEMBER_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    staff_member: _contact_pb2.StaffMember
    deduplicated: bool
    def __init__(self, staff_member: _Optional[_Union[_contact_pb2.StaffMember, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RemoveStaffMemberRequest(_message.Message):
    __slots__ = ("staff_id", "idempotency_key")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    idempotency_key: str
    def __init__(self, staff_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RemoveStaffMemberResponse(_message.Message):
    __slots__ = ("staff_member", "deduplicated")
    STAFF_MEMBER_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    staff_member: _contact_pb2.StaffMember
    deduplicated: bool
    def __init__(self, staff_member: _Optional[_Union[_contact_pb2.StaffMember, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ResolveStaffRequest(_message.Message):
    __slots__ = ("staff_ids", "role", "branch_id")
    STAFF_IDS_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    staff_ids: _containers.RepeatedScalarFieldContainer[str]
    role: str
    branch_id: str
    def __init__(self, staff_ids: _Optional[_Iterable[str]] = ..., role: _Optional[str] = ..., branch_id: _Optional[str] = ...) -> None: ...

class ResolveStaffResponse(_message.Message):
    __slots__ = ("staff_members",)
    STAFF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    staff_members: _containers.RepeatedCompositeFieldContainer[_contact_pb2.StaffMember]
    def __init__(self, staff_members: _Optional[_Iterable[_Union[_contact_pb2.StaffMember, _Mapping]]] = ...) -> None: ...

class ListStaffMembersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "role", "branch_id", "active_only")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    role: str
    branch_id: str
    active_only: bool
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., role: _Optional[str] = ..., branch_id: _Optional[str] = ..., active_only: _Optional[bool] = ...) -> None: ...

class ListStaffMembersResponse(_message.Message):
    __slots__ = ("staff_members", "next_page_token")
    STAFF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff_members: _containers.RepeatedCompositeFieldContainer[_contact_pb2.StaffMember]
    next_page_token: str
    def __init__(self, staff_members: _Optional[_Iterable[_Union[_contact_pb2.StaffMember, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
