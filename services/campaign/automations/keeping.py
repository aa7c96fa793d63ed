"""How long runs are kept, and how a person is taken out of them (GEN-47, CON-90)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.campaign.automations import runs
from services.campaign.automations.means import Means
from services.campaign.automations.moving import cancel
from services.common.db.uow import UnitOfWork

KEPT: Final = timedelta(days=90)
ERASED: Final = "contact_erased"


async def forget_old(uow: UnitOfWork, now: datetime, limit: int) -> int:
    """Removes runs that ended long ago, with their steps; a step of the cleanup."""
    return await uow.execute(
        "DELETE FROM automation_run WHERE (tenant_id, run_id) IN (SELECT tenant_id, run_id FROM automation_run"
        " WHERE finished_at < %s LIMIT %s)",
        (now - KEPT, limit),
    )


async def forget(uow: UnitOfWork, means: Means, contact_id: UUID) -> int:
    """Ends a person's runs and takes the person out of all of them; returns how many there were."""
    await cancel(uow, means, await runs.open_of(uow, contact_id=contact_id), ERASED)
    return await uow.execute(
        "UPDATE automation_run SET contact_id = NULL, data = NULL WHERE tenant_id = %s AND contact_id = %s",
        (uow.tenant_id, contact_id),
    )
