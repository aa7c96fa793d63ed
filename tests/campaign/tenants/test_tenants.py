"""Tenants: made once, changed, suspended, resumed, closed for good, listed."""

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.struct_pb2 import Value
from google.type.money_pb2 import Money

from angarium.campaign.v1 import (
    campaign_events_pb2,
    contact_pb2,
    contact_service_pb2,
    event_intake_service_pb2,
    segment_service_pb2,
)
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.campaign.v1.event_intake_service_pb2_grpc import EventIntakeServiceStub
from angarium.campaign.v1.segment_service_pb2_grpc import SegmentServiceStub
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from angarium.common.v1.events_pb2 import EventEnvelope
from services.common.errors import ServiceError
from tests.campaign.conftest import create_tenant
from tests.house import Served


async def kinds(served: Served) -> list[str]:
    async with served.service.database.tenant(served.tenant_id) as uow:
        return [kind for (kind,) in await uow.fetch_all("SELECT type FROM outbox ORDER BY id")]


async def update(served: Served, *, etag: str = "", **fields: Any) -> pb.Tenant:
    admin = served.person(SettingsServiceStub, "platform_admin")
    tenant_id = str(served.tenant_id)
    known = (await admin.GetTenant(pb.GetTenantRequest(tenant_id=tenant_id))).tenant
    answer = await admin.UpdateTenant(
        pb.UpdateTenantRequest(
            tenant=pb.Tenant(tenant_id=tenant_id, etag=etag or known.etag, **fields),
            update_mask=FieldMask(paths=list(fields)),
        )
    )
    return answer.tenant


async def refusal(call: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value.reason


@pytest.mark.req("CAM-1", "CAM-19")
async def test_a_tenant_is_made_once_with_its_settings_and_one_event_of_each(campaign: Served) -> None:
    again = await create_tenant(campaign)
    assert again.deduplicated
    assert (again.tenant.state, again.tenant.etag) == (pb.Tenant.STATE_ACTIVE, "1")
    assert again.tenant.HasField("create_time")
    assert await kinds(campaign) == ["tenant.created", "marketing_settings.updated"]


@pytest.mark.req("CAM-19")
@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"currency_code": "euro"},
        {"currency_code": ""},
        {"currency_code": "ERU"},
        {"region_code": "D"},
        {"region_code": "UK"},
        {"default_time_zone": "Berlin"},
    ],
)
async def test_a_tenant_that_cannot_be_is_refused(campaign: Served, changes: dict[str, str]) -> None:
    admin = campaign.person(SettingsServiceStub, "platform_admin")
    fields = {"tenant_id": str(uuid4()), "name": "x", "currency_code": "EUR", "region_code": "DE", **changes}
    wanted = pb.CreateTenantRequest(tenant=pb.Tenant(**fields))
    assert await refusal(admin.CreateTenant(wanted)) == "VALIDATION_FAILED"


@pytest.mark.req("CAM-19", "GEN-28")
async def test_a_tenant_changes_by_mask_and_others_learn_of_it(campaign: Served) -> None:
    changed = await update(campaign, name="Grand Bazaar", default_time_zone="Europe/Paris")
    assert (changed.name, changed.default_time_zone, changed.etag) == ("Grand Bazaar", "Europe/Paris", "2")
    assert (await kinds(campaign))[2:] == ["tenant.updated", "marketing_settings.updated"]
    assert await refusal(update(campaign, name="x", etag="1")) == "VERSION_CONFLICT"
    assert await refusal(update(campaign, name=" ")) == "VALIDATION_FAILED"
    assert await refusal(update(campaign, state=2)) == "VALIDATION_FAILED"
    assert (await update(campaign, default_language_code="")).default_language_code == "en"


