"""Telling that a budget is nearly or wholly used: one event for each period and level, and one alert to owners (CAM-76)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from google.protobuf import json_format

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.budgets import store
from services.campaign.budgets.domain import NO_BRANCH, Level, Period
from services.campaign.staff import alerts as staff
from services.campaign.tenants.domain import Tenant
from services.common.db.uow import UnitOfWork
from services.common.events.event import Event
from services.common.money import Money, exponent
from services.common.security.permissions import SUPER_OWNER

TEMPLATE: Final = "budget-alert"

_FACTS = """
SELECT s.budget_alert_threshold_percent, b.name FROM marketing_settings s
LEFT JOIN branch b ON b.tenant_id = s.tenant_id AND b.branch_id = %s
WHERE s.tenant_id = %s
"""


async def tell(uow: UnitOfWork, owner: Tenant, periods: Iterable[Period]) -> None:
    """Tells of the levels that locked periods reached first in this transaction."""
    places = exponent(owner.currency_code)
    for period in periods:
        if period.limit is None or period.exhausted_at is not None:
            continue
        threshold, branch_name = await uow.fetch_one(_FACTS, (period.branch_id, uow.tenant_id)) or (100, None)
        for level in period.untold(threshold, places):
            await store.mark(uow, period.key, level)
            _emit(uow, owner, period, level, threshold)
            variables = _variables(owner, period, 100 if level is Level.EXHAUSTED else threshold)
            await staff.add(uow, TEMPLATE, SUPER_OWNER, {**variables, "branch": branch_name or ""})


def _emit(uow: UnitOfWork, owner: Tenant, period: Period, level: Level, threshold: int) -> None:
    assert period.limit is not None  # noqa: S101 - without a limit there is no level
    payload = events_pb2.BudgetAlert(
        month=period.month,
        branch_id="" if period.branch_id == NO_BRANCH else str(period.branch_id),
        level=int(level),  # type: ignore[arg-type]  # numbered as in the contract
        spent=Money(owner.currency_code, period.spent).to_proto(),
        reserved=Money(owner.currency_code, period.reserved).to_proto(),
        limit=Money(owner.currency_code, period.limit).to_proto(),
        alert_threshold_percent=threshold,
    )
    uow.emit(Event("budget.alert", "budget", f"{period.month}/{payload.branch_id}".rstrip("/"), payload))


def _variables(owner: Tenant, period: Period, percent: int) -> dict[str, Any]:
    def money(amount: Decimal | None) -> dict[str, Any]:
        assert amount is not None  # noqa: S101 - without a limit there is no level
        whole = Money(owner.currency_code, amount).round_half_up().to_proto()
        return json_format.MessageToDict(
            whole, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
        )

    return {
        "month": period.month,
        "percent": percent,
        "spent": money(period.spent),
        "reserved": money(period.reserved),
        "limit": money(period.limit),
    }
