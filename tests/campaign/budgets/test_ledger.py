"""The ledger of budgets: reserved before, spent or given back after, and always the sum of its entries."""

import asyncio
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from angarium.campaign.v1 import campaign_pb2
from angarium.campaign.v1 import campaign_service_pb2 as campaign_service
from angarium.campaign.v1 import settings_service_pb2 as pb
from angarium.campaign.v1 import template_service_pb2 as template_pb
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import delivery_events_pb2 as events
from services.campaign.budgets import handlers
from services.campaign.budgets.domain import BudgetExceededError
from services.campaign.runs import brakes
from services.common.errors import ServiceError
from services.common.ids import uuid7
from services.common.money import Money
from tests.campaign.budgets.conftest import Ledger, euros
from tests.campaign.campaigns.test_kills import environment


@pytest.mark.req("CAM-74", "CAM-75", "CAM-4")
async def test_a_launch_reserves_of_the_tenant_and_of_each_branch_it_names_or_of_none(ledger: Ledger) -> None:
    north, south = await ledger.stage.branch("North"), await ledger.stage.branch("South")
    await ledger.people(6, north)
    await ledger.people(2, south)
    template_id = await ledger.stage.template()
    await ledger.limit("1")
    await ledger.limit("0", south)
    both = {"template_id": template_id, "branch_ids": [north, south]}
    with pytest.raises(ServiceError) as refused:
        await ledger.stage.create(**both)
    assert refused.value.reason == "BUDGET_EXCEEDED"
    await ledger.limit("0.01", south)
    campaign_id, ids = await ledger.launch(**both)
    assert len(ids) == 8
    assert await ledger.sums() == (Decimal("0.008"), 0)
    assert await ledger.sums(north) == (Decimal("0.006"), 0)
    assert await ledger.sums(south) == (Decimal("0.002"), 0)
    # What would fit the tenant and the north does not fit the south: nothing of it is reserved anywhere.
    second = await ledger.stage.approved(**both)
    async with ledger.stage.database.tenant(ledger.stage.served.tenant_id) as uow:
        owner = await ledger.owner(uow)
        with pytest.raises(BudgetExceededError):
            await handlers.reserve(
                uow,
                owner,
                cost=Decimal("0.04"),
                messages=8,
                by_branch={UUID(north): 6, UUID(south): 2},
                campaign_id=UUID(second.campaign_id),
                run_id=uuid7(),
            )
    await ledger.check()
    await ledger.cost("0.0004", *ids, campaign_id=campaign_id)
    assert await ledger.sums() == (0, Decimal("0.0032"))
    assert await ledger.sums(north) == (0, Decimal("0.0024"))
    assert await ledger.sums(south) == (0, Decimal("0.0008"))
    await ledger.check()


@pytest.mark.req("CAM-75")
async def test_messages_are_charged_to_their_contacts_branch_else_to_the_only_one_named_else_to_the_tenant(
    ledger: Ledger,
) -> None:
    north = await ledger.stage.branch("North")
    await ledger.people(2, north)
    await ledger.people(1)
    template_id = await ledger.stage.template()
    campaign_id, ids = await ledger.launch(template_id=template_id)
    # No branch is named, and none has a budget: the whole is reserved of the tenant alone, and charged to whose contacts
    # they are.
    assert await ledger.sums() == (Decimal("0.003"), 0)
    assert await ledger.sums(north) == (0, 0)
    await ledger.cost("0.001", *ids, campaign_id=campaign_id)
    assert await ledger.sums() == (0, Decimal("0.003"))
    assert await ledger.sums(north) == (0, Decimal("0.002"))
    named, ids = await ledger.launch(template_id=template_id, branch_ids=[north])
    async with ledger.stage.database.tenant(ledger.stage.served.tenant_id) as uow:
        await uow.execute("UPDATE contact SET branch_id = NULL")
    await ledger.cost("0.001", *ids, campaign_id=named)
    assert await ledger.sums(north) == (0, Decimal("0.004"))
    # A message of no campaign is charged to the branch its sender named.
    await ledger.cost("0.5", str(uuid7()), branch_id=north, is_budgeted=True)
    assert await ledger.sums(north) == (0, Decimal("0.504"))
    assert await ledger.sums() == (0, Decimal("0.505"))
    await ledger.check()


