import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.delivery.v1 import message_pb2 as _message_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
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

class GateKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GATE_KIND_UNSPECIFIED: _ClassVar[GateKind]
    GATE_KIND_MESSAGE: _ClassVar[GateKind]
    GATE_KIND_SUPPRESSION: _ClassVar[GateKind]
    GATE_KIND_CONSENT: _ClassVar[GateKind]
    GATE_KIND_PREFERENCE: _ClassVar[GateKind]
    GATE_KIND_QUIET_HOURS: _ClassVar[GateKind]
    GATE_KIND_CAP: _ClassVar[GateKind]
    GATE_KIND_BUDGET: _ClassVar[GateKind]
    GATE_KIND_TEMPLATE: _ClassVar[GateKind]
    GATE_KIND_PROVIDER: _ClassVar[GateKind]

class GateOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    GATE_OUTCOME_UNSPECIFIED: _ClassVar[GateOutcome]
    GATE_OUTCOME_PASSED: _ClassVar[GateOutcome]
    GATE_OUTCOME_REFUSED: _ClassVar[GateOutcome]
    GATE_OUTCOME_DEFERRED: _ClassVar[GateOutcome]
    GATE_OUTCOME_NOT_REACHED: _ClassVar[GateOutcome]

class RunStanding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RUN_STANDING_UNSPECIFIED: _ClassVar[RunStanding]
    RUN_STANDING_WAITING: _ClassVar[RunStanding]
    RUN_STANDING_SENT: _ClassVar[RunStanding]
    RUN_STANDING_FAILED: _ClassVar[RunStanding]
    RUN_STANDING_SKIPPED: _ClassVar[RunStanding]
    RUN_STANDING_UNKNOWN: _ClassVar[RunStanding]
GATE_KIND_UNSPECIFIED: GateKind
GATE_KIND_MESSAGE: GateKind
GATE_KIND_SUPPRESSION: GateKind
GATE_KIND_CONSENT: GateKind
GATE_KIND_PREFERENCE: GateKind
GATE_KIND_QUIET_HOURS: GateKind
GATE_KIND_CAP: GateKind
GATE_KIND_BUDGET: GateKind
GATE_KIND_TEMPLATE: GateKind
GATE_KIND_PROVIDER: GateKind
GATE_OUTCOME_UNSPECIFIED: GateOutcome
GATE_OUTCOME_PASSED: GateOutcome
GATE_OUTCOME_REFUSED: GateOutcome
GATE_OUTCOME_DEFERRED: GateOutcome
GATE_OUTCOME_NOT_REACHED: GateOutcome
RUN_STANDING_UNSPECIFIED: RunStanding
RUN_STANDING_WAITING: RunStanding
RUN_STANDING_SENT: RunStanding
RUN_STANDING_FAILED: RunStanding
RUN_STANDING_SKIPPED: RunStanding
RUN_STANDING_UNKNOWN: RunStanding

class ExplainSendRequest(_message.Message):
    __slots__ = ("message_id", "what_if")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    WHAT_IF_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    what_if: WhatIf
    def __init__(self, message_id: _Optional[str] = ..., what_if: _Optional[_Union[WhatIf, _Mapping]] = ...) -> None: ...

