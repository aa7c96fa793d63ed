"""The stage on which campaigns are sent."""

from tests.campaign.campaigns.conftest import stage

__all__ = ["stage"]
