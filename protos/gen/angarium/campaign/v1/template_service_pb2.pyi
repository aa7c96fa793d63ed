import datetime

from angarium.campaign.v1 import template_approval_pb2 as _template_approval_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.delivery.v1 import media_service_pb2 as _media_service_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TemplateType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEMPLATE_TYPE_UNSPECIFIED: _ClassVar[TemplateType]
    TEMPLATE_TYPE_PROMOTIONAL: _ClassVar[TemplateType]
    TEMPLATE_TYPE_TRANSACTIONAL: _ClassVar[TemplateType]
    TEMPLATE_TYPE_TRIGGER: _ClassVar[TemplateType]
    TEMPLATE_TYPE_LAYOUT: _ClassVar[TemplateType]

class VariableType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VARIABLE_TYPE_UNSPECIFIED: _ClassVar[VariableType]
    VARIABLE_TYPE_STRING: _ClassVar[VariableType]
    VARIABLE_TYPE_NUMBER: _ClassVar[VariableType]
    VARIABLE_TYPE_MONEY: _ClassVar[VariableType]
    VARIABLE_TYPE_DATE: _ClassVar[VariableType]
    VARIABLE_TYPE_DATETIME: _ClassVar[VariableType]
    VARIABLE_TYPE_URL: _ClassVar[VariableType]
    VARIABLE_TYPE_LIST: _ClassVar[VariableType]
    VARIABLE_TYPE_OBJECT: _ClassVar[VariableType]

class TextEncoding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TEXT_ENCODING_UNSPECIFIED: _ClassVar[TextEncoding]
    TEXT_ENCODING_GSM7: _ClassVar[TextEncoding]
    TEXT_ENCODING_UCS2: _ClassVar[TextEncoding]
TEMPLATE_TYPE_UNSPECIFIED: TemplateType
TEMPLATE_TYPE_PROMOTIONAL: TemplateType
TEMPLATE_TYPE_TRANSACTIONAL: TemplateType
TEMPLATE_TYPE_TRIGGER: TemplateType
TEMPLATE_TYPE_LAYOUT: TemplateType
VARIABLE_TYPE_UNSPECIFIED: VariableType
VARIABLE_TYPE_STRING: VariableType
VARIABLE_TYPE_NUMBER: VariableType
VARIABLE_TYPE_MONEY: VariableType
VARIABLE_TYPE_DATE: VariableType
VARIABLE_TYPE_DATETIME: VariableType
VARIABLE_TYPE_URL: VariableType
VARIABLE_TYPE_LIST: VariableType
VARIABLE_TYPE_OBJECT: VariableType
TEXT_ENCODING_UNSPECIFIED: TextEncoding
TEXT_ENCODING_GSM7: TextEncoding
TEXT_ENCODING_UCS2: TextEncoding

