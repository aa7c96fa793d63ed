"""What becomes of codes and referrals when two contacts turn out to be one person (CAM-79)."""

from typing import Final
from uuid import UUID

from services.campaign.notices.notices import Notices
from services.campaign.referrals import rewards, store
from services.campaign.referrals.domain import SAME_PERSON
from services.common.db.uow import UnitOfWork

# The kept contact's own code stays; that of the other one leads there by the contact it was made for.
_CODES: Final = """
UPDATE referral_code AS c SET contact_id = %(kept)s WHERE c.tenant_id = %(tenant_id)s AND c.contact_id = %(merged)s
  AND NOT EXISTS (SELECT FROM referral_code o WHERE o.tenant_id = %(tenant_id)s AND o.contact_id = %(kept)s)
"""
_REFERRER: Final = """
UPDATE referral SET referrer_contact_id = %(kept)s WHERE tenant_id = %(tenant_id)s AND referrer_contact_id = %(merged)s
"""
_REFERRED: Final = """
UPDATE referral SET referred_contact_id = %(kept)s WHERE tenant_id = %(tenant_id)s AND referred_contact_id = %(merged)s
"""


class Move:
    """Moves what is kept of the first contact to the second."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    async def __call__(self, uow: UnitOfWork, merged_id: UUID, kept_id: UUID) -> None:
        """Moves referrals in the merge's transaction; who referred themselves, or was referred twice, counts no more."""
        values = {"tenant_id": uow.tenant_id, "merged": merged_id, "kept": kept_id}
        for one in await store.between(uow, merged_id, kept_id):
            await rewards.take_back(uow, self._notices, one, SAME_PERSON)
        twice = await store.standing_of(uow, [merged_id, kept_id])
        for one in twice[1:]:
            await rewards.take_back(uow, self._notices, one, SAME_PERSON)
        for statement in (_CODES, _REFERRER, _REFERRED):
            await uow.execute(statement, values)
