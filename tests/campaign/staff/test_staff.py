"""Staff: who works for a tenant, in which role, for which branches; the only source of their addresses."""

from typing import Any
from uuid import uuid4

import pytest

from angarium.campaign.v1 import contact_service_pb2 as pb
from angarium.campaign.v1.contact_pb2 import StaffMember
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from services.common.errors import ServiceError
from services.common.security.jwt import issue_person
from tests.house import Served

NORTH, SOUTH = str(uuid4()), str(uuid4())


async def save(served: Served, staff_id: str, **fields: Any) -> StaffMember:
    member = StaffMember(
        **{"staff_id": staff_id, "name": staff_id.title(), "roles": ["receptionist"], **fields}
    )
    stub = served.person(ContactServiceStub)
    return (await stub.UpsertStaffMember(pb.UpsertStaffMemberRequest(staff_member=member))).staff_member


async def refusal(call: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value.reason


@pytest.mark.req("CAM-6", "CAM-32")
async def test_a_staff_member_is_kept_whole_and_replaced_whole(campaign: Served) -> None:
    fields = {
        "roles": ["branch_manager", "receptionist"],
        "branch_ids": [NORTH, SOUTH],
        "email": "ada@example.com",
        "is_email_verified": True,
        "phone": "030 1234567",
        "language_code": "de",
        "time_zone": "Europe/Berlin",
    }
    saved = await save(campaign, "ada", **fields)
    assert (saved.phone, list(saved.branch_ids)) == ("+49301234567", [NORTH, SOUTH])
    stub = campaign.person(ContactServiceStub)
    listed = await stub.ListStaffMembers(pb.ListStaffMembersRequest())
    assert list(listed.staff_members) == [saved]
    again = await save(campaign, "ada", is_disabled=True)
    assert (again.email, list(again.branch_ids), again.is_disabled) == ("", [], True)
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT before, after FROM audit WHERE action = 'staff.save' ORDER BY audit_id"
        )
    assert "example.com" not in str(rows)
    assert [row[1]["is_disabled"] for row in rows] == [False, True]


@pytest.mark.req("CAM-6", "SEC-3")
@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"phone": "12"},
        {"time_zone": "Berlin"},
        {"roles": ["venue_manager"]},
        {"roles": ["platform_admin"]},
        {"branch_ids": ["x"]},
        {"branch_ids": [NORTH, NORTH]},
        {"is_email_verified": True},
        {"name": ""},
    ],
)
async def test_what_is_no_staff_member_is_refused(campaign: Served, wrong: dict[str, Any]) -> None:
    assert await refusal(save(campaign, "ada", **wrong)) == "VALIDATION_FAILED"


@pytest.mark.req("CAM-32", "SEC-20", "SEC-21")
async def test_staff_is_listed_by_role_and_branch_and_removed(campaign: Served) -> None:
    await save(campaign, "ada", roles=["super_owner"])
    await save(campaign, "ben", roles=["branch_manager"], branch_ids=[NORTH])
    await save(campaign, "cleo", branch_ids=[SOUTH])
    await save(campaign, "dan", branch_ids=[NORTH], is_disabled=True)
    stub = campaign.person(ContactServiceStub)

    async def listed(**fields: Any) -> list[str]:
        answer = await stub.ListStaffMembers(pb.ListStaffMembersRequest(**fields))
        return [one.staff_id for one in answer.staff_members]

    assert await listed() == ["ada", "ben", "cleo", "dan"]
    assert await listed(role="branch_manager") == ["ben"]
    # Who works for no branch in particular works for all.
    assert await listed(branch_id=NORTH) == ["ada", "ben", "dan"]
    assert await listed(branch_id=NORTH, active_only=True) == ["ada", "ben"]
    first = await stub.ListStaffMembers(pb.ListStaffMembersRequest(page_size=3))
    assert await listed(page_size=3, page_token=first.next_page_token) == ["dan"]
    removed = await stub.RemoveStaffMember(pb.RemoveStaffMemberRequest(staff_id="cleo"))
    assert removed.staff_member.name == "Cleo"
    assert await listed() == ["ada", "ben", "dan"]
    gone = pb.RemoveStaffMemberRequest(staff_id="cleo")
    assert await refusal(stub.RemoveStaffMember(gone)) == "NOT_FOUND"
    key = pb.RemoveStaffMemberRequest(staff_id="dan", idempotency_key="k")
    assert not (await stub.RemoveStaffMember(key)).deduplicated
    assert (await stub.RemoveStaffMember(key)).deduplicated
    manager = campaign.person(ContactServiceStub, "branch_manager")
    await manager.ListStaffMembers(pb.ListStaffMembersRequest())
    assert await refusal(manager.RemoveStaffMember(gone)) == "PERMISSION_DENIED"
    desk = campaign.person(ContactServiceStub, "receptionist")
    assert await refusal(desk.ListStaffMembers(pb.ListStaffMembersRequest())) == "PERMISSION_DENIED"


@pytest.mark.req("CAM-32", "SEC-5")
async def test_somebody_limited_to_branches_sees_who_works_for_them_or_for_all(campaign: Served) -> None:
    await save(campaign, "ada", roles=["super_owner"])
    await save(campaign, "ben", branch_ids=[NORTH, SOUTH])
    await save(campaign, "cleo", branch_ids=[SOUTH], email="cleo@example.com")
    token = issue_person(campaign.settings, campaign.tenant_id, "bea", ["branch_manager"], [NORTH])
    manager = campaign._stub(ContactServiceStub, token, None)
    for request in (pb.ListStaffMembersRequest(), pb.ListStaffMembersRequest(branch_id=SOUTH)):
        seen = await manager.ListStaffMembers(request)
        assert [one.staff_id for one in seen.staff_members] == ["ada", "ben"]


@pytest.mark.req("CAM-32", "CAM-6")
async def test_services_find_staff_by_id_or_by_role_and_branch_and_never_those_who_left(
    campaign: Served,
) -> None:
    await save(campaign, "ada", roles=["super_owner"], email="ada@example.com", is_email_verified=True)
    await save(campaign, "ben", roles=["branch_manager"], branch_ids=[NORTH])
    await save(campaign, "cleo", roles=["branch_manager"], branch_ids=[SOUTH])
    await save(campaign, "dan", roles=["branch_manager"], is_disabled=True)
    delivery = campaign.caller(ContactServiceStub, "delivery")

    async def found(**fields: Any) -> list[str]:
        answer = await delivery.ResolveStaff(pb.ResolveStaffRequest(**fields))
        return [one.staff_id for one in answer.staff_members]

    assert await found(staff_ids=["cleo", "ada", "dan", "nobody"]) == ["ada", "cleo"]
    assert await found(role="branch_manager") == ["ben", "cleo"]
    assert await found(role="branch_manager", branch_id=NORTH) == ["ben"]
    for wrong in ({}, {"role": "x", "staff_ids": ["ada"]}, {"role": "x", "branch_id": "y"}):
        assert await refusal(found(**wrong)) == "VALIDATION_FAILED"
    owner = campaign.person(ContactServiceStub)
    assert await refusal(owner.ResolveStaff(pb.ResolveStaffRequest(role="x"))) == "PERMISSION_DENIED"
    reached = await delivery.ResolveRecipients(pb.ResolveRecipientsRequest(staff_ids=["ada", "dan"]))
    assert [one.email for one in reached.staff_members] == ["ada@example.com"]