class Template(_message.Message):
    __slots__ = ("template_id", "name", "description", "channel", "template_type", "category", "active_version", "active_version_id", "is_system", "etag", "create_time")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_VERSION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    IS_SYSTEM_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    name: str
    description: str
    channel: _enums_pb2.Channel
    template_type: TemplateType
    category: _enums_pb2.Category
    active_version: int
    active_version_id: str
    is_system: bool
    etag: str
    create_time: _timestamp_pb2.Timestamp
    def __init__(self, template_id: _Optional[str] = ..., name: _Optional[str] = ..., description: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., template_type: _Optional[_Union[TemplateType, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., active_version: _Optional[int] = ..., active_version_id: _Optional[str] = ..., is_system: _Optional[bool] = ..., etag: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class TemplateVersion(_message.Message):
    __slots__ = ("template_version_id", "version", "state", "fallback_language_code", "variables", "contents", "spam_score", "spam_flags", "publish_time", "shorten_links")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[TemplateVersion.State]
        STATE_DRAFT: _ClassVar[TemplateVersion.State]
        STATE_ACTIVE: _ClassVar[TemplateVersion.State]
        STATE_ARCHIVED: _ClassVar[TemplateVersion.State]
    STATE_UNSPECIFIED: TemplateVersion.State
    STATE_DRAFT: TemplateVersion.State
    STATE_ACTIVE: TemplateVersion.State
    STATE_ARCHIVED: TemplateVersion.State
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FALLBACK_LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    CONTENTS_FIELD_NUMBER: _ClassVar[int]
    SPAM_SCORE_FIELD_NUMBER: _ClassVar[int]
    SPAM_FLAGS_FIELD_NUMBER: _ClassVar[int]
    PUBLISH_TIME_FIELD_NUMBER: _ClassVar[int]
    SHORTEN_LINKS_FIELD_NUMBER: _ClassVar[int]
    template_version_id: str
    version: int
    state: TemplateVersion.State
    fallback_language_code: str
    variables: _containers.RepeatedCompositeFieldContainer[TemplateVariable]
    contents: _containers.RepeatedCompositeFieldContainer[TemplateContent]
    spam_score: int
    spam_flags: _containers.RepeatedScalarFieldContainer[str]
    publish_time: _timestamp_pb2.Timestamp
    shorten_links: bool
    def __init__(self, template_version_id: _Optional[str] = ..., version: _Optional[int] = ..., state: _Optional[_Union[TemplateVersion.State, str]] = ..., fallback_language_code: _Optional[str] = ..., variables: _Optional[_Iterable[_Union[TemplateVariable, _Mapping]]] = ..., contents: _Optional[_Iterable[_Union[TemplateContent, _Mapping]]] = ..., spam_score: _Optional[int] = ..., spam_flags: _Optional[_Iterable[str]] = ..., publish_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., shorten_links: _Optional[bool] = ...) -> None: ...

class TemplateVariable(_message.Message):
    __slots__ = ("name", "type", "is_required", "default_value", "sample_value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    IS_REQUIRED_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    type: VariableType
    is_required: bool
    default_value: _struct_pb2.Value
    sample_value: _struct_pb2.Value
    def __init__(self, name: _Optional[str] = ..., type: _Optional[_Union[VariableType, str]] = ..., is_required: _Optional[bool] = ..., default_value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., sample_value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ...) -> None: ...

class TemplateContent(_message.Message):
    __slots__ = ("language_code", "subject", "preheader", "body_text", "body_html", "body_amp", "body_mjml", "rich_content", "whatsapp_template_name", "variable_order", "approvals", "translations", "media_urls")
    class TranslationsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PREHEADER_FIELD_NUMBER: _ClassVar[int]
    BODY_TEXT_FIELD_NUMBER: _ClassVar[int]
    BODY_HTML_FIELD_NUMBER: _ClassVar[int]
    BODY_AMP_FIELD_NUMBER: _ClassVar[int]
    BODY_MJML_FIELD_NUMBER: _ClassVar[int]
    RICH_CONTENT_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    VARIABLE_ORDER_FIELD_NUMBER: _ClassVar[int]
    APPROVALS_FIELD_NUMBER: _ClassVar[int]
    TRANSLATIONS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_URLS_FIELD_NUMBER: _ClassVar[int]
    language_code: str
    subject: str
    preheader: str
    body_text: str
    body_html: str
    body_amp: str
    body_mjml: str
    rich_content: _media_service_pb2.RichContent
    whatsapp_template_name: str
    variable_order: _containers.RepeatedScalarFieldContainer[str]
    approvals: _containers.RepeatedCompositeFieldContainer[_template_approval_pb2.WhatsAppApproval]
    translations: _containers.ScalarMap[str, str]
    media_urls: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, language_code: _Optional[str] = ..., subject: _Optional[str] = ..., preheader: _Optional[str] = ..., body_text: _Optional[str] = ..., body_html: _Optional[str] = ..., body_amp: _Optional[str] = ..., body_mjml: _Optional[str] = ..., rich_content: _Optional[_Union[_media_service_pb2.RichContent, _Mapping]] = ..., whatsapp_template_name: _Optional[str] = ..., variable_order: _Optional[_Iterable[str]] = ..., approvals: _Optional[_Iterable[_Union[_template_approval_pb2.WhatsAppApproval, _Mapping]]] = ..., translations: _Optional[_Mapping[str, str]] = ..., media_urls: _Optional[_Iterable[str]] = ...) -> None: ...

class CreateTemplateRequest(_message.Message):
    __slots__ = ("template", "version", "idempotency_key")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    idempotency_key: str
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateTemplateResponse(_message.Message):
    __slots__ = ("template", "version", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetTemplateRequest(_message.Message):
    __slots__ = ("template_id", "version")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class GetTemplateResponse(_message.Message):
    __slots__ = ("template", "version")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ...) -> None: ...

class ListTemplatesRequest(_message.Message):
    __slots__ = ("channel", "template_type", "category", "active_only", "page_size", "page_token", "language_code", "whatsapp_approval_state")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_TYPE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_APPROVAL_STATE_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    template_type: TemplateType
    category: _enums_pb2.Category
    active_only: bool
    page_size: int
    page_token: str
    language_code: str
    whatsapp_approval_state: _enums_pb2.WhatsAppApprovalState
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., template_type: _Optional[_Union[TemplateType, str]] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., active_only: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., language_code: _Optional[str] = ..., whatsapp_approval_state: _Optional[_Union[_enums_pb2.WhatsAppApprovalState, str]] = ...) -> None: ...

class ListTemplatesResponse(_message.Message):
    __slots__ = ("templates", "next_page_token")
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    templates: _containers.RepeatedCompositeFieldContainer[Template]
    next_page_token: str
    def __init__(self, templates: _Optional[_Iterable[_Union[Template, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListTemplateVersionsRequest(_message.Message):
    __slots__ = ("template_id", "page_size", "page_token")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    page_size: int
    page_token: str
    def __init__(self, template_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListTemplateVersionsResponse(_message.Message):
    __slots__ = ("versions", "next_page_token")
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedCompositeFieldContainer[TemplateVersion]
    next_page_token: str
    def __init__(self, versions: _Optional[_Iterable[_Union[TemplateVersion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateTemplateRequest(_message.Message):
    __slots__ = ("template", "version", "update_mask", "idempotency_key")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateTemplateResponse(_message.Message):
    __slots__ = ("template", "version", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ActivateTemplateVersionRequest(_message.Message):
    __slots__ = ("template_id", "version", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ActivateTemplateVersionResponse(_message.Message):
    __slots__ = ("template", "version", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeactivateTemplateRequest(_message.Message):
    __slots__ = ("template_id", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeactivateTemplateResponse(_message.Message):
    __slots__ = ("template", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CreateTemplateLocalizationRequest(_message.Message):
    __slots__ = ("template_id", "version", "content", "etag", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    content: TemplateContent
    etag: str
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., content: _Optional[_Union[TemplateContent, _Mapping]] = ..., etag: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateTemplateLocalizationResponse(_message.Message):
    __slots__ = ("template", "version", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class UpdateTemplateLocalizationRequest(_message.Message):
    __slots__ = ("template_id", "version", "content", "update_mask", "etag", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    content: TemplateContent
    update_mask: _field_mask_pb2.FieldMask
    etag: str
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., content: _Optional[_Union[TemplateContent, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., etag: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateTemplateLocalizationResponse(_message.Message):
    __slots__ = ("template", "version", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteTemplateLocalizationRequest(_message.Message):
    __slots__ = ("template_id", "version", "language_code", "etag", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    language_code: str
    etag: str
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., etag: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteTemplateLocalizationResponse(_message.Message):
    __slots__ = ("template", "version", "deduplicated")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    deduplicated: bool
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteTemplateRequest(_message.Message):
    __slots__ = ("template_id", "idempotency_key")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    idempotency_key: str
    def __init__(self, template_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteTemplateResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class PreviewTemplateRequest(_message.Message):
    __slots__ = ("template_id", "version", "language_code", "contact_id", "variables", "source")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    version: int
    language_code: str
    contact_id: str
    variables: _struct_pb2.Struct
    source: PreviewSource
    def __init__(self, template_id: _Optional[str] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., contact_id: _Optional[str] = ..., variables: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., source: _Optional[_Union[PreviewSource, _Mapping]] = ...) -> None: ...

class PreviewSource(_message.Message):
    __slots__ = ("template", "version")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ...) -> None: ...

class PreviewTemplateResponse(_message.Message):
    __slots__ = ("subject", "body_text", "body_html", "language_code", "used_variables", "missing_variables", "character_count", "sms_segments", "has_unsubscribe_link", "body_amp", "encoding", "sms_units", "media_urls")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    BODY_TEXT_FIELD_NUMBER: _ClassVar[int]
    BODY_HTML_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    USED_VARIABLES_FIELD_NUMBER: _ClassVar[int]
    MISSING_VARIABLES_FIELD_NUMBER: _ClassVar[int]
    CHARACTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SMS_SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    HAS_UNSUBSCRIBE_LINK_FIELD_NUMBER: _ClassVar[int]
    BODY_AMP_FIELD_NUMBER: _ClassVar[int]
    ENCODING_FIELD_NUMBER: _ClassVar[int]
    SMS_UNITS_FIELD_NUMBER: _ClassVar[int]
    MEDIA_URLS_FIELD_NUMBER: _ClassVar[int]
    subject: str
    body_text: str
    body_html: str
    language_code: str
    used_variables: _containers.RepeatedScalarFieldContainer[str]
    missing_variables: _containers.RepeatedScalarFieldContainer[str]
    character_count: int
    sms_segments: int
    has_unsubscribe_link: bool
    body_amp: str
    encoding: TextEncoding
    sms_units: int
    media_urls: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subject: _Optional[str] = ..., body_text: _Optional[str] = ..., body_html: _Optional[str] = ..., language_code: _Optional[str] = ..., used_variables: _Optional[_Iterable[str]] = ..., missing_variables: _Optional[_Iterable[str]] = ..., character_count: _Optional[int] = ..., sms_segments: _Optional[int] = ..., has_unsubscribe_link: _Optional[bool] = ..., body_amp: _Optional[str] = ..., encoding: _Optional[_Union[TextEncoding, str]] = ..., sms_units: _Optional[int] = ..., media_urls: _Optional[_Iterable[str]] = ...) -> None: ...

class CheckSpamScoreRequest(_message.Message):
    __slots__ = ("channel", "subject", "body_text", "body_html", "template_id", "version")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    BODY_TEXT_FIELD_NUMBER: _ClassVar[int]
    BODY_HTML_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    subject: str
    body_text: str
    body_html: str
    template_id: str
    version: int
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., subject: _Optional[str] = ..., body_text: _Optional[str] = ..., body_html: _Optional[str] = ..., template_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class CheckSpamScoreResponse(_message.Message):
    __slots__ = ("score", "flags", "is_passed", "recommendations", "language_code")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    IS_PASSED_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATIONS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    score: int
    flags: _containers.RepeatedScalarFieldContainer[str]
    is_passed: bool
    recommendations: _containers.RepeatedScalarFieldContainer[str]
    language_code: str
    def __init__(self, score: _Optional[int] = ..., flags: _Optional[_Iterable[str]] = ..., is_passed: _Optional[bool] = ..., recommendations: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ...) -> None: ...

class ResolveTemplateRequest(_message.Message):
    __slots__ = ("template_id", "template_version_id", "name", "channel", "language_code")
    TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_VERSION_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    template_id: str
    template_version_id: str
    name: str
    channel: _enums_pb2.Channel
    language_code: str
    def __init__(self, template_id: _Optional[str] = ..., template_version_id: _Optional[str] = ..., name: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., language_code: _Optional[str] = ...) -> None: ...

class ResolveTemplateResponse(_message.Message):
    __slots__ = ("template", "version", "sender")
    TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    template: Template
    version: TemplateVersion
    sender: SenderProfile
    def __init__(self, template: _Optional[_Union[Template, _Mapping]] = ..., version: _Optional[_Union[TemplateVersion, _Mapping]] = ..., sender: _Optional[_Union[SenderProfile, _Mapping]] = ...) -> None: ...

class SenderProfile(_message.Message):
    __slots__ = ("tenant_name", "email_from_address", "email_from_name", "reply_to_address", "postal_address", "footer_text", "default_time_zone", "default_language_code", "tracking_enabled", "sms_fallback_enabled", "amp_enabled", "logo_url", "primary_color")
    TENANT_NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FROM_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FROM_NAME_FIELD_NUMBER: _ClassVar[int]
    REPLY_TO_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    POSTAL_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    FOOTER_TEXT_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TRACKING_ENABLED_FIELD_NUMBER: _ClassVar[int]
    SMS_FALLBACK_ENABLED_FIELD_NUMBER: _ClassVar[int]
    AMP_ENABLED_FIELD_NUMBER: _ClassVar[int]
    LOGO_URL_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_COLOR_FIELD_NUMBER: _ClassVar[int]
    tenant_name: str
    email_from_address: str
    email_from_name: str
    reply_to_address: str
    postal_address: str
    footer_text: str
    default_time_zone: str
    default_language_code: str
    tracking_enabled: bool
    sms_fallback_enabled: bool
    amp_enabled: bool
    logo_url: str
    primary_color: str
    def __init__(self, tenant_name: _Optional[str] = ..., email_from_address: _Optional[str] = ..., email_from_name: _Optional[str] = ..., reply_to_address: _Optional[str] = ..., postal_address: _Optional[str] = ..., footer_text: _Optional[str] = ..., default_time_zone: _Optional[str] = ..., default_language_code: _Optional[str] = ..., tracking_enabled: _Optional[bool] = ..., sms_fallback_enabled: _Optional[bool] = ..., amp_enabled: _Optional[bool] = ..., logo_url: _Optional[str] = ..., primary_color: _Optional[str] = ...) -> None: ...
