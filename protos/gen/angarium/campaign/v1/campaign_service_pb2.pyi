import datetime

from angarium.campaign.v1 import campaign_pb2 as _campaign_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateCampaignRequest(_message.Message):
    __slots__ = ("campaign", "idempotency_key")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    idempotency_key: str
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class CreateCampaignResponse(_message.Message):
    __slots__ = ("campaign", "estimated_recipients", "estimated_cost", "warnings", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_COST_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    estimated_recipients: int
    estimated_cost: _money_pb2.Money
    warnings: _containers.RepeatedScalarFieldContainer[str]
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., estimated_recipients: _Optional[int] = ..., estimated_cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class GetCampaignRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class GetCampaignResponse(_message.Message):
    __slots__ = ("campaign",)
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ...) -> None: ...

class ListCampaignsRequest(_message.Message):
    __slots__ = ("state", "text", "start_time", "end_time", "page_size", "page_token", "kind", "channel", "branch_id")
    STATE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    state: _campaign_pb2.Campaign.State
    text: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    page_size: int
    page_token: str
    kind: _campaign_pb2.Campaign.Kind
    channel: _enums_pb2.Channel
    branch_id: str
    def __init__(self, state: _Optional[_Union[_campaign_pb2.Campaign.State, str]] = ..., text: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., kind: _Optional[_Union[_campaign_pb2.Campaign.Kind, str]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class ListCampaignsResponse(_message.Message):
    __slots__ = ("campaigns", "next_page_token")
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    campaigns: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Campaign]
    next_page_token: str
    def __init__(self, campaigns: _Optional[_Iterable[_Union[_campaign_pb2.Campaign, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateCampaignRequest(_message.Message):
    __slots__ = ("campaign", "update_mask", "idempotency_key")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    update_mask: _field_mask_pb2.FieldMask
    idempotency_key: str
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UpdateCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class DeleteCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class DeleteCampaignResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class SubmitCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class SubmitCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ApproveCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key", "comment")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    COMMENT_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    comment: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., comment: _Optional[str] = ...) -> None: ...

class ApproveCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class RejectCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key", "reason")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    reason: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class RejectCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ScheduleCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key", "schedule_time")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    SCHEDULE_TIME_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    schedule_time: _timestamp_pb2.Timestamp
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., schedule_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ScheduleCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class UnscheduleCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class UnscheduleCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class SendCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key", "send_now")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    SEND_NOW_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    send_now: bool
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., send_now: _Optional[bool] = ...) -> None: ...

class SendCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated", "run_id", "recipient_count", "estimated_complete_time")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    run_id: str
    recipient_count: int
    estimated_complete_time: _timestamp_pb2.Timestamp
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ..., run_id: _Optional[str] = ..., recipient_count: _Optional[int] = ..., estimated_complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PauseCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key", "reason")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    reason: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class PauseCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class ResumeCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class ResumeCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class CancelCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "idempotency_key", "reason")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    idempotency_key: str
    reason: str
    def __init__(self, campaign_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class CancelCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated", "stopped_count")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    STOPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    stopped_count: int
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ..., stopped_count: _Optional[int] = ...) -> None: ...

class SendTestMessageRequest(_message.Message):
    __slots__ = ("campaign_id", "variant_key", "staff_ids", "language_code", "variables", "idempotency_key", "addresses")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    STAFF_IDS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    VARIABLES_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    ADDRESSES_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    variant_key: str
    staff_ids: _containers.RepeatedScalarFieldContainer[str]
    language_code: str
    variables: _struct_pb2.Struct
    idempotency_key: str
    addresses: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, campaign_id: _Optional[str] = ..., variant_key: _Optional[str] = ..., staff_ids: _Optional[_Iterable[str]] = ..., language_code: _Optional[str] = ..., variables: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., idempotency_key: _Optional[str] = ..., addresses: _Optional[_Iterable[str]] = ...) -> None: ...

class SendTestMessageResponse(_message.Message):
    __slots__ = ("message_ids", "deduplicated")
    MESSAGE_IDS_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    message_ids: _containers.RepeatedScalarFieldContainer[str]
    deduplicated: bool
    def __init__(self, message_ids: _Optional[_Iterable[str]] = ..., deduplicated: _Optional[bool] = ...) -> None: ...

class EstimateCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "draft")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    DRAFT_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    draft: _campaign_pb2.Campaign
    def __init__(self, campaign_id: _Optional[str] = ..., draft: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ...) -> None: ...

class EstimateCampaignResponse(_message.Message):
    __slots__ = ("recipient_count", "eligible_count", "deferred_count", "refusals", "cost", "segments", "duration")
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEFERRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    recipient_count: int
    eligible_count: int
    deferred_count: int
    refusals: _containers.RepeatedCompositeFieldContainer[ReasonCount]
    cost: _money_pb2.Money
    segments: int
    duration: _duration_pb2.Duration
    def __init__(self, recipient_count: _Optional[int] = ..., eligible_count: _Optional[int] = ..., deferred_count: _Optional[int] = ..., refusals: _Optional[_Iterable[_Union[ReasonCount, _Mapping]]] = ..., cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., segments: _Optional[int] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class DryRunCampaignRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class DryRunCampaignResponse(_message.Message):
    __slots__ = ("judged_count", "audience_count", "report")
    JUDGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    AUDIENCE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    judged_count: int
    audience_count: int
    report: DryRunReport
    def __init__(self, judged_count: _Optional[int] = ..., audience_count: _Optional[int] = ..., report: _Optional[_Union[DryRunReport, _Mapping]] = ...) -> None: ...

class DryRunReport(_message.Message):
    __slots__ = ("channel", "recipient_count", "eligible_count", "deferred_count", "refused_count", "limited_count", "gates", "zones", "deferrals", "variants", "cost", "segments", "duration", "warnings")
    class Gate(_message.Message):
        __slots__ = ("check", "reached_count", "refused_count", "deferred_count", "reasons")
        CHECK_FIELD_NUMBER: _ClassVar[int]
        REACHED_COUNT_FIELD_NUMBER: _ClassVar[int]
        REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
        DEFERRED_COUNT_FIELD_NUMBER: _ClassVar[int]
        REASONS_FIELD_NUMBER: _ClassVar[int]
        check: str
        reached_count: int
        refused_count: int
        deferred_count: int
        reasons: _containers.RepeatedCompositeFieldContainer[ReasonCount]
        def __init__(self, check: _Optional[str] = ..., reached_count: _Optional[int] = ..., refused_count: _Optional[int] = ..., deferred_count: _Optional[int] = ..., reasons: _Optional[_Iterable[_Union[ReasonCount, _Mapping]]] = ...) -> None: ...
    class Zone(_message.Message):
        __slots__ = ("time_zone", "send_time", "recipient_count", "eligible_count", "deferred_count", "refused_count")
        TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
        SEND_TIME_FIELD_NUMBER: _ClassVar[int]
        RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
        ELIGIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
        DEFERRED_COUNT_FIELD_NUMBER: _ClassVar[int]
        REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
        time_zone: str
        send_time: _timestamp_pb2.Timestamp
        recipient_count: int
        eligible_count: int
        deferred_count: int
        refused_count: int
        def __init__(self, time_zone: _Optional[str] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., recipient_count: _Optional[int] = ..., eligible_count: _Optional[int] = ..., deferred_count: _Optional[int] = ..., refused_count: _Optional[int] = ...) -> None: ...
    class Deferral(_message.Message):
        __slots__ = ("resume_time", "count")
        RESUME_TIME_FIELD_NUMBER: _ClassVar[int]
        COUNT_FIELD_NUMBER: _ClassVar[int]
        resume_time: _timestamp_pb2.Timestamp
        count: int
        def __init__(self, resume_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count: _Optional[int] = ...) -> None: ...
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    DEFERRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LIMITED_COUNT_FIELD_NUMBER: _ClassVar[int]
    GATES_FIELD_NUMBER: _ClassVar[int]
    ZONES_FIELD_NUMBER: _ClassVar[int]
    DEFERRALS_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    SEGMENTS_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    recipient_count: int
    eligible_count: int
    deferred_count: int
    refused_count: int
    limited_count: int
    gates: _containers.RepeatedCompositeFieldContainer[DryRunReport.Gate]
    zones: _containers.RepeatedCompositeFieldContainer[DryRunReport.Zone]
    deferrals: _containers.RepeatedCompositeFieldContainer[DryRunReport.Deferral]
    variants: _containers.RepeatedCompositeFieldContainer[VariantCount]
    cost: _money_pb2.Money
    segments: int
    duration: _duration_pb2.Duration
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., recipient_count: _Optional[int] = ..., eligible_count: _Optional[int] = ..., deferred_count: _Optional[int] = ..., refused_count: _Optional[int] = ..., limited_count: _Optional[int] = ..., gates: _Optional[_Iterable[_Union[DryRunReport.Gate, _Mapping]]] = ..., zones: _Optional[_Iterable[_Union[DryRunReport.Zone, _Mapping]]] = ..., deferrals: _Optional[_Iterable[_Union[DryRunReport.Deferral, _Mapping]]] = ..., variants: _Optional[_Iterable[_Union[VariantCount, _Mapping]]] = ..., cost: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., segments: _Optional[int] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class VariantCount(_message.Message):
    __slots__ = ("variant_key", "count")
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    variant_key: str
    count: int
    def __init__(self, variant_key: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class RerunCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "run_id", "idempotency_key")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    IDEMPOTENCY_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    idempotency_key: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., idempotency_key: _Optional[str] = ...) -> None: ...

class RerunCampaignResponse(_message.Message):
    __slots__ = ("campaign", "deduplicated", "run_id", "rerun_of_run_id", "recipient_count")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    DEDUPLICATED_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RERUN_OF_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    deduplicated: bool
    run_id: str
    rerun_of_run_id: str
    recipient_count: int
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., deduplicated: _Optional[bool] = ..., run_id: _Optional[str] = ..., rerun_of_run_id: _Optional[str] = ..., recipient_count: _Optional[int] = ...) -> None: ...

