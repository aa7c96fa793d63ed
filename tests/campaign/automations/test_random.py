"""Random definitions carried out on the database, held against the interpreter of the text."""

from __future__ import annotations

import random
from typing import Any

import pytest

from services.campaign.automations.definitions import definition_of
from services.campaign.automations.domain import Branch, Definition, StepState, Update, deeds
from tests.campaign.automations.given import (
    advance,
    automation,
    contact,
    read_contact,
    shown_steps,
    state,
    trigger,
)
from tests.campaign.automations.test_program import Fate, interpret, unshared
from tests.house import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEFINITIONS = 15


def actions(draw: random.Random, left: list[int], depth: int = 0) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw.randint(1, 3)):
        if left[0] <= 0:
            break
        left[0] -= 1
        found.append(action(draw, left, depth))
    return found


def action(draw: random.Random, left: list[int], depth: int) -> dict[str, Any]:
    kind = draw.choice(["tag", "tag", "delay", "stop", "fail", "branch", "wait"])
    one: dict[str, Any] = {"on_error": draw.choice(["ON_ERROR_STOP", "ON_ERROR_CONTINUE"])}
    if kind in ("branch", "wait") and depth < 3 and left[0] > 1:
        ways = {
            "then_actions": actions(draw, left, depth + 1),
            "else_actions": actions(draw, left, depth + 1),
        }
        if kind == "branch" and (ways["then_actions"] or ways["else_actions"]):
            wanted = draw.randint(0, 1)
            test = {"field": "coin", "operator": "CONDITION_OPERATOR_EQ", "value": wanted}
            return {**one, "branch": {"tests": [test], **ways}}
        return {**one, "wait_for_event": {"event": {"event_name": "a.b"}, "timeout": "60s", **ways}}
    if kind == "stop":
        return {**one, "stop": {}}
    if kind == "delay":
        return {**one, "delay": f"{draw.randint(1, 300)}s"}
    if kind == "fail":
        return {**one, "update_contact": {"add_tags": [f"x{number}" for number in range(20)]}}
    return {**one, "update_contact": {"set_attributes": {f"a{draw.randint(0, 9)}": True}}}


def fates(definition: Definition, coin: int) -> list[Fate]:
    """What becomes of each place: forks by the coin, waits by the clock, too many tags fail."""
    found: list[Fate] = []
    for deed in deeds(definition.actions):
        yes = isinstance(deed, Branch) and deed.tests[0].value == coin
        failed = isinstance(deed, Update) and bool(deed.add_tags)
        found.append((yes, StepState.FAILED if failed else StepState.DONE))
    return found


@pytest.mark.req("LIF-71")
async def test_what_is_carried_out_is_what_the_definition_reads(shop: Served) -> None:
    draw = random.Random(20261121)
    full = [f"t{number}" for number in range(90)]
    for number in range(DEFINITIONS):
        coin = draw.randint(0, 1)
        made = await automation(shop, name=f"n{number}", actions=actions(draw, [12]))
        definition, wrong = definition_of(made)
        assert definition is not None
        assert wrong == []
        person = await contact(shop, tags=full)
        [run] = await trigger(shop, made.automation_id, person, coin=coin)
        for _ in range(14):
            await advance(shop, 301)
        places, end = interpret(unshared(definition.actions), fates(definition, coin).__getitem__)
        assert await state(shop, run) == end.name.lower()
        steps = await shown_steps(shop, run)
        assert [index for index, (_, found) in enumerate(steps) if found != "skipped"] == sorted(places)
        assert len((await read_contact(shop, person)).tags) == 90
