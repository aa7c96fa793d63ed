"""The platform's table: checked whole, each mistake named by its row, in agreement with the templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.campaign.intake.catalogue import KINDS
from services.campaign.rules import notation
from services.campaign.rules.domain import Override, Rule, overridden
from services.campaign.rules.table import CHANNELS, RuleTableError, platform, table
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import MessageClass

ROOT = Path(__file__).parents[3]
HEADINGS = {
    "payments": "Payments, refunds, disputes",
    "orders": "Orders, tickets, transfers, holds",
    "events": "Venue events, users, announcements",
    "groups": "Group payments and waiting room",
    "risk": "Payouts, tax, resale, risk",
    "visits": "Appointments, invoices, memberships, packages",
}
VARIABLES: dict[str, dict[str, Any]] = {
    "user": {"kind": "object", "parts": {"name": "reader.name"}},
    "orderId": {"kind": "string"},
    "minutesLeft": {"kind": "number", "from": "countdown"},
}
GOOD = {
    "name": "order-expired",
    "requirement": "EVT-28",
    "events": ["order.expired"],
    "to": ["buyer"],
    "category": "order",
    "priority": "normal",
    "channels": "all: push + email",
    "template": "order-expired",
    "expires": "2h",
    "variables": "user orderId",
}


def read(**changes: Any) -> Rule:
    return table([("orders", {**GOOD, **changes})], VARIABLES, {"owner": ["super_owner"]}).rules[0]


@pytest.mark.req("LIF-4")
def test_the_table_of_the_platform_can_be_read() -> None:
    assert len(platform().rules) == len({rule.name for rule in platform().rules})
    assert {kind for rule in platform().rules for kind in rule.events} <= KINDS.keys()


@pytest.mark.req("LIF-4")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"category": "orders"}, "there is no category orders"),
        ({"priority": "urgent"}, "there is no priority urgent"),
        ({"channels": "all: pigeon"}, "there is no channel pigeon"),
        ({"channels": "all: email + email"}, "stands twice"),
        ({"channels": "email"}, "begin with"),
        ({"events": ["order.lost"]}, "there is no event order.lost"),
        ({"events": []}, "events is needed"),
        ({"to": ["everybody"]}, "nobody is known as 'everybody'"),
        ({"to": ["staff kitchen"], "category": "billing"}, "no staff looks after 'kitchen'"),
        ({"to": ["staff owner"]}, "staff is told in categories of staff"),
        ({"category": "billing"}, "staff is told in categories of staff"),
        ({"expires": "2 hours"}, "is no duration"),
        ({"delay": "5m", "before": "5m order_id"}, "not both"),
        ({"variables": "user shoeSize"}, "shoeSize is not in variables.toml"),
        ({"variables": "user", "from": {"orderId": "order_id"}}, "orderId has a source and is not given"),
        ({"from": {"orderId": "order_id )"}}, "cannot be read"),
        ({"from": {"orderId": "refund_id"}}, "none of its events has what orderId comes from"),
        ({"once": "refund_id"}, "none of its events has refund_id"),
        ({"until": "expires_at"}, "none of its events has expires_at"),
        ({"when": ["amount is large"]}, "cannot be read"),
        ({"when": ["known refund_id"]}, "none of its events has refund_id"),
        ({"cancelled_by": ["order.paid"]}, "without a correlation"),
        ({"correlation": "order"}, "names no field"),
        ({"limit": {"by": "order_id", "most": 0}}, "at least 1"),
        ({"limit": {"by": "order_id", "most": 1, "with": "nothing"}}, "there is no rule nothing"),
        ({"variables": "user minutesLeft"}, "counts down to nothing"),
        ({"countdown": "order_id"}, "gives no minutesLeft"),
        ({"colour": "red"}, "colour means nothing here"),
    ],
)
def test_a_mistake_in_a_row_is_named_with_its_row(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(RuleTableError) as refused:
        read(**changes)
    assert "order-expired (orders)" in str(refused.value)
    assert problem in str(refused.value)


@pytest.mark.req("LIF-4")
def test_a_name_is_given_once_and_variables_are_checked_too() -> None:
    with pytest.raises(RuleTableError, match="the name is taken"):
        table([("orders", GOOD), ("groups", GOOD)], VARIABLES, {})
    for wrong in ({"kind": "colour"}, {"kind": "list"}, {"kind": "string", "from": "order.colour"}):
        with pytest.raises(RuleTableError, match="variable orderId"):
            table([], {"orderId": wrong}, {})


@pytest.mark.req("EVT-84", "EVT-131", "LIF-4")
@pytest.mark.parametrize("rule", platform().rules, ids=lambda rule: rule.name)
def test_each_rule_has_a_template_on_each_channel_that_asks_for_nothing_it_does_not_give(rule: Rule) -> None:
    known, given_to = catalogue(), platform().variables[rule.name]
    for channel in rule.channels:
        template = known.by_name(rule.template, CHANNELS[channel])
        assert template is not None, f"{rule.template} has no content for {channel}"
        assert template.message_class is not MessageClass.MARKETING
        version = known.version(template.active_version_id)
        assert version is not None
        for declared in version.variables:
            assert declared.name in given_to, f"{rule.template} on {channel} shows {declared.name}"
            kind, told = declared.kind.name.lower(), given_to[declared.name].kind
            assert told in (kind, "truth"), f"{declared.name} is a {kind} and given as a {told}"
        for path in version.used:
            root, _, part = path.partition(".")
            if part and root in given_to:
                assert part.split(".")[0] in given_to[root].parts, f"{rule.template} shows {path}"


@pytest.mark.req("LIF-4")
def test_the_page_for_operators_shows_the_table_as_it_is() -> None:
    page = (ROOT / "docs/notifications.md").read_text(encoding="utf-8")
    for heading, title in HEADINGS.items():
        shown = page.partition(f"### {title}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        rows = [line for line in shown.splitlines() if line.startswith("| `")]
        rules = [one for one in platform().rules if platform().headings[one.name] == heading]
        assert rows == [line(one) for one in rules], title


def line(rule: Rule) -> str:
    """A rule as the page shows it."""
    events = ", ".join(f"`{one}`" for one in rule.events)
    tests = " or ".join(one.text for one in rule.tests)
    sign = " + " if rule.mode == 1 else ", else "
    timing, when = rule.timing, "at once"
    if timing.anchor:
        when = f"{notation.spoken(timing.delay)} before `{timing.anchor}`"
    elif timing.delay:
        when = f"after {notation.spoken(timing.delay)}"
    worth = [f"for {notation.spoken(timing.worth)}"] if timing.worth else []
    if timing.until:
        more = f" + {notation.spoken(timing.after_until)}" if timing.after_until else ""
        worth.append(f"until `{timing.until}`{more}")
    cells = (
        f"`{rule.name}`{'' if rule.is_enabled else ' (off)'}",
        f"{events}{f', when {tests}' if tests else ''}",
        ", ".join(rule.recipients),
        f"{rule.category}, {rule.priority}",
        sign.join(rule.channels),
        f"{when}, {' and '.join(worth)}",
    )
    return f"| {' | '.join(cells)} |"


@pytest.mark.req("LIF-4")
def test_what_a_tenant_never_said_stays_and_critical_rules_stay_on() -> None:
    for rule in platform().rules:
        assert overridden(rule, Override()) == rule
        assert overridden(rule, Override(is_enabled=False)).is_enabled == rule.is_critical


@given(st.timedeltas(min_value=notation.duration("1s"), max_value=notation.duration("40d")))
def test_a_duration_is_read_as_it_is_written(span: Any) -> None:
    whole = span - (span % notation.duration("1s"))
    assert notation.duration(notation.spoken(whole)) == whole
