"""Telling delivery to hold queued marketing, or to let it go: after the commit, until it knows (CAM-22, GEN-3)."""

import asyncio
from datetime import timedelta
from typing import Final

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from services.campaign.tenants import store
from services.campaign.tenants.store import DueOrder, MarketingOrder
from services.common.db.database import Database
from services.common.loops import apart, repeat
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

REASON: Final = "marketing is switched off"
LEASE: Final = timedelta(minutes=1)


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
            due = await store.claim_orders(uow, LEASE)
        for order in due:
            await apart(f"marketing of tenant {order.tenant_id}", self._carry_one(order), None)
        return bool(due)

    async def _carry_one(self, due: DueOrder) -> None:
        try:
            await self._tell(due)
        except Exception:
            # It is told again later whatever the trouble was, and those behind it are told now.
            async with self._database.tenant(due.tenant_id) as uow:
                await store.delay_order(uow, due, uow.now() + backoff(due.attempts))
            raise
        async with self._database.tenant(due.tenant_id) as uow:
            await store.order_done(uow, due)

    async def _tell(self, due: DueOrder) -> None:
        selector = pb.MessageSelector(tenant_marketing=True)
        with as_tenant(due.tenant_id):
            if due.order is MarketingOrder.HOLD:
                await self._delivery.HoldMessages(pb.HoldMessagesRequest(selector=selector, reason=REASON))
            else:
                await self._delivery.ReleaseMessages(pb.ReleaseMessagesRequest(selector=selector))
