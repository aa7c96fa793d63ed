import datetime

from angarium.delivery.v1 import webhook_pb2 as _webhook_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
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

class CreateWebhookSubscriptionRequest(_message.Message):
    __slots__ = ("webhook_subscription", "headers", "secret", "idempotency_key")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    headers: _containers.ScalarMap[str, str]
    secret: str
    idempotency_key: str
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ..., headers: _Optional[_Mapping[str, str]] = ..., secret: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateWebhookSubscriptionResponse(_message.Message):
    __slots__ = ("webhook_subscription", "secret", "deduplicated")
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    secret: str
    deduplicated: bool
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ..., secret: _Optional[str] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetWebhookSubscriptionRequest(_message.Message):
    __slots__ = ("webhook_subscription_id",)
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    def __init__(self, webhook_subscription_id: _Optional[str] = ...) -> None: ...

class GetWebhookSubscriptionResponse(_message.Message):
    __slots__ = ("webhook_subscription",)
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ...) -> None: ...

class ListWebhookSubscriptionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWebhookSubscriptionsResponse(_message.Message):
    __slots__ = ("webhook_subscriptions", "next_page_token")
    WEBHOOK_SUBSCRIPTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    webhook_subscriptions: _containers.RepeatedCompositeFieldContainer[_webhook_pb2.WebhookSubscription]
    next_page_token: str
    def __init__(self, webhook_subscriptions: _Optional[_Iterable[_Union[_webhook_pb2.WebhookSubscription, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateWebhookSubscriptionRequest(_message.Message):
    __slots__ = ("webhook_subscription", "update_mask", "headers", "idempotency_key")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    update_mask: _field_mask_pb2.FieldMask
    headers: _containers.ScalarMap[str, str]
    idempotency_key: str
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., headers: _Optional[_Mapping[str, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateWebhookSubscriptionResponse(_message.Message):
    __slots__ = ("webhook_subscription", "deduplicated")
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    deduplicated: bool
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteWebhookSubscriptionRequest(_message.Message):
    __slots__ = ("webhook_subscription_id", "idempotency_key")
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    idempotency_key: str
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteWebhookSubscriptionResponse(_message.Message):
    __slots__ = ("webhook_subscription", "deduplicated")
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    deduplicated: bool
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RotateWebhookSecretRequest(_message.Message):
    __slots__ = ("webhook_subscription_id", "secret", "idempotency_key")
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    secret: str
    idempotency_key: str
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., secret: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RotateWebhookSecretResponse(_message.Message):
    __slots__ = ("webhook_subscription", "secret", "deduplicated")
    WEBHOOK_SUBSCRIPTION_FIELD_NUMBER: _ClassVar[int]
    SECRET_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription: _webhook_pb2.WebhookSubscription
    secret: str
    deduplicated: bool
    def __init__(self, webhook_subscription: _Optional[_Union[_webhook_pb2.WebhookSubscription, _Mapping]] = ..., secret: _Optional[str] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class TestWebhookRequest(_message.Message):
    __slots__ = ("webhook_subscription_id",)
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    def __init__(self, webhook_subscription_id: _Optional[str] = ...) -> None: ...

class TestWebhookResponse(_message.Message):
    __slots__ = ("is_delivered", "response_status", "latency", "response_excerpt", "error", "detail", "event_id")
    IS_DELIVERED_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_STATUS_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_EXCERPT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    is_delivered: bool
    response_status: int
    latency: _duration_pb2.Duration
    response_excerpt: str
    error: str
    detail: str
    event_id: str
    def __init__(self, is_delivered: _Optional[bool] = ..., response_status: _Optional[int] = ..., latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., response_excerpt: _Optional[str] = ..., error: _Optional[str] = ..., detail: _Optional[str] = ..., event_id: _Optional[str] = ...) -> None: ...

class ListWebhookDeliveriesRequest(_message.Message):
    __slots__ = ("webhook_subscription_id", "state", "event_type", "event_id", "page_size", "page_token")
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    EVENT_TYPE_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    state: _webhook_pb2.WebhookDelivery.State
    event_type: str
    event_id: str
    page_size: int
    page_token: str
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., state: _Optional[_Union[_webhook_pb2.WebhookDelivery.State, str]] = ..., event_type: _Optional[str] = ..., event_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWebhookDeliveriesResponse(_message.Message):
    __slots__ = ("webhook_deliveries", "next_page_token")
    WEBHOOK_DELIVERIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    webhook_deliveries: _containers.RepeatedCompositeFieldContainer[_webhook_pb2.WebhookDelivery]
    next_page_token: str
    def __init__(self, webhook_deliveries: _Optional[_Iterable[_Union[_webhook_pb2.WebhookDelivery, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RedeliverWebhookRequest(_message.Message):
    __slots__ = ("webhook_delivery_id", "idempotency_key")
    WEBHOOK_DELIVERY_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    webhook_delivery_id: str
    idempotency_key: str
    def __init__(self, webhook_delivery_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RedeliverWebhookResponse(_message.Message):
    __slots__ = ("webhook_delivery", "deduplicated")
    WEBHOOK_DELIVERY_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    webhook_delivery: _webhook_pb2.WebhookDelivery
    deduplicated: bool
    def __init__(self, webhook_delivery: _Optional[_Union[_webhook_pb2.WebhookDelivery, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ReplayWebhooksRequest(_message.Message):
    __slots__ = ("webhook_subscription_id", "start_time", "end_time", "scope", "idempotency_key")
    class Scope(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        SCOPE_UNSPECIFIED: _ClassVar[ReplayWebhooksRequest.Scope]
        SCOPE_MISSED: _ClassVar[ReplayWebhooksRequest.Scope]
        SCOPE_ALL: _ClassVar[ReplayWebhooksRequest.Scope]
    SCOPE_UNSPECIFIED: ReplayWebhooksRequest.Scope
    SCOPE_MISSED: ReplayWebhooksRequest.Scope
    SCOPE_ALL: ReplayWebhooksRequest.Scope
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    SCOPE_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    scope: ReplayWebhooksRequest.Scope
    idempotency_key: str
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., scope: _Optional[_Union[ReplayWebhooksRequest.Scope, str]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ReplayWebhooksResponse(_message.Message):
    __slots__ = ("replayed_count", "next_start_time", "deduplicated")
    REPLAYED_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEXT_START_TIME_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    replayed_count: int
    next_start_time: _timestamp_pb2.Timestamp
    deduplicated: bool
    def __init__(self, replayed_count: _Optional[int] = ..., next_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class VerifyWebhookSignatureRequest(_message.Message):
    __slots__ = ("webhook_subscription_id", "body", "headers")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    body: bytes
    headers: _containers.ScalarMap[str, str]
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., body: _Optional[bytes] = ..., headers: _Optional[_Mapping[str, str]] = ...) -> None: ...

class VerifyWebhookSignatureResponse(_message.Message):
    __slots__ = ("is_valid", "reason", "scheme")
    IS_VALID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SCHEME_FIELD_NUMBER: _ClassVar[int]
    is_valid: bool
    reason: str
    scheme: str
    def __init__(self, is_valid: _Optional[bool] = ..., reason: _Optional[str] = ..., scheme: _Optional[str] = ...) -> None: ...

class ListWebhookEventTypesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListWebhookEventTypesResponse(_message.Message):
    __slots__ = ("event_types", "next_page_token")
    EVENT_TYPES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    event_types: _containers.RepeatedCompositeFieldContainer[_webhook_pb2.WebhookEventType]
    next_page_token: str
    def __init__(self, event_types: _Optional[_Iterable[_Union[_webhook_pb2.WebhookEventType, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CallWebhookRequest(_message.Message):
    __slots__ = ("call_id", "contact_id", "url", "headers", "data", "occur_time")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    CALL_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    OCCUR_TIME_FIELD_NUMBER: _ClassVar[int]
    call_id: str
    contact_id: str
    url: str
    headers: _containers.ScalarMap[str, str]
    data: _struct_pb2.Struct
    occur_time: _timestamp_pb2.Timestamp
    def __init__(self, call_id: _Optional[str] = ..., contact_id: _Optional[str] = ..., url: _Optional[str] = ..., headers: _Optional[_Mapping[str, str]] = ..., data: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., occur_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CallWebhookResponse(_message.Message):
    __slots__ = ("webhook_subscription_id", "deduplicated")
    WEBHOOK_SUBSCRIPTION_ID_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    webhook_subscription_id: str
    deduplicated: bool
    def __init__(self, webhook_subscription_id: _Optional[str] = ..., deduplicated: _Optional[bool] = ...) -> None: ...