@pytest.mark.req("CAM-2", "CAM-19", "GEN-20")
async def test_the_currency_changes_until_money_is_recorded_in_it(campaign: Served) -> None:
    assert (await update(campaign, currency_code="CHF")).currency_code == "CHF"
    owner = campaign.person(SettingsServiceStub)
    read = (await owner.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    await owner.UpdateMarketingSettings(
        pb.UpdateMarketingSettingsRequest(
            settings=pb.MarketingSettings(
                monthly_budget_limit=Money(currency_code="CHF", units=5), etag=read.etag
            ),
            update_mask=FieldMask(paths=["monthly_budget_limit"]),
        )
    )
    assert await refusal(update(campaign, currency_code="EUR")) == "INVALID_CONFIGURATION"
    assert (await update(campaign, currency_code="CHF", name="y")).name == "y"


@pytest.mark.req("CAM-1", "CAM-19", "EVT-116")
async def test_a_tenant_is_suspended_goes_on_and_is_closed_for_good(campaign: Served) -> None:
    admin = campaign.person(SettingsServiceStub, "platform_admin")
    tenant_id = str(campaign.tenant_id)
    for _ in range(2):
        held = await admin.SuspendTenant(pb.SuspendTenantRequest(tenant_id=tenant_id, reason="unpaid"))
        assert held.tenant.state == pb.Tenant.STATE_SUSPENDED
    # Suspended: reads work, and so does all that sends nothing.
    owner = campaign.person(SettingsServiceStub)
    read = (await owner.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    await admin.ResumeTenant(pb.ResumeTenantRequest(tenant_id=tenant_id))
    for _ in range(2):
        closed = await admin.CloseTenant(pb.CloseTenantRequest(tenant_id=tenant_id, reason="left"))
        assert closed.tenant.state == pb.Tenant.STATE_CLOSED
    assert (await kinds(campaign))[2:] == ["tenant.suspended", "tenant.resumed", "tenant.closed"]
    payload = campaign_events_pb2.TenantChanged()
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        (envelope,) = await uow.fetch_one("SELECT envelope FROM outbox WHERE type = 'tenant.closed'")
        audited = await uow.fetch_all("SELECT action FROM audit ORDER BY audit_id")
    assert EventEnvelope.FromString(envelope).payload.Unpack(payload)
    assert payload.tenant.state == pb.Tenant.STATE_CLOSED
    assert [action for (action,) in audited] == [
        "tenant.create", "tenant.suspended", "tenant.resumed", "tenant.closed",
    ]  # fmt: skip
    # Closed: what is stored can be read, and nothing is accepted.
    resume = admin.ResumeTenant(pb.ResumeTenantRequest(tenant_id=tenant_id))
    assert await refusal(resume) == "INVALID_CONFIGURATION"
    assert await refusal(update(campaign, name="x")) == "INVALID_CONFIGURATION"
    settings = pb.MarketingSettings(footer_text="x", etag=read.etag)
    mask = FieldMask(paths=["footer_text"])
    wanted = pb.UpdateMarketingSettingsRequest(settings=settings, update_mask=mask)
    assert await refusal(owner.UpdateMarketingSettings(wanted)) == "INVALID_CONFIGURATION"
    branch = pb.CreateBranchRequest(branch=pb.BranchSettings(branch_id=str(uuid4()), name="x"))
    assert await refusal(owner.CreateBranch(branch)) == "INVALID_CONFIGURATION"
    member = contact_pb2.StaffMember(staff_id="x", name="x")
    staff = contact_service_pb2.UpsertStaffMemberRequest(staff_member=member)
    contacts = campaign.person(ContactServiceStub)
    assert await refusal(contacts.UpsertStaffMember(staff)) == "INVALID_CONFIGURATION"
    event = {"event_id": str(uuid4()), "type": "order.expired", "tenant_id": tenant_id, "source": "orders"}
    told = event_intake_service_pb2.IngestEventsRequest(events_json=orjson.dumps([event]))
    intake = campaign.person(EventIntakeServiceStub, "service")
    assert await refusal(intake.IngestEvents(told)) == "INVALID_CONFIGURATION"
    segment = segment_service_pb2.CreateSegmentRequest(
        segment=segment_service_pb2.Segment(
            name="x",
            rule=segment_service_pb2.SegmentRule(
                operator=segment_service_pb2.SEGMENT_OPERATOR_AND,
                conditions=[
                    segment_service_pb2.SegmentCondition(
                        field="visit_count",
                        operator=segment_service_pb2.CONDITION_OPERATOR_EQ,
                        value=Value(number_value=1),
                    )
                ],
            ),
        )
    )
    assert (
        await refusal(campaign.person(SegmentServiceStub).CreateSegment(segment)) == "INVALID_CONFIGURATION"
    )
    assert (await owner.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings == read


@pytest.mark.req("CAM-19")
async def test_tenants_are_listed_by_id_page_by_page_and_by_state_and_name(campaign: Served) -> None:
    admin = campaign.person(SettingsServiceStub, "platform_admin")
    ids = {str(campaign.tenant_id)}
    for number in range(4):
        ids.add(str(tenant_id := UUID(int=number + 1)))
        await admin.CreateTenant(
            pb.CreateTenantRequest(
                tenant=pb.Tenant(
                    tenant_id=str(tenant_id), name=f"Shop {number}", currency_code="EUR", region_code="DE"
                )
            )
        )
    await admin.SuspendTenant(pb.SuspendTenantRequest(tenant_id=str(UUID(int=2))))
    found: list[str] = []
    token = ""
    while True:
        page = await admin.ListTenants(pb.ListTenantsRequest(page_size=2, page_token=token))
        found += [one.tenant_id for one in page.tenants]
        token = page.next_page_token
        if not token:
            break
    assert found == sorted(ids)
    held = await admin.ListTenants(pb.ListTenantsRequest(state=pb.Tenant.STATE_SUSPENDED))
    assert [one.name for one in held.tenants] == ["Shop 1"]
    named = await admin.ListTenants(pb.ListTenantsRequest(name_prefix="sHOP"))
    assert len(named.tenants) == 4
    assert await refusal(admin.ListTenants(pb.ListTenantsRequest(page_token="x"))) == "VALIDATION_FAILED"


@pytest.mark.req("SEC-37", "CAM-19")
async def test_only_platform_administrators_manage_tenants_and_services_may_read_one(
    campaign: Served,
) -> None:
    tenant_id = str(campaign.tenant_id)
    for role in ("super_owner", "regional_manager", "branch_manager", "receptionist"):
        stub = campaign.person(SettingsServiceStub, role)
        for call in (
            stub.GetTenant(pb.GetTenantRequest(tenant_id=tenant_id)),
            stub.ListTenants(pb.ListTenantsRequest()),
            stub.SuspendTenant(pb.SuspendTenantRequest(tenant_id=tenant_id)),
            stub.CloseTenant(pb.CloseTenantRequest(tenant_id=tenant_id)),
        ):
            assert await refusal(call) == "PERMISSION_DENIED"
    service = campaign.caller(SettingsServiceStub, "delivery")
    assert (await service.GetTenant(pb.GetTenantRequest(tenant_id=tenant_id))).tenant.name == "Bazaar"
    assert await refusal(service.ListTenants(pb.ListTenantsRequest())) == "PERMISSION_DENIED"
    missing = campaign.person(SettingsServiceStub, "platform_admin")
    assert await refusal(missing.GetTenant(pb.GetTenantRequest(tenant_id=str(uuid4())))) == "NOT_FOUND"
