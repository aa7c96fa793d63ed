"""Writing an audience down: set-wise, in chunks, each a transaction that a kill undoes whole (CAM-99)."""

from collections.abc import Sequence
from uuid import UUID

from services.campaign.blocks import store as blocks
from services.campaign.campaigns import announce
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.variants import cumulative
from services.campaign.ledger import store as ledger
from services.campaign.ledger.domain import RecipientState
from services.campaign.runs import chunks, store
from services.campaign.runs.departures import departures
from services.campaign.runs.domain import Run
from services.campaign.segments.audience import Audience, audience
from services.campaign.tallies import store as tallies
from services.campaign.tenants import store as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError

CHUNK = 20_000
"""Contacts written down in one transaction: long enough to be cheap, short enough to let blocks through."""


async def expand_once(database: Database, key: store.RunKey, size: int = CHUNK) -> bool:
    """Writes the next chunk of a run down; False when another process does, or nothing is left.

    The run's row says how far it is and is changed in the transaction of the chunk, so a chunk is written once
    whatever is killed, and several processes may take turns.
    """
    async with database.tenant(key.tenant_id) as uow:
        run = await chunks.lock_expanding(uow, key.run_id)
        if run is None:
            return False
        campaign = await campaigns.by_id(uow, run.campaign_id)
        assert campaign is not None  # noqa: S101 - a launched campaign is never deleted
        found = await _audience(uow, campaign)
        chunk = await chunks.write_chunk(
            uow,
            run,
            channel=campaign.channel,
            draw=await _draw(uow, run, campaign),
            where=found.where,
            params=found.params,
            size=size,
        )
        await tell(uow, run, campaign, chunk)
        after = chunk.last_contact or run.after
        await chunks.advance(uow, run, chunk, after=after, done=chunk.lines < size)
    return True


async def _draw(uow: UnitOfWork, run: Run, campaign: Campaign) -> chunks.Draw:
    """Returns who gets which variant, and when; the same for every chunk of a run."""
    leaving = None
    if campaign.in_own_zones:
        assert uow.tenant_id is not None  # noqa: S101 - campaigns belong to a tenant's unit of work
        owner = await tenants.tenant(uow, uow.tenant_id)
        home = owner.default_time_zone if owner else "UTC"
        leaving = departures(run.planned_at, run.started_at, home, campaign.passed_time)
    tested = campaign.ab_test.share if campaign.ab_test is not None else 0
    return chunks.Draw(cumulative(campaign.variants), tested, departures=leaving)


async def _audience(uow: UnitOfWork, campaign: Campaign) -> Audience:
    """Returns who is in the audience; nobody when its segment was archived after the launch."""
    try:
        return await audience(uow, segment_id=campaign.segment_id, branch_ids=campaign.branch_ids)
    except ServiceError as error:
        if error.reason != "NOT_FOUND":
            raise
        return Audience("false")


async def tell(uow: UnitOfWork, run: Run, campaign: Campaign, chunk: chunks.Chunk) -> None:
    """Adds a chunk to the tally and tells of those who have no address."""
    unreachable = chunk.lines - chunk.reachable
    if unreachable:
        lines = await ledger.without_address(uow, run.run_id, chunks.unreachable_block(run.chunks))
        keys = [one.key for one in campaign.variants]
        announce.skipped(uow, run.campaign_id, run.run_id, campaign.channel, keys, lines)
    await tallies.lock(uow, run.run_id)
    await tallies.move(
        uow,
        run.run_id,
        {RecipientState.PENDING: chunk.reachable, RecipientState.SKIPPED: unreachable},
    )


async def reopen(uow: UnitOfWork, run_id: UUID, lost: Sequence[UUID]) -> int:
    """Makes lines that delivery never got pending again, in new blocks; returns how many.

    The transaction holds the run's tally and its row.
    """
    run = await store.by_id(uow, run_id)
    assert run is not None  # noqa: S101 - the caller read it
    campaign = await campaigns.by_id(uow, run.campaign_id)
    assert campaign is not None  # noqa: S101 - a launched campaign is never deleted
    first = await blocks.take_block_numbers(uow, run_id, len(campaign.variants) + 1)
    reopened = await ledger.reopen(uow, run_id, lost, first)
    for variant, size in reopened:
        await blocks.add_block(uow, run_id, first + variant, variant, size, uow.now())
    return sum(size for _, size in reopened)
