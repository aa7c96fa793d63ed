"""Reading campaigns, their runs and recipients."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.campaign.campaigns import branches, handlers, store
from services.campaign.campaigns.domain import Campaign
from services.campaign.ledger import store as ledger
from services.campaign.ledger.addresses import address_sql
from services.campaign.ledger.domain import Recipient, Tally
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Run
from services.campaign.tallies import store as tallies
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import Caller


@dataclass(frozen=True, slots=True)
class Shown:
    """A campaign with what its runs add up to, and the currency of its money."""

    campaign: Campaign
    tally: Tally | None
    currency: str


async def shown(uow: UnitOfWork, campaign: Campaign) -> Shown:
    """Returns a campaign as it is shown."""
    found = await tallies.of_campaigns(uow, [campaign.campaign_id])
    return Shown(campaign, found.get(campaign.campaign_id), await _currency(uow))


async def campaigns(
    database: Database, tenant_id: UUID, caller: Caller, request: pb.ListCampaignsRequest
) -> tuple[list[Shown], str]:
    """Returns a page of campaigns, newest first, and the token of the next one."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    last = PageToken.decode(request.page_token, parameters, length=1)
    wanted = store.Filter(
        state=request.state,
        text=request.text,
        start=_instant(request.start_time) if request.HasField("start_time") else None,
        end=_instant(request.end_time) if request.HasField("end_time") else None,
        branch_ids=branches.limited_to(caller),
    )
    async with database.tenant(tenant_id) as uow:
        found = await store.page(uow, wanted, _uuid(last), size + 1)
        sums = await tallies.of_campaigns(uow, [one.campaign_id for one in found])
        currency = await _currency(uow)
    token = PageToken.encode([found[size - 1].campaign_id], parameters) if len(found) > size else ""
    return [Shown(one, sums.get(one.campaign_id), currency) for one in found[:size]], token


async def run_page(
    database: Database, tenant_id: UUID, caller: Caller, request: pb.ListCampaignRunsRequest
) -> tuple[list[tuple[Run, Tally | None]], str]:
    """Returns a page of a campaign's runs, newest first, and the token of the next one."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    last = PageToken.decode(request.page_token, parameters, length=1)
    async with database.tenant(tenant_id) as uow:
        campaign = await handlers.get(uow, UUID(request.campaign_id), caller)
        found = await runs.page(uow, campaign.campaign_id, _number(last), size + 1)
        sums = await tallies.of_runs(uow, [run.run_id for run in found])
    token = PageToken.encode([found[size - 1].number], parameters) if len(found) > size else ""
    return [(run, sums.get(run.run_id)) for run in found[:size]], token


async def recipient_page(
    database: Database, tenant_id: UUID, caller: Caller, request: pb.ListCampaignRecipientsRequest
) -> tuple[Campaign, list[Recipient], str]:
    """Returns a page of a run's recipients by id, and the token of the next one."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    last = PageToken.decode(request.page_token, parameters, length=1)
    async with database.tenant(tenant_id) as uow:
        campaign = await handlers.get(uow, UUID(request.campaign_id), caller)
        run = await run_of(uow, campaign, request.run_id)
        if run is None:
            return campaign, [], ""
        found = await ledger.page(
            uow,
            run.run_id,
            state=request.state,
            variant=_variant(campaign, request.variant_key),
            address=address_sql(campaign.channel),
            after=_uuid(last),
            limit=size + 1,
        )
    token = PageToken.encode([found[size - 1].recipient_id], parameters) if len(found) > size else ""
    return campaign, found[:size], token


async def run_of(uow: UnitOfWork, campaign: Campaign, run_id: str) -> Run | None:
    """Returns the named run of a campaign, or the newest; None when it has none, NOT_FOUND for another's."""
    if not run_id:
        return await runs.newest(uow, campaign.campaign_id)
    run = await runs.by_id(uow, UUID(run_id))
    if run is None or run.campaign_id != campaign.campaign_id:
        raise not_found("campaign_run", run_id)
    return run


async def _currency(uow: UnitOfWork) -> str:
    assert uow.tenant_id is not None  # noqa: S101 - campaigns belong to a tenant's unit of work
    return (await tenants.tenant(uow, uow.tenant_id)).currency_code


def _variant(campaign: Campaign, key: str) -> int:
    if not key:
        return 0
    for number, one in enumerate(campaign.variants, 1):
        if one.key == key:
            return number
    raise invalid("variant_key", "is no variant of the campaign")


def _uuid(last: tuple[str, ...] | None) -> UUID | None:
    try:
        return UUID(last[0]) if last else None
    except ValueError:
        raise bad_token() from None


def _number(last: tuple[str, ...] | None) -> int | None:
    if not last:
        return None
    if not last[0].isdecimal() or len(last[0]) > 9:
        raise bad_token()
    return int(last[0])


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
