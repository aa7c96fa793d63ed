"""What is on its way to contacts who are erased, or become part of others."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from services.campaign.coupons import pool
from services.campaign.notices.domain import Source
from services.campaign.notices.notices import Notices
from services.campaign.triggers import history, telling
from services.campaign.triggers.domain import TriggerType
from services.campaign.triggers.stopping import since_visit
from services.common.db.uow import UnitOfWork

ERASED: Final = "contact_erased"
MERGED: Final = "contact_merged"


async def forget(uow: UnitOfWork, contact_id: UUID, tombstone_id: UUID) -> int:
    """Ends what is on its way, gives its codes back, and puts a tombstone in the contact's place.

    The notices themselves are removed with the contact's others.
    """
    ended = await history.give_up(uow, contact_id, tuple(TriggerType), None, ERASED)
    telling.skipped(uow, [replace(one, contact_id=tombstone_id) for one in ended])
    await pool.give_back(uow, [one.history_id for one in ended if one.campaign_id])
    return await history.forget(uow, contact_id, tombstone_id)


class Merging:
    """Keeps a contact from getting twice what two were to get once each."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def __call__(self, uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
        """Ends what waits of occurrences that the kept contact has too; their entries go with the merge.

        What asked the merged contact to come back is stopped from now on by what stops the kept one's.
        """
        doubles = await history.doubles(uow, merged_id, kept_id)
        await self._notices.cancel_keys(uow, Source.TRIGGER, [str(one) for one in doubles], MERGED)
        await pool.give_back(uow, doubles)
        await self._notices.rename(uow, since_visit(merged_id), since_visit(kept_id))
