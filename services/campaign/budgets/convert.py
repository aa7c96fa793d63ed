"""Between budgets and the contract."""

from decimal import Decimal

from google.type import money_pb2

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.budgets.domain import Period
from services.common.money import Money


def period_to_proto(period: Period, currency: str, threshold_percent: int) -> pb.GetBudgetResponse:
    """Returns a period as the contract shows it."""

    def money(amount: Decimal) -> money_pb2.Money:
        return Money(currency, amount).to_proto()

    response = pb.GetBudgetResponse(
        reserved=money(period.reserved),
        spent=money(period.spent),
        uncounted=money(period.uncounted),
        month=period.month,
        level=int(period.told),  # type: ignore[arg-type]  # numbered as in the contract
        alert_threshold_percent=threshold_percent,
    )
    if period.limit is not None and period.remaining is not None:
        response.limit.CopyFrom(money(period.limit))
        response.remaining.CopyFrom(money(period.remaining))
    if period.alerted_at is not None:
        response.alert_time.FromDatetime(period.alerted_at)
    if period.exhausted_at is not None:
        response.exhaust_time.FromDatetime(period.exhausted_at)
    return response
