import datetime

from angarium.analytics.v1 import figures_pb2 as _figures_pb2
from angarium.analytics.v1 import metrics_service_pb2 as _metrics_service_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CampaignSort(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_SORT_UNSPECIFIED: _ClassVar[CampaignSort]
    CAMPAIGN_SORT_LAST_SENT: _ClassVar[CampaignSort]
    CAMPAIGN_SORT_SENT: _ClassVar[CampaignSort]
    CAMPAIGN_SORT_OPEN_RATE: _ClassVar[CampaignSort]
    CAMPAIGN_SORT_CLICK_RATE: _ClassVar[CampaignSort]

class SpendGroup(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SPEND_GROUP_UNSPECIFIED: _ClassVar[SpendGroup]
    SPEND_GROUP_BRANCH: _ClassVar[SpendGroup]
    SPEND_GROUP_CHANNEL: _ClassVar[SpendGroup]
    SPEND_GROUP_PROVIDER: _ClassVar[SpendGroup]
    SPEND_GROUP_CAMPAIGN: _ClassVar[SpendGroup]

class TimelineType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TIMELINE_TYPE_UNSPECIFIED: _ClassVar[TimelineType]
    TIMELINE_TYPE_CAMPAIGN: _ClassVar[TimelineType]
    TIMELINE_TYPE_TRIGGER: _ClassVar[TimelineType]
    TIMELINE_TYPE_AUTOMATION: _ClassVar[TimelineType]
    TIMELINE_TYPE_TRANSACTIONAL: _ClassVar[TimelineType]
    TIMELINE_TYPE_FEEDBACK: _ClassVar[TimelineType]
    TIMELINE_TYPE_COUPON: _ClassVar[TimelineType]
    TIMELINE_TYPE_REFERRAL: _ClassVar[TimelineType]
    TIMELINE_TYPE_CONSENT: _ClassVar[TimelineType]
    TIMELINE_TYPE_CONVERSION: _ClassVar[TimelineType]

class ExportFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPORT_FORMAT_UNSPECIFIED: _ClassVar[ExportFormat]
    EXPORT_FORMAT_CSV: _ClassVar[ExportFormat]
    EXPORT_FORMAT_JSON: _ClassVar[ExportFormat]
    EXPORT_FORMAT_PARQUET: _ClassVar[ExportFormat]
CAMPAIGN_SORT_UNSPECIFIED: CampaignSort
CAMPAIGN_SORT_LAST_SENT: CampaignSort
CAMPAIGN_SORT_SENT: CampaignSort
CAMPAIGN_SORT_OPEN_RATE: CampaignSort
CAMPAIGN_SORT_CLICK_RATE: CampaignSort
SPEND_GROUP_UNSPECIFIED: SpendGroup
SPEND_GROUP_BRANCH: SpendGroup
SPEND_GROUP_CHANNEL: SpendGroup
SPEND_GROUP_PROVIDER: SpendGroup
SPEND_GROUP_CAMPAIGN: SpendGroup
TIMELINE_TYPE_UNSPECIFIED: TimelineType
TIMELINE_TYPE_CAMPAIGN: TimelineType
TIMELINE_TYPE_TRIGGER: TimelineType
TIMELINE_TYPE_AUTOMATION: TimelineType
TIMELINE_TYPE_TRANSACTIONAL: TimelineType
TIMELINE_TYPE_FEEDBACK: TimelineType
TIMELINE_TYPE_COUPON: TimelineType
TIMELINE_TYPE_REFERRAL: TimelineType
TIMELINE_TYPE_CONSENT: TimelineType
TIMELINE_TYPE_CONVERSION: TimelineType
EXPORT_FORMAT_UNSPECIFIED: ExportFormat
EXPORT_FORMAT_CSV: ExportFormat
EXPORT_FORMAT_JSON: ExportFormat
EXPORT_FORMAT_PARQUET: ExportFormat

class GetCampaignReportRequest(_message.Message):
    __slots__ = ("campaign_id", "run_id")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class GetCampaignReportResponse(_message.Message):
    __slots__ = ("campaign_id", "name", "counts", "rates", "engagement", "skips", "failures", "variants", "days", "costs", "first_send_time", "last_send_time", "as_of_time", "channel", "campaign_state", "runs", "revenues", "conversion_count", "costs_per_message", "roi_percent", "coupons", "start_time", "complete_time")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    ENGAGEMENT_FIELD_NUMBER: _ClassVar[int]
    SKIPS_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    VARIANTS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    AS_OF_TIME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_STATE_FIELD_NUMBER: _ClassVar[int]
    RUNS_FIELD_NUMBER: _ClassVar[int]
    REVENUES_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_COUNT_FIELD_NUMBER: _ClassVar[int]
    COSTS_PER_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ROI_PERCENT_FIELD_NUMBER: _ClassVar[int]
    COUPONS_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    name: str
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    engagement: _containers.RepeatedCompositeFieldContainer[_figures_pb2.EngagementCount]
    skips: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    failures: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    variants: _containers.RepeatedCompositeFieldContainer[VariantFigures]
    days: _containers.RepeatedCompositeFieldContainer[DayFigures]
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    first_send_time: _timestamp_pb2.Timestamp
    last_send_time: _timestamp_pb2.Timestamp
    as_of_time: _timestamp_pb2.Timestamp
    channel: _enums_pb2.Channel
    campaign_state: str
    runs: _containers.RepeatedCompositeFieldContainer[RunFigures]
    revenues: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    conversion_count: int
    costs_per_message: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    roi_percent: float
    coupons: _containers.RepeatedCompositeFieldContainer[CouponFigures]
    start_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    def __init__(self, campaign_id: _Optional[str] = ..., name: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., engagement: _Optional[_Iterable[_Union[_figures_pb2.EngagementCount, _Mapping]]] = ..., skips: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., failures: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., variants: _Optional[_Iterable[_Union[VariantFigures, _Mapping]]] = ..., days: _Optional[_Iterable[_Union[DayFigures, _Mapping]]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., first_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., campaign_state: _Optional[str] = ..., runs: _Optional[_Iterable[_Union[RunFigures, _Mapping]]] = ..., revenues: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., conversion_count: _Optional[int] = ..., costs_per_message: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., roi_percent: _Optional[float] = ..., coupons: _Optional[_Iterable[_Union[CouponFigures, _Mapping]]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class RunFigures(_message.Message):
    __slots__ = ("run_id", "counts", "rates", "costs")
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    run_id: str
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, run_id: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class CouponFigures(_message.Message):
    __slots__ = ("coupon_code", "redemption_count", "redemption_rate", "revenues")
    COUPON_CODE_FIELD_NUMBER: _ClassVar[int]
    REDEMPTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    REDEMPTION_RATE_FIELD_NUMBER: _ClassVar[int]
    REVENUES_FIELD_NUMBER: _ClassVar[int]
    coupon_code: str
    redemption_count: int
    redemption_rate: _figures_pb2.Rate
    revenues: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, coupon_code: _Optional[str] = ..., redemption_count: _Optional[int] = ..., redemption_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., revenues: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class VariantFigures(_message.Message):
    __slots__ = ("variant_key", "counts", "rates", "costs")
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    variant_key: str
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, variant_key: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class DayFigures(_message.Message):
    __slots__ = ("date", "counts")
    DATE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    date: str
    counts: _figures_pb2.MessageCounts
    def __init__(self, date: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ...) -> None: ...

class GetAbTestReportRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

class GetAbTestReportResponse(_message.Message):
    __slots__ = ("arms",)
    ARMS_FIELD_NUMBER: _ClassVar[int]
    arms: _containers.RepeatedCompositeFieldContainer[AbTestArm]
    def __init__(self, arms: _Optional[_Iterable[_Union[AbTestArm, _Mapping]]] = ...) -> None: ...

class AbTestArm(_message.Message):
    __slots__ = ("variant_key", "share", "counts", "rates", "open_rate", "click_rate", "conversion_rate", "revenues", "open_interval", "click_interval", "conversion_interval")
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_RATE_FIELD_NUMBER: _ClassVar[int]
    REVENUES_FIELD_NUMBER: _ClassVar[int]
    OPEN_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    CLICK_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    variant_key: str
    share: _figures_pb2.Rate
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    open_rate: Comparison
    click_rate: Comparison
    conversion_rate: Comparison
    revenues: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    open_interval: Interval
    click_interval: Interval
    conversion_interval: Interval
    def __init__(self, variant_key: _Optional[str] = ..., share: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., open_rate: _Optional[_Union[Comparison, _Mapping]] = ..., click_rate: _Optional[_Union[Comparison, _Mapping]] = ..., conversion_rate: _Optional[_Union[Comparison, _Mapping]] = ..., revenues: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., open_interval: _Optional[_Union[Interval, _Mapping]] = ..., click_interval: _Optional[_Union[Interval, _Mapping]] = ..., conversion_interval: _Optional[_Union[Interval, _Mapping]] = ...) -> None: ...

class Interval(_message.Message):
    __slots__ = ("low_percent", "high_percent")
    LOW_PERCENT_FIELD_NUMBER: _ClassVar[int]
    HIGH_PERCENT_FIELD_NUMBER: _ClassVar[int]
    low_percent: float
    high_percent: float
    def __init__(self, low_percent: _Optional[float] = ..., high_percent: _Optional[float] = ...) -> None: ...

class Comparison(_message.Message):
    __slots__ = ("lift_percent", "z_score", "p_value", "verdict", "difference")
    class Verdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        VERDICT_UNSPECIFIED: _ClassVar[Comparison.Verdict]
        VERDICT_NOT_ENOUGH_DATA: _ClassVar[Comparison.Verdict]
        VERDICT_NOT_SIGNIFICANT: _ClassVar[Comparison.Verdict]
        VERDICT_SIGNIFICANT: _ClassVar[Comparison.Verdict]
    VERDICT_UNSPECIFIED: Comparison.Verdict
    VERDICT_NOT_ENOUGH_DATA: Comparison.Verdict
    VERDICT_NOT_SIGNIFICANT: Comparison.Verdict
    VERDICT_SIGNIFICANT: Comparison.Verdict
    LIFT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    Z_SCORE_FIELD_NUMBER: _ClassVar[int]
    P_VALUE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    lift_percent: float
    z_score: float
    p_value: float
    verdict: Comparison.Verdict
    difference: Interval
    def __init__(self, lift_percent: _Optional[float] = ..., z_score: _Optional[float] = ..., p_value: _Optional[float] = ..., verdict: _Optional[_Union[Comparison.Verdict, str]] = ..., difference: _Optional[_Union[Interval, _Mapping]] = ...) -> None: ...

class GetLinkReportRequest(_message.Message):
    __slots__ = ("campaign_id", "template_name")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    template_name: str
    def __init__(self, campaign_id: _Optional[str] = ..., template_name: _Optional[str] = ...) -> None: ...

class GetLinkReportResponse(_message.Message):
    __slots__ = ("links",)
    LINKS_FIELD_NUMBER: _ClassVar[int]
    links: _containers.RepeatedCompositeFieldContainer[LinkFigures]
    def __init__(self, links: _Optional[_Iterable[_Union[LinkFigures, _Mapping]]] = ...) -> None: ...

class LinkFigures(_message.Message):
    __slots__ = ("link_id", "url", "unique_clicks", "total_clicks", "machine_clicks")
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_CLICKS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_CLICKS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_CLICKS_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    url: str
    unique_clicks: int
    total_clicks: int
    machine_clicks: int
    def __init__(self, link_id: _Optional[str] = ..., url: _Optional[str] = ..., unique_clicks: _Optional[int] = ..., total_clicks: _Optional[int] = ..., machine_clicks: _Optional[int] = ...) -> None: ...

class GetMarketingOverviewRequest(_message.Message):
    __slots__ = ("range",)
    RANGE_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ...) -> None: ...

class GetMarketingOverviewResponse(_message.Message):
    __slots__ = ("totals", "active_campaigns", "opt_outs", "new_consents", "top_campaigns", "budget")
    TOTALS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    OPT_OUTS_FIELD_NUMBER: _ClassVar[int]
    NEW_CONSENTS_FIELD_NUMBER: _ClassVar[int]
    TOP_CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    BUDGET_FIELD_NUMBER: _ClassVar[int]
    totals: _metrics_service_pb2.Figures
    active_campaigns: int
    opt_outs: int
    new_consents: int
    top_campaigns: _containers.RepeatedCompositeFieldContainer[CampaignPerformance]
    budget: BudgetUse
    def __init__(self, totals: _Optional[_Union[_metrics_service_pb2.Figures, _Mapping]] = ..., active_campaigns: _Optional[int] = ..., opt_outs: _Optional[int] = ..., new_consents: _Optional[int] = ..., top_campaigns: _Optional[_Iterable[_Union[CampaignPerformance, _Mapping]]] = ..., budget: _Optional[_Union[BudgetUse, _Mapping]] = ...) -> None: ...

class BudgetUse(_message.Message):
    __slots__ = ("billing_period", "spend", "limit", "percent")
    BILLING_PERIOD_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    billing_period: str
    spend: _money_pb2.Money
    limit: _money_pb2.Money
    percent: float
    def __init__(self, billing_period: _Optional[str] = ..., spend: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., limit: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., percent: _Optional[float] = ...) -> None: ...

class ListCampaignPerformanceRequest(_message.Message):
    __slots__ = ("range", "channel", "sort", "page_size", "page_token")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SORT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    channel: _enums_pb2.Channel
    sort: CampaignSort
    page_size: int
    page_token: str
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., sort: _Optional[_Union[CampaignSort, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCampaignPerformanceResponse(_message.Message):
    __slots__ = ("campaigns", "next_page_token")
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    campaigns: _containers.RepeatedCompositeFieldContainer[CampaignPerformance]
    next_page_token: str
    def __init__(self, campaigns: _Optional[_Iterable[_Union[CampaignPerformance, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CampaignPerformance(_message.Message):
    __slots__ = ("campaign_id", "name", "channel", "campaign_state", "counts", "rates", "costs", "last_send_time")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_STATE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    LAST_SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    name: str
    channel: _enums_pb2.Channel
    campaign_state: str
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    last_send_time: _timestamp_pb2.Timestamp
    def __init__(self, campaign_id: _Optional[str] = ..., name: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., campaign_state: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., last_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetSpendSummaryRequest(_message.Message):
    __slots__ = ("start_month", "end_month", "group")
    START_MONTH_FIELD_NUMBER: _ClassVar[int]
    END_MONTH_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    start_month: str
    end_month: str
    group: SpendGroup
    def __init__(self, start_month: _Optional[str] = ..., end_month: _Optional[str] = ..., group: _Optional[_Union[SpendGroup, str]] = ...) -> None: ...

class GetSpendSummaryResponse(_message.Message):
    __slots__ = ("rows", "months")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    MONTHS_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[SpendRow]
    months: _containers.RepeatedCompositeFieldContainer[BudgetUse]
    def __init__(self, rows: _Optional[_Iterable[_Union[SpendRow, _Mapping]]] = ..., months: _Optional[_Iterable[_Union[BudgetUse, _Mapping]]] = ...) -> None: ...

class SpendRow(_message.Message):
    __slots__ = ("billing_period", "group_key", "group_name", "spend", "attempt_count", "percent")
    BILLING_PERIOD_FIELD_NUMBER: _ClassVar[int]
    GROUP_KEY_FIELD_NUMBER: _ClassVar[int]
    GROUP_NAME_FIELD_NUMBER: _ClassVar[int]
    SPEND_FIELD_NUMBER: _ClassVar[int]
    ATTEMPT_COUNT_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    billing_period: str
    group_key: str
    group_name: str
    spend: _money_pb2.Money
    attempt_count: int
    percent: float
    def __init__(self, billing_period: _Optional[str] = ..., group_key: _Optional[str] = ..., group_name: _Optional[str] = ..., spend: _Optional[_Union[_money_pb2.Money, _Mapping]] = ..., attempt_count: _Optional[int] = ..., percent: _Optional[float] = ...) -> None: ...

class GetContactTimelineRequest(_message.Message):
    __slots__ = ("contact_id", "types", "range", "page_size", "page_token")
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    TYPES_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    types: _containers.RepeatedScalarFieldContainer[TimelineType]
    range: _figures_pb2.TimeRange
    page_size: int
    page_token: str
    def __init__(self, contact_id: _Optional[str] = ..., types: _Optional[_Iterable[_Union[TimelineType, str]]] = ..., range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class GetContactTimelineResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[TimelineEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[TimelineEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class TimelineEntry(_message.Message):
    __slots__ = ("type", "date", "channel", "campaign_name", "trigger_type", "status", "coupon_code", "coupon_redeemed", "feedback_rating", "reference", "update_time")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_NAME_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COUPON_CODE_FIELD_NUMBER: _ClassVar[int]
    COUPON_REDEEMED_FIELD_NUMBER: _ClassVar[int]
    FEEDBACK_RATING_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    type: TimelineType
    date: _timestamp_pb2.Timestamp
    channel: _enums_pb2.Channel
    campaign_name: str
    trigger_type: str
    status: str
    coupon_code: str
    coupon_redeemed: bool
    feedback_rating: int
    reference: str
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, type: _Optional[_Union[TimelineType, str]] = ..., date: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., campaign_name: _Optional[str] = ..., trigger_type: _Optional[str] = ..., status: _Optional[str] = ..., coupon_code: _Optional[str] = ..., coupon_redeemed: _Optional[bool] = ..., feedback_rating: _Optional[int] = ..., reference: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetComplianceReportRequest(_message.Message):
    __slots__ = ("range", "branch_id")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    branch_id: str
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class GetComplianceReportResponse(_message.Message):
    __slots__ = ("start_time", "end_time", "consents", "opt_outs", "suppressions_added", "suppressions_removed", "bounces", "complaints", "complaint_rate", "consent_blocks", "other_blocks", "deferrals", "dnd_blocks", "privacy_requests")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    OPT_OUTS_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSIONS_ADDED_FIELD_NUMBER: _ClassVar[int]
    SUPPRESSIONS_REMOVED_FIELD_NUMBER: _ClassVar[int]
    BOUNCES_FIELD_NUMBER: _ClassVar[int]
    COMPLAINTS_FIELD_NUMBER: _ClassVar[int]
    COMPLAINT_RATE_FIELD_NUMBER: _ClassVar[int]
    CONSENT_BLOCKS_FIELD_NUMBER: _ClassVar[int]
    OTHER_BLOCKS_FIELD_NUMBER: _ClassVar[int]
    DEFERRALS_FIELD_NUMBER: _ClassVar[int]
    DND_BLOCKS_FIELD_NUMBER: _ClassVar[int]
    PRIVACY_REQUESTS_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    consents: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    opt_outs: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    suppressions_added: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    suppressions_removed: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    bounces: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    complaints: int
    complaint_rate: _figures_pb2.Rate
    consent_blocks: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    other_blocks: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    deferrals: _containers.RepeatedCompositeFieldContainer[_figures_pb2.ReasonCount]
    dnd_blocks: int
    privacy_requests: _containers.RepeatedCompositeFieldContainer[PrivacyFigures]
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., consents: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., opt_outs: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., suppressions_added: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., suppressions_removed: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., bounces: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., complaints: _Optional[int] = ..., complaint_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., consent_blocks: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., other_blocks: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., deferrals: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., dnd_blocks: _Optional[int] = ..., privacy_requests: _Optional[_Iterable[_Union[PrivacyFigures, _Mapping]]] = ...) -> None: ...

class PrivacyFigures(_message.Message):
    __slots__ = ("kind", "created_count", "completed_count", "late_count", "open_count", "average_days", "longest_days")
    KIND_FIELD_NUMBER: _ClassVar[int]
    CREATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_DAYS_FIELD_NUMBER: _ClassVar[int]
    LONGEST_DAYS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    created_count: int
    completed_count: int
    late_count: int
    open_count: int
    average_days: float
    longest_days: float
    def __init__(self, kind: _Optional[str] = ..., created_count: _Optional[int] = ..., completed_count: _Optional[int] = ..., late_count: _Optional[int] = ..., open_count: _Optional[int] = ..., average_days: _Optional[float] = ..., longest_days: _Optional[float] = ...) -> None: ...

class GetReminderEffectivenessRequest(_message.Message):
    __slots__ = ("range", "template_family", "rule")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    TEMPLATE_FAMILY_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    template_family: str
    rule: str
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., template_family: _Optional[str] = ..., rule: _Optional[str] = ...) -> None: ...

class GetReminderEffectivenessResponse(_message.Message):
    __slots__ = ("reminders",)
    REMINDERS_FIELD_NUMBER: _ClassVar[int]
    reminders: _containers.RepeatedCompositeFieldContainer[ReminderFigures]
    def __init__(self, reminders: _Optional[_Iterable[_Union[ReminderFigures, _Mapping]]] = ...) -> None: ...

class ReminderFigures(_message.Message):
    __slots__ = ("number", "sent", "converted", "conversion_rate", "average_minutes")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    CONVERTED_FIELD_NUMBER: _ClassVar[int]
    CONVERSION_RATE_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_MINUTES_FIELD_NUMBER: _ClassVar[int]
    number: int
    sent: int
    converted: int
    conversion_rate: _figures_pb2.Rate
    average_minutes: float
    def __init__(self, number: _Optional[int] = ..., sent: _Optional[int] = ..., converted: _Optional[int] = ..., conversion_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., average_minutes: _Optional[float] = ...) -> None: ...

class ExportReportRequest(_message.Message):
    __slots__ = ("format", "metrics", "channel_metrics", "channel_performance", "hourly_breakdown", "top_types", "top_templates", "time_series", "delivery_metrics", "delivery_stats", "engagement_metrics", "cost_metrics", "health_score", "campaign_report", "ab_test_report", "link_report", "marketing_overview", "campaign_performance", "spend_summary", "contact_timeline", "compliance_report", "reminder_effectiveness")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_METRICS_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_PERFORMANCE_FIELD_NUMBER: _ClassVar[int]
    HOURLY_BREAKDOWN_FIELD_NUMBER: _ClassVar[int]
    TOP_TYPES_FIELD_NUMBER: _ClassVar[int]
    TOP_TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    TIME_SERIES_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_METRICS_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_STATS_FIELD_NUMBER: _ClassVar[int]
    ENGAGEMENT_METRICS_FIELD_NUMBER: _ClassVar[int]
    COST_METRICS_FIELD_NUMBER: _ClassVar[int]
    HEALTH_SCORE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_REPORT_FIELD_NUMBER: _ClassVar[int]
    AB_TEST_REPORT_FIELD_NUMBER: _ClassVar[int]
    LINK_REPORT_FIELD_NUMBER: _ClassVar[int]
    MARKETING_OVERVIEW_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_PERFORMANCE_FIELD_NUMBER: _ClassVar[int]
    SPEND_SUMMARY_FIELD_NUMBER: _ClassVar[int]
    CONTACT_TIMELINE_FIELD_NUMBER: _ClassVar[int]
    COMPLIANCE_REPORT_FIELD_NUMBER: _ClassVar[int]
    REMINDER_EFFECTIVENESS_FIELD_NUMBER: _ClassVar[int]
    format: ExportFormat
    metrics: _metrics_service_pb2.GetMetricsRequest
    channel_metrics: _metrics_service_pb2.GetChannelMetricsRequest
    channel_performance: _metrics_service_pb2.GetChannelPerformanceRequest
    hourly_breakdown: _metrics_service_pb2.GetHourlyBreakdownRequest
    top_types: _metrics_service_pb2.GetTopTypesRequest
    top_templates: _metrics_service_pb2.GetTopTemplatesRequest
    time_series: _metrics_service_pb2.GetTimeSeriesRequest
    delivery_metrics: _metrics_service_pb2.GetDeliveryMetricsRequest
    delivery_stats: _metrics_service_pb2.GetDeliveryStatsRequest
    engagement_metrics: _metrics_service_pb2.GetEngagementMetricsRequest
    cost_metrics: _metrics_service_pb2.GetCostMetricsRequest
    health_score: _metrics_service_pb2.GetHealthScoreRequest
    campaign_report: GetCampaignReportRequest
    ab_test_report: GetAbTestReportRequest
    link_report: GetLinkReportRequest
    marketing_overview: GetMarketingOverviewRequest
    campaign_performance: ListCampaignPerformanceRequest
    spend_summary: GetSpendSummaryRequest
    contact_timeline: GetContactTimelineRequest
    compliance_report: GetComplianceReportRequest
    reminder_effectiveness: GetReminderEffectivenessRequest
    def __init__(self, format: _Optional[_Union[ExportFormat, str]] = ..., metrics: _Optional[_Union[_metrics_service_pb2.GetMetricsRequest, _Mapping]] = ..., channel_metrics: _Optional[_Union[_metrics_service_pb2.GetChannelMetricsRequest, _Mapping]] = ..., channel_performance: _Optional[_Union[_metrics_service_pb2.GetChannelPerformanceRequest, _Mapping]] = ..., hourly_breakdown: _Optional[_Union[_metrics_service_pb2.GetHourlyBreakdownRequest, _Mapping]] = ..., top_types: _Optional[_Union[_metrics_service_pb2.GetTopTypesRequest, _Mapping]] = ..., top_templates: _Optional[_Union[_metrics_service_pb2.GetTopTemplatesRequest, _Mapping]] = ..., time_series: _Optional[_Union[_metrics_service_pb2.GetTimeSeriesRequest, _Mapping]] = ..., delivery_metrics: _Optional[_Union[_metrics_service_pb2.GetDeliveryMetricsRequest, _Mapping]] = ..., delivery_stats: _Optional[_Union[_metrics_service_pb2.GetDeliveryStatsRequest, _Mapping]] = ..., engagement_metrics: _Optional[_Union[_metrics_service_pb2.GetEngagementMetricsRequest, _Mapping]] = ..., cost_metrics: _Optional[_Union[_metrics_service_pb2.GetCostMetricsRequest, _Mapping]] = ..., health_score: _Optional[_Union[_metrics_service_pb2.GetHealthScoreRequest, _Mapping]] = ..., campaign_report: _Optional[_Union[GetCampaignReportRequest, _Mapping]] = ..., ab_test_report: _Optional[_Union[GetAbTestReportRequest, _Mapping]] = ..., link_report: _Optional[_Union[GetLinkReportRequest, _Mapping]] = ..., marketing_overview: _Optional[_Union[GetMarketingOverviewRequest, _Mapping]] = ..., campaign_performance: _Optional[_Union[ListCampaignPerformanceRequest, _Mapping]] = ..., spend_summary: _Optional[_Union[GetSpendSummaryRequest, _Mapping]] = ..., contact_timeline: _Optional[_Union[GetContactTimelineRequest, _Mapping]] = ..., compliance_report: _Optional[_Union[GetComplianceReportRequest, _Mapping]] = ..., reminder_effectiveness: _Optional[_Union[GetReminderEffectivenessRequest, _Mapping]] = ...) -> None: ...

class ExportReportResponse(_message.Message):
    __slots__ = ("data",)
    DATA_FIELD_NUMBER: _ClassVar[int]
    data: bytes
    def __init__(self, data: _Optional[bytes] = ...) -> None: ...
