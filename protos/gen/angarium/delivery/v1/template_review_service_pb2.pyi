from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TemplateReview(_message.Message):
    __slots__ = ("name", "language_code", "state", "whatsapp_template_id", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    WHATSAPP_TEMPLATE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    language_code: str
    state: _enums_pb2.WhatsAppApprovalState
    whatsapp_template_id: str
    reason: str
    def __init__(self, name: _Optional[str] = ..., language_code: _Optional[str] = ..., state: _Optional[_Union[_enums_pb2.WhatsAppApprovalState, str]] = ..., whatsapp_template_id: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class SubmitTemplateRequest(_message.Message):
    __slots__ = ("provider_account_id", "name", "language_code", "category", "body", "examples", "footer")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    EXAMPLES_FIELD_NUMBER: _ClassVar[int]
    FOOTER_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    name: str
    language_code: str
    category: _enums_pb2.Category
    body: str
    examples: _containers.RepeatedScalarFieldContainer[str]
    footer: str
    def __init__(self, provider_account_id: _Optional[str] = ..., name: _Optional[str] = ..., language_code: _Optional[str] = ..., category: _Optional[_Union[_enums_pb2.Category, str]] = ..., body: _Optional[str] = ..., examples: _Optional[_Iterable[str]] = ..., footer: _Optional[str] = ...) -> None: ...

class SubmitTemplateResponse(_message.Message):
    __slots__ = ("review", "business_account")
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    review: TemplateReview
    business_account: str
    def __init__(self, review: _Optional[_Union[TemplateReview, _Mapping]] = ..., business_account: _Optional[str] = ...) -> None: ...

class GetTemplateReviewsRequest(_message.Message):
    __slots__ = ("provider_account_id", "names")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    names: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, provider_account_id: _Optional[str] = ..., names: _Optional[_Iterable[str]] = ...) -> None: ...

class GetTemplateReviewsResponse(_message.Message):
    __slots__ = ("reviews", "business_account")
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    BUSINESS_ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    reviews: _containers.RepeatedCompositeFieldContainer[TemplateReview]
    business_account: str
    def __init__(self, reviews: _Optional[_Iterable[_Union[TemplateReview, _Mapping]]] = ..., business_account: _Optional[str] = ...) -> None: ...
