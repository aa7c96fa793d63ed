"""All tables of campaign, for the comparison of migrations with metadata."""

from services.campaign.budgets import tables as budgets
from services.campaign.contacts import tables as contacts
from services.campaign.schema import META
from services.campaign.segments import tables as segments
from services.campaign.tenants import tables as tenants

__all__ = ["META", "budgets", "contacts", "segments", "tenants"]