class ReasonCount(_message.Message):
    __slots__ = ("reason", "count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    count: int
    def __init__(self, reason: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class ListCampaignRecipientsRequest(_message.Message):
    __slots__ = ("campaign_id", "run_id", "state", "variant_key", "page_size", "page_token", "contact_id")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    state: _campaign_pb2.CampaignRecipient.State
    variant_key: str
    page_size: int
    page_token: str
    contact_id: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., state: _Optional[_Union[_campaign_pb2.CampaignRecipient.State, str]] = ..., variant_key: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., contact_id: _Optional[str] = ...) -> None: ...

class ListCampaignRecipientsResponse(_message.Message):
    __slots__ = ("recipients", "next_page_token")
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    recipients: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignRecipient]
    next_page_token: str
    def __init__(self, recipients: _Optional[_Iterable[_Union[_campaign_pb2.CampaignRecipient, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ExportCampaignRecipientsRequest(_message.Message):
    __slots__ = ("campaign_id", "run_id", "state", "variant_key")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    state: _campaign_pb2.CampaignRecipient.State
    variant_key: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ..., state: _Optional[_Union[_campaign_pb2.CampaignRecipient.State, str]] = ..., variant_key: _Optional[str] = ...) -> None: ...

class ExportCampaignRecipientsResponse(_message.Message):
    __slots__ = ("recipients",)
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    recipients: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignRecipient]
    def __init__(self, recipients: _Optional[_Iterable[_Union[_campaign_pb2.CampaignRecipient, _Mapping]]] = ...) -> None: ...

class ListCampaignRunsRequest(_message.Message):
    __slots__ = ("campaign_id", "page_size", "page_token")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    page_size: int
    page_token: str
    def __init__(self, campaign_id: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCampaignRunsResponse(_message.Message):
    __slots__ = ("runs", "next_page_token")
    RUNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    runs: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignRun]
    next_page_token: str
    def __init__(self, runs: _Optional[_Iterable[_Union[_campaign_pb2.CampaignRun, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReconcileCampaignRequest(_message.Message):
    __slots__ = ("campaign_id", "run_id")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class ReconcileCampaignResponse(_message.Message):
    __slots__ = ("total_count", "sent_count", "failed_count", "skipped_count", "unknown_count", "never_tried_count", "mended_count", "missing_count", "reasons", "is_settled")
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SKIPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    NEVER_TRIED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MENDED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MISSING_COUNT_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    IS_SETTLED_FIELD_NUMBER: _ClassVar[int]
    total_count: int
    sent_count: int
    failed_count: int
    skipped_count: int
    unknown_count: int
    never_tried_count: int
    mended_count: int
    missing_count: int
    reasons: _containers.RepeatedCompositeFieldContainer[ReasonCount]
    is_settled: bool
    def __init__(self, total_count: _Optional[int] = ..., sent_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., skipped_count: _Optional[int] = ..., unknown_count: _Optional[int] = ..., never_tried_count: _Optional[int] = ..., mended_count: _Optional[int] = ..., missing_count: _Optional[int] = ..., reasons: _Optional[_Iterable[_Union[ReasonCount, _Mapping]]] = ..., is_settled: _Optional[bool] = ...) -> None: ...
