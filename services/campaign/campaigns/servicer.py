"""CampaignService, of its three parts."""

from services.campaign.campaigns.calls import Calls
from services.campaign.campaigns.planning_servicer import Planning
from services.campaign.campaigns.proving_servicer import Proving
from services.campaign.campaigns.rerun import Resender
from services.campaign.campaigns.sending_servicer import Sending
from services.campaign.forecasts.forecasts import Forecasts
from services.campaign.ledger.hand_overs import HandOvers
from services.campaign.ledger.reconcile import Reconciler


class CampaignServicer(Planning, Sending, Proving):
    """Campaigns of a tenant."""

    def __init__(
        self,
        calls: Calls,
        forecasts: Forecasts,
        reconciler: Reconciler,
        resender: Resender,
        per_second: int,
        hand_overs: HandOvers,
    ) -> None:
        Planning.__init__(self, calls)
        Sending.__init__(self, calls, resender, per_second)
        Proving.__init__(self, calls, forecasts, reconciler, hand_overs)