@pytest.mark.req("CAM-24", "CAM-74", "CAM-76")
async def test_a_campaign_that_names_no_branch_is_held_by_the_budget_of_each_branch_it_writes_to(
    ledger: Ledger,
) -> None:
    north, south, east = [await ledger.stage.branch(name) for name in ("North", "South", "East")]
    for count, branch in ((3, north), (2, south), (1, "")):
        await ledger.people(count, branch)
    template_id = await ledger.stage.template()
    # Nobody of the east is written to, so its budget holds nothing.
    await ledger.limit("0", east)
    await ledger.limit("0", north)
    with pytest.raises(ServiceError) as refused:
        await ledger.launch(template_id=template_id)
    assert (refused.value.reason, refused.value.metadata["branch_id"]) == ("BUDGET_EXCEEDED", north)
    # The branches with room can be named.
    await ledger.launch(template_id=template_id, branch_ids=[south])
    await ledger.limit("0.01", north)
    campaign_id, ids = await ledger.launch(template_id=template_id)
    assert await ledger.sums(north) == (Decimal("0.003"), 0)
    assert await ledger.sums() == (Decimal("0.008"), 0)
    assert await brakes.hold_failing(ledger.stage.database) == 0
    await ledger.cost("0.005", *ids, campaign_id=campaign_id)
    assert await ledger.sums(north) == (0, Decimal("0.015"))
    assert await brakes.hold_failing(ledger.stage.database) == 1
    assert (await ledger.stage.get(campaign_id)).pause_reason == "budget_exceeded"
    await ledger.check()


@pytest.mark.req("CAM-74")
async def test_messages_that_are_not_sent_give_their_share_back_once_and_billed_ones_do_not(
    ledger: Ledger,
) -> None:
    await ledger.people(8)
    campaign_id, ids = await ledger.launch()
    assert await ledger.sums() == (Decimal("0.008"), 0)
    await ledger.stop("skipped", campaign_id, ids[0])
    await ledger.stop("cancelled", campaign_id, ids[1])
    await ledger.stop("expired", campaign_id, ids[2])
    await ledger.stop("failed", campaign_id, ids[3])
    assert await ledger.sums() == (Decimal("0.004"), 0)
    await ledger.stop("failed", campaign_id, *ids[:4])
    await ledger.stop("unknown", campaign_id, ids[4])
    assert await ledger.sums() == (Decimal("0.004"), 0)
    # One that was billed and then failed gave its share back when it was billed.
    await ledger.cost("0.003", ids[5], campaign_id=campaign_id)
    await ledger.stop("failed", campaign_id, ids[5])
    assert await ledger.sums() == (Decimal("0.003"), Decimal("0.003"))
    # One that failed, was tried anew and then billed has nothing left to give back.
    await ledger.cost("0.001", ids[3], campaign_id=campaign_id)
    assert await ledger.sums() == (Decimal("0.003"), Decimal("0.004"))
    await ledger.check()


@pytest.mark.req("CAM-74")
async def test_the_end_of_a_run_and_its_cancelling_give_back_what_is_left(ledger: Ledger) -> None:
    await ledger.people(4)
    template_id = await ledger.stage.template()
    campaign_id, _ = await ledger.launch(template_id=template_id)
    cancel = campaign_service.CancelCampaignRequest(campaign_id=campaign_id)
    await ledger.stage.stub.CancelCampaign(cancel)
    assert await ledger.sums() == (0, 0)
    await ledger.check()


@pytest.mark.req("CAM-4", "CAM-74")
async def test_a_later_price_of_an_attempt_replaces_the_earlier_and_a_later_attempt_adds(
    ledger: Ledger,
) -> None:
    message = str(uuid7())
    for attempt, amount, spent in (
        (1, "0.010", "0.010"),
        (1, "0.010", "0.010"),
        (1, "0.008", "0.008"),
        (2, "0.020", "0.028"),
        (1, "0.009", "0.029"),
        (2, "0.015", "0.024"),
    ):
        await ledger.cost(amount, message, attempt=attempt, is_budgeted=True)
        assert await ledger.sums() == (0, Decimal(spent))
    # Prices in another currency, and what the platform bears, are no money of the tenant's.
    await ledger.cost("1", message, attempt=3, currency="USD", is_budgeted=True)
    await ledger.cost("1", message, attempt=3, is_budgeted=True, is_platform_cost=True)
    assert await ledger.sums() == (0, Decimal("0.024"))
    await ledger.check()


@pytest.mark.req("CAM-77")
async def test_transactional_messages_are_recorded_and_never_stopped_by_a_budget(ledger: Ledger) -> None:
    await ledger.people(3)
    await ledger.limit("0")
    await ledger.cost("0.5", str(uuid7()), str(uuid7()))
    read = await ledger.read()
    assert Money.from_proto(read.uncounted).amount == 1
    assert (await ledger.sums(), Money.from_proto(read.remaining).amount) == ((0, 0), 0)
    template_id = await ledger.stage.template(
        template_type=template_pb.TEMPLATE_TYPE_TRANSACTIONAL, category=enums_pb2.CATEGORY_PAYMENT
    )
    campaign_id, ids = await ledger.launch(
        template_id=template_id, message_class=enums_pb2.MESSAGE_CLASS_TRANSACTIONAL
    )
    await ledger.cost("0.1", *ids, campaign_id=campaign_id)
    assert await ledger.sums() == (0, 0)
    assert Money.from_proto((await ledger.read()).uncounted).amount == Decimal("1.3")
    assert await brakes.hold_failing(ledger.stage.database) == 0
    await ledger.check()


