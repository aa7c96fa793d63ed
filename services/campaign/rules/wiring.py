"""What notification rules give to the bootstrap."""

from angarium.campaign.v1 import notification_rule_service_pb2, notification_rule_service_pb2_grpc
from services.campaign.intake.sealing import Vault
from services.campaign.notices import wiring as notices
from services.campaign.rules.handlers import Rules
from services.campaign.rules.memory import forget_old
from services.campaign.rules.servicer import NotificationRuleServicer
from services.campaign.rules.step import RuleStep, Site
from services.campaign.rules.stop_links import StopLinks
from services.campaign.rules.table import platform
from services.campaign.rules.tickets import TicketStep
from services.campaign.settings import CampaignSettings
from services.common.db.database import Database
from services.common.security.envelope import Envelope
from services.common.security.tokens import TokenSigner
from services.common.service import Registration

__all__ = ["forget_old", "registration", "step", "ticket_step"]


def step(settings: CampaignSettings) -> RuleStep:
    """Returns the step that tells people what events mean for them; RuleTableError stops the start."""
    return RuleStep(
        platform(),
        notices.of(settings),
        Vault(Envelope(settings.encryption_keys), settings.hash_keys),
        Site(
            str(settings.frontend_url),
            str(settings.support_email),
            str(settings.cs_team_email),
            StopLinks(TokenSigner(settings.token_keys), settings.hash_keys, str(settings.public_base_url)),
        ),
    )


def ticket_step(settings: CampaignSettings) -> TicketStep:
    """Returns the step that ends reminders of those whose tickets end; it comes after the other."""
    return TicketStep(notices.of(settings))


def registration(database: Database) -> Registration:
    """Returns the RPC service of notification rules."""
    return Registration(
        notification_rule_service_pb2.DESCRIPTOR.services_by_name["NotificationRuleService"],
        notification_rule_service_pb2_grpc.add_NotificationRuleServiceServicer_to_server,
        NotificationRuleServicer(Rules(database, platform())),
    )
