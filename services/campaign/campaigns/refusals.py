"""What stops contents from being launched, a rule each (CAM-97 to CAM-99)."""

from services.campaign.campaigns.domain import (
    EMAIL,
    MARKETING,
    Campaign,
)
from services.campaign.campaigns.findings import Findings, Route
from services.campaign.coupons.domain import CODE_VARIABLE
from services.campaign.templates import rendering
from services.campaign.templates.domain import CHANNEL_WORDS
from services.campaign.tenants.domain import TenantState
from services.common.errors import failed
from services.common.templating.spam import PASSING_SCORE


def check_switches(campaign: Campaign, found: Findings) -> None:
    """Refuses what the tenant, or whoever runs it, switched off."""
    settings = found.settings
    if found.owner.state is TenantState.CLOSED:
        raise failed("MARKETING_DISABLED", "the tenant is closed")
    marketing = campaign.message_class == MARKETING
    is_off = marketing and campaign.channel not in settings.enabled_channels
    if is_off or campaign.channel in settings.blocked_channels:
        channel = CHANNEL_WORDS[campaign.channel]
        raise failed("CHANNEL_DISABLED", f"the channel {channel} is switched off", channel=channel)
    if marketing and not settings.marketing_enabled:
        raise failed("MARKETING_DISABLED", "marketing is switched off")


def check_route(campaign: Campaign, found: Findings) -> None:
    """Refuses what has nothing to leave by: every message of it would fail (DEL-74, DEL-75)."""
    channel = CHANNEL_WORDS[campaign.channel]
    if found.route is Route.NO_ACCOUNT:
        raise failed(
            "PROVIDER_NOT_CONFIGURED",
            f"no provider account carries {channel} of this class: add or enable one",
            channel=channel,
        )
    if found.route is Route.CHANNEL_DISABLED:
        raise failed(
            "CHANNEL_DISABLED", f"the channel {channel} is switched off in this deployment", channel=channel
        )


def check_sender(campaign: Campaign, found: Findings) -> None:
    """Refuses marketing mail that would not say who sends it (CAM-2)."""
    if (
        campaign.channel == EMAIL
        and campaign.message_class == MARKETING
        and not found.settings.postal_address
    ):
        raise failed(
            "INVALID_CONFIGURATION",
            "marketing e-mail needs the sender's postal address",
            field="postal_address",
        )


def check_variables(campaign: Campaign, found: Findings) -> None:
    """Refuses contents whose required variables the campaign gives no value."""
    given = {**campaign.variables, **({CODE_VARIABLE: ""} if campaign.coupon_id else {})}
    missing = {
        one.name
        for content in found.contents
        for version in (content.version, content.fallback)
        for one in (version.variables if version else ())
        if one.required and one.default is None and given.get(one.name) is None
    }
    if missing:
        names = ",".join(sorted(missing))
        raise failed("MISSING_VARIABLES", f"variables have no value: {names}", variables=names)


def check_approvals(_campaign: Campaign, found: Findings) -> None:
    """Refuses WhatsApp contents of which a language is approved nowhere (CAM-94, CAM-146)."""
    for one in found.contents:
        if one.unapproved:
            languages = ",".join(one.unapproved)
            raise failed(
                "WHATSAPP_TEMPLATE_NOT_APPROVED",
                f"WhatsApp has not approved the template {one.template.name} in {languages}",
                template=one.template.name,
                languages=languages,
            )


def check_spam(_campaign: Campaign, found: Findings) -> None:
    """Refuses when any arm scores above 5 in any language (CAM-98)."""
    for one in found.contents:
        report = rendering.worst_score(one.template.channel, one.version.contents, one.variant.subject)
        if not report.passed:
            raise failed(
                "SPAM_SCORE_TOO_HIGH",
                f"the content scores {report.score}, above {PASSING_SCORE}",
                score=report.score,
                variant=one.variant.key,
                flags=",".join(report.flags),
            )
