"""Reading what a campaign sends, to how many, and what it may cost."""

from collections.abc import Mapping
from uuid import UUID

from services.campaign.approvals import store as approvals
from services.campaign.approvals.domain import not_approved
from services.campaign.blocks.messages import FALLBACKS
from services.campaign.branches import handlers as branches
from services.campaign.branches import store as branch_store
from services.campaign.budgets import handlers as budgets
from services.campaign.budgets.domain import NO_BRANCH
from services.campaign.campaigns.domain import (
    MARKETING,
    Campaign,
    Kind,
)
from services.campaign.campaigns.findings import Content, Findings
from services.campaign.campaigns.variants import InvalidVariants, Variant
from services.campaign.coupons import eligibility as coupons
from services.campaign.ledger.addresses import address_sql
from services.campaign.segments import store as segments
from services.campaign.segments.audience import Audience, audience
from services.campaign.templates import records as versions
from services.campaign.templates import resolving
from services.campaign.templates import store as templates
from services.campaign.templates.domain import WHATSAPP, MessageClass, Template, TemplateType, Version
from services.campaign.tenants import handlers as tenants
from services.common.db.uow import UnitOfWork
from services.common.errors import failed, invalid, not_found


async def gather(uow: UnitOfWork, campaign: Campaign) -> Findings:
    """Returns what a campaign sends, to how many and from which budgets; its cost is not asked for."""
    owner, settings = await tenants.current_settings(uow)
    await _check_branches(uow, campaign)
    if campaign.coupon_id is not None:
        await coupons.check_usable(uow, campaign.coupon_id, campaign.scheduled_at or uow.now(), owner)
    found = await audience(uow, segment_id=campaign.segment_id, branch_ids=campaign.branch_ids)
    contents = [await content_of(uow, campaign, one) for one in campaign.arms]
    _check_contents(campaign, contents)
    total, with_email, with_phone = await segments.count(uow, found.where, found.params)
    reachable = {"c.email": with_email, "c.phone": with_phone}.get(address_sql(campaign.channel), total)
    is_held = campaign.message_class == MARKETING
    by_branch = await _charged(uow, campaign, found, total) if is_held or campaign.branch_ids else {}
    held = campaign.branch_ids or tuple(by_branch.keys() - {NO_BRANCH})
    periods = await budgets.present(uow, owner, held) if is_held else ()
    if campaign.kind is Kind.TRIGGER:
        total, reachable = 0, 0
    return Findings(
        owner,
        settings,
        tuple(contents),
        total,
        reachable,
        tuple(periods),
        by_branch,
        campaign.kind,
        segment_version=found.segment_version,
    )


async def _charged(uow: UnitOfWork, campaign: Campaign, found: Audience, total: int) -> Mapping[UUID, int]:
    """Returns how an audience is spread over the branches whose budgets hold it.

    These are the branches that are named. Where none is, each message is charged to its contact's branch all the same, so
    they are those with a budget of their own, and everybody else stands for the tenant alone.
    """
    if campaign.branch_ids:
        return await segments.count_by_branch(uow, found.where, found.params)
    limited = await branch_store.limited(uow)
    if not limited:
        return {}
    spread = await segments.count_by_branch(uow, found.where, found.params)
    counts = {branch_id: spread[branch_id] for branch_id in limited if branch_id in spread}
    rest = total - sum(counts.values())
    return {**counts, NO_BRANCH: rest} if counts and rest else counts


async def _check_branches(uow: UnitOfWork, campaign: Campaign) -> None:
    """Refuses branches that are not the tenant's, or that send nothing (CAM-20, CAM-116)."""
    for branch in await branches.named(uow, campaign.branch_ids):
        if branch.is_archived or (campaign.message_class == MARKETING and not branch.marketing_enabled):
            raise failed(
                "MARKETING_DISABLED", "a branch of the campaign sends nothing", branch_id=branch.branch_id
            )


async def content_of(uow: UnitOfWork, campaign: Campaign, variant: Variant) -> Content:
    """Returns what an arm sends: its pinned version, else the active one."""
    template_id = campaign.template_of(variant)
    template = await templates.by_id(uow, template_id)
    if template is None:
        raise not_found("template", template_id)
    if template.channel != campaign.channel:
        raise failed(
            "TEMPLATE_CHANNEL_MISMATCH", "the template is for another channel", template_id=template_id
        )
    version_id = variant.version_id or template.active_version_id
    version = await versions.by_id(uow, version_id) if version_id else None
    if version is None:
        raise invalid("campaign.template_id", "has no active version", "TEMPLATE_INVALID")
    if template.template_type is TemplateType.LAYOUT:
        raise invalid("campaign.template_id", "is a layout, which is never sent itself", "TEMPLATE_INVALID")
    return Content(
        variant,
        template,
        version,
        await _unapproved(uow, template, version),
        await _fallback(uow, template),
    )


async def _fallback(uow: UnitOfWork, template: Template) -> Version | None:
    channel = FALLBACKS.get(template.channel)
    found = await resolving.named(uow, template.name, channel) if channel else None
    return found[1] if found else None


async def _unapproved(uow: UnitOfWork, template: Template, version: Version) -> tuple[str, ...]:
    if template.channel != WHATSAPP:
        return ()
    known = await approvals.of_versions(uow, [version.version_id])
    languages = (one.language_code for one in version.contents)
    return tuple(not_approved(languages, known.get(version.version_id, ())))


def _check_contents(campaign: Campaign, contents: list[Content]) -> None:
    """Refuses templates of another class than the campaign's, and tests that mix classes."""
    classes = {one.template.message_class for one in contents}
    if campaign.variants and len(classes) > 1:
        raise InvalidVariants([("campaign.variants", "must have templates of one class")])
    if classes != {MessageClass(campaign.message_class)}:
        raise invalid("campaign.template_id", "is of another class than the campaign")
