from angarium.campaign.v1 import template_approval_pb2 as _template_approval_pb2
from angarium.campaign.v1 import template_service_pb2 as _template_service_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SubmitWhatsAppTemplateRequest(_message.Message):
    __slots__ = ("template_id", "version", "language_code", "provider_account_id", "is_known_to_provider", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    IS_KNOWN_TO_PROVIDER_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    language_code: str
    provider_account_id: str
    is_known_to_provider: bool
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., provider_account_id: _Optional[str] = ..., is_known_to_provider: _Optional[bool] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SubmitWhatsAppTemplateResponse(_message.Message):
    __slots__ = ("content", "approval", "deduplicated")
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    APPROVAL_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    content: _template_service_pb2.TemplateContent
    approval: _template_approval_pb2.WhatsAppApproval
    deduplicated: bool
    def __init__(self, content: _Optional[_Union[_template_service_pb2.TemplateContent, _Mapping]] = ..., approval: _Optional[_Union[_template_approval_pb2.WhatsAppApproval, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RecordWhatsAppTemplateStatusRequest(_message.Message):
    __slots__ = ("provider_account_id", "business_account", "whatsapp_template_id", "whatsapp_template_name", "language_code", "state", "reason")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    business_account: str
    whatsapp_template_id: str
    whatsapp_template_name: str
    language_code: str
    state: _enums_pb2.WhatsAppApprovalState
    reason: str
    def __init__(self, provider_account_id: _Optional[str] = ..., business_account: _Optional[str] = ..., whatsapp_template_id: _Optional[str] = ..., whatsapp_template_name: _Optional[str] = ..., language_code: _Optional[str] = ..., state: _Optional[_Union[_enums_pb2.WhatsAppApprovalState, str]] = ..., reason: _Optional[str] = ...) -> None: ...

class RecordWhatsAppTemplateStatusResponse(_message.Message):
    __slots__ = ("matched_count", "changed_count")
    MATCHED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    matched_count: int
    changed_count: int
    def __init__(self, matched_count: _Optional[int] = ..., changed_count: _Optional[int] = ...) -> None: ...
