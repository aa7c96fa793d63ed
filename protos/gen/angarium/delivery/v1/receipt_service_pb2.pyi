import datetime

from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EngagementKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENGAGEMENT_KIND_UNSPECIFIED: _ClassVar[EngagementKind]
    ENGAGEMENT_KIND_OPEN: _ClassVar[EngagementKind]
    ENGAGEMENT_KIND_CLICK: _ClassVar[EngagementKind]

class EngagementClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENGAGEMENT_CLASS_UNSPECIFIED: _ClassVar[EngagementClass]
    ENGAGEMENT_CLASS_HUMAN: _ClassVar[EngagementClass]
    ENGAGEMENT_CLASS_PROXY: _ClassVar[EngagementClass]
    ENGAGEMENT_CLASS_PRIVACY_PREFETCH: _ClassVar[EngagementClass]
    ENGAGEMENT_CLASS_SCANNER: _ClassVar[EngagementClass]
ENGAGEMENT_KIND_UNSPECIFIED: EngagementKind
ENGAGEMENT_KIND_OPEN: EngagementKind
ENGAGEMENT_KIND_CLICK: EngagementKind
ENGAGEMENT_CLASS_UNSPECIFIED: EngagementClass
ENGAGEMENT_CLASS_HUMAN: EngagementClass
ENGAGEMENT_CLASS_PROXY: EngagementClass
ENGAGEMENT_CLASS_PRIVACY_PREFETCH: EngagementClass
ENGAGEMENT_CLASS_SCANNER: EngagementClass

class ResolveWebhookAccountRequest(_message.Message):
    __slots__ = ("provider", "account_token")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    provider: str
    account_token: str
    def __init__(self, provider: _Optional[str] = ..., account_token: _Optional[str] = ...) -> None: ...

class ResolveWebhookAccountResponse(_message.Message):
    __slots__ = ("provider_account_id", "tenant_id", "provider", "verification")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    tenant_id: str
    provider: str
    verification: VerificationMaterial
    def __init__(self, provider_account_id: _Optional[str] = ..., tenant_id: _Optional[str] = ..., provider: _Optional[str] = ..., verification: _Optional[_Union[VerificationMaterial, _Mapping]] = ...) -> None: ...

class VerificationMaterial(_message.Message):
    __slots__ = ("public_key", "shared_secret", "tolerance_seconds", "challenge_token", "networks", "topic", "allow_sha1", "stand_in_origin")
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    SHARED_SECRET_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NETWORKS_FIELD_NUMBER: _ClassVar[int]
    TOPIC_FIELD_NUMBER: _ClassVar[int]
    ALLOW_SHA1_FIELD_NUMBER: _ClassVar[int]
    STAND_IN_ORIGIN_FIELD_NUMBER: _ClassVar[int]
    public_key: str
    shared_secret: str
    tolerance_seconds: int
    challenge_token: str
    networks: _containers.RepeatedScalarFieldContainer[str]
    topic: str
    allow_sha1: bool
    stand_in_origin: str
    def __init__(self, public_key: _Optional[str] = ..., shared_secret: _Optional[str] = ..., tolerance_seconds: _Optional[int] = ..., challenge_token: _Optional[str] = ..., networks: _Optional[_Iterable[str]] = ..., topic: _Optional[str] = ..., allow_sha1: _Optional[bool] = ..., stand_in_origin: _Optional[str] = ...) -> None: ...

class RecordReceiptsRequest(_message.Message):
    __slots__ = ("provider_account_id", "raw_body", "content_type", "receive_time", "envelope_recipient", "query")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    RAW_BODY_FIELD_NUMBER: _ClassVar[int]
    CONTENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    raw_body: bytes
    content_type: str
    receive_time: _timestamp_pb2.Timestamp
    envelope_recipient: str
    query: str
    def __init__(self, provider_account_id: _Optional[str] = ..., raw_body: _Optional[bytes] = ..., content_type: _Optional[str] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., envelope_recipient: _Optional[str] = ..., query: _Optional[str] = ...) -> None: ...

class RecordInboundMessageRequest(_message.Message):
    __slots__ = ("provider_account_id", "channel", "from_address", "to_address", "text", "provider_message_id", "receive_time", "is_answered")
    PROVIDER_ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FROM_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TO_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    RECEIVE_TIME_FIELD_NUMBER: _ClassVar[int]
    IS_ANSWERED_FIELD_NUMBER: _ClassVar[int]
    provider_account_id: str
    channel: _enums_pb2.Channel
    from_address: str
    to_address: str
    text: str
    provider_message_id: str
    receive_time: _timestamp_pb2.Timestamp
    is_answered: bool
    def __init__(self, provider_account_id: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., from_address: _Optional[str] = ..., to_address: _Optional[str] = ..., text: _Optional[str] = ..., provider_message_id: _Optional[str] = ..., receive_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., is_answered: _Optional[bool] = ...) -> None: ...

class RecordInboundMessageResponse(_message.Message):
    __slots__ = ("action", "reply_message_id")
    ACTION_FIELD_NUMBER: _ClassVar[int]
    REPLY_MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    action: str
    reply_message_id: str
    def __init__(self, action: _Optional[str] = ..., reply_message_id: _Optional[str] = ...) -> None: ...

class RecordReceiptsResponse(_message.Message):
    __slots__ = ("stored_count", "duplicate_count")
    STORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DUPLICATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    stored_count: int
    duplicate_count: int
    def __init__(self, stored_count: _Optional[int] = ..., duplicate_count: _Optional[int] = ...) -> None: ...

class EngagementHit(_message.Message):
    __slots__ = ("kind", "token", "occur_time", "ip_address", "user_agent", "http_method")
    KIND_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    HTTP_METHOD_FIELD_NUMBER: _ClassVar[int]
    kind: EngagementKind
    token: str
    occur_time: _timestamp_pb2.Timestamp
    ip_address: str
    user_agent: str
    http_method: str
    def __init__(self, kind: _Optional[_Union[EngagementKind, str]] = ..., token: _Optional[str] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ..., http_method: _Optional[str] = ...) -> None: ...

class RecordEngagementRequest(_message.Message):
    __slots__ = ("hits",)
    HITS_FIELD_NUMBER: _ClassVar[int]
    hits: _containers.RepeatedCompositeFieldContainer[EngagementHit]
    def __init__(self, hits: _Optional[_Iterable[_Union[EngagementHit, _Mapping]]] = ...) -> None: ...

class RecordEngagementResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[EngagementResult]
    def __init__(self, results: _Optional[_Iterable[_Union[EngagementResult, _Mapping]]] = ...) -> None: ...

class EngagementResult(_message.Message):
    __slots__ = ("target_url", "is_genuine", "is_counted")
    TARGET_URL_FIELD_NUMBER: _ClassVar[int]
    IS_GENUINE_FIELD_NUMBER: _ClassVar[int]
    IS_COUNTED_FIELD_NUMBER: _ClassVar[int]
    target_url: str
    is_genuine: bool
    is_counted: bool
    def __init__(self, target_url: _Optional[str] = ..., is_genuine: _Optional[bool] = ..., is_counted: _Optional[bool] = ...) -> None: ...