class WhatIf(_message.Message):
    __slots__ = ("contact_id", "address", "channel", "category", "template_version_id", "branch_id", "language_code", "variables")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    address: str
    channel: _enums_pb2.Channel
    category: _enums_pb2.Category
    template_version_id: str
    branch_id: str
    language_code: str
    variables: _struct_pb2.Struct
    def __init__(self, contact_id: _Optional[str] = ..., address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., template_version_id: _Optional[str] = ..., branch_id: _Optional[str] = ..., language_code: _Optional[str] = ..., variables: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class ExplainSendResponse(_message.Message):
    __slots__ = ("message_id", "state", "reason", "decisions")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    state: _message_pb2.Message.State
    reason: str
    decisions: _containers.RepeatedCompositeFieldContainer[SendDecision]
    def __init__(self, message_id: _Optional[str] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., decisions: _Optional[_Iterable[_Union[SendDecision, _Mapping]]] = ...) -> None: ...

class SendDecision(_message.Message):
    __slots__ = ("moment", "decide_time", "outcome", "reason", "gates")
    class Moment(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        MOMENT_UNSPECIFIED: _ClassVar[SendDecision.Moment]
        MOMENT_ACCEPTANCE: _ClassVar[SendDecision.Moment]
        MOMENT_SENDING: _ClassVar[SendDecision.Moment]
        MOMENT_WHAT_IF: _ClassVar[SendDecision.Moment]
    MOMENT_UNSPECIFIED: SendDecision.Moment
    MOMENT_ACCEPTANCE: SendDecision.Moment
    MOMENT_SENDING: SendDecision.Moment
    MOMENT_WHAT_IF: SendDecision.Moment
    MOMENT_FIELD_NUMBER: _ClassVar[int]
    DECIDE_TIME_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    moment: SendDecision.Moment
    decide_time: _timestamp_pb2.Timestamp
    outcome: GateOutcome
    reason: str
    gates: _containers.RepeatedCompositeFieldContainer[Gate]
    def __init__(self, moment: _Optional[_Union[SendDecision.Moment, str]] = ..., decide_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., outcome: _Optional[_Union[GateOutcome, str]] = ..., reason: _Optional[str] = ..., gates: _Optional[_Iterable[_Union[Gate, _Mapping]]] = ...) -> None: ...

class Gate(_message.Message):
    __slots__ = ("kind", "check", "outcome", "fact", "defer_time")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHECK_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    FACT_FIELD_NUMBER: _ClassVar[int]
    DEFER_TIME_FIELD_NUMBER: _ClassVar[int]
    kind: GateKind
    check: str
    outcome: GateOutcome
    fact: str
    defer_time: _timestamp_pb2.Timestamp
    def __init__(self, kind: _Optional[_Union[GateKind, str]] = ..., check: _Optional[str] = ..., outcome: _Optional[_Union[GateOutcome, str]] = ..., fact: _Optional[str] = ..., defer_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetRunAccountRequest(_message.Message):
    __slots__ = ("run_id",)
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    def __init__(self, run_id: _Optional[str] = ...) -> None: ...

class GetRunAccountResponse(_message.Message):
    __slots__ = ("lines", "total_count", "resendable_count")
    LINES_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    RESENDABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedCompositeFieldContainer[RunAccountLine]
    total_count: int
    resendable_count: int
    def __init__(self, lines: _Optional[_Iterable[_Union[RunAccountLine, _Mapping]]] = ..., total_count: _Optional[int] = ..., resendable_count: _Optional[int] = ...) -> None: ...

class RunAccountLine(_message.Message):
    __slots__ = ("standing", "state", "reason", "count", "resendable_count")
    STANDING_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    RESENDABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    standing: RunStanding
    state: _message_pb2.Message.State
    reason: str
    count: int
    resendable_count: int
    def __init__(self, standing: _Optional[_Union[RunStanding, str]] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., count: _Optional[int] = ..., resendable_count: _Optional[int] = ...) -> None: ...

class ListRunMessagesRequest(_message.Message):
    __slots__ = ("run_id", "standing", "reason", "resendable_only", "page_size", "page_token")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RESENDABLE_ONLY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    standing: RunStanding
    reason: str
    resendable_only: bool
    page_size: int
    page_token: str
    def __init__(self, run_id: _Optional[str] = ..., standing: _Optional[_Union[RunStanding, str]] = ..., reason: _Optional[str] = ..., resendable_only: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRunMessagesResponse(_message.Message):
    __slots__ = ("messages", "next_page_token")
    MESSAGES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    messages: _containers.RepeatedCompositeFieldContainer[RunMessage]
    next_page_token: str
    def __init__(self, messages: _Optional[_Iterable[_Union[RunMessage, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RunMessage(_message.Message):
    __slots__ = ("message_id", "contact_id", "standing", "state", "reason", "is_resendable")
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    STANDING_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    IS_RESENDABLE_FIELD_NUMBER: _ClassVar[int]
    message_id: str
    contact_id: str
    standing: RunStanding
    state: _message_pb2.Message.State
    reason: str
    is_resendable: bool
    def __init__(self, message_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., standing: _Optional[_Union[RunStanding, str]] = ..., state: _Optional[_Union[_message_pb2.Message.State, str]] = ..., reason: _Optional[str] = ..., is_resendable: _Optional[bool] = ...) -> None: ...
