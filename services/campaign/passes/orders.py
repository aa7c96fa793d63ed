"""Telling delivery what becomes of passes: after the commit, block by block, until it knows (GEN-3)."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1.wallet_service_pb2_grpc import WalletServiceStub
from services.campaign.passes import store
from services.campaign.passes.domain import Due, What
from services.common.db.database import Database
from services.common.errors import PASSING, ServiceError
from services.common.loops import repeat
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
AT_ONCE: Final = 10
BLOCK: Final = 1000
"""Tickets named in one call."""
LONGEST_WAIT: Final = timedelta(minutes=5)


class PassOrders:
    """Carries orders out; a kill repeats them, and repeats change nothing. Any number of processes may."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(WalletServiceStub, "delivery")

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        await repeat(self.carry_out, stop, "orders about passes")

    async def carry_out(self) -> bool:
        """Carries out what is due; False when nothing is."""
        async with self._database.system() as uow:
            due = await store.claim(uow, LEASE, AT_ONCE)
        for one in due:
            wait = await self._tried(one)
            async with self._database.tenant(one.tenant_id) as uow:
                if wait is None:
                    await store.told(uow, one)
                else:
                    await store.postpone(uow, one, uow.now() + wait)
        return bool(due)

    async def _tried(self, due: Due) -> timedelta | None:
        """Tells delivery; returns after which pause it is told again, None when there is no need."""
        try:
            with as_tenant(due.tenant_id):
                await (self._change(due) if due.what is What.CHANGE_EVENT else self._void(due))
        except ServiceError as error:
            if error.reason not in PASSING:
                # It would be refused for ever; what it was about stays as it is.
                logger.error("delivery refuses the order %s about passes: %s", due.order_id, error.reason)  # noqa: TRY400
                return None
            logger.warning("delivery could not be told of passes: %s", error.reason)
            return backoff(due.attempts, cap=LONGEST_WAIT)
        return None

    async def _void(self, due: Due) -> None:
        if due.what is What.VOID_EVENT:
            await self._void_all(pb.VoidWalletPassesRequest(event_ref=due.ref, reason=due.reason))
        else:
            holder = str(due.contact_id) if due.contact_id else ""
            await self._void_all(
                pb.VoidWalletPassesRequest(ticket_refs=[due.ref], contact_id=holder, reason=due.reason)
            )
        tickets = iter(due.ticket_refs)
        while block := list(islice(tickets, BLOCK)):
            await self._void_all(pb.VoidWalletPassesRequest(ticket_refs=block, reason=due.reason))

    async def _void_all(self, request: pb.VoidWalletPassesRequest) -> None:
        while (await self._delivery.VoidWalletPasses(request)).has_more:
            pass

    async def _change(self, due: Due) -> None:
        request = pb.UpdateEventPassesRequest(event_ref=due.ref)
        for name, (_, value) in due.changes.items():
            request.update_mask.paths.append(name)
            if name == "event_time":
                request.fields.event_time.FromDatetime(datetime.fromisoformat(value).astimezone(UTC))
            else:
                setattr(request.fields, name, value)
        while True:
            answer = await self._delivery.UpdateEventPasses(request)
            if not answer.next_pass_id:
                return
            request.after_pass_id = answer.next_pass_id
