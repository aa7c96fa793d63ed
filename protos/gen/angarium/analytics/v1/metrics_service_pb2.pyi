import datetime

from angarium.analytics.v1 import figures_pb2 as _figures_pb2
from angarium.common.v1 import enums_pb2 as _enums_pb2
from angarium.options.v1 import options_pb2 as _options_pb2
from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.type import money_pb2 as _money_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SeriesMetric(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERIES_METRIC_UNSPECIFIED: _ClassVar[SeriesMetric]
    SERIES_METRIC_SENT: _ClassVar[SeriesMetric]
    SERIES_METRIC_DELIVERED: _ClassVar[SeriesMetric]
    SERIES_METRIC_OPENED: _ClassVar[SeriesMetric]
    SERIES_METRIC_CLICKED: _ClassVar[SeriesMetric]
    SERIES_METRIC_READ: _ClassVar[SeriesMetric]
    SERIES_METRIC_BOUNCED: _ClassVar[SeriesMetric]
    SERIES_METRIC_FAILED: _ClassVar[SeriesMetric]
    SERIES_METRIC_COST: _ClassVar[SeriesMetric]

class SeriesPeriod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERIES_PERIOD_UNSPECIFIED: _ClassVar[SeriesPeriod]
    SERIES_PERIOD_HOUR: _ClassVar[SeriesPeriod]
    SERIES_PERIOD_DAY: _ClassVar[SeriesPeriod]
    SERIES_PERIOD_WEEK: _ClassVar[SeriesPeriod]
    SERIES_PERIOD_MONTH: _ClassVar[SeriesPeriod]

class SeriesBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERIES_BASIS_UNSPECIFIED: _ClassVar[SeriesBasis]
    SERIES_BASIS_EVENT_TIME: _ClassVar[SeriesBasis]
    SERIES_BASIS_SEND_TIME: _ClassVar[SeriesBasis]
SERIES_METRIC_UNSPECIFIED: SeriesMetric
SERIES_METRIC_SENT: SeriesMetric
SERIES_METRIC_DELIVERED: SeriesMetric
SERIES_METRIC_OPENED: SeriesMetric
SERIES_METRIC_CLICKED: SeriesMetric
SERIES_METRIC_READ: SeriesMetric
SERIES_METRIC_BOUNCED: SeriesMetric
SERIES_METRIC_FAILED: SeriesMetric
SERIES_METRIC_COST: SeriesMetric
SERIES_PERIOD_UNSPECIFIED: SeriesPeriod
SERIES_PERIOD_HOUR: SeriesPeriod
SERIES_PERIOD_DAY: SeriesPeriod
SERIES_PERIOD_WEEK: SeriesPeriod
SERIES_PERIOD_MONTH: SeriesPeriod
SERIES_BASIS_UNSPECIFIED: SeriesBasis
SERIES_BASIS_EVENT_TIME: SeriesBasis
SERIES_BASIS_SEND_TIME: SeriesBasis

class Figures(_message.Message):
    __slots__ = ("counts", "rates", "average_delivery_time", "costs")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_DELIVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    average_delivery_time: _duration_pb2.Duration
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., average_delivery_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class GetMetricsRequest(_message.Message):
    __slots__ = ("range", "filter")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    filter: _figures_pb2.FigureFilter
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., filter: _Optional[_Union[_figures_pb2.FigureFilter, _Mapping]] = ...) -> None: ...

class GetMetricsResponse(_message.Message):
    __slots__ = ("counts", "rates", "average_delivery_time", "costs")
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_DELIVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    average_delivery_time: _duration_pb2.Duration
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., average_delivery_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class GetChannelMetricsRequest(_message.Message):
    __slots__ = ("range", "filter")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    filter: _figures_pb2.FigureFilter
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., filter: _Optional[_Union[_figures_pb2.FigureFilter, _Mapping]] = ...) -> None: ...

class GetChannelMetricsResponse(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[ChannelFigures]
    def __init__(self, channels: _Optional[_Iterable[_Union[ChannelFigures, _Mapping]]] = ...) -> None: ...

class ChannelFigures(_message.Message):
    __slots__ = ("channel", "figures")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    figures: Figures
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., figures: _Optional[_Union[Figures, _Mapping]] = ...) -> None: ...

