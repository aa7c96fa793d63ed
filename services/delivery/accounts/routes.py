"""Whether messages of a channel have an account to leave by, before anybody sends them (DEL-74, DEL-75)."""

from uuid import UUID

from angarium.delivery.v1 import provider_service_pb2 as pb
from services.common.db.database import Database
from services.delivery.accounts import store
from services.delivery.accounts.internal import BY_CHANNEL
from services.delivery.messages.domain import Channel, MessageClass

Route = pb.GetChannelRouteResponse.Route


async def route(
    database: Database,
    enabled: frozenset[Channel],
    tenant_id: UUID,
    channel: Channel,
    message_class: MessageClass,
) -> Route:
    """Returns what messages have to leave by; an account whose circuit is open is one all the same."""
    if channel not in enabled:
        return pb.GetChannelRouteResponse.ROUTE_CHANNEL_DISABLED
    if channel in BY_CHANNEL or await store.carrying(database, tenant_id, channel, message_class):
        return pb.GetChannelRouteResponse.ROUTE_OPEN
    return pb.GetChannelRouteResponse.ROUTE_NO_ACCOUNT