@pytest.mark.req("CAM-76")
async def test_a_campaign_of_a_branch_is_held_when_the_branch_has_spent_its_budget(ledger: Ledger) -> None:
    north, south = await ledger.stage.branch("North"), await ledger.stage.branch("South")
    await ledger.people(2, north)
    await ledger.people(2, south)
    template_id = await ledger.stage.template()
    await ledger.limit("1", north)
    first, ids = await ledger.launch(template_id=template_id, branch_ids=[north])
    second, _ = await ledger.launch(template_id=template_id, branch_ids=[south])
    await ledger.cost("0.6", *ids, campaign_id=first)
    assert await brakes.hold_failing(ledger.stage.database) == 1
    held = await ledger.stage.get(first)
    assert (held.state, held.pause_reason) == (campaign_pb2.Campaign.STATE_PAUSED, "budget_exceeded")
    assert (await ledger.stage.get(second)).state == campaign_pb2.Campaign.STATE_SENDING
    with pytest.raises(ServiceError) as refused:
        await ledger.stage.stub.ResumeCampaign(campaign_service.ResumeCampaignRequest(campaign_id=first))
    assert refused.value.reason == "BUDGET_EXCEEDED"
    await ledger.limit("2", north)
    await ledger.stage.stub.ResumeCampaign(campaign_service.ResumeCampaignRequest(campaign_id=first))


@pytest.mark.timeout(180)
@pytest.mark.req("CAM-145", "REL-14")
async def test_processes_at_once_reserve_a_budget_to_its_last_part_and_no_further(ledger: Ledger) -> None:
    # The clocks of processes are the system's.
    ledger.stage.clock.set(datetime.now(UTC))
    await ledger.limit("1")
    given = {**environment(ledger.stage), "TENANT": str(ledger.stage.served.tenant_id), "TIMES": "6"}
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.campaign.budgets.reserving_at_once"),
            env=given,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[3],
        )
        for _ in range(4)
    ]
    outputs = await asyncio.gather(*(one.communicate() for one in processes))
    told = Counter(line for out, _ in outputs for line in out.decode().split())
    assert told == {"reserved": 11, "refused": 13}
    assert await ledger.sums() == (Decimal("0.99"), Decimal(0))


@pytest.mark.req("CAM-74", "CAM-145", "REL-10")
async def test_many_at_once_never_reserve_more_than_a_budget_and_lose_nothing(ledger: Ledger) -> None:
    north = UUID(await ledger.stage.branch("North"))
    await ledger.limit("1")
    await ledger.limit("0.50", str(north))
    database, tenant_id = ledger.stage.database, ledger.stage.served.tenant_id

    async def reserve(number: int) -> int:
        by_branch = {north: 1} if number % 2 else {}
        try:
            async with database.tenant(tenant_id) as uow:
                owner = await ledger.owner(uow)
                await handlers.reserve(
                    uow,
                    owner,
                    cost=Decimal("0.09"),
                    messages=9,
                    by_branch=by_branch,
                    campaign_id=uuid7(),
                    run_id=uuid7(),
                )
        except BudgetExceededError:
            return 0
        return 1

    async def spend(_number: int) -> int:
        await ledger.cost("0.01", str(uuid7()), branch_id=str(north), is_budgeted=True)
        return 1

    work = [reserve(number) for number in range(24)] + [spend(number) for number in range(8)]
    random.Random(7).shuffle(work)
    await asyncio.gather(*work)
    reserved, spent = await ledger.sums()
    assert spent == Decimal("0.08")
    assert reserved % Decimal("0.09") == 0
    assert reserved > 0
    # Reserving holds the limit; what was sent is charged whatever the limit is.
    assert reserved <= 1
    north_reserved, north_spent = await ledger.sums(str(north))
    assert north_spent == Decimal("0.08")
    assert Decimal(0) < north_reserved <= Decimal("0.50")
    await ledger.check()