class GetChannelPerformanceRequest(_message.Message):
    __slots__ = ("range",)
    RANGE_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ...) -> None: ...

class GetChannelPerformanceResponse(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[ChannelPerformance]
    def __init__(self, channels: _Optional[_Iterable[_Union[ChannelPerformance, _Mapping]]] = ...) -> None: ...

class ChannelPerformance(_message.Message):
    __slots__ = ("channel", "sent", "delivered", "bounced", "failed", "error_rate", "average_delivery_time", "costs")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    BOUNCED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    ERROR_RATE_FIELD_NUMBER: _ClassVar[int]
    AVERAGE_DELIVERY_TIME_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    sent: int
    delivered: int
    bounced: int
    failed: int
    error_rate: _figures_pb2.Rate
    average_delivery_time: _duration_pb2.Duration
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., bounced: _Optional[int] = ..., failed: _Optional[int] = ..., error_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., average_delivery_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class GetHourlyBreakdownRequest(_message.Message):
    __slots__ = ("date", "time_zone", "channel")
    DATE_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    date: str
    time_zone: str
    channel: _enums_pb2.Channel
    def __init__(self, date: _Optional[str] = ..., time_zone: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ...) -> None: ...

class GetHourlyBreakdownResponse(_message.Message):
    __slots__ = ("hours",)
    HOURS_FIELD_NUMBER: _ClassVar[int]
    hours: _containers.RepeatedCompositeFieldContainer[HourFigures]
    def __init__(self, hours: _Optional[_Iterable[_Union[HourFigures, _Mapping]]] = ...) -> None: ...

class HourFigures(_message.Message):
    __slots__ = ("start_time", "hour", "sent", "delivered", "failed", "channels")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    HOUR_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    hour: int
    sent: int
    delivered: int
    failed: int
    channels: _containers.RepeatedCompositeFieldContainer[ChannelHour]
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., hour: _Optional[int] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., failed: _Optional[int] = ..., channels: _Optional[_Iterable[_Union[ChannelHour, _Mapping]]] = ...) -> None: ...

class ChannelHour(_message.Message):
    __slots__ = ("channel", "sent", "delivered", "failed")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    sent: int
    delivered: int
    failed: int
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., failed: _Optional[int] = ...) -> None: ...

class GetTopTypesRequest(_message.Message):
    __slots__ = ("range", "limit")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    limit: int
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., limit: _Optional[int] = ...) -> None: ...

class GetTopTypesResponse(_message.Message):
    __slots__ = ("types",)
    TYPES_FIELD_NUMBER: _ClassVar[int]
    types: _containers.RepeatedCompositeFieldContainer[TypeFigures]
    def __init__(self, types: _Optional[_Iterable[_Union[TypeFigures, _Mapping]]] = ...) -> None: ...

class TypeFigures(_message.Message):
    __slots__ = ("category", "count", "delivery_rate")
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_RATE_FIELD_NUMBER: _ClassVar[int]
    category: _enums_pb2.Category
    count: int
    delivery_rate: _figures_pb2.Rate
    def __init__(self, category: _Optional[_Union[_enums_pb2.Category, str]] = ..., count: _Optional[int] = ..., delivery_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ...) -> None: ...

class GetTopTemplatesRequest(_message.Message):
    __slots__ = ("range", "limit")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    limit: int
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., limit: _Optional[int] = ...) -> None: ...

class GetTopTemplatesResponse(_message.Message):
    __slots__ = ("templates",)
    TEMPLATES_FIELD_NUMBER: _ClassVar[int]
    templates: _containers.RepeatedCompositeFieldContainer[TemplateFigures]
    def __init__(self, templates: _Optional[_Iterable[_Union[TemplateFigures, _Mapping]]] = ...) -> None: ...

