"""What charts and the tables beside them are made of."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money as MoneyMessage

from angarium.analytics.v1 import report_service_pb2
from angarium.campaign.v1 import settings_service_pb2
from gateway.console import words
from services.common.money import Money


def rows(*columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Returns the rows of a table from its columns; a shorter one ends with nothing."""
    length = max(map(len, columns), default=0)
    return [
        tuple(column[at] if at < len(column) else words.NOTHING for column in columns) for at in range(length)
    ]


def anything(*columns: Iterable[float | None]) -> bool:
    """Returns whether a chart of these columns would show anything."""
    return any(value for column in columns for value in column)


def hour(stamp: Timestamp) -> str:
    """Returns the hour of an instant in UTC."""
    return f"{stamp.ToDatetime():%H}"


def amount(value: MoneyMessage) -> float:
    """Returns an amount for a chart, which is no place for cents."""
    return float(Money.from_proto(value).amount) if value.currency_code else 0.0


def limits(months: Iterable[report_service_pb2.BudgetUse]) -> list[float | None]:
    """Returns the limit of each month, nothing where there was none."""
    return [amount(one.limit) if one.HasField("limit") else None for one in months]


def months(found: Iterable[report_service_pb2.BudgetUse]) -> list[tuple[str, str, str]]:
    """Returns month, spend and limit in words."""
    return [(one.billing_period, words.money(one.spend), words.money(one.limit)) for one in found]


def used(budget: settings_service_pb2.GetBudgetResponse) -> float | None:
    """Returns how much of a budget is spent or reserved, in percent; None without one."""
    limit = amount(budget.limit)
    return (amount(budget.spent) + amount(budget.reserved)) / limit * 100 if limit else None


def arms(found: Iterable[report_service_pb2.AbTestArm], kind: str) -> list[tuple[str, float, float, float]]:
    """Returns key, rate and interval of each arm that has them; `kind` is `open` or `click`."""
    return [
        (arm.variant_key, rate.percent, interval.low_percent, interval.high_percent)
        for arm in found
        for rate, interval in [(getattr(arm.rates, f"{kind}_rate"), getattr(arm, f"{kind}_interval"))]
        if rate.denominator
    ]


def between(interval: report_service_pb2.Interval) -> str:
    """Returns where a rate lies, in words."""
    if not interval.high_percent:
        return words.NOTHING
    return f"{interval.low_percent:.1f} – {interval.high_percent:.1f} %"


def indented(text: str) -> str:
    """Returns JSON so that people can read it."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