@pytest.mark.req("CAM-16", "CAM-74")
async def test_lines_runs_and_budgets_agree_on_what_attempts_cost_in_whatever_order_they_are_told(
    ledger: Ledger,
) -> None:
    await ledger.people(2)
    campaign_id, ids = await ledger.launch(template_id=await ledger.stage.template())
    prices = [(attempt, f"0.0{attempt}{again}") for attempt in (1, 2, 3) for again in (1, 2)]
    expected = Decimal(0)
    for seed, one in enumerate(ids):
        told = prices * 2
        random.Random(seed).shuffle(told)
        for attempt, amount in told:
            await ledger.cost(amount, one, campaign_id=campaign_id, attempt=attempt)
        expected += sum(Decimal(amount) for amount in dict(told).values())
    # Also where one block tells of several attempts of a message.
    payload = events.CostsRecorded(provider="sendgrid", campaign_id=campaign_id)
    for attempt in (5, 4, 5):
        item = payload.costs.add(message_id=ids[0], attempt=attempt, billing_period=ledger.month)
        item.cost.CopyFrom(Money("EUR", Decimal("0.5")).to_proto())
    await ledger.stage.apply("message.cost_recorded", payload)
    expected += 1
    async with ledger.stage.database.tenant(ledger.stage.served.tenant_id) as uow:
        lines = await uow.fetch_value("SELECT sum(cost) FROM campaign_recipient")
        runs = await uow.fetch_value("SELECT sum(actual_cost) FROM campaign_run_tally")
    assert lines == runs == (await ledger.sums())[1] == expected
    await ledger.check()


@pytest.mark.req("CAM-4", "CAM-74")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happens_in_whatever_order_sums_equal_their_entries(ledger: Ledger, seed: int) -> None:
    chance = random.Random(seed)
    north, south = await ledger.stage.branch("North"), await ledger.stage.branch("South")
    for branch in (north, south, ""):
        await ledger.people(4, branch)
    template_id = await ledger.stage.template()
    runs = [
        await ledger.launch(template_id=template_id, **fields)
        for fields in ({}, {"branch_ids": [north]}, {"branch_ids": [north, south]})
    ]
    known = [(campaign_id, one) for campaign_id, ids in runs for one in ids]
    stray = [str(uuid7()) for _ in range(4)]
    for _ in range(40):
        campaign_id, one = chance.choice(known)
        act = chance.randrange(4)
        if act == 0:
            await ledger.stop(chance.choice(["failed", "skipped", "expired", "unknown"]), campaign_id, one)
        elif act == 1:
            amount, attempt = f"0.00{chance.randrange(1, 30):02}", chance.randrange(1, 4)
            await ledger.cost(amount, one, campaign_id=campaign_id, attempt=attempt)
        elif act == 2:
            amount, budgeted = f"0.0{chance.randrange(1, 9)}", chance.random() < 0.5
            branch = chance.choice([north, south, ""])
            await ledger.cost(amount, *chance.sample(stray, 2), branch_id=branch, is_budgeted=budgeted)
        else:
            ids = chance.sample([message for campaign, message in known if campaign == campaign_id], 3)
            month = chance.choice([ledger.month, "2020-01"])
            await ledger.cost("0.001", *ids, campaign_id=campaign_id, month=month)
    await ledger.check()
    for campaign_id, _ in runs:
        await ledger.stage.stub.CancelCampaign(
            campaign_service.CancelCampaignRequest(campaign_id=campaign_id)
        )
    await ledger.check()
    assert (await ledger.sums())[0] == 0


@pytest.mark.req("CAM-23", "CAM-3", "CAM-145")
async def test_what_a_branch_spent_this_month_comes_from_the_ledger_and_begins_anew_with_the_month(
    ledger: Ledger,
) -> None:
    north = await ledger.stage.branch("North")
    await ledger.cost("0.25", str(uuid7()), branch_id=north, is_budgeted=True)
    read = await ledger.settings.GetBranchSettings(pb.GetBranchSettingsRequest(branch_id=north))
    assert read.branch.current_month_spend == euros("0.25")
    listed = await ledger.settings.ListBranchSettings(pb.ListBranchSettingsRequest())
    assert [one.current_month_spend for one in listed.branches] == [euros("0.25")]
    before = ledger.month
    ledger.stage.clock.advance(timedelta(days=32))
    read = await ledger.settings.GetBranchSettings(pb.GetBranchSettingsRequest(branch_id=north))
    assert read.branch.current_month_spend == euros("0")
    assert await ledger.sums(north, before) == (0, Decimal("0.25"))


@pytest.mark.req("CAM-25", "CAM-116")
async def test_a_month_without_anything_in_it_has_no_limit_unless_it_is_this_one_or_to_come(
    ledger: Ledger,
) -> None:
    await ledger.limit("5")
    assert (await ledger.read()).limit == euros("5")
    assert (await ledger.read(month="2020-01")).HasField("limit") is False
    assert (await ledger.read(month="2999-01")).remaining == euros("5")
    for month in ("2026-13", "2026-1", "x"):
        with pytest.raises(ServiceError) as refused:
            await ledger.read(month=month)
        assert refused.value.reason == "VALIDATION_FAILED"
    with pytest.raises(ServiceError) as missing:
        await ledger.read(str(uuid7()))
    assert missing.value.reason == "NOT_FOUND"
