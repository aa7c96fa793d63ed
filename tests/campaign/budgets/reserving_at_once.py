"""A process that reserves of the same budget as its siblings at the same time, and prints what came of it."""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from uuid import UUID

from services.campaign.budgets import handlers
from services.campaign.budgets.domain import BudgetExceededError
from services.campaign.settings import CampaignSettings
from services.campaign.tenants import store as tenants
from services.common.db.database import Database
from services.common.ids import uuid7
from services.common.settings import load


async def main() -> None:
    """Reserves as often as it is told to."""
    tenant_id = UUID(os.environ["TENANT"])
    database = await Database.open(load(CampaignSettings), "campaign")
    for _ in range(int(os.environ["TIMES"])):
        try:
            async with database.tenant(tenant_id) as uow:
                owner = await tenants.tenant(uow, tenant_id)
                assert owner is not None
                await handlers.reserve(
                    uow,
                    owner,
                    cost=Decimal("0.09"),
                    messages=9,
                    by_branch={},
                    campaign_id=uuid7(),
                    run_id=uuid7(),
                )
        except BudgetExceededError:
            print("refused", flush=True)
        else:
            print("reserved", flush=True)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