class TemplateFigures(_message.Message):
    __slots__ = ("template_name", "total", "opens", "clicks", "open_rate", "click_rate")
    TEMPLATE_NAME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    OPENS_FIELD_NUMBER: _ClassVar[int]
    CLICKS_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    template_name: str
    total: int
    opens: int
    clicks: int
    open_rate: _figures_pb2.Rate
    click_rate: _figures_pb2.Rate
    def __init__(self, template_name: _Optional[str] = ..., total: _Optional[int] = ..., opens: _Optional[int] = ..., clicks: _Optional[int] = ..., open_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., click_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ...) -> None: ...

class GetTimeSeriesRequest(_message.Message):
    __slots__ = ("metric", "period", "range", "basis", "filter")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    RANGE_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    metric: SeriesMetric
    period: SeriesPeriod
    range: _figures_pb2.TimeRange
    basis: SeriesBasis
    filter: _figures_pb2.FigureFilter
    def __init__(self, metric: _Optional[_Union[SeriesMetric, str]] = ..., period: _Optional[_Union[SeriesPeriod, str]] = ..., range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., basis: _Optional[_Union[SeriesBasis, str]] = ..., filter: _Optional[_Union[_figures_pb2.FigureFilter, _Mapping]] = ...) -> None: ...

class GetTimeSeriesResponse(_message.Message):
    __slots__ = ("points",)
    POINTS_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[SeriesPoint]
    def __init__(self, points: _Optional[_Iterable[_Union[SeriesPoint, _Mapping]]] = ...) -> None: ...

class SeriesPoint(_message.Message):
    __slots__ = ("start_time", "value", "costs")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    value: int
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., value: _Optional[int] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class GetDeliveryMetricsRequest(_message.Message):
    __slots__ = ("range", "branch_id")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    branch_id: str
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., branch_id: _Optional[str] = ...) -> None: ...

class GetDeliveryMetricsResponse(_message.Message):
    __slots__ = ("sent", "delivered", "bounced", "failed", "pending", "delivery_rate", "bounce_rate", "failure_rate")
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    BOUNCED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    PENDING_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_RATE_FIELD_NUMBER: _ClassVar[int]
    BOUNCE_RATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_FIELD_NUMBER: _ClassVar[int]
    sent: int
    delivered: int
    bounced: int
    failed: int
    pending: int
    delivery_rate: _figures_pb2.Rate
    bounce_rate: _figures_pb2.Rate
    failure_rate: _figures_pb2.Rate
    def __init__(self, sent: _Optional[int] = ..., delivered: _Optional[int] = ..., bounced: _Optional[int] = ..., failed: _Optional[int] = ..., pending: _Optional[int] = ..., delivery_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., bounce_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., failure_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ...) -> None: ...

class GetDeliveryStatsRequest(_message.Message):
    __slots__ = ("range",)
    RANGE_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ...) -> None: ...

class GetDeliveryStatsResponse(_message.Message):
    __slots__ = ("days",)
    DAYS_FIELD_NUMBER: _ClassVar[int]
    days: _containers.RepeatedCompositeFieldContainer[ProviderDay]
    def __init__(self, days: _Optional[_Iterable[_Union[ProviderDay, _Mapping]]] = ...) -> None: ...

class ProviderDay(_message.Message):
    __slots__ = ("date", "channel", "provider", "sent", "delivered", "failed", "bounced", "retried", "retry_success", "retry_failure", "delivery_rate")
    DATE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    SENT_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    BOUNCED_FIELD_NUMBER: _ClassVar[int]
    RETRIED_FIELD_NUMBER: _ClassVar[int]
    RETRY_SUCCESS_FIELD_NUMBER: _ClassVar[int]
    RETRY_FAILURE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_RATE_FIELD_NUMBER: _ClassVar[int]
    date: str
    channel: _enums_pb2.Channel
    provider: str
    sent: int
    delivered: int
    failed: int
    bounced: int
    retried: int
    retry_success: int
    retry_failure: int
    delivery_rate: _figures_pb2.Rate
    def __init__(self, date: _Optional[str] = ..., channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., provider: _Optional[str] = ..., sent: _Optional[int] = ..., delivered: _Optional[int] = ..., failed: _Optional[int] = ..., bounced: _Optional[int] = ..., retried: _Optional[int] = ..., retry_success: _Optional[int] = ..., retry_failure: _Optional[int] = ..., delivery_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ...) -> None: ...

