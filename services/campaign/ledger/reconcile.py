"""Proving the ledger: every line against delivery's own record, mended where an event has not told yet (W1)."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.ledger import reading, settling
from services.campaign.ledger.domain import Counts, RecipientState
from services.campaign.ledger.settling import Move
from services.campaign.runs import due, expansion
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Run, RunState
from services.campaign.tallies import store as tallies
from services.common.db.database import Database
from services.common.rpc.client import Channels, as_tenant

BLOCK = 1000
NEVER_ACCEPTED = "never_accepted"
"""Reason of a line that delivery never got, in a run that was over when this came to light."""
_LOW = (1 << 64) - 1
_M = message_pb2.Message
_STATES = {
    _M.STATE_PENDING: RecipientState.HANDED_OVER,
    _M.STATE_SCHEDULED: RecipientState.HANDED_OVER,
    _M.STATE_DEFERRED: RecipientState.HANDED_OVER,
    _M.STATE_QUEUED: RecipientState.HANDED_OVER,
    _M.STATE_SENDING: RecipientState.HANDED_OVER,
    _M.STATE_RETRYING: RecipientState.HANDED_OVER,
    _M.STATE_SENT: RecipientState.SENT,
    _M.STATE_DELIVERED: RecipientState.DELIVERED,
    _M.STATE_READ: RecipientState.READ,
    _M.STATE_BOUNCED: RecipientState.BOUNCED,
    _M.STATE_FAILED: RecipientState.FAILED,
    _M.STATE_SKIPPED: RecipientState.SKIPPED,
    _M.STATE_EXPIRED: RecipientState.EXPIRED,
    _M.STATE_CANCELLED: RecipientState.CANCELLED,
    _M.STATE_UNKNOWN: RecipientState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What the comparison came to."""

    counts: Counts
    reasons: list[tuple[str, int]]
    mended: int
    missing: int

    @property
    def sent(self) -> int:
        """Returns the lines a provider took, whatever became of them."""
        state = RecipientState
        return sum(self.counts[one] for one in (state.SENT, state.DELIVERED, state.READ, state.BOUNCED))

    @property
    def failed(self) -> int:
        """Returns the lines that failed, expired or were cancelled."""
        state = RecipientState
        return sum(self.counts[one] for one in (state.FAILED, state.EXPIRED, state.CANCELLED))

    @property
    def never_tried(self) -> int:
        """Returns the lines no provider was given."""
        return self.counts[RecipientState.PENDING] + self.counts[RecipientState.HANDED_OVER]

    @property
    def is_settled(self) -> bool:
        """Returns whether nothing is open."""
        return not (self.never_tried or self.missing or self.counts[RecipientState.UNKNOWN])


class Reconciler:
    """Compares runs with what delivery has of them."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(MessageServiceStub, "delivery")

    async def prove(self, tenant_id: UUID, run: Run) -> Proof:
        """Mends lines that delivery knows better, reopens those it never got, and counts all of them."""
        started = self._database.clock.now()
        known = array("Q")
        mended = 0
        with as_tenant(tenant_id):
            states = self._delivery.StreamRunStates(pb.StreamRunStatesRequest(run_id=str(run.run_id)))
            async for block in states:
                mended += await self._mend(tenant_id, run, block)
                known.extend(UUID(text).int & _LOW for text in block.message_ids)
        missing = await self._missing(tenant_id, run, known, started)
        for start in range(0, len(missing), BLOCK):
            await self._reopen(tenant_id, run, missing[start : start + BLOCK])
        async with self._database.tenant(tenant_id) as uow:
            await tallies.lock(uow, run.run_id)
            is_triggered = await due.triggered_run(uow, run.campaign_id) is not None
            counts = await reading.fold(uow, run.run_id, is_triggered=is_triggered)
            kept = (await tallies.of_runs(uow, [run.run_id]))[run.run_id]
            if any(counts[state] != kept.counts[state] for state in RecipientState):
                await tallies.put(uow, run.run_id, counts)
            reasons = await reading.reasons(uow, run.run_id, is_triggered=is_triggered)
        return Proof(counts, reasons, mended, len(missing))

    async def _mend(self, tenant_id: UUID, run: Run, block: pb.StreamRunStatesResponse) -> int:
        moves = [
            Move(UUID(message_id), state, reason)
            for message_id, number, reason in zip(
                block.message_ids, block.states, block.reasons or [""] * len(block.states), strict=True
            )
            if (state := _STATES.get(number)) is not None
        ]
        async with self._database.tenant(tenant_id) as uow:
            await tallies.lock(uow, run.run_id)
            return sum(moved.lines for moved in await settling.apply(uow, moves))

    async def _missing(self, tenant_id: UUID, run: Run, known: array[int], started: datetime) -> list[UUID]:
        """Returns lines that were handed over before delivery was asked, and that it does not know."""
        ordered = array("Q", sorted(known))
        missing: list[UUID] = []
        async with self._database.tenant(tenant_id) as uow:
            async for ids in reading.handed_over_before(uow, run.run_id, started):
                missing += [one for one in ids if not _holds(ordered, one.int & _LOW)]
        return missing

    async def _reopen(self, tenant_id: UUID, run: Run, ids: Sequence[UUID]) -> None:
        async with self._database.tenant(tenant_id) as uow:
            now = await runs.by_id(uow, run.run_id, lock=True)
            await tallies.lock(uow, run.run_id)
            if now is not None and now.state in (RunState.RUNNING, RunState.PAUSED):
                await expansion.reopen(uow, run.run_id, ids)
            else:
                await settling.apply(
                    uow, [Move(one, RecipientState.CANCELLED, NEVER_ACCEPTED) for one in ids]
                )


def _holds(ordered: array[int], value: int) -> bool:
    place = bisect_left(ordered, value)
    return place < len(ordered) and ordered[place] == value
