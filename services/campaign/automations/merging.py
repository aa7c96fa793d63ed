"""Runs of contacts who become part of others: of two that one cause started the kept contact's goes on."""

from typing import Final
from uuid import UUID

from services.campaign.automations import runs
from services.campaign.automations.means import Means
from services.campaign.automations.moving import cancel
from services.common.db.uow import UnitOfWork

MERGED: Final = "contact_merged"

_DOUBLES: Final = """
SELECT mine.run_id FROM automation_run AS mine
JOIN automation_run AS other USING (tenant_id, automation_id, trigger_key)
WHERE mine.tenant_id = %(tenant_id)s AND mine.contact_id = %(merged)s AND mine.state <= 2 AND other.contact_id = %(kept)s
"""


class Merging:
    """Ends runs that a merge would remove while they are under way, with what they wrote."""

    def __init__(self, means: Means) -> None:
        self._means = means

    async def __call__(self, uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
        """Ends them before the merge."""
        named = {"tenant_id": uow.tenant_id, "merged": merged_id, "kept": kept_id}
        ids = [run_id for (run_id,) in await uow.fetch_all(_DOUBLES, named)]
        await cancel(uow, self._means, await runs.by_ids(uow, ids, lock=True), MERGED)