class GetEngagementMetricsRequest(_message.Message):
    __slots__ = ("range", "filter")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    filter: _figures_pb2.FigureFilter
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., filter: _Optional[_Union[_figures_pb2.FigureFilter, _Mapping]] = ...) -> None: ...

class GetEngagementMetricsResponse(_message.Message):
    __slots__ = ("opened", "clicked", "unsubscribed", "open_rate", "click_rate", "click_to_open_rate", "unsubscribe_rate", "raw_open_rate", "raw_click_rate", "opens", "clicks", "machine_opens", "machine_clicks")
    OPENED_FIELD_NUMBER: _ClassVar[int]
    CLICKED_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_TO_OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBE_RATE_FIELD_NUMBER: _ClassVar[int]
    RAW_OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    RAW_CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    OPENS_FIELD_NUMBER: _ClassVar[int]
    CLICKS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_OPENS_FIELD_NUMBER: _ClassVar[int]
    MACHINE_CLICKS_FIELD_NUMBER: _ClassVar[int]
    opened: int
    clicked: int
    unsubscribed: int
    open_rate: _figures_pb2.Rate
    click_rate: _figures_pb2.Rate
    click_to_open_rate: _figures_pb2.Rate
    unsubscribe_rate: _figures_pb2.Rate
    raw_open_rate: _figures_pb2.Rate
    raw_click_rate: _figures_pb2.Rate
    opens: int
    clicks: int
    machine_opens: int
    machine_clicks: int
    def __init__(self, opened: _Optional[int] = ..., clicked: _Optional[int] = ..., unsubscribed: _Optional[int] = ..., open_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., click_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., click_to_open_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., unsubscribe_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., raw_open_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., raw_click_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., opens: _Optional[int] = ..., clicks: _Optional[int] = ..., machine_opens: _Optional[int] = ..., machine_clicks: _Optional[int] = ...) -> None: ...

class GetCostMetricsRequest(_message.Message):
    __slots__ = ("range", "filter")
    RANGE_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    range: _figures_pb2.TimeRange
    filter: _figures_pb2.FigureFilter
    def __init__(self, range: _Optional[_Union[_figures_pb2.TimeRange, _Mapping]] = ..., filter: _Optional[_Union[_figures_pb2.FigureFilter, _Mapping]] = ...) -> None: ...

class GetCostMetricsResponse(_message.Message):
    __slots__ = ("costs", "channels", "branches", "providers", "tenants", "costs_per_message", "costs_per_recipient", "recipient_count")
    COSTS_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    BRANCHES_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    TENANTS_FIELD_NUMBER: _ClassVar[int]
    COSTS_PER_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    COSTS_PER_RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    channels: _containers.RepeatedCompositeFieldContainer[ChannelCost]
    branches: _containers.RepeatedCompositeFieldContainer[BranchCost]
    providers: _containers.RepeatedCompositeFieldContainer[ProviderCost]
    tenants: _containers.RepeatedCompositeFieldContainer[TenantCost]
    costs_per_message: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    costs_per_recipient: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    recipient_count: int
    def __init__(self, costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., channels: _Optional[_Iterable[_Union[ChannelCost, _Mapping]]] = ..., branches: _Optional[_Iterable[_Union[BranchCost, _Mapping]]] = ..., providers: _Optional[_Iterable[_Union[ProviderCost, _Mapping]]] = ..., tenants: _Optional[_Iterable[_Union[TenantCost, _Mapping]]] = ..., costs_per_message: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., costs_per_recipient: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., recipient_count: _Optional[int] = ...) -> None: ...

