import datetime

from angarium.campaign.v1 import automation_pb2 as _automation_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateAutomationRequest(_message.Message):
    __slots__ = ("automation", "idempotency_key")
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    idempotency_key: str
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateAutomationResponse(_message.Message):
    __slots__ = ("automation", "deduplicated")
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    deduplicated: bool
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetAutomationRequest(_message.Message):
    __slots__ = ("automation_id", "version")
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    version: int
    def __init__(self, automation_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetAutomationResponse(_message.Message):
    __slots__ = ("automation",)
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ...) -> None: ...

class ListAutomationsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "state", "text")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    state: _automation_pb2.Automation.State
    text: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., state: _Optional[_Union[_automation_pb2.Automation.State, str]] = ..., text: _Optional[str] = ...) -> None: ...

class ListAutomationsResponse(_message.Message):
    __slots__ = ("automations", "next_page_token")
    AUTOMATIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    automations: _containers.RepeatedCompositeFieldContainer[_automation_pb2.Automation]
    next_page_token: str
    def __init__(self, automations: _Optional[_Iterable[_Union[_automation_pb2.Automation, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateAutomationRequest(_message.Message):
    __slots__ = ("automation", "update_mask", "idempotency_key")
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateAutomationResponse(_message.Message):
    __slots__ = ("automation", "deduplicated")
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    deduplicated: bool
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteAutomationRequest(_message.Message):
    __slots__ = ("automation_id", "idempotency_key")
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    idempotency_key: str
    def __init__(self, automation_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteAutomationResponse(_message.Message):
    __slots__ = ("cancelled_run_count", "deduplicated")
    CANCELLED_RUN_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    cancelled_run_count: int
    deduplicated: bool
    def __init__(self, cancelled_run_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class EnableAutomationRequest(_message.Message):
    __slots__ = ("automation_id", "idempotency_key")
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    idempotency_key: str
    def __init__(self, automation_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class EnableAutomationResponse(_message.Message):
    __slots__ = ("automation", "deduplicated")
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    deduplicated: bool
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DisableAutomationRequest(_message.Message):
    __slots__ = ("automation_id", "cancel_runs", "idempotency_key")
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    CANCEL_RUNS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    cancel_runs: bool
    idempotency_key: str
    def __init__(self, automation_id: _Optional[str] = ..., cancel_runs: _Optional[bool] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DisableAutomationResponse(_message.Message):
    __slots__ = ("automation", "cancelled_run_count", "deduplicated")
    AUTOMATION_FIELD_NUMBER: _ClassVar[int]
    CANCELLED_RUN_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    automation: _automation_pb2.Automation
    cancelled_run_count: int
    deduplicated: bool
    def __init__(self, automation: _Optional[_Union[_automation_pb2.Automation, _Mapping]] = ..., cancelled_run_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class TriggerAutomationRequest(_message.Message):
    __slots__ = ("automation_id", "contact_ids", "data", "idempotency_key")
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    contact_ids: _containers.RepeatedScalarFieldContainer[str]
    data: _struct_pb2.Struct
    idempotency_key: str
    def __init__(self, automation_id: _Optional[str] = ..., contact_ids: _Optional[_Iterable[str]] = ..., data: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class TriggerAutomationResponse(_message.Message):
    __slots__ = ("run_ids", "skipped_contact_ids", "deduplicated")
    RUN_IDS_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_CONTACT_IDS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    run_ids: _containers.RepeatedScalarFieldContainer[str]
    skipped_contact_ids: _containers.RepeatedScalarFieldContainer[str]
    deduplicated: bool
    def __init__(self, run_ids: _Optional[_Iterable[str]] = ..., skipped_contact_ids: _Optional[_Iterable[str]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ListAutomationRunsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "automation_id", "contact_id", "state")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    automation_id: str
    contact_id: str
    state: _automation_pb2.AutomationRun.State
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., automation_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., state: _Optional[_Union[_automation_pb2.AutomationRun.State, str]] = ...) -> None: ...

class ListAutomationRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[_automation_pb2.AutomationRun]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[_automation_pb2.AutomationRun, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetAutomationRunRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class GetAutomationRunResponse(_message.Message):
    __slots__ = ("run", "steps")
    RUN_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    run: _automation_pb2.AutomationRun
    steps: _containers.RepeatedCompositeFieldContainer[_automation_pb2.AutomationStep]
    def __init__(self, run: _Optional[_Union[_automation_pb2.AutomationRun, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[_automation_pb2.AutomationStep, _Mapping]]] = ...) -> None: ...

class CancelAutomationRunRequest(_message.Message):
    __slots__ = ("run_id", "idempotency_key")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    idempotency_key: str
    def __init__(self, run_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CancelAutomationRunResponse(_message.Message):
    __slots__ = ("run", "deduplicated")
    RUN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    run: _automation_pb2.AutomationRun
    deduplicated: bool
    def __init__(self, run: _Optional[_Union[_automation_pb2.AutomationRun, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RecordCartRequest(_message.Message):
    __slots__ = ("cart", "idempotency_key")
    CART_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    cart: _automation_pb2.Cart
    idempotency_key: str
    def __init__(self, cart: _Optional[_Union[_automation_pb2.Cart, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RecordCartResponse(_message.Message):
    __slots__ = ("cart", "deduplicated")
    CART_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    cart: _automation_pb2.Cart
    deduplicated: bool
    def __init__(self, cart: _Optional[_Union[_automation_pb2.Cart, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CompleteCartRequest(_message.Message):
    __slots__ = ("cart_ref", "idempotency_key")
    CART_REF_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    cart_ref: str
    idempotency_key: str
    def __init__(self, cart_ref: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CompleteCartResponse(_message.Message):
    __slots__ = ("cart", "deduplicated")
    CART_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    cart: _automation_pb2.Cart
    deduplicated: bool
    def __init__(self, cart: _Optional[_Union[_automation_pb2.Cart, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RecordViewRequest(_message.Message):
    __slots__ = ("contact_id", "subject_ref", "view_time", "idempotency_key")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_REF_FIELD_NUMBER: _ClassVar[int]
    VIEW_TIME_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    subject_ref: str
    view_time: _timestamp_pb2.Timestamp
    idempotency_key: str
    def __init__(self, contact_id: _Optional[str] = ..., subject_ref: _Optional[str] = ..., view_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RecordViewResponse(_message.Message):
    __slots__ = ("view_count", "deduplicated")
    VIEW_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    view_count: int
    deduplicated: bool
    def __init__(self, view_count: _Optional[int] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
