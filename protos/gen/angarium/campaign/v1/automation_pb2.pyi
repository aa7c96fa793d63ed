import datetime

from angarium.campaign.v1 import segment_service_pb2 as _segment_service_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Automation(_message.Message):
    __slots__ = ("automation_id", "name", "event", "time", "behavior", "api", "actions", "segment_id", "branch_ids", "cooldown_days", "max_runs_per_contact", "stop_on_events", "state", "version", "created_by", "next_time", "etag", "create_time", "update_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Automation.State]
        STATE_ENABLED: _ClassVar[Automation.State]
        STATE_DISABLED: _ClassVar[Automation.State]
        STATE_ARCHIVED: _ClassVar[Automation.State]
    STATE_UNSPECIFIED: Automation.State
    STATE_ENABLED: Automation.State
    STATE_DISABLED: Automation.State
    STATE_ARCHIVED: Automation.State
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    BEHAVIOR_FIELD_NUMBER: _ClassVar[int]
    API_FIELD_NUMBER: _ClassVar[int]
    ACTIONS_FIELD_NUMBER: _ClassVar[int]
    SEGMENT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_IDS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_DAYS_FIELD_NUMBER: _ClassVar[int]
    MAX_RUNS_PER_CONTACT_FIELD_NUMBER: _ClassVar[int]
    STOP_ON_EVENTS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_BY_FIELD_NUMBER: _ClassVar[int]
    NEXT_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    automation_id: str
    name: str
    event: AutomationEventMatch
    time: AutomationSchedule
    behavior: AutomationBehavior
    api: AutomationApi
    actions: _containers.RepeatedCompositeFieldContainer[AutomationAction]
    segment_id: str
    branch_ids: _containers.RepeatedScalarFieldContainer[str]
    cooldown_days: int
    max_runs_per_contact: int
    stop_on_events: _containers.RepeatedCompositeFieldContainer[AutomationEventMatch]
    state: Automation.State
    version: int
    created_by: str
    next_time: _timestamp_pb2.Timestamp
    etag: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, automation_id: _Optional[str] = ..., name: _Optional[str] = ..., event: _Optional[_Union[AutomationEventMatch, _Mapping]] = ..., time: _Optional[_Union[AutomationSchedule, _Mapping]] = ..., behavior: _Optional[_Union[AutomationBehavior, _Mapping]] = ..., api: _Optional[_Union[AutomationApi, _Mapping]] = ..., actions: _Optional[_Iterable[_Union[AutomationAction, _Mapping]]] = ..., segment_id: _Optional[str] = ..., branch_ids: _Optional[_Iterable[str]] = ..., cooldown_days: _Optional[int] = ..., max_runs_per_contact: _Optional[int] = ..., stop_on_events: _Optional[_Iterable[_Union[AutomationEventMatch, _Mapping]]] = ..., state: _Optional[_Union[Automation.State, str]] = ..., version: _Optional[int] = ..., created_by: _Optional[str] = ..., next_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AutomationEventMatch(_message.Message):
    __slots__ = ("event_name", "filter")
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    event_name: str
    filter: _containers.RepeatedCompositeFieldContainer[AutomationFieldTest]
    def __init__(self, event_name: _Optional[str] = ..., filter: _Optional[_Iterable[_Union[AutomationFieldTest, _Mapping]]] = ...) -> None: ...

class AutomationFieldTest(_message.Message):
    __slots__ = ("field", "operator", "value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OPERATOR_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    operator: _segment_service_pb2.ConditionOperator
    value: _struct_pb2.Value
    def __init__(self, field: _Optional[str] = ..., operator: _Optional[_Union[_segment_service_pb2.ConditionOperator, str]] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class AutomationSchedule(_message.Message):
    __slots__ = ("cron_expression", "time_zone")
    CRON_EXPRESSION_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    cron_expression: str
    time_zone: str
    def __init__(self, cron_expression: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class AutomationBehavior(_message.Message):
    __slots__ = ("type", "hours", "days", "views")
    class Type(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        TYPE_UNSPECIFIED: _ClassVar[AutomationBehavior.Type]
        TYPE_CART_ABANDONED: _ClassVar[AutomationBehavior.Type]
        TYPE_INACTIVE: _ClassVar[AutomationBehavior.Type]
        TYPE_NO_PURCHASE: _ClassVar[AutomationBehavior.Type]
        TYPE_EVENT_VIEWED: _ClassVar[AutomationBehavior.Type]
    TYPE_UNSPECIFIED: AutomationBehavior.Type
    TYPE_CART_ABANDONED: AutomationBehavior.Type
    TYPE_INACTIVE: AutomationBehavior.Type
    TYPE_NO_PURCHASE: AutomationBehavior.Type
    TYPE_EVENT_VIEWED: AutomationBehavior.Type
    TYPE_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    VIEWS_FIELD_NUMBER: _ClassVar[int]
    type: AutomationBehavior.Type
    hours: int
    days: int
    views: int
    def __init__(self, type: _Optional[_Union[AutomationBehavior.Type, str]] = ..., hours: _Optional[int] = ..., days: _Optional[int] = ..., views: _Optional[int] = ...) -> None: ...

class AutomationApi(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AutomationAction(_message.Message):
    __slots__ = ("send_notification", "update_contact", "webhook", "delay", "branch", "wait_for_event", "stop", "on_error")
    class OnError(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        ON_ERROR_UNSPECIFIED: _ClassVar[AutomationAction.OnError]
        ON_ERROR_STOP: _ClassVar[AutomationAction.OnError]
        ON_ERROR_CONTINUE: _ClassVar[AutomationAction.OnError]
    ON_ERROR_UNSPECIFIED: AutomationAction.OnError
    ON_ERROR_STOP: AutomationAction.OnError
    ON_ERROR_CONTINUE: AutomationAction.OnError
    SEND_NOTIFICATION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_CONTACT_FIELD_NUMBER: _ClassVar[int]
    WEBHOOK_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    BRANCH_FIELD_NUMBER: _ClassVar[int]
    WAIT_FOR_EVENT_FIELD_NUMBER: _ClassVar[int]
    STOP_FIELD_NUMBER: _ClassVar[int]
    ON_ERROR_FIELD_NUMBER: _ClassVar[int]
    send_notification: SendNotificationAction
    update_contact: UpdateContactAction
    webhook: CallWebhookAction
    delay: _duration_pb2.Duration
    branch: BranchAction
    wait_for_event: WaitForEventAction
    stop: StopAction
    on_error: AutomationAction.OnError
    def __init__(self, send_notification: _Optional[_Union[SendNotificationAction, _Mapping]] = ..., update_contact: _Optional[_Union[UpdateContactAction, _Mapping]] = ..., webhook: _Optional[_Union[CallWebhookAction, _Mapping]] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., branch: _Optional[_Union[BranchAction, _Mapping]] = ..., wait_for_event: _Optional[_Union[WaitForEventAction, _Mapping]] = ..., stop: _Optional[_Union[StopAction, _Mapping]] = ..., on_error: _Optional[_Union[AutomationAction.OnError, str]] = ...) -> None: ...

class SendNotificationAction(_message.Message):
    __slots__ = ("channel", "template_name", "category", "priority", "data", "fallback_channel", "recipient_ids", "recipient_rule")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_IDS_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_RULE_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    template_name: str
    category: _enums_pb2.Category
    priority: _enums_pb2.Priority
    data: _struct_pb2.Struct
    fallback_channel: _enums_pb2.Channel
    recipient_ids: _containers.RepeatedScalarFieldContainer[str]
    recipient_rule: _segment_service_pb2.SegmentRule
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., template_name: _Optional[str] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., priority: _Optional[_Union[_enums_pb2.Priority, str]] = ..., data: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., fallback_channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., recipient_ids: _Optional[_Iterable[str]] = ..., recipient_rule: _Optional[_Union[_segment_service_pb2.SegmentRule, _Mapping]] = ...) -> None: ...

class UpdateContactAction(_message.Message):
    __slots__ = ("add_tags", "remove_tags", "set_attributes", "assigned_staff_id")
    ADD_TAGS_FIELD_NUMBER: _ClassVar[int]
    REMOVE_TAGS_FIELD_NUMBER: _ClassVar[int]
    SET_ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    ASSIGNED_STAFF_ID_FIELD_NUMBER: _ClassVar[int]
    add_tags: _containers.RepeatedScalarFieldContainer[str]
    remove_tags: _containers.RepeatedScalarFieldContainer[str]
    set_attributes: _struct_pb2.Struct
    assigned_staff_id: str
    def __init__(self, add_tags: _Optional[_Iterable[str]] = ..., remove_tags: _Optional[_Iterable[str]] = ..., set_attributes: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., assigned_staff_id: _Optional[str] = ...) -> None: ...

class CallWebhookAction(_message.Message):
    __slots__ = ("url", "headers", "payload")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    URL_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    url: str
    headers: _containers.ScalarMap[str, str]
    payload: _struct_pb2.Struct
    def __init__(self, url: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., payload: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class BranchAction(_message.Message):
    __slots__ = ("tests", "contact_rule", "then_actions", "else_actions")
    TESTS_FIELD_NUMBER: _ClassVar[int]
    CONTACT_RULE_FIELD_NUMBER: _ClassVar[int]
    THEN_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    ELSE_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    tests: _containers.RepeatedCompositeFieldContainer[AutomationFieldTest]
    contact_rule: _segment_service_pb2.SegmentRule
    then_actions: _containers.RepeatedCompositeFieldContainer[AutomationAction]
    else_actions: _containers.RepeatedCompositeFieldContainer[AutomationAction]
    def __init__(self, tests: _Optional[_Iterable[_Union[AutomationFieldTest, _Mapping]]] = ..., contact_rule: _Optional[_Union[_segment_service_pb2.SegmentRule, _Mapping]] = ..., then_actions: _Optional[_Iterable[_Union[AutomationAction, _Mapping]]] = ..., else_actions: _Optional[_Iterable[_Union[AutomationAction, _Mapping]]] = ...) -> None: ...

class WaitForEventAction(_message.Message):
    __slots__ = ("event", "timeout", "then_actions", "else_actions")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_FIELD_NUMBER: _ClassVar[int]
    THEN_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    ELSE_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    event: AutomationEventMatch
    timeout: _duration_pb2.Duration
    then_actions: _containers.RepeatedCompositeFieldContainer[AutomationAction]
    else_actions: _containers.RepeatedCompositeFieldContainer[AutomationAction]
    def __init__(self, event: _Optional[_Union[AutomationEventMatch, _Mapping]] = ..., timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., then_actions: _Optional[_Iterable[_Union[AutomationAction, _Mapping]]] = ..., else_actions: _Optional[_Iterable[_Union[AutomationAction, _Mapping]]] = ...) -> None: ...

class StopAction(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class AutomationRun(_message.Message):
    __slots__ = ("run_id", "automation_id", "version", "contact_id", "trigger_key", "state", "current_step", "due_time", "error", "start_time", "finish_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[AutomationRun.State]
        STATE_RUNNING: _ClassVar[AutomationRun.State]
        STATE_WAITING: _ClassVar[AutomationRun.State]
        STATE_COMPLETED: _ClassVar[AutomationRun.State]
        STATE_FAILED: _ClassVar[AutomationRun.State]
        STATE_CANCELLED: _ClassVar[AutomationRun.State]
        STATE_SKIPPED: _ClassVar[AutomationRun.State]
    STATE_UNSPECIFIED: AutomationRun.State
    STATE_RUNNING: AutomationRun.State
    STATE_WAITING: AutomationRun.State
    STATE_COMPLETED: AutomationRun.State
    STATE_FAILED: AutomationRun.State
    STATE_CANCELLED: AutomationRun.State
    STATE_SKIPPED: AutomationRun.State
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    AUTOMATION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_KEY_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_STEP_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    automation_id: str
    version: int
    contact_id: str
    trigger_key: str
    state: AutomationRun.State
    current_step: int
    due_time: _timestamp_pb2.Timestamp
    error: str
    start_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    def __init__(self, run_id: _Optional[str] = ..., automation_id: _Optional[str] = ..., version: _Optional[int] = ..., contact_id: _Optional[str] = ..., trigger_key: _Optional[str] = ..., state: _Optional[_Union[AutomationRun.State, str]] = ..., current_step: _Optional[int] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., error: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AutomationStep(_message.Message):
    __slots__ = ("index", "place", "action", "state", "due_time", "attempt_count", "result", "message_ids", "call_id", "error", "start_time", "finish_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[AutomationStep.State]
        STATE_PENDING: _ClassVar[AutomationStep.State]
        STATE_DONE: _ClassVar[AutomationStep.State]
        STATE_FAILED: _ClassVar[AutomationStep.State]
        STATE_SKIPPED: _ClassVar[AutomationStep.State]
    STATE_UNSPECIFIED: AutomationStep.State
    STATE_PENDING: AutomationStep.State
    STATE_DONE: AutomationStep.State
    STATE_FAILED: AutomationStep.State
    STATE_SKIPPED: AutomationStep.State
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FINISH_TIME_FIELD_NUMBER: _ClassVar[int]
    index: int
    place: str
    action: str
    state: AutomationStep.State
    due_time: _timestamp_pb2.Timestamp
    attempt_count: int
    result: _struct_pb2.Struct
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    call_id: str
    error: str
    start_time: _timestamp_pb2.Timestamp
    finish_time: _timestamp_pb2.Timestamp
    def __init__(self, index: _Optional[int] = ..., place: _Optional[str] = ..., action: _Optional[str] = ..., state: _Optional[_Union[AutomationStep.State, str]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., attempt_count: _Optional[int] = ..., result: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., message_ids: _Optional[_Iterable[str]] = ..., call_id: _Optional[str] = ..., error: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., finish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Cart(_message.Message):
    __slots__ = ("cart_ref", "contact_id", "branch_id", "items", "total", "state", "last_activity_time", "complete_time")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Cart.State]
        STATE_ACTIVE: _ClassVar[Cart.State]
        STATE_COMPLETED: _ClassVar[Cart.State]
        STATE_EXPIRED: _ClassVar[Cart.State]
    STATE_UNSPECIFIED: Cart.State
    STATE_ACTIVE: Cart.State
    STATE_COMPLETED: Cart.State
    STATE_EXPIRED: Cart.State
    CART_REF_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    LAST_ACTIVITY_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    cart_ref: str
    contact_id: str
    branch_id: str
    items: _containers.RepeatedCompositeFieldContainer[CartItem]
    total: _money_pb2.Money
    state: Cart.State
    last_activity_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    def __init__(self, cart_ref: _Optional[str] = ..., contact_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., items: _Optional[_Iterable[_Union[CartItem, _Mapping]]] = ..., total: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., state: _Optional[_Union[Cart.State, str]] = ..., last_activity_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CartItem(_message.Message):
    __slots__ = ("name", "quantity", "price")
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    name: str
    quantity: int
    price: _money_pb2.Money
    def __init__(self, name: _Optional[str] = ..., quantity: _Optional[int] = ..., price: _Optional[_Union[_money_pb2.Money, _Mapping]] = ...) -> None: ...
