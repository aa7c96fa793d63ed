"""Branches: what each may do for itself, who sees which, and how one ends."""

from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.type.money_pb2 import Money

from angarium.campaign.v1 import campaign_events_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.branches import handlers
from services.common.errors import ServiceError
from services.common.rpc.context import Caller
from services.common.security.jwt import issue_person
from tests.house import Served


async def made(served: Served, name: str = "North", **fields: Any) -> pb.BranchSettings:
    branch = pb.BranchSettings(**{"branch_id": str(uuid4()), "name": name, **fields})
    stub = served.person(SettingsServiceStub)
    return (await stub.CreateBranch(pb.CreateBranchRequest(branch=branch))).branch


async def changed(served: Served, known: pb.BranchSettings, **fields: Any) -> pb.BranchSettings:
    given = {name: value for name, value in fields.items() if value is not None}
    stub = served.person(SettingsServiceStub)
    answer = await stub.UpdateBranchSettings(
        pb.UpdateBranchSettingsRequest(
            branch=pb.BranchSettings(branch_id=known.branch_id, etag=known.etag, **given),
            update_mask=FieldMask(paths=list(fields)),
        )
    )
    return answer.branch


async def refusal(call: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value.reason


async def told(served: Served) -> list[campaign_events_pb2.BranchSettingsUpdated]:
    async with served.service.database.tenant(served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT envelope FROM outbox WHERE type = 'branch_settings.updated' ORDER BY id"
        )
    found = []
    for (envelope,) in rows:
        payload = campaign_events_pb2.BranchSettingsUpdated()
        assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
        found.append(payload)
    return found


@pytest.mark.req("CAM-3", "CAM-20", "CAM-23")
async def test_a_new_branch_markets_has_no_budget_and_the_tenants_zone_and_country(campaign: Served) -> None:
    branch = await made(campaign)
    assert branch.marketing_enabled
    assert not branch.HasField("monthly_budget_limit")
    assert (branch.time_zone, branch.region_code, branch.state) == ("", "", pb.BranchSettings.STATE_ACTIVE)
    assert branch.current_month_spend == Money(currency_code="EUR")
    stub = campaign.person(SettingsServiceStub)
    read = await stub.GetBranchSettings(pb.GetBranchSettingsRequest(branch_id=branch.branch_id))
    assert read.branch == branch
    assert await refusal(made(campaign, branch_id=branch.branch_id)) == "ALREADY_EXISTS"
    for wrong in (
        {"name": ""},
        {"time_zone": "Nowhere"},
        {"region_code": "GER"},
        {"region_code": "UK"},
        {"branch_id": "x"},
    ):
        assert await refusal(made(campaign, **wrong)) == "VALIDATION_FAILED"


@pytest.mark.req("CAM-24", "GEN-28", "EVT-116")
async def test_a_branch_changes_by_mask_and_others_learn_which_fields(campaign: Served) -> None:
    branch = await made(campaign)
    after = await changed(
        campaign,
        branch,
        marketing_enabled=False,
        monthly_budget_limit=Money(currency_code="EUR", units=50),
        time_zone="Europe/Madrid",
        region_code="ES",
        name="North",
    )
    assert (after.marketing_enabled, after.time_zone, after.region_code) == (False, "Europe/Madrid", "ES")
    assert after.etag == "2"
    events = await told(campaign)
    assert [list(one.changed_fields) for one in events] == [
        [],
        ["marketing_enabled", "monthly_budget_limit", "time_zone", "region_code"],
    ]
    assert not events[1].branch.HasField("current_month_spend")
    assert await refusal(changed(campaign, branch, name="x")) == "VERSION_CONFLICT"
    assert await refusal(changed(campaign, after, state=2)) == "VALIDATION_FAILED"
    usd = Money(currency_code="USD", units=1)
    assert await refusal(changed(campaign, after, monthly_budget_limit=usd)) == "VALIDATION_FAILED"
    without = await changed(campaign, after, monthly_budget_limit=None)
    assert not without.HasField("monthly_budget_limit")
    # Budgets of branches may add up to more than the tenant's.
    await changed(campaign, without, monthly_budget_limit=Money(currency_code="EUR", units=10**9))


@pytest.mark.req("CAM-20")
async def test_an_archived_branch_stays_archived_and_is_listed_on_demand(campaign: Served) -> None:
    stub = campaign.person(SettingsServiceStub)
    branch, other = await made(campaign), await made(campaign, "South")
    for _ in range(2):
        answer = await stub.ArchiveBranch(pb.ArchiveBranchRequest(branch_id=branch.branch_id))
        assert answer.branch.state == pb.BranchSettings.STATE_ARCHIVED
    assert len(await told(campaign)) == 3
    assert await refusal(changed(campaign, answer.branch, name="x")) == "INVALID_CONFIGURATION"
    listed = await stub.ListBranchSettings(pb.ListBranchSettingsRequest())
    assert [one.branch_id for one in listed.branches] == [other.branch_id]
    found: list[str] = []
    token = ""
    while True:
        page = await stub.ListBranchSettings(
            pb.ListBranchSettingsRequest(include_archived=True, page_size=1, page_token=token)
        )
        found += [one.branch_id for one in page.branches]
        token = page.next_page_token
        if not token:
            break
    assert found == sorted([branch.branch_id, other.branch_id])
    missing = pb.ArchiveBranchRequest(branch_id=str(uuid4()))
    assert await refusal(stub.ArchiveBranch(missing)) == "NOT_FOUND"


@pytest.mark.req("CAM-23", "SEC-21", "SEC-6", "CAM-116")
async def test_a_manager_sees_their_own_branches_and_nobody_those_of_another_tenant(campaign: Served) -> None:
    mine, theirs = await made(campaign), await made(campaign, "South")
    token = issue_person(campaign.settings, campaign.tenant_id, "dora", ["branch_manager"], [mine.branch_id])
    manager = campaign._stub(SettingsServiceStub, token, None)
    listed = await manager.ListBranchSettings(pb.ListBranchSettingsRequest())
    assert [one.branch_id for one in listed.branches] == [mine.branch_id]
    read = pb.GetBranchSettingsRequest(branch_id=theirs.branch_id)
    assert await refusal(manager.GetBranchSettings(read)) == "NOT_FOUND"
    assert await refusal(manager.GetBudget(pb.GetBudgetRequest(branch_id=theirs.branch_id))) == "NOT_FOUND"
    await manager.GetBudget(pb.GetBudgetRequest(branch_id=mine.branch_id))
    archive = pb.ArchiveBranchRequest(branch_id=mine.branch_id)
    assert await refusal(manager.ArchiveBranch(archive)) == "PERMISSION_DENIED"
    stranger = campaign.person(SettingsServiceStub, tenant_id=uuid4())
    assert await refusal(stranger.GetBranchSettings(read)) == "NOT_FOUND"


@pytest.mark.req("CAM-24", "SEC-19")
async def test_a_branchs_budget_needs_the_right_to_set_budgets(campaign: Served) -> None:
    branch = await made(campaign)
    caller = Caller.of_service("campaign")
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        with pytest.raises(ServiceError) as denied:
            await handlers.update(
                uow,
                pb.BranchSettings(branch_id=branch.branch_id, etag="1"),
                ["monthly_budget_limit"],
                caller,
                may_budget=False,
            )
    assert denied.value.reason == "PERMISSION_DENIED"
