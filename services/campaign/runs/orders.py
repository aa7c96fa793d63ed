"""Telling delivery to hold, release or cancel what it has of a run: after the commit, until it knows (GEN-3)."""

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
from services.common.loops import apart
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

AGAIN = timedelta(seconds=1)
LEASE = timedelta(minutes=1)
_BLOCKS = 20


class Orders:
    """Carries orders out; a kill repeats them, and repeats change nothing."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(grpc_pb.MessageServiceStub, "delivery")

    async def carry_out(self) -> bool:
        """Carries out what is due; False when nothing is."""
        async with self._database.system() as uow:
            due = await work.claim_orders(uow, LEASE)
        for order in due:
            await apart(f"telling delivery of run {order.run_id}", self._carry_one(order), otherwise=None)
        return bool(due)

    async def _carry_one(self, order: work.DueOrder) -> None:
        try:
            await self._tell(order)
        except Exception:
            # It is told again later whatever the trouble was, and those behind it are told now.
            later = self._database.clock.now() + backoff(order.attempts + 1)
            async with self._database.tenant(order.tenant_id) as uow:
                await work.delay_order(uow, order, later, failed=True)
            raise

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
                await work.delay_order(uow, due, uow.now() + AGAIN, failed=False)
            else:
                await work.order_done(uow, due)

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
