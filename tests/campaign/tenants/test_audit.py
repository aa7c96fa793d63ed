"""Who changed what: settings, budgets, branches, staff and sends leave a line each, which nobody can change."""

import psycopg
import pytest
from google.type.money_pb2 import Money

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import audit_pb2
from angarium.common.v1.audit_pb2_grpc import AuditServiceStub
from tests.campaign.campaigns.conftest import Stage, stage

__all__ = ["stage"]


@pytest.mark.req("SEC-46", "GEN-34")
async def test_every_send_and_every_change_of_settings_is_audited_with_who_did_it(stage: Stage) -> None:
    await stage.contacts(2)
    await stage.configure(monthly_budget_limit=Money(currency_code="EUR", units=5))
    await stage.branch("North")
    member = contact_pb2.StaffMember(staff_id="ada", name="Ada", email="ada@example.com")
    staff = stage.served.person(ContactServiceStub)
    await staff.UpsertStaffMember(contact_service_pb2.UpsertStaffMemberRequest(staff_member=member))
    sent = await stage.send()
    audit = stage.served.person(AuditServiceStub)

    async def entries(action: str) -> list[audit_pb2.AuditEntry]:
        answer = await audit.ListAuditEntries(audit_pb2.ListAuditEntriesRequest(action=action))
        return list(answer.audit_entries)

    for action, resource in (
        ("tenant.create", "tenant"),
        ("settings.update", "marketing_settings"),
        ("branch.create", "branch_settings"),
        ("staff.save", "staff_member"),
        ("campaign.send", "campaign"),
    ):
        found = await entries(action)
        assert found, action
        assert (found[0].actor, found[0].resource_type) == ("anna", resource)
    send = (await entries("campaign.send"))[0]
    assert send.resource_id == sent.campaign.campaign_id
    assert "monthly_budget_limit" in str((await entries("settings.update"))[0].after)
    assert "ada@example.com" not in str(await entries("staff.save"))
    async with stage.database.tenant(stage.served.tenant_id) as uow:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await uow.execute("UPDATE audit SET actor = 'nobody'")
        await uow.connection.rollback()
