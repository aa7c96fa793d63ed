"""Runs, step by step."""

from __future__ import annotations

import pytest

from services.campaign.notices.domain import State
from tests.campaign.automations.given import (
    TEMPLATE,
    advance,
    automation,
    contact,
    emitted,
    notices,
    read_contact,
    run_of,
    settle,
    shown_steps,
    state,
    tagged_rule,
    trigger,
)
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.req("LIF-70", "LIF-104", "LIF-6")
async def test_a_delay_is_a_time_that_is_written_down(shop: Served) -> None:
    made = await automation(shop, actions=[{"delay": "3600s"}])
    [run] = await trigger(shop, made.automation_id, await contact(shop))
    await advance(shop)
    shown = await run_of(shop, run)
    assert await state(shop, run) == "waiting"
    assert (shown.run.due_time.seconds - shown.run.start_time.seconds) == 3600
    await advance(shop, 3599)
    assert await state(shop, run) == "waiting"
    await advance(shop, 1)
    assert await state(shop, run) == "completed"
    assert await shown_steps(shop, run) == [("delay", "done")]


@pytest.mark.req("LIF-67", "LIF-71", "EVT-103")
async def test_a_run_writes_to_its_contact_and_goes_on_once_that_is_settled(shop: Served) -> None:
    made = await automation(
        shop,
        actions=[
            {"send_notification": {"template_name": TEMPLATE, "data": {"days": "{{ data.days }}"}}},
            {"update_contact": {"add_tags": ["written"]}},
        ],
    )
    person = await contact(shop)
    [run] = await trigger(shop, made.automation_id, person, days=3)
    await advance(shop)
    [(key, reader, template, _)] = await notices(shop, run)
    assert (key, str(reader), template) == (f"{run}:0:{person}", person, TEMPLATE)
    assert await state(shop, run) == "waiting"
    await settle(shop, run, State.SENT)
    await advance(shop)
    assert await state(shop, run) == "completed"
    assert list((await read_contact(shop, person)).tags) == ["written"]
    steps = (await run_of(shop, run)).steps
    assert steps[0].result["sent_count"] == 1
    assert len(steps[0].message_ids) == 1
    [ended] = await emitted(shop, "automation.run_completed")
    assert ended["runs"] == [{"automation_id": made.automation_id, "run_id": run, "contact_id": person}]


@pytest.mark.parametrize("way", ["then", "else"])
async def test_a_branch_leads_one_way_or_the_other_and_both_go_on_after_it(shop: Served, way: str) -> None:
    made = await automation(
        shop,
        actions=[
            {
                "branch": {
                    "tests": [{"field": "order.amount", "operator": "CONDITION_OPERATOR_GTE", "value": 100}],
                    "contact_rule": tagged_rule("vip"),
                    "then_actions": [{"update_contact": {"add_tags": ["thanked"]}}],
                    "else_actions": [{"update_contact": {"add_tags": ["asked"]}}],
                }
            },
            {"update_contact": {"set_attributes": {"seen": True, "amount": "{{ data.order.amount }}"}}},
        ],
    )
    person = await contact(shop, tags=["vip"])
    [run] = await trigger(shop, made.automation_id, person, order={"amount": 120 if way == "then" else 80})
    await advance(shop)
    found = await read_contact(shop, person)
    assert sorted(found.tags) == sorted(["vip", "thanked" if way == "then" else "asked"])
    assert found.attributes["amount"] == (120 if way == "then" else 80)
    taken = ["done", "skipped"] if way == "then" else ["skipped", "done"]
    assert [found for _, found in await shown_steps(shop, run)] == ["done", *taken, "done"]
