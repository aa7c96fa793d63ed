"""What notification rules give to the bootstrap."""

from services.campaign.intake.sealing import Vault
from services.campaign.notices import wiring as notices
from services.campaign.rules.step import RuleStep, Site
from services.campaign.rules.table import platform
from services.campaign.settings import CampaignSettings
from services.common.security.envelope import Envelope


def step(settings: CampaignSettings) -> RuleStep:
    """Returns the step that tells people what events mean for them; RuleTableError stops the start."""
    return RuleStep(
        platform(),
        notices.of(settings),
        Vault(Envelope(settings.encryption_keys), settings.hash_keys),
        Site(str(settings.frontend_url), str(settings.support_email), str(settings.cs_team_email)),
    )
