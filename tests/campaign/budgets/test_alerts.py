"""Who is told that a budget is nearly or wholly used, and how often."""

from datetime import timedelta

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.campaign.v1 import contact_pb2, contact_service_pb2
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.contact_service_pb2_grpc import ContactServiceStub
from angarium.common.v1 import enums_pb2
from services.campaign.staff.worker import AlertWorker
from services.common.errors import unavailable
from services.common.ids import uuid7
from tests.campaign.budgets.conftest import Ledger, euros

THRESHOLD, EXHAUSTED = pb.BUDGET_LEVEL_THRESHOLD, pb.BUDGET_LEVEL_EXHAUSTED


async def owner(ledger: Ledger, staff_id: str, **fields: object) -> None:
    member = contact_pb2.StaffMember(
        **{
            "staff_id": staff_id,
            "name": staff_id.title(),
            "roles": ["super_owner"],
            "email": f"{staff_id}@example.com",
            "is_email_verified": True,
            **fields,
        }
    )
    stub = ledger.stage.served.person(ContactServiceStub)
    await stub.UpsertStaffMember(contact_service_pb2.UpsertStaffMemberRequest(staff_member=member))


@pytest.mark.req("CAM-76", "EVT-116")
async def test_each_level_is_told_once_a_period_for_the_tenant_and_for_a_branch(ledger: Ledger) -> None:
    north = await ledger.stage.branch("North")
    await ledger.limit("1.00")
    await ledger.limit("0.50", north)
    for amount, told in (
        ("0.30", []),
        ("0.10", [("", 0), (north, THRESHOLD)]),
        ("0.09", []),
        ("0.01", [(north, EXHAUSTED)]),
        ("0.30", [("", THRESHOLD)]),
        ("0.50", [("", EXHAUSTED)]),
        ("0.50", []),
    ):
        before = len(await ledger.alerts())
        await ledger.cost(amount, str(uuid7()), branch_id=north, is_budgeted=True)
        found = (await ledger.alerts())[before:]
        assert [(one.branch_id, one.level) for one in found] == [each for each in told if each[1]]
    first = (await ledger.alerts())[0]
    assert (first.month, first.spent, first.limit) == (ledger.month, euros("0.40"), euros("0.50"))
    assert first.alert_threshold_percent == 80
    read = await ledger.read()
    assert read.level == EXHAUSTED
    assert read.HasField("alert_time")
    assert read.HasField("exhaust_time")
    assert read.remaining == euros("-0.80")


@pytest.mark.req("CAM-76")
async def test_a_level_that_lowering_the_limit_or_reserving_reaches_is_told_too(ledger: Ledger) -> None:
    await ledger.people(9)
    await ledger.limit("0.01")
    await ledger.launch()
    # 9 thousandths are rounded up to a whole cent where they meet the limit.
    assert [one.level for one in await ledger.alerts()] == [THRESHOLD, EXHAUSTED]
    ledger.stage.clock.advance(timedelta(days=32))
    await ledger.limit("10")
    await ledger.cost("4", str(uuid7()), is_budgeted=True)
    await ledger.limit("4.50")
    assert [one.level for one in await ledger.alerts()] == [THRESHOLD, EXHAUSTED, THRESHOLD]
    settings = ledger.settings
    read = (await settings.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    assert read.budget_alert_threshold_percent == 80


@pytest.mark.req("CAM-76", "CAM-6")
async def test_owners_are_written_to_once_each_however_often_delivery_is_away(ledger: Ledger) -> None:
    await owner(ledger, "ada", language_code="de")
    await owner(ledger, "ben")
    await owner(ledger, "gone", is_disabled=True)
    await owner(ledger, "unknown", is_email_verified=False)
    await owner(ledger, "manager", roles=["branch_manager"])
    worker = AlertWorker(ledger.stage.database, ledger.stage.channels)
    assert not await worker.step()
    await ledger.limit("1.00")
    await ledger.cost("0.85", str(uuid7()), is_budgeted=True)
    delivery = ledger.stage.delivery
    delivery.error = unavailable("delivery")
    assert await worker.step()
    assert not delivery.messages
    delivery.error = None
    ledger.stage.clock.advance(timedelta(minutes=10))
    assert await worker.step()
    assert not await worker.step()
    sent = list(delivery.messages.values())
    assert sorted(one.recipient.staff_id for one in sent) == ["ada", "ben"]
    content = sent[0].content
    assert content.is_staff
    assert content.category == enums_pb2.CATEGORY_STAFF_ALERT
    assert content.template_name == "budget-alert"
    values = dict(sent[0].recipient.variables.items())
    assert (values["percent"], values["month"], values["branch"]) == (80, ledger.month, "")
    assert dict(values["limit"].items())["units"] == "1"


@pytest.mark.req("CAM-76")
async def test_an_alert_without_a_reader_or_past_its_worth_is_dropped_with_its_reason(ledger: Ledger) -> None:
    worker = AlertWorker(ledger.stage.database, ledger.stage.channels)
    await ledger.limit("1.00")
    await ledger.cost("0.85", str(uuid7()), is_budgeted=True)
    assert await worker.step()
    await ledger.cost("0.15", str(uuid7()), is_budgeted=True)
    ledger.stage.clock.advance(timedelta(hours=25))
    assert await worker.step()
    async with ledger.stage.database.tenant(ledger.stage.served.tenant_id) as uow:
        rows = await uow.fetch_all("SELECT state, reason FROM staff_alert ORDER BY alert_id")
    assert rows == [("dropped", "nobody_to_tell"), ("dropped", "expired")]


@pytest.mark.req("CAM-76", "CAM-2")
async def test_the_threshold_is_the_tenants_own(ledger: Ledger) -> None:
    settings = ledger.settings
    read = (await settings.GetMarketingSettings(pb.GetMarketingSettingsRequest())).settings
    await settings.UpdateMarketingSettings(
        pb.UpdateMarketingSettingsRequest(
            settings=pb.MarketingSettings(budget_alert_threshold_percent=50, etag=read.etag),
            update_mask=FieldMask(paths=["budget_alert_threshold_percent"]),
        )
    )
    await ledger.limit("1.00")
    await ledger.cost("0.50", str(uuid7()), is_budgeted=True)
    assert [(one.level, one.alert_threshold_percent) for one in await ledger.alerts()] == [(THRESHOLD, 50)]
