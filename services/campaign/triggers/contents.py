"""What a trigger sends: its template on its channel, on its fallback, and a coupon where its campaign brings one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.campaign.approvals import store as approvals
from services.campaign.approvals.domain import not_approved
from services.campaign.campaigns import store as campaigns
from services.campaign.coupons import pool
from services.campaign.coupons import store as coupons
from services.campaign.coupons.domain import CodeKind, Coupon, CouponRefusedError
from services.campaign.coupons.eligibility import check_usable
from services.campaign.templates import records as versions
from services.campaign.templates import resolving
from services.campaign.templates import store as templates
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import MessageClass, Template, TemplateType, Version
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.campaign.triggers.domain import WHATSAPP, Config
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError


@dataclass(frozen=True, slots=True)
class Content:
    """What can be sent of a trigger."""

    name: str
    """Of the template; empty where the one that was chosen is gone."""
    channels: tuple[int, ...]
    """Channels it can be sent on, in order of preference."""
    category: int
    coupon: Coupon | None = None


async def of(uow: UnitOfWork, config: Config, owner: Tenant, settings: MarketingSettings) -> Content:
    """Returns what a trigger would send now."""
    name = await name_of(uow, config)
    wanted = [config.channel]
    if config.fallback_channel and settings.sms_fallback_enabled:
        wanted.append(config.fallback_channel)
    sendable = [channel for channel in wanted if name and await is_sendable(uow, name, channel)]
    return Content(name, tuple(sendable), config.definition.category, await _coupon(uow, config, owner))


async def name_of(uow: UnitOfWork, config: Config) -> str:
    """Returns the name of a trigger's template; empty when the one that was chosen is gone."""
    if config.template_id is None:
        return config.definition.template_name
    found = await chosen(uow, config.template_id)
    return found.name if found else ""


async def chosen(uow: UnitOfWork, template_id: UUID) -> Template | None:
    """Returns a template, the platform's included."""
    return await templates.by_id(uow, template_id) or catalogue().by_id(template_id)


async def active(uow: UnitOfWork, template: Template) -> Version | None:
    """Returns the active version of a template."""
    if template.active_version_id is None:
        return None
    known = catalogue().version(template.active_version_id)
    return known or await versions.by_id(uow, template.active_version_id)


async def is_sendable(uow: UnitOfWork, name: str, channel: int) -> bool:
    """Returns whether a name has something active on a channel that may be sent as marketing."""
    found = await resolving.named(uow, name, channel)
    return found is not None and not [*problems(*found), *await unapproved(uow, *found)]


def problems(template: Template, version: Version | None) -> Sequence[str]:
    """Returns what keeps a template from being sent by a trigger, as sentences."""
    found = []
    if version is None or not version.is_published or template.active_version_id is None:
        found.append("has no active version")
    if template.template_type is TemplateType.LAYOUT or template.message_class is not MessageClass.MARKETING:
        found.append("must be a marketing template")
    return found


async def unapproved(uow: UnitOfWork, template: Template, version: Version) -> Sequence[str]:
    """Returns the languages that WhatsApp has not approved; none on other channels."""
    if template.channel != WHATSAPP:
        return []
    known = await approvals.of_versions(uow, [version.version_id])
    languages = (one.language_code for one in version.contents)
    return not_approved(languages, known.get(version.version_id, ()))


async def codes(
    uow: UnitOfWork, coupon: Coupon, campaign_id: UUID | None, readers: dict[UUID, UUID]
) -> dict[UUID, str]:
    """Returns the code of each entry; `readers` are the contacts of entries. Entries are missing when a pool is empty."""
    if coupon.code_kind is CodeKind.SHARED:
        return dict.fromkeys(readers, coupon.code or "")
    return await pool.take(uow, coupon, readers, campaign_id)


async def _coupon(uow: UnitOfWork, config: Config, owner: Tenant) -> Coupon | None:
    """Returns the coupon of the trigger's campaign, while it can be used."""
    if config.campaign_id is None:
        return None
    campaign = await campaigns.by_id(uow, config.campaign_id)
    if campaign is None or campaign.coupon_id is None:
        return None
    try:
        await check_usable(uow, campaign.coupon_id, uow.now(), owner)
    except (CouponRefusedError, ServiceError):
        return None
    return await coupons.by_id(uow, campaign.coupon_id)
