"""Use cases of budgets as SettingsService asks for them."""

from dataclasses import replace
from uuid import UUID

from angarium.campaign.v1 import settings_service_pb2 as pb
from services.campaign.branches import handlers as branches
from services.campaign.budgets import convert, handlers
from services.campaign.budgets.domain import NO_BRANCH, month_of
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.rpc.context import current_caller, tenant


class BudgetCases:
    """Budgets of a tenant and of its branches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, request: pb.GetBudgetRequest) -> pb.GetBudgetResponse:
        """Returns the budget of a month."""
        async with self._database.tenant(tenant()) as uow:
            owner, settings = await tenants.current_settings(uow)
            branch_id = NO_BRANCH
            if request.branch_id:
                branch = await branches.get(uow, UUID(request.branch_id), current_caller())
                branch_id = branch.branch_id
            present = month_of(uow.now(), owner.default_time_zone)
            found = await handlers.period(uow, request.month or present, branch_id)
        if found.month < present and not found.is_recorded:
            # Nobody knows what limit a month had in which nothing happened.
            found = replace(found, limit=None)
        return convert.period_to_proto(found, owner.currency_code, settings.budget_alert_threshold_percent)
