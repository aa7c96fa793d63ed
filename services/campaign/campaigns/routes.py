"""Whether what a campaign sends has an account to leave by, as delivery says (CAM-99, DEL-75)."""

from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from angarium.delivery.v1.provider_service_pb2_grpc import ProviderServiceStub
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.findings import Route
from services.common.errors import ServiceError
from services.common.rpc.client import Channels, as_tenant


class Routes:
    """Asks delivery about the way out; never inside a transaction."""

    def __init__(self, channels: Channels) -> None:
        self._providers = channels.stub(ProviderServiceStub, "delivery")

    async def of(self, tenant_id: UUID, campaign: Campaign) -> Route:
        """Returns what messages of a campaign have to leave by; DEPENDENCY_UNAVAILABLE while nobody can say."""
        request = pb.GetChannelRouteRequest(
            channel=campaign.channel,  # type: ignore[arg-type]  # numbered as in the contract
            message_class=campaign.message_class,  # type: ignore[arg-type]  # the same
        )
        with as_tenant(tenant_id):
            return Route((await self._providers.GetChannelRoute(request)).route)

    async def known(self, tenant_id: UUID, campaign: Campaign) -> Route:
        """Returns the same as far as it is known now: a draft or a forecast does not wait for the answer."""
        try:
            return await self.of(tenant_id, campaign)
        except ServiceError:
            return Route.UNKNOWN
