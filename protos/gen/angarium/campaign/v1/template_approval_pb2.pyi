import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WhatsAppApproval(_message.Message):
    __slots__ = ("language_code", "provider_account_id", "business_account", "whatsapp_template_name", "whatsapp_template_id", "state", "reason", "submit_time", "update_time")
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SUBMIT_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    provider_account_id: str
    business_account: str
    whatsapp_template_name: str
    whatsapp_template_id: str
    state: _enums_pb2.WhatsAppApprovalState
    reason: str
    submit_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, language_code: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., business_account: _Optional[str] = ..., whatsapp_template_name: _Optional[str] = ..., whatsapp_template_id: _Optional[str] = ..., state: _Optional[_Union[_enums_pb2.WhatsAppApprovalState, str]] = ..., reason: _Optional[str] = ..., submit_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
