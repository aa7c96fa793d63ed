"""Telling delivery to hold, release or cancel what it has of a run: after the commit, until it knows (GEN-3)."""

import logging
from datetime import timedelta

from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from services.campaign.blocks import store as blocks
from services.campaign.ledger import store as ledger
from services.campaign.ledger.domain import RecipientState
from services.campaign.runs import due as work
from services.campaign.runs.domain import Order
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.errors import ServiceError
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

AGAIN = timedelta(seconds=1)
_BLOCKS = 20


class Orders:
    """Carries orders out; a kill repeats them, and repeats change nothing."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(grpc_pb.MessageServiceStub, "delivery")

    async def carry_out(self) -> bool:
        """Carries out what is due; False when nothing is."""
        async with self._database.system() as uow:
            due = await work.orders_due(uow, self._database.clock.now())
        for order in due:
            try:
                await self._tell(order)
            except ServiceError as error:
                logger.warning("run %s: delivery could not be told: %s", order.run_id, error.reason)
                later = self._database.clock.now() + backoff(order.attempts + 1)
                async with self._database.tenant(order.tenant_id) as uow:
                    await work.delay_order(uow, order.run_id, order.order, later, failed=True)
        return bool(due)

    async def _tell(self, due: work.DueOrder) -> None:
        # Blocks that were in somebody's hands before the call may arrive after it; then it is repeated.
        async with self._database.tenant(due.tenant_id) as uow:
            repeat = due.order is not Order.RELEASE and await blocks.under_way(uow, due.run_id)
        selector = pb.MessageSelector(run_id=str(due.run_id))
        if due.triggered_campaign_id is not None:
            selector = pb.MessageSelector(campaign_id=str(due.triggered_campaign_id))
        with as_tenant(due.tenant_id):
            if due.order is Order.HOLD:
                await self._delivery.HoldMessages(pb.HoldMessagesRequest(selector=selector, reason="paused"))
            elif due.order is Order.RELEASE:
                await self._delivery.ReleaseMessages(pb.ReleaseMessagesRequest(selector=selector))
            else:
                await self._delivery.CancelMessages(
                    pb.CancelMessagesRequest(selector=selector, reason="campaign cancelled")
                )
        left = due.order is Order.CANCEL and await self._cancel_pending(due)
        async with self._database.tenant(due.tenant_id) as uow:
            if repeat or left:
                await work.delay_order(uow, due.run_id, due.order, uow.now() + AGAIN, failed=False)
            else:
                await work.order_done(uow, due.run_id, due.order)

    async def _cancel_pending(self, due: work.DueOrder) -> bool:
        """Cancels lines that were not handed over, some blocks a transaction; True when some are in other hands."""
        while True:
            async with self._database.tenant(due.tenant_id) as uow:
                await tallies.lock(uow, due.run_id)
                left = await blocks.open_blocks(uow, due.run_id, _BLOCKS)
                for block in left:
                    await ledger.move_block(uow, due.run_id, block.number, RecipientState.CANCELLED)
                    await blocks.finish(uow, block)
                if not left:
                    return await blocks.under_way(uow, due.run_id)
