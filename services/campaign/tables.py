"""All tables of campaign, for the comparison of migrations with metadata."""

from services.campaign.activities import tables as activities
from services.campaign.approvals import tables as approvals
from services.campaign.automations import tables as automations
from services.campaign.blocks import tables as blocks
from services.campaign.branches import tables as branches
from services.campaign.budgets import tables as budgets
from services.campaign.campaigns import tables as campaigns
from services.campaign.carts import tables as carts
from services.campaign.consent_links import tables as consent_links
from services.campaign.contacts import tables as contacts
from services.campaign.coupons import tables as coupons
from services.campaign.experiments import tables as experiments
from services.campaign.feedback import tables as feedback
from services.campaign.followups import tables as followups
from services.campaign.intake import tables as intake
from services.campaign.ledger import tables as ledger
from services.campaign.notices import tables as notices
from services.campaign.orders import tables as orders
from services.campaign.passes import tables as passes
from services.campaign.referrals import tables as referrals
from services.campaign.rules import tables as rules
from services.campaign.runs import tables as runs
from services.campaign.schema import META
from services.campaign.segments import tables as segments
from services.campaign.staff import tables as staff
from services.campaign.tallies import tables as tallies
from services.campaign.templates import tables as templates
from services.campaign.tenants import tables as tenants
from services.campaign.translations import tables as translations
from services.campaign.triggers import tables as triggers

__all__ = [
    "META",
    "activities",
    "approvals",
    "automations",
    "blocks",
    "branches",
    "budgets",
    "campaigns",
    "carts",
    "consent_links",
    "contacts",
    "coupons",
    "experiments",
    "feedback",
    "followups",
    "intake",
    "ledger",
    "notices",
    "orders",
    "passes",
    "referrals",
    "rules",
    "runs",
    "segments",
    "staff",
    "tallies",
    "templates",
    "tenants",
    "translations",
    "triggers",
]
