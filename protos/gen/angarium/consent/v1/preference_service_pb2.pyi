from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.consent.v1 import consent_pb2 as _consent_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class TokenPurpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TOKEN_PURPOSE_UNSPECIFIED: _ClassVar[TokenPurpose]
    TOKEN_PURPOSE_UNSUBSCRIBE: _ClassVar[TokenPurpose]
    TOKEN_PURPOSE_PREFERENCES: _ClassVar[TokenPurpose]

class UnsubscribeMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    UNSUBSCRIBE_METHOD_UNSPECIFIED: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_ONE_CLICK: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_PAGE: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_PREFERENCE_PAGE: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_SMS_KEYWORD: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_STAFF: _ClassVar[UnsubscribeMethod]
    UNSUBSCRIBE_METHOD_COMPLAINT: _ClassVar[UnsubscribeMethod]
TOKEN_PURPOSE_UNSPECIFIED: TokenPurpose
TOKEN_PURPOSE_UNSUBSCRIBE: TokenPurpose
TOKEN_PURPOSE_PREFERENCES: TokenPurpose
UNSUBSCRIBE_METHOD_UNSPECIFIED: UnsubscribeMethod
UNSUBSCRIBE_METHOD_ONE_CLICK: UnsubscribeMethod
UNSUBSCRIBE_METHOD_PAGE: UnsubscribeMethod
UNSUBSCRIBE_METHOD_PREFERENCE_PAGE: UnsubscribeMethod
UNSUBSCRIBE_METHOD_SMS_KEYWORD: UnsubscribeMethod
UNSUBSCRIBE_METHOD_STAFF: UnsubscribeMethod
UNSUBSCRIBE_METHOD_COMPLAINT: UnsubscribeMethod

class IssueUnsubscribeTokenRequest(_message.Message):
    __slots__ = ("subject", "channel", "message_id", "campaign_id", "purpose")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    subject: _consent_pb2.Subject
    channel: _enums_pb2.Channel
    message_id: str
    campaign_id: str
    purpose: TokenPurpose
    def __init__(self, subject: _Optional[_Union[_consent_pb2.Subject, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., message_id: _Optional[str] = ..., campaign_id: _Optional[str] = ..., purpose: _Optional[_Union[TokenPurpose, str]] = ...) -> None: ...

class IssueUnsubscribeTokenResponse(_message.Message):
    __slots__ = ("token", "url")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    token: str
    url: str
    def __init__(self, token: _Optional[str] = ..., url: _Optional[str] = ...) -> None: ...

class ResolveTokenRequest(_message.Message):
    __slots__ = ("token",)
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    token: str
    def __init__(self, token: _Optional[str] = ...) -> None: ...

class ResolveTokenResponse(_message.Message):
    __slots__ = ("purpose", "masked_address", "channel", "tenant_name", "language_code", "is_unsubscribed", "branding")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    MASKED_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    TENANT_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    IS_UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    BRANDING_FIELD_NUMBER: _ClassVar[int]
    purpose: TokenPurpose
    masked_address: str
    channel: _enums_pb2.Channel
    tenant_name: str
    language_code: str
    is_unsubscribed: bool
    branding: Branding
    def __init__(self, purpose: _Optional[_Union[TokenPurpose, str]] = ..., masked_address: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., tenant_name: _Optional[str] = ..., language_code: _Optional[str] = ..., is_unsubscribed: _Optional[bool] = ..., branding: _Optional[_Union[Branding, _Mapping]] = ...) -> None: ...

class Branding(_message.Message):
    __slots__ = ("logo_url", "primary_color", "footer_text")
    LOGO_URL_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_COLOR_FIELD_NUMBER: _ClassVar[int]
    FOOTER_TEXT_FIELD_NUMBER: _ClassVar[int]
    logo_url: str
    primary_color: str
    footer_text: str
    def __init__(self, logo_url: _Optional[str] = ..., primary_color: _Optional[str] = ..., footer_text: _Optional[str] = ...) -> None: ...

class UnsubscribeRequest(_message.Message):
    __slots__ = ("token", "all_channels", "method", "ip_address", "user_agent")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    ALL_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    token: str
    all_channels: bool
    method: UnsubscribeMethod
    ip_address: str
    user_agent: str
    def __init__(self, token: _Optional[str] = ..., all_channels: _Optional[bool] = ..., method: _Optional[_Union[UnsubscribeMethod, str]] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ...) -> None: ...

class UnsubscribeResponse(_message.Message):
    __slots__ = ("summary", "already_unsubscribed")
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    ALREADY_UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    summary: _consent_pb2.ConsentSummary
    already_unsubscribed: bool
    def __init__(self, summary: _Optional[_Union[_consent_pb2.ConsentSummary, _Mapping]] = ..., already_unsubscribed: _Optional[bool] = ...) -> None: ...
