"""What follows inbound events, step by step in this order (EVT-3)."""

from services.campaign.activities.steps import NoteActivity
from services.campaign.automations import wiring as automations
from services.campaign.contacts.projections import ContactStep
from services.campaign.conversions.projections import ConversionStep
from services.campaign.coupons.projections import CouponStep
from services.campaign.intake.deletions import DeletionStep
from services.campaign.intake.drafts import DraftStep
from services.campaign.intake.steps import Step
from services.campaign.notices import wiring as notices
from services.campaign.orders.projections import OrderStep
from services.campaign.passes.step import PassStep
from services.campaign.referrals.projections import ReferralStep
from services.campaign.rules import wiring as rules
from services.campaign.settings import CampaignSettings
from services.campaign.triggers import wiring as triggers


def steps(settings: CampaignSettings) -> tuple[Step, ...]:
    """Returns the steps; each event passes those that want its type, one after the other."""
    return (
        ContactStep(settings.hash_keys),
        OrderStep(settings.hash_keys),
        NoteActivity(),
        *automations.projections(settings),
        CouponStep(),
        ConversionStep(),
        PassStep(),
        rules.step(settings),
        rules.ticket_step(settings),
        ReferralStep(notices.of(settings)),
        triggers.step(settings),
        automations.step(settings),
        DeletionStep(),
        DraftStep(),
    )
