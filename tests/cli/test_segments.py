"""`angarium segments` against a served campaign; rules as people write them in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.output import CommandError
from cli.segments import rules
from services.campaign.segments.convert import rule_from_proto, rule_to_proto
from tests.campaign.segments.drawing import Drawing
from tests.campaign.segments.given import person, put
from tests.cli.conftest import Angarium, Ask, asking
from tests.house import Served

LAPSED = """
[rule]
join = "and"
conditions = [
    { field = "last_visit_days", op = "gt", value = 90 },
    { field = "opted_in", channel = "email", op = "eq", value = false },
]
behaviours = [{ did_not = "open", within_days = 60 }]
splits = [{ salt = "spring", from = 0, until = 10000 }]

[[rule.groups]]
join = "or"
conditions = [{ field = "tags", op = "in", value = ["vip", "gold"] }, { field = "visit_count", op = "gte", value = 5 }]
"""


@pytest.fixture
async def ask(angarium: Angarium, campaign: Served) -> Ask:
    """Runs `angarium segments` for the tenant, while the service answers."""
    return asking(angarium, "segments", tenant=str(campaign.tenant_id), campaign=campaign.address)


async def test_an_operator_looks_at_a_rule_saves_it_and_sees_who_is_in_it(
    ask: Ask, campaign: Served, tmp_path: Path
) -> None:
    file = tmp_path / "lapsed.toml"
    file.write_text(LAPSED)
    who = person(name="Ada", visit_count=6, last_visit_at="2020-01-01T00:00:00Z")
    other = person(name="Bert", visit_count=1, last_visit_at="2020-01-01T00:00:00Z")
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, [who, other])
    seen = await ask("preview", str(file), "--json")
    assert seen.code == 0, seen.err
    assert (seen.document["contacts"], seen.document["sample"][0]["name"]) == (1, "Ada")
    told = await ask("explain", str(file))
    assert told.code == 0, told.err
    assert "SELECT count(*)" in told.out
    made = await ask("create", "Lapsed", str(file), "--json")
    assert made.code == 0, made.err
    assert made.document["rule"]["behaviours"] == [{"did_not": "open", "times": 1, "within_days": 60}]
    listed = await ask("list", "--json")
    assert len(listed.document["segments"]) == 8
    by_hand = await ask("create", "By hand", "--static")
    assert by_hand.code == 0, by_hand.err
    shown = await ask("members", "By hand", "--add", str(other.contact_id), "--json")
    assert [one["name"] for one in shown.document["contacts"]] == ["Bert"]
    file.write_text(
        '[rule]\njoin = "and"\nconditions = [{ field = "visit_count", op = "lt", value = 100 }]\n'
    )
    changed = await ask("change", "Lapsed", "--rule", str(file), "--name", "All", "--json")
    assert (changed.code, changed.document["contacts"], changed.document["name"]) == (0, 2, "All"), (
        changed.err
    )
    assert (await ask("change", "All", "--off", "--json")).document["kind"] == "dynamic, off"
    assert (await ask("change", "All", "--on", "--name", "Lapsed", "--json")).document["kind"] == "dynamic"
    nothing = await ask("change", "Lapsed")
    assert (nothing.code, "--rule" in nothing.err) == (2, True)
    left_out = await ask("holdout", "Lapsed", "--percent", "2.5")
    assert "Campaigns leave 2.5 % of Lapsed out." in left_out.out, left_out.err
    assert (await ask("holdout", "Lapsed", "--json")).document["percent"] == 2.5
    assert "Nobody of all contacts is left out." in (await ask("holdout")).out
    refreshed = await ask("refresh", "Lapsed", "--json")
    assert (refreshed.document["contacts"], refreshed.document["added"]) == (2, 0)
    gone = await ask("delete", "By hand")
    assert gone.code == 0, gone.err
    unknown = await ask("refresh", "By hand")
    assert unknown.code == 1
    assert "angarium segments list" in unknown.err


def test_a_rule_that_is_shown_is_the_rule_that_is_read() -> None:
    drawing = Drawing(3)
    for _ in range(100):
        message = rule_to_proto(drawing.rule())
        again = rules.rule_of(json.loads(json.dumps(rules.shown(message))), "rule")
        assert rule_from_proto(again, "rule") == rule_from_proto(message, "rule")


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ({"conditions": [{"field": "name", "op": "like", "value": "x"}]}, "rule.conditions[0].op"),
        ({"conditions": [{"field": "name", "op": "eq"}]}, "rule.conditions[0]"),
        ({"conditions": "name"}, "rule.conditions"),
        ({"behaviours": [{"did": "open"}]}, "rule.behaviours[0]"),
        ({"groups": [{"join": "xor"}]}, "rule.groups[0].join"),
        ({"splits": [{"salt": "a", "from": "x"}]}, "rule.splits[0].from"),
        ({"where": []}, "rule"),
        ([], "rule"),
    ],
)
def test_a_fault_in_a_file_is_told_with_its_place(written: object, place: str) -> None:
    with pytest.raises(CommandError) as found:
        rules.rule_of(written, "rule")
    assert found.value.message.startswith(f"{place}: ")
