"""`angarium automations` against a served campaign; automations as people write them in files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from angarium.campaign.v1 import automation_pb2
from cli.automations import drafts
from tests.campaign.automations.given import advance, contact
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served

DOCS = Path(__file__).parents[2] / "docs" / "automations.md"


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium automations` for the tenant, while the service answers."""
    return asking(angarium, "automations", tenant=str(campaign.tenant_id), campaign=campaign.address)


def example() -> str:
    [found] = re.findall(r"```toml\n(.*?)```", DOCS.read_text(), re.DOTALL)
    return str(found)


@pytest.mark.req("W9", "LIF-22", "LIF-25")
async def test_an_operator_pushes_a_file_starts_it_and_follows_its_run(
    ask: Ask, campaign: Served, tmp_path: Path
) -> None:
    file = tmp_path / "welcome.toml"
    file.write_text(
        'name = "Welcome"\napi = {}\n[[actions]]\ndelay = "2h"\n[[actions]]\nupdate_contact = { add_tags = ["in"] }\n'
    )
    made = await ask("push", str(file), "--json")
    assert made.code == 0, made.err
    assert (made.document["done"], made.document["automation"]["starts"]) == ("made", "a call")
    same = await ask("push", str(file), "--json")
    assert same.document["done"] == "left as it was"
    anna = await contact(campaign)
    begun = await ask("trigger", "Welcome", "--contact", anna, "--data", "order_id=o-17", "--json")
    [run] = begun.document["runs"]
    again = await ask("trigger", "Welcome", "--contact", anna)
    assert again.code == 1
    assert "see why" in again.out
    await advance(campaign)
    shown = (await ask("run", run, "--json")).document["run"]
    assert shown["state"] == "waiting"
    assert [(one["action"], one["state"]) for one in shown["steps"]] == [
        ("delay", "pending"),
        ("update_contact", "pending"),
    ]
    assert (await ask("cancel", run)).out.strip().endswith("is cancelled.")
    listed = (await ask("runs", "--automation", "Welcome", "--contact", anna, "--json")).document["runs"]
    assert [(one["state"], one["error"]) for one in listed] == [
        ("skipped", "cooldown"),
        ("cancelled", "cancelled_by_person"),
    ]
    file.write_text(file.read_text().replace("2h", "3h"))
    changed = await ask("push", str(file), "--json")
    assert (changed.document["done"], changed.document["automation"]["version"]) == ("changed", 2)
    before = (await ask("show", "Welcome", "--version", "1", "--json")).document["automation"]
    assert before["actions"][0] == {"delay": "7200s"}
    off = await ask("disable", "Welcome", "--cancel-runs", "--json")
    assert off.document["automation"]["state"] == "disabled"
    assert "is enabled" in (await ask("enable", "Welcome")).out
    table = (await ask("list", "--standing", "enabled", "--json")).document["automations"]
    assert [one["name"] for one in table] == ["Welcome"]


@pytest.mark.req("LIF-89")
async def test_what_is_wrong_with_a_file_is_told_place_by_place(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(
        '{"name": "Bad", "event": {"event_name": "order.paid"}, "actions": [{"delay": "-1s"}, {"webhook": {"url": "x"}}]}'
    )
    refused = await ask("push", str(file))
    assert refused.code == 1
    assert "actions[0].delay" in refused.err
    assert "actions[1].webhook.url" in refused.err
    unknown = await ask("show", "Nothing")
    assert "There is no automation 'Nothing'" in unknown.err


async def test_the_example_of_the_documentation_is_taken(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "carts.toml"
    file.write_text(example())
    draft = drafts.read(file)
    assert draft.behavior.type == automation_pb2.AutomationBehavior.TYPE_CART_ABANDONED
    assert draft.actions[1].wait_for_event.timeout.seconds == 86_400
    made = await ask("push", str(file), "--disabled", "--json")
    assert made.code == 0, made.err
    assert made.document["automation"]["state"] == "disabled"
