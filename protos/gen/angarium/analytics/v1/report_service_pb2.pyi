import datetime

from angarium.analytics.v1 import figures_pb2 as _figures_pb2
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

class GetCampaignReportRequest(_message.Message):
    __slots__ = ("campaign_id", "run_id")
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    RUN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    run_id: str
    def __init__(self, campaign_id: _Optional[str] = ..., run_id: _Optional[str] = ...) -> None: ...

class GetCampaignReportResponse(_message.Message):
    __slots__ = ("campaign_id", "name", "counts", "rates", "engagement", "skips", "failures", "variants", "days", "costs", "first_send_time", "last_send_time", "as_of_time")
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
    def __init__(self, campaign_id: _Optional[str] = ..., name: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., engagement: _Optional[_Iterable[_Union[_figures_pb2.EngagementCount, _Mapping]]] = ..., skips: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., failures: _Optional[_Iterable[_Union[_figures_pb2.ReasonCount, _Mapping]]] = ..., variants: _Optional[_Iterable[_Union[VariantFigures, _Mapping]]] = ..., days: _Optional[_Iterable[_Union[DayFigures, _Mapping]]] = ..., costs: _Optional[_Iterable[_Union[_money_pb2.Money, _Mapping]]] = ..., first_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., as_of_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class VariantFigures(_message.Message):
    __slots__ = ("variant_key", "counts", "rates")
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    variant_key: str
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    def __init__(self, variant_key: _Optional[str] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ...) -> None: ...

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
    __slots__ = ("variant_key", "share", "counts", "rates", "open_rate", "click_rate")
    VARIANT_KEY_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    RATES_FIELD_NUMBER: _ClassVar[int]
    OPEN_RATE_FIELD_NUMBER: _ClassVar[int]
    CLICK_RATE_FIELD_NUMBER: _ClassVar[int]
    variant_key: str
    share: _figures_pb2.Rate
    counts: _figures_pb2.MessageCounts
    rates: _figures_pb2.Rates
    open_rate: Comparison
    click_rate: Comparison
    def __init__(self, variant_key: _Optional[str] = ..., share: _Optional[_Union[_figures_pb2.Rate, _Mapping]] = ..., counts: _Optional[_Union[_figures_pb2.MessageCounts, _Mapping]] = ..., rates: _Optional[_Union[_figures_pb2.Rates, _Mapping]] = ..., open_rate: _Optional[_Union[Comparison, _Mapping]] = ..., click_rate: _Optional[_Union[Comparison, _Mapping]] = ...) -> None: ...

class Comparison(_message.Message):
    __slots__ = ("lift_percent", "z_score", "p_value", "verdict")
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
    lift_percent: float
    z_score: float
    p_value: float
    verdict: Comparison.Verdict
    def __init__(self, lift_percent: _Optional[float] = ..., z_score: _Optional[float] = ..., p_value: _Optional[float] = ..., verdict: _Optional[_Union[Comparison.Verdict, str]] = ...) -> None: ...

class GetLinkReportRequest(_message.Message):
    __slots__ = ("campaign_id",)
    CAMPAIGN_ID_FIELD_NUMBER: _ClassVar[int]
    campaign_id: str
    def __init__(self, campaign_id: _Optional[str] = ...) -> None: ...

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
