"""Reading campaigns, their runs and recipients."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from angarium.campaign.v1 import campaign_service_pb2 as pb
from services.campaign.campaigns import branches, handlers, store
from services.campaign.campaigns.domain import Campaign, Kind
from services.campaign.campaigns.shown import Shown
from services.campaign.ledger import reading
from services.campaign.ledger.addresses import address_sql
from services.campaign.ledger.domain import Recipient, Tally
from services.campaign.ledger.reading import Wanted
from services.campaign.runs import store as runs
from services.campaign.runs.domain import Run
from services.campaign.tallies import store as tallies
from services.campaign.tenants import handlers as tenants
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.paging import PageToken, bad_token, page_size, parameters_hash
from services.common.rpc.context import Caller

EXPORTED = 1000
"""Recipients of one block of an export."""


async def shown(uow: UnitOfWork, campaign: Campaign) -> Shown:
    """Returns a campaign as it is shown."""
    return (await _shown(uow, [campaign]))[0]


async def _shown(uow: UnitOfWork, found: Sequence[Campaign]) -> list[Shown]:
    """Returns campaigns with what their runs add up to and the names of what they name (CAM-55)."""
    sums = await tallies.of_campaigns(uow, [one.campaign_id for one in found])
    templates, segments = await store.names(uow, found)
    currency = await currency_of(uow)
    return [
        Shown(
            one,
            sums.get(one.campaign_id),
            currency,
            templates.get(one.template_id, ""),
            segments.get(one.segment_id, "") if one.segment_id else "",
        )
        for one in found
    ]


async def campaigns(
    database: Database, tenant_id: UUID, caller: Caller, request: pb.ListCampaignsRequest
) -> tuple[list[Shown], str]:
    """Returns a page of campaigns, newest first, and the token of the next one."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    last = PageToken.decode(request.page_token, parameters, length=1)
    wanted = store.Filter(
        state=request.state,
        text=request.text,
        kind=request.kind,
        channel=request.channel,
        branch_id=UUID(request.branch_id) if request.branch_id else None,
        start=_instant(request.start_time) if request.HasField("start_time") else None,
        end=_instant(request.end_time) if request.HasField("end_time") else None,
        branch_ids=branches.limited_to(caller),
    )
    async with database.tenant(tenant_id) as uow:
        found = await store.page(uow, wanted, _uuid(last), size + 1)
        listed = await _shown(uow, found[:size])
    token = PageToken.encode([found[size - 1].campaign_id], parameters) if len(found) > size else ""
    return listed, token


async def run_page(
    database: Database, tenant_id: UUID, caller: Caller, request: pb.ListCampaignRunsRequest
) -> tuple[list[tuple[Run, Tally | None]], str, str]:
    """Returns a page of a campaign's runs, newest first, the currency of their money, and the next page's token."""
    size, parameters = page_size(request.page_size), parameters_hash(request)
    last = PageToken.decode(request.page_token, parameters, length=1)
    async with database.tenant(tenant_id) as uow:
        campaign = await handlers.get(uow, UUID(request.campaign_id), caller)
        found = await runs.page(uow, campaign.campaign_id, _number(last), size + 1)
        sums = await tallies.of_runs(uow, [run.run_id for run in found])
        currency = await currency_of(uow)
    token = PageToken.encode([found[size - 1].number], parameters) if len(found) > size else ""
    return [(run, sums.get(run.run_id)) for run in found[:size]], currency, token


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
        found = await reading.page(
            uow,
            run.run_id,
            Wanted(
                request.state,
                _variant(campaign, request.variant_key),
                UUID(request.contact_id) if request.contact_id else None,
                campaign.kind is Kind.TRIGGER,
            ),
            address=address_sql(campaign.channel),
            after=_uuid(last),
            limit=size + 1,
        )
    token = PageToken.encode([found[size - 1].recipient_id], parameters) if len(found) > size else ""
    return campaign, found[:size], token


async def recipient_blocks(
    database: Database, tenant_id: UUID, caller: Caller, request: pb.ExportCampaignRecipientsRequest
) -> AsyncIterator[tuple[Campaign, list[Recipient]]]:
    """Yields every recipient of a run by id, in blocks; each block is a transaction of its own."""
    async with database.tenant(tenant_id) as uow:
        campaign = await handlers.get(uow, UUID(request.campaign_id), caller)
        run = await run_of(uow, campaign, request.run_id)
    variant, is_triggered = _variant(campaign, request.variant_key), campaign.kind is Kind.TRIGGER
    wanted = Wanted(request.state, variant, is_triggered=is_triggered)
    after: UUID | None = None
    while run is not None:
        async with database.tenant(tenant_id) as uow:
            found = await reading.page(
                uow,
                run.run_id,
                wanted,
                address=address_sql(campaign.channel),
                after=after,
                limit=EXPORTED,
            )
        if found:
            yield campaign, found
        if len(found) < EXPORTED:
            return
        after = found[-1].recipient_id


async def run_of(uow: UnitOfWork, campaign: Campaign, run_id: str) -> Run | None:
    """Returns the named run of a campaign, or the newest; None when it has none, NOT_FOUND for another's."""
    if not run_id:
        return await runs.newest(uow, campaign.campaign_id)
    run = await runs.by_id(uow, UUID(run_id))
    if run is None or run.campaign_id != campaign.campaign_id:
        raise not_found("campaign_run", run_id)
    return run


async def currency_of(uow: UnitOfWork) -> str:
    """Returns the currency of the tenant's money."""
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
