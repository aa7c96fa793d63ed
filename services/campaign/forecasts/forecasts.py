"""Estimates and dry runs of campaigns (CAM-70, W2, W8)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from services.campaign.blocks import limits
from services.campaign.budgets import handlers as budgets
from services.campaign.budgets.domain import BudgetExceededError, shares
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.domain import Campaign, Kind, outgrew_approval
from services.campaign.campaigns.findings import Findings
from services.campaign.campaigns.pace import duration
from services.campaign.forecasts.judging import Judges
from services.campaign.forecasts.results import Forecast, Tally
from services.common.db.database import Database
from services.common.errors import invalid
from services.common.rpc.client import Channels


class Forecasts:
    """Goes through audiences beforehand."""

    def __init__(self, database: Database, channels: Channels, checks: Checks, per_second: int) -> None:
        self._database = database
        self._judges = Judges(database, channels)
        self._checks = checks
        self._per_second = per_second

    async def estimate(self, tenant_id: UUID, campaign: Campaign) -> Forecast:
        """Returns what a launch would come to."""
        found: Forecast | None = None
        async for step in self.dry_run(tenant_id, campaign):
            found = step if isinstance(step, Forecast) else found
        assert found is not None  # noqa: S101 - a dry run ends with its forecast
        return found

    async def dry_run(self, tenant_id: UUID, campaign: Campaign) -> AsyncIterator[Tally | Forecast]:
        """Yields how far it is, and in the end what a launch would come to."""
        if campaign.kind is Kind.TRIGGER:
            raise invalid("campaign_id", "is a trigger campaign: nobody knows whom it will write to")
        findings = await self._checks.contents(tenant_id, campaign)
        tally = Tally()
        async for tally in self._judges.go_through(tenant_id, campaign, findings):
            yield tally
        price = await self._checks.price(
            tenant_id, campaign, findings, tally.messages, countries=tally.countries
        )
        route = await self._checks.routes.known(tenant_id, campaign)
        findings, cost = replace(findings, is_unpriced=price is None, route=route), price or Decimal(0)
        yield Forecast(
            campaign,
            tally,
            findings.owner.currency_code,
            cost,
            self._checks.segments(findings),
            duration(tally.messages, self._per_second),
            await self._limited(tenant_id, campaign, tally.messages),
            tuple(self._warnings(campaign, findings, cost)),
        )

    async def _limited(self, tenant_id: UUID, campaign: Campaign, messages: int) -> int:
        """Returns how many would wait for the campaign's own limits."""
        async with self._database.tenant(tenant_id) as uow:
            found = await limits.allowance(uow, campaign)
        return 0 if found is None else max(messages - found.messages, 0)

    def _warnings(self, campaign: Campaign, findings: Findings, cost: Decimal) -> list[str]:
        """Returns what would stop the launch or deserves a look."""
        warnings = list(findings.warnings)
        try:
            budgets.check_room(
                findings.owner, findings.periods, shares(cost, findings.reachable, findings.by_branch)
            )
        except BudgetExceededError:
            warnings.append("budget_exceeded")
        if outgrew_approval(campaign, findings.audience, needed=findings.needs_approval):
            warnings.append("approval_required")
        return list(dict.fromkeys(warnings + self._checks.problems(campaign, findings)))
