"""The turn of the month, in each tenant's own zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from angarium.campaign.v1 import campaign_service_pb2 as campaign_service
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1.settings_service_pb2_grpc import SettingsServiceStub
from services.campaign.budgets import months
from services.campaign.budgets.domain import month_of
from services.common.ids import uuid7
from services.common.jobs import JobCounts, JobRunner
from tests.campaign.budgets.conftest import Ledger, euros


async def turn(ledger: Ledger) -> JobCounts | None:
    runner = JobRunner(ledger.stage.database, [months.JOB], ledger.stage.clock)
    return await runner.run_now("budget-month")


def to_next_month(ledger: Ledger) -> None:
    now = ledger.stage.clock.now()
    following = (now.replace(day=1) + timedelta(days=32)).replace(day=2, hour=12)
    ledger.stage.clock.advance(following - now)


@pytest.mark.req("JOB-22", "JOB-40", "CAM-78", "CAM-145")
async def test_the_month_turns_once_with_the_limit_of_that_moment_and_the_old_one_keeps_its_own(
    ledger: Ledger,
) -> None:
    north = await ledger.stage.branch("North")
    await ledger.limit("5")
    await ledger.limit("2", north)
    await ledger.cost("0.50", str(uuid7()), branch_id=north, is_budgeted=True)
    old = ledger.month
    await turn(ledger)
    assert await turn(ledger) == JobCounts()
    to_next_month(ledger)
    assert await turn(ledger) == JobCounts(seen=1, done=1)
    assert await turn(ledger) == JobCounts()
    await ledger.limit("7")
    assert (await ledger.read()).limit == euros("7")
    assert (await ledger.read(month=old)).limit == euros("5")
    assert await ledger.sums(month=old) == (0, Decimal("0.50"))
    assert await ledger.sums() == (0, 0)
    assert (await ledger.read(north)).limit == euros("2")
    async with ledger.stage.database.tenant(ledger.stage.served.tenant_id) as uow:
        rows = await uow.fetch_all(
            "SELECT month, count(*), bool_and(closed_at IS NOT NULL) FROM budget_period GROUP BY month ORDER BY month"
        )
    assert rows == [(old, 2, True), (ledger.month, 2, False)]
    # A bill that comes late is still charged to the month it belongs to.
    await ledger.cost("0.25", str(uuid7()), is_budgeted=True, month=old)
    assert await ledger.sums(month=old) == (0, Decimal("0.75"))
    await ledger.check()


@pytest.mark.req("JOB-22", "CAM-75")
async def test_runs_that_go_on_take_along_what_they_hold_and_those_that_are_over_leave_nothing(
    ledger: Ledger,
) -> None:
    north = await ledger.stage.branch("North")
    await ledger.people(3, north)
    template_id = await ledger.stage.template()
    going_on, ids = await ledger.launch(template_id=template_id, branch_ids=[north])
    over, _ = await ledger.launch(template_id=template_id)
    old = ledger.month
    await ledger.cost("0.0005", ids[0], campaign_id=going_on)
    async with ledger.stage.database.tenant(ledger.stage.served.tenant_id) as uow:
        await uow.execute("UPDATE campaign_run SET state = 3 WHERE campaign_id = %s", (over,))
    assert (await ledger.sums())[0] == Decimal("0.005")
    to_next_month(ledger)
    await turn(ledger)
    assert await ledger.sums(month=old) == (0, Decimal("0.0005"))
    assert await ledger.sums() == (Decimal("0.002"), 0)
    assert await ledger.sums(north) == (Decimal("0.002"), 0)
    # A bill of the old month that comes late frees what is held now; one of this month is charged to it.
    await ledger.cost("0.0005", ids[1], campaign_id=going_on, month=old)
    await ledger.cost("0.0005", ids[2], campaign_id=going_on)
    assert await ledger.sums(month=old) == (0, Decimal("0.001"))
    assert await ledger.sums(north) == (0, Decimal("0.0005"))
    await ledger.check()
    await ledger.stage.stub.CancelCampaign(campaign_service.CancelCampaignRequest(campaign_id=going_on))
    await ledger.check()


@pytest.mark.req("JOB-5", "JOB-22")
async def test_each_tenants_month_begins_at_its_own_midnight(ledger: Ledger) -> None:
    admin = ledger.stage.served.person(SettingsServiceStub, "platform_admin")
    ids = {}
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        ids[zone] = str(uuid7())
        await admin.CreateTenant(
            pb.CreateTenantRequest(
                tenant=pb.Tenant(
                    tenant_id=ids[zone],
                    name=zone,
                    currency_code="EUR",
                    region_code="DE",
                    default_time_zone=zone,
                )
            )
        )
    clock = ledger.stage.clock
    # Noon of the last day of a month in UTC: in the east the next has begun, in the west it has not.
    last = (clock.now().replace(day=1, hour=12) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    clock.advance(last - clock.now())
    await turn(ledger)
    async with ledger.stage.database.system() as uow:
        rows = await uow.fetch_all("SELECT tenant_id::text, month FROM budget_period ORDER BY month")
    found = dict(rows)
    assert found[ids["Pacific/Kiritimati"]] == month_of(last + timedelta(days=1), "UTC")
    assert found[ids["Pacific/Pago_Pago"]] == month_of(last, "UTC")


@pytest.mark.req("GEN-47")
async def test_entries_are_kept_for_two_years_and_periods_for_ever(ledger: Ledger) -> None:
    await ledger.cost("1", str(uuid7()), is_budgeted=True, month="2020-01")
    await ledger.cost("1", str(uuid7()), is_budgeted=True)
    async with ledger.stage.database.system() as uow:
        assert await months.forget_old(uow, datetime.now(UTC), 100) == 1
        assert await months.forget_old(uow, datetime.now(UTC), 100) == 0
    assert await ledger.sums(month="2020-01") == (0, 1)
