"""Budgets of a tenant that sends, as delivery's events and the turn of the month move them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.type.money_pb2 import Money as MoneyMessage

from angarium.campaign.v1 import campaign_events_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.budgets.domain import NO_BRANCH, month_of
from services.campaign.tenants import store as tenants
from services.campaign.tenants.domain import Tenant
from services.common.money import Money
from tests.campaign.campaigns.conftest import Stage, stage

__all__ = ["stage"]

SUMS = """
SELECT p.month, p.branch_id, p.reserved, p.spent, p.uncounted,
    COALESCE(sum(CASE e.kind WHEN 'reserve' THEN e.amount WHEN 'release' THEN -e.amount END), 0),
    COALESCE(sum(e.amount) FILTER (WHERE e.kind = 'spend' AND e.is_counted), 0),
    COALESCE(sum(e.amount) FILTER (WHERE e.kind = 'spend' AND NOT e.is_counted), 0)
FROM budget_period p
LEFT JOIN budget_entry e ON e.tenant_id = p.tenant_id AND e.month = p.month
    AND (p.branch_id = %(nobody)s OR e.branch_id = p.branch_id)
WHERE p.tenant_id = %(tenant_id)s
GROUP BY p.month, p.branch_id, p.reserved, p.spent, p.uncounted
"""
HELD = "SELECT month, sum(held) FROM budget_reservation WHERE tenant_id = %s GROUP BY month"


def euros(text: str) -> MoneyMessage:
    return Money("EUR", Decimal(text)).to_proto()


@dataclass
class Ledger:
    """Budgets as tests move and read them."""

    stage: Stage
    branches: list[str] = field(default_factory=list)

    @property
    def settings(self) -> Any:
        return self.stage.served.person(SettingsServiceStub)

    @property
    def month(self) -> str:
        return month_of(self.stage.clock.now(), "Europe/Berlin")

    async def owner(self, uow: Any) -> Tenant:
        found = await tenants.tenant(uow, self.stage.served.tenant_id)
        assert found is not None
        return found

    async def limit(self, text: str | None, branch_id: str = "") -> None:
        """Sets the budget of the tenant or of a branch."""
        given = {} if text is None else {"monthly_budget_limit": euros(text)}
        mask = FieldMask(paths=["monthly_budget_limit"])
        if not branch_id:
            read = (await self.settings.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
            wanted = pb.MarketingSettings(**given, etag=read.etag)
            await self.settings.UpdateMarketingSettings(
                pb.UpdateMarketingSettingsRequest(settings=wanted, update_mask=mask)
            )
            return
        known = await self.settings.GetBranchSettings(pb.GetBranchSettingsRequest(branch_id=branch_id))
        branch = pb.BranchSettings(branch_id=branch_id, etag=known.branch.etag, **given)
        await self.settings.UpdateBranchSettings(
            pb.UpdateBranchSettingsRequest(branch=branch, update_mask=mask)
        )

    async def read(self, branch_id: str = "", month: str = "") -> pb.GetBudgetResponse:
        answer: pb.GetBudgetResponse = await self.settings.GetBudget(
            pb.GetBudgetRequest(month=month, branch_id=branch_id)
        )
        return answer

    async def sums(self, branch_id: str = "", month: str = "") -> tuple[Decimal, Decimal]:
        """Reserved and spent."""
        read = await self.read(branch_id, month)
        return Money.from_proto(read.reserved).amount, Money.from_proto(read.spent).amount

    async def launch(self, **fields: Any) -> tuple[str, list[str]]:
        """Sends a campaign; returns it with its messages."""
        sent = await self.stage.send(**fields)
        await self.stage.worker().run_until_idle()
        lines = await self.stage.recipients(sent.campaign.campaign_id)
        return sent.campaign.campaign_id, [one.message_id for one in lines]

    async def cost(
        self,
        amount: str,
        *ids: str,
        campaign_id: str = "",
        month: str = "",
        attempt: int = 1,
        currency: str = "EUR",
        **fields: Any,
    ) -> None:
        payload = events.CostsRecorded(provider="sendgrid", campaign_id=campaign_id)
        for one in ids:
            item = payload.costs.add(
                message_id=one, attempt=attempt, billing_period=month or self.month, **fields
            )
            item.cost.CopyFrom(Money(currency, Decimal(amount)).to_proto())
        await self.stage.apply("message.cost_recorded", payload)

    async def stop(self, kind: str, campaign_id: str, *ids: str) -> None:
        payload = events.MessagesStopped()
        for one in ids:
            payload.messages.add(message_id=one, campaign_id=campaign_id, reason="why")
        await self.stage.apply(f"message.{kind}", payload)

    async def check(self) -> None:
        """Every sum of a period is the sum of its entries, and what is reserved is what runs hold."""
        tenant_id = self.stage.served.tenant_id
        async with self.stage.database.tenant(tenant_id) as uow:
            rows = await uow.fetch_all(SUMS, {"tenant_id": tenant_id, "nobody": NO_BRANCH})
            held = dict(await uow.fetch_all(HELD, (tenant_id,)))
        for month, branch_id, *sums in rows:
            assert sums[:3] == sums[3:], (month, branch_id)
            assert min(sums) >= 0
            if branch_id == NO_BRANCH:
                assert sums[0] == held.get(month, 0)

    async def alerts(self) -> list[campaign_events_pb2.BudgetAlert]:
        found = []
        for envelope in await self.stage.outbox("budget.alert"):
            payload = campaign_events_pb2.BudgetAlert()
            assert envelope.payload.Unpack(payload)
            found.append(payload)
        return found

    async def people(self, count: int, branch_id: str = "") -> list[str]:
        """Adds contacts of a branch, or of none."""
        return await self.stage.contacts(count, tag=branch_id[:8], branch_id=branch_id)


@pytest.fixture
def ledger(stage: Stage) -> Ledger:
    return Ledger(stage)


def uuid(text: str) -> UUID:
    return UUID(text)
