"""What sends by a template, and would have nothing to say without it (CAM-46)."""

from services.campaign.automations import templates as automations
from services.campaign.campaigns import store as campaigns
from services.campaign.rules import overrides as rules
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import Template
from services.campaign.triggers import configs as triggers
from services.common.db.uow import UnitOfWork


async def user_of(uow: UnitOfWork, template: Template) -> str:
    """Returns the kind of what is live and sends by a template, one of them; empty when nothing does.

    Automations and rules name templates: where the platform has one of the name, theirs can go.
    """
    if await campaigns.uses_template(uow, template.template_id):
        return "campaign"
    if await triggers.uses_template(uow, template.template_id):
        return "trigger"
    if catalogue().by_name(template.name, template.channel) is not None:
        return ""
    if await automations.sends_by(uow, template.name, template.channel):
        return "automation"
    if await rules.sends_by(uow, template.name, template.channel):
        return "rule"
    return ""
