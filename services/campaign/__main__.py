"""Runs campaign: `python -m services.campaign serve | work | all | migrate`."""

from services.campaign.bootstrap import NAME, build
from services.campaign.settings import CampaignSettings
from services.common.main import run

if __name__ == "__main__":
    run(NAME, CampaignSettings, build)
