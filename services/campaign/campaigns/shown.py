"""A campaign with what is shown beside it."""

from dataclasses import dataclass

from services.campaign.campaigns.domain import Campaign
from services.campaign.ledger.domain import Tally


@dataclass(frozen=True, slots=True)
class Shown:
    """A campaign with what its runs add up to, and the currency of its money."""

    campaign: Campaign
    tally: Tally | None
    currency: str
    template_name: str = ""
    segment_name: str = ""
