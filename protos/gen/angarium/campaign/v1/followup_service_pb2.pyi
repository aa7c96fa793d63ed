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

class Followup(_message.Message):
    __slots__ = ("followup_id", "staff_id", "contact_id", "reminder_date", "reminder_time_of_day", "due_time", "note", "state", "complete_time", "notify_time", "created_by", "create_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Followup.State]
        STATE_PENDING: _ClassVar[Followup.State]
        STATE_COMPLETED: _ClassVar[Followup.State]
        STATE_DISMISSED: _ClassVar[Followup.State]
    STATE_UNSPECIFIED: Followup.State
    STATE_PENDING: Followup.State
    STATE_COMPLETED: Followup.State
    STATE_DISMISSED: Followup.State
    FOLLOWUP_ID_FIELD_NUMBER: _ClassVar[int]
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    REMINDER_DATE_FIELD_NUMBER: _ClassVar[int]
    REMINDER_TIME_OF_DAY_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    NOTIFY_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    followup_id: str
    staff_id: str
    contact_id: str
    reminder_date: str
    reminder_time_of_day: str
    due_time: _timestamp_pb2.Timestamp
    note: str
    state: Followup.State
    complete_time: _timestamp_pb2.Timestamp
    notify_time: _timestamp_pb2.Timestamp
    created_by: str
    create_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, followup_id: _Optional[str] = ..., staff_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., reminder_date: _Optional[str] = ..., reminder_time_of_day: _Optional[str] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., note: _Optional[str] = ..., state: _Optional[_Union[Followup.State, str]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., notify_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., created_by: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class InactiveContact(_message.Message):
    __slots__ = ("contact_id", "name", "branch_id", "last_visit_time", "last_visit_days")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    LAST_VISIT_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_VISIT_DAYS_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    name: str
    branch_id: str
    last_visit_time: _timestamp_pb2.Timestamp
    last_visit_days: int
    def __init__(self, contact_id: _Optional[str] = ..., name: _Optional[str] = ..., branch_id: _Optional[str] = ..., last_visit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_visit_days: _Optional[int] = ...) -> None: ...

class ListFollowupsRequest(_message.Message):
    __slots__ = ("staff_id", "state", "from_date", "to_date", "contact_id", "page_size", "page_token")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FROM_DATE_FIELD_NUMBER: _ClassVar[int]
    TO_DATE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    state: Followup.State
    from_date: str
    to_date: str
    contact_id: str
    page_size: int
    page_token: str
    def __init__(self, staff_id: _Optional[str] = ..., state: _Optional[_Union[Followup.State, str]] = ..., from_date: _Optional[str] = ..., to_date: _Optional[str] = ..., contact_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListFollowupsResponse(_message.Message):
    __slots__ = ("followups", "next_page_token")
    FOLLOWUPS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    followups: _containers.RepeatedCompositeFieldContainer[Followup]
    next_page_token: str
    def __init__(self, followups: _Optional[_Iterable[_Union[Followup, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CreateFollowupRequest(_message.Message):
    __slots__ = ("followup", "idempotency_key")
    FOLLOWUP_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    followup: Followup
    idempotency_key: str
    def __init__(self, followup: _Optional[_Union[Followup, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateFollowupResponse(_message.Message):
    __slots__ = ("followup", "deduplicated")
    FOLLOWUP_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    followup: Followup
    deduplicated: bool
    def __init__(self, followup: _Optional[_Union[Followup, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class UpdateFollowupRequest(_message.Message):
    __slots__ = ("followup", "update_mask", "idempotency_key")
    FOLLOWUP_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    followup: Followup
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, followup: _Optional[_Union[Followup, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateFollowupResponse(_message.Message):
    __slots__ = ("followup", "deduplicated")
    FOLLOWUP_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    followup: Followup
    deduplicated: bool
    def __init__(self, followup: _Optional[_Union[Followup, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteFollowupRequest(_message.Message):
    __slots__ = ("followup_id", "idempotency_key")
    FOLLOWUP_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    followup_id: str
    idempotency_key: str
    def __init__(self, followup_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteFollowupResponse(_message.Message):
    __slots__ = ("followup", "deduplicated")
    FOLLOWUP_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    followup: Followup
    deduplicated: bool
    def __init__(self, followup: _Optional[_Union[Followup, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListInactiveContactsRequest(_message.Message):
    __slots__ = ("staff_id", "days", "page_size", "page_token")
    STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    staff_id: str
    days: int
    page_size: int
    page_token: str
    def __init__(self, staff_id: _Optional[str] = ..., days: _Optional[int] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListInactiveContactsResponse(_message.Message):
    __slots__ = ("contacts", "next_page_token")
    CONTACTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contacts: _containers.RepeatedCompositeFieldContainer[InactiveContact]
    next_page_token: str
    def __init__(self, contacts: _Optional[_Iterable[_Union[InactiveContact, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
