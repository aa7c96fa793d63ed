"""A rule as SQL and as plain Python agree, whatever the rule, whoever the contacts, wherever their days begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.campaign.segments import convert
from services.campaign.segments.audience import everybody
from services.campaign.segments.catalogue import CURRENT, FIELDS, Channel, Op
from services.campaign.segments.checks import problems
from services.campaign.segments.compiler import Compiler
from services.campaign.segments.domain import Condition, Join, Rule, system_segments
from services.campaign.segments.stored import rule_from_json, rule_to_json
from services.common.clock import FixedClock
from services.common.db.uow import UnitOfWork
from tests.campaign.segments.drawing import Drawing
from tests.campaign.segments.given import BRANCHES, Person, crowd, put
from tests.campaign.segments.reference import Moment, holds
from tests.house import Served

# The hours around which everything happens: changeovers, some of them at midnight, and plain days.
MOMENTS = {
    "Europe/Berlin": datetime(2026, 1, 15, 12, 0, tzinfo=UTC),
    "America/New_York": datetime(2025, 11, 3, 4, 59, 59, tzinfo=UTC),
    "Africa/Cairo": datetime(2026, 4, 24, 9, 0, tzinfo=UTC),
    "America/Havana": datetime(2025, 11, 3, 4, 30, tzinfo=UTC),
    "Asia/Beirut": datetime(2026, 3, 29, 21, 0, tzinfo=UTC),
    "Pacific/Kiritimati": datetime(2025, 12, 31, 10, 0, tzinfo=UTC),
    "Asia/Kathmandu": datetime(2026, 2, 28, 18, 14, 59, tzinfo=UTC),
}
TOGETHER = 20


async def matched(uow: UnitOfWork, rules: Sequence[Rule], moment: Moment, *, few: bool) -> list[set[str]]:
    """Whom each rule matches; as many rules as fit are asked in one statement."""
    found: list[set[str]] = []
    assert uow.tenant_id is not None
    for start in range(0, len(rules), TOGETHER):
        compiler = Compiler(tenant_id=uow.tenant_id, now=moment.now, zone=moment.zone, few=few)
        tests = [f"({compiler.rule(rule)}) IS TRUE" for rule in rules[start : start + TOGETHER]]
        rows = await uow.fetch_all(
            f"SELECT c.external_id, ARRAY[{', '.join(tests)}] FROM contact c WHERE {everybody(compiler)}",
            compiler.params,
            prepare=False,
        )
        found += [{who for who, answers in rows if answers[place]} for place in range(len(tests))]
    return found


def expected(rules: Sequence[Rule], people: Sequence[Person], moment: Moment) -> list[set[str]]:
    active = [one for one in people if one.columns["state"] == 1]
    return [{str(one.columns["external_id"]) for one in active if holds(rule, one, moment)} for rule in rules]


@pytest.mark.req("CAM-82", "CAM-83", "CAM-84", "CAM-135", "CAM-136", "REL-15")
async def test_sql_and_the_reference_agree_on_thousands_of_rules(campaign: Served) -> None:
    database = campaign.service.database
    matches = 0
    for number, (name, now) in enumerate(MOMENTS.items()):
        moment = Moment(now, ZoneInfo(name))
        midnight = now.astimezone(moment.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        around = [(midnight - timedelta(days=days)).astimezone(UTC) for days in (-30, -1, 0, 1, 2, 3, 30)]
        people = crowd(now, 90, number, [*around, now])
        drawing = Drawing(number)
        rules = [drawing.rule() for _ in range(300)]
        async with database.tenant(campaign.tenant_id) as uow:
            await uow.execute("DELETE FROM contact_activity")
            await uow.execute("DELETE FROM contact_reach")
            await uow.execute("DELETE FROM contact")
            await put(uow, people)
            wanted = expected(rules, people, moment)
            for few in (False, True):
                found = await matched(uow, rules, moment, few=few)
                for rule, who, should in zip(rules, found, wanted, strict=True):
                    assert who == should, (name, few, rule)
        matches += sum(map(len, wanted))
    assert matches > 10_000


@pytest.mark.req("CAM-82", "CAM-85")
def test_every_rule_survives_storage_and_the_wire() -> None:
    drawing = Drawing(99)
    for _ in range(300):
        rule = drawing.rule()
        assert list(problems(rule)) == []
        assert rule_from_json(rule_to_json(rule)) == rule
        assert convert.rule_from_proto(convert.rule_to_proto(rule), "rule") == rule


@pytest.mark.req("CAM-82")
async def test_each_field_and_operator_of_the_catalogue_is_evaluated_alone(campaign: Served) -> None:
    now = MOMENTS["Europe/Berlin"]
    moment = Moment(now, ZoneInfo("Europe/Berlin"))
    people = crowd(now, 150, 7, [now - timedelta(days=days) for days in range(-3, 6)])
    drawing = Drawing(5)
    rules = []
    for name, entry in FIELDS.items():
        for op in sorted(entry.ops):
            channel = Channel.SMS if name == "opted_in" else None
            for _ in range(8):
                compared = drawing._compared(entry, op)
                rules.append(Rule(Join.AND, (Condition(name, *compared, channel),)))
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, people)
        found = await matched(uow, rules, moment, few=False)
    wanted = expected(rules, people, moment)
    for rule, who, should in zip(rules, found, wanted, strict=True):
        assert who == should, rule
    fields = {rule.conditions[0].field for rule, who in zip(rules, found, strict=True) if who}
    assert fields == set(FIELDS)


@pytest.mark.req("CAM-83")
async def test_a_field_without_value_matches_nothing_also_not_ne(campaign: Served, clock: FixedClock) -> None:
    nobody = crowd(clock.now(), 1, 1, [clock.now()])[0]
    nobody.columns = {"external_id": "p0", "membership_status": None, "state": 1}
    rules = [
        Rule(Join.AND, (Condition(name, op, value),))
        for name, op, value in [
            ("last_visit_days", Op.NE, 3),
            ("last_visit_days", Op.LTE, 36_500),
            ("customer_type", Op.NE, "vip"),
            ("engagement_score", Op.NE, 5),
            ("branch_id", Op.NE, str(BRANCHES[0])),
            ("attributes.plan", Op.NE, "gold"),
            ("points_expire_in_days", Op.LT, 9),
            ("birthday_month", Op.EQ, CURRENT),
        ]
    ]
    never = Rule(Join.AND, (Condition("visit_count", Op.EQ, 0),))
    async with campaign.service.database.tenant(campaign.tenant_id) as uow:
        await put(uow, [nobody])
        found = await matched(uow, [*rules, never], Moment(clock.now(), ZoneInfo("UTC")), few=False)
    assert found == [*[set()] * len(rules), {"p0"}]


@pytest.mark.req("CAM-86", "CAM-135")
def test_the_seven_system_segments_are_what_the_catalogue_can_evaluate() -> None:
    seven = system_segments(100)
    assert list(seven) == [
        "New Customers",
        "Repeat Customers",
        "Inactive Customers 30+ days",
        "High-Value Customers",
        "Package Holders",
        "Members",
        "Birthday This Month",
    ]
    assert all(not list(problems(rule)) for rule in seven.values())
    assert seven["High-Value Customers"].conditions[0].value == 1_000_000
