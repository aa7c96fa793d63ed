"""What a run hands over, read once and kept: versions and launched campaigns do not change."""

from collections import OrderedDict
from uuid import UUID

from services.campaign.blocks.messages import FALLBACKS, Arm, Plan, shared_values
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.variants import Variant
from services.campaign.coupons import store as coupons
from services.campaign.coupons.domain import CODE_VARIABLE, Coupon
from services.campaign.runs import store
from services.campaign.templates import records as versions
from services.campaign.templates import store as templates
from services.campaign.templates.handlers import used_contact_fields
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork

KEPT = 200


class Plans:
    """Plans of the runs this process works on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[UUID, Plan] = OrderedDict()

    async def of(self, key: store.RunKey) -> Plan:
        """Returns the plan of a run."""
        found = self._kept.get(key.run_id)
        if found is None:
            async with self._database.tenant(key.tenant_id) as uow:
                found = await _plan(uow, key)
            self._kept[key.run_id] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


async def _plan(uow: UnitOfWork, key: store.RunKey) -> Plan:
    campaign = await campaigns.by_id(uow, key.campaign_id)
    run = await store.by_id(uow, key.run_id)
    assert campaign is not None  # noqa: S101 - a launched campaign is never deleted
    assert run is not None  # noqa: S101 - nor is its run
    coupon = await coupons.by_id(uow, campaign.coupon_id) if campaign.coupon_id else None
    arms = [await arm_of(uow, campaign, one, coupon) for one in campaign.arms]
    return Plan(key.tenant_id, campaign, run.planned_at, tuple(arms), coupon)


async def arm_of(uow: UnitOfWork, campaign: Campaign, variant: Variant, coupon: Coupon | None = None) -> Arm:
    """Returns what everybody of a variant gets, from its pinned version."""
    version_id = variant.version_id or campaign.template_version_id
    assert version_id is not None  # noqa: S101 - submitting pins every version
    version = await versions.by_id(uow, version_id)
    template = await templates.of_version(uow, version_id)
    assert version is not None  # noqa: S101 - a published version is never deleted
    assert template is not None  # noqa: S101 - nor is its template
    fields, attributes = used_contact_fields(version)
    values = dict(campaign.variables)
    if coupon is not None and coupon.code:
        values[CODE_VARIABLE] = coupon.code
    return Arm(
        key=variant.key,
        version_id=version_id,
        subject=variant.subject,
        category=template.category,
        fields=fields,
        attributes=attributes,
        # What takes its place may show what it does not.
        shared=shared_values(values, list(values) if campaign.channel in FALLBACKS else version.used),
        media_urls=version.content(version.fallback_language).media_urls,
        shows_code=coupon is not None
        and coupon.code is None
        and (CODE_VARIABLE in version.used or campaign.channel in FALLBACKS),
    )
