"""Telling delivery to hold queued marketing, or to let it go: after the commit, until it knows (CAM-22, GEN-3)."""

import asyncio
import logging
from typing import Final

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from services.campaign.tenants import store
from services.campaign.tenants.store import DueOrder, MarketingOrder
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.loops import repeat
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

REASON: Final = "marketing is switched off"


class MarketingOrders:
    """Carries orders out; a kill repeats them, and repeats change nothing. Any number of processes may."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(grpc_pb.MessageServiceStub, "delivery")

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        await repeat(self.carry_out, stop, "orders about marketing")

    async def carry_out(self) -> bool:
        """Carries out what is due; False when nothing is."""
        async with self._database.system() as uow:
            due = await store.orders_due(uow)
        for order in due:
            try:
                await self._tell(order)
            except ServiceError as error:
                logger.warning("delivery could not be told of marketing: %s", error.reason)
                async with self._database.tenant(order.tenant_id) as uow:
                    await store.delay_order(uow, order.order, uow.now() + backoff(order.attempts + 1))
            else:
                async with self._database.tenant(order.tenant_id) as uow:
                    await store.order_done(uow, order.order)
        return bool(due)

    async def _tell(self, due: DueOrder) -> None:
        selector = pb.MessageSelector(tenant_marketing=True)
        with as_tenant(due.tenant_id):
            if due.order is MarketingOrder.HOLD:
                await self._delivery.HoldMessages(pb.HoldMessagesRequest(selector=selector, reason=REASON))
            else:
                await self._delivery.ReleaseMessages(pb.ReleaseMessagesRequest(selector=selector))
