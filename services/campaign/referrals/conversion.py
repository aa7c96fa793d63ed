"""When a referral begins to count: once, by what its person did (LIF-81)."""

from services.campaign.notices.notices import Notices
from services.campaign.referrals import rewards, store
from services.campaign.referrals.domain import Act, Referral, ReferralSettings, converted, counts
from services.campaign.tenants.domain import Tenant
from services.common.db.uow import UnitOfWork


async def convert_by(
    uow: UnitOfWork,
    notices: Notices,
    owner: Tenant,
    rules: ReferralSettings,
    referral: Referral,
    act: Act,
) -> Referral:
    """Lets a locked referral count when an act makes it, and has the referrer paid; else returns it as it was."""
    if not counts(referral, act, rules):
        return referral
    after = converted(referral, act, rules, uow.now())
    await store.save(uow, after)
    rewards.tell(uow, "referral.converted", after)
    return await rewards.pay(uow, notices, owner, after, rules.expires_after_days)
