"""Writing down whom a run did not reach: page by page of delivery's own account, each a transaction (W1)."""

from collections.abc import Mapping
from uuid import UUID

from angarium.delivery.v1 import explain_service_pb2 as pb
from angarium.delivery.v1.explain_service_pb2_grpc import ExplainServiceStub
from services.campaign.campaigns import store as campaigns
from services.campaign.campaigns.domain import Campaign
from services.campaign.campaigns.variants import cumulative
from services.campaign.ledger.domain import RecipientState, first_id, last_id
from services.campaign.ledger.reconcile import NEVER_ACCEPTED
from services.campaign.runs import chunks, store
from services.campaign.runs.domain import Run
from services.campaign.runs.expansion import CHUNK, tell
from services.campaign.runs.store import RunKey
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.rpc.client import Channels, as_tenant

PAGE = 1000
OWN = "own"
"""Where an expansion stands when delivery's account is through: lines that delivery never got are left."""

_NAMED = "c.tenant_id = %(r_tenant)s AND c.state = 1 AND c.contact_id = ANY (%(r_contacts)b::uuid[])"
_NEVER_ACCEPTED = f"""
c.tenant_id = %(r_tenant)s AND c.state = 1 AND c.contact_id IN (
    SELECT contact_id FROM campaign_recipient
    WHERE tenant_id = %(r_tenant)s AND run_id = %(r_source)s AND recipient_id BETWEEN %(r_low)s AND %(r_high)s
        AND state = {int(RecipientState.CANCELLED)} AND reason = '{NEVER_ACCEPTED}'
)
"""


class Reruns:
    """Expands runs that repeat another one; any number of processes may."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self._database = database
        self._delivery = channels.stub(ExplainServiceStub, "delivery")

    async def resendable(self, tenant_id: UUID, run_id: UUID) -> int:
        """Returns how many messages of a run may be sent again without anybody getting them twice."""
        with as_tenant(tenant_id):
            account = await self._delivery.GetRunAccount(pb.GetRunAccountRequest(run_id=str(run_id)))
        accepted: int = sum(
            line.resendable_count for line in account.lines if line.standing == pb.RUN_STANDING_FAILED
        )
        async with self._database.tenant(tenant_id) as uow:
            return accepted + await _never_accepted(uow, run_id)

    async def expand_once(self, key: RunKey) -> bool:
        """Writes the next page down; False when another process does, or nothing is left."""
        async with self._database.tenant(key.tenant_id) as uow:
            seen = await store.by_id(uow, key.run_id)
        if seen is None or seen.source_run_id is None:
            return False
        token, following, contacts = seen.source_token, OWN, list[UUID]()
        if token != OWN:
            request = pb.ListRunMessagesRequest(
                run_id=str(seen.source_run_id),
                standing=pb.RUN_STANDING_FAILED,
                resendable_only=True,
                page_size=PAGE,
                page_token=token,
            )
            with as_tenant(key.tenant_id):
                page = await self._delivery.ListRunMessages(request)
            contacts = [UUID(one.contact_id) for one in page.messages if one.contact_id]
            following = page.next_page_token or OWN
        async with self._database.tenant(key.tenant_id) as uow:
            run = await chunks.lock_expanding(uow, key.run_id)
            if run is None or run.source_token != token:
                return False
            campaign = await campaigns.by_id(uow, run.campaign_id)
            assert campaign is not None  # noqa: S101 - a launched campaign is never deleted
            if token == OWN:
                await _write_never_accepted(uow, run, campaign)
            else:
                chunk = await _write(uow, run, campaign, _NAMED, {"r_contacts": contacts}, PAGE)
                await chunks.advance(uow, run, chunk, after=None, token=following, done=False)
        return True


async def _write_never_accepted(uow: UnitOfWork, run: Run, campaign: Campaign) -> None:
    """Writes those down whose messages delivery never got."""
    assert run.source_run_id is not None  # noqa: S101 - the run repeats one
    values = {
        "r_source": run.source_run_id,
        "r_low": first_id(run.source_run_id),
        "r_high": last_id(run.source_run_id),
    }
    chunk = await _write(uow, run, campaign, _NEVER_ACCEPTED, values, CHUNK)
    after = chunk.last_contact or run.after
    await chunks.advance(uow, run, chunk, after=after, token=OWN, done=chunk.lines < CHUNK)


async def _write(
    uow: UnitOfWork, run: Run, campaign: Campaign, where: str, params: Mapping[str, object], size: int
) -> chunks.Chunk:
    draw = await _draw(uow, run, campaign)
    chunk = await chunks.write_chunk(
        uow,
        run,
        channel=campaign.channel,
        draw=draw,
        where=where,
        params={"r_tenant": uow.tenant_id, **params},
        size=size,
    )
    await tell(uow, run, campaign, chunk)
    return chunk


async def _draw(uow: UnitOfWork, run: Run, campaign: Campaign) -> chunks.Draw:
    """Returns who gets which variant: as in the run that is repeated, whose test is decided."""
    bounds = cumulative(campaign.variants)
    if campaign.ab_test is None:
        return chunks.Draw(bounds)
    source: Run | None = run
    while source is not None and source.source_run_id is not None:
        source = await store.by_id(uow, source.source_run_id)
    outcome = source.test_outcome if source is not None else None
    if outcome is None:
        return chunks.Draw(bounds)
    keys = [one.key for one in campaign.variants]
    return chunks.Draw(bounds, campaign.ab_test.share, keys.index(outcome["winner"]) + 1)


async def _never_accepted(uow: UnitOfWork, run_id: UUID) -> int:
    found: int = await uow.fetch_value(
        "SELECT count(*) FROM campaign_recipient WHERE tenant_id = %s AND run_id = %s "
        "AND recipient_id BETWEEN %s AND %s AND state = %s AND reason = %s",
        (
            uow.tenant_id,
            run_id,
            first_id(run_id),
            last_id(run_id),
            int(RecipientState.CANCELLED),
            NEVER_ACCEPTED,
        ),
    )
    return found