class ChannelCost(_message.Message):
    __slots__ = ("channel", "costs")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    channel: _enums_pb2.Channel
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, channel: _Optional[_Union[_enums_pb2.Channel, str]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class BranchCost(_message.Message):
    __slots__ = ("branch_id", "costs")
    BRANCH_ID_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    branch_id: str
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, branch_id: _Optional[str] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class ProviderCost(_message.Message):
    __slots__ = ("provider", "costs")
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    provider: str
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, provider: _Optional[str] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class TenantCost(_message.Message):
    __slots__ = ("tenant_id", "name", "costs")
    TENANT_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    COSTS_FIELD_NUMBER: _ClassVar[int]
    tenant_id: str
    name: str
    costs: _containers.RepeatedCompositeFieldContainer[_money_pb2.Money]
    def __init__(self, tenant_id: _Optional[str] = ..., name: _Optional[str] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ...) -> None: ...

class GetHealthScoreRequest(_message.Message):
    __slots__ = ("date",)
    DATE_FIELD_NUMBER: _ClassVar[int]
    date: str
    def __init__(self, date: _Optional[str] = ...) -> None: ...

class GetHealthScoreResponse(_message.Message):
    __slots__ = ("score", "inputs", "parts", "history")
    SCORE_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    PARTS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    score: int
    inputs: HealthInputs
    parts: _containers.RepeatedCompositeFieldContainer[HealthPart]
    history: _containers.RepeatedCompositeFieldContainer[DayScore]
    def __init__(self, score: _Optional[int] = ..., inputs: _Optional[_Union[HealthInputs, _Mapping]] = ..., parts: _Optional[_Iterable[_Union[HealthPart, _Mapping]]] = ..., history: _Optional[_Iterable[_Union[DayScore, _Mapping]]] = ...) -> None: ...

class HealthInputs(_message.Message):
    __slots__ = ("sent", "bounce_rate", "failure_rate", "delivery_rate", "delivered_emails", "open_rate", "click_rate")
    SENT_FIELD_NUMBER: _ClassVar[int]
    BOUNCE_RATE_FIELD_NUMBER: _ClassVar[int]
    FAILURE_RATE_FIELD_NUMBER: _ClassVar[int]
    DELIVERY_RATE_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_EMAILS_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    sent: int
    bounce_rate: _figures_pb2.Rate
    failure_rate: _figures_pb2.Rate
    delivery_rate: _figures_pb2.Rate
    delivered_emails: int
    open_rate: _figures_pb2.Rate
    click_rate: _figures_pb2.Rate
    def __init__(self, sent: _Optional[int] = ..., bounce_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., failure_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., delivery_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., delivered_emails: _Optional[int] = ..., open_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., click_rate: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ...) -> None: ...

class HealthPart(_message.Message):
    __slots__ = ("finding", "points")
    FINDING_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    finding: str
    points: int
    def __init__(self, finding: _Optional[str] = ..., points: _Optional[int] = ...) -> None: ...

class DayScore(_message.Message):
    __slots__ = ("date", "score")
    DATE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    date: str
    score: int
    def __init__(self, date: _Optional[str] = ..., score: _Optional[int] = ...) -> None: ...

class GetEngagementScoreRequest(_message.Message):
    __slots__ = ("contact_id",)
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    def __init__(self, contact_id: _Optional[str] = ...) -> None: ...

class GetEngagementScoreResponse(_message.Message):
    __slots__ = ("score",)
    SCORE_FIELD_NUMBER: _ClassVar[int]
    score: int
    def __init__(self, score: _Optional[int] = ...) -> None: ...

class GetContactEngagementRequest(_message.Message):
    __slots__ = ("contact_id",)
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    contact_id: str
    def __init__(self, contact_id: _Optional[str] = ...) -> None: ...

class GetContactEngagementResponse(_message.Message):
    __slots__ = ("total_received", "delivered", "opened", "clicked", "unsubscribed")
    TOTAL_RECEIVED_FIELD_NUMBER: _ClassVar[int]
    DELIVERED_FIELD_NUMBER: _ClassVar[int]
    OPENED_FIELD_NUMBER: _ClassVar[int]
    CLICKED_FIELD_NUMBER: _ClassVar[int]
    UNSUBSCRIBED_FIELD_NUMBER: _ClassVar[int]
    total_received: int
    delivered: int
    opened: int
    clicked: int
    unsubscribed: int
    def __init__(self, total_received: _Optional[int] = ..., delivered: _Optional[int] = ..., opened: _Optional[int] = ..., clicked: _Optional[int] = ..., unsubscribed: _Optional[int] = ...) -> None: ...
