"""The platform's table of rules: read from `platform/`, checked whole at start (LIF-4, EVT-14 to EVT-83)."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from angarium.common.v1 import enums_pb2
from services.campaign.intake.catalogue import KINDS
from services.campaign.rules import notation
from services.campaign.rules.domain import Rule
from services.campaign.rules.variables import Variable, roots, variable

FOLDER: Final = Path(__file__).with_name("platform")
HEADINGS: Final = ("payments", "orders", "events", "groups", "risk", "visits")
"""Files of the table, as the requirements group their events."""

CHANNELS: Final[Mapping[str, int]] = {
    name.removeprefix("CHANNEL_").lower(): number
    for name, number in enums_pb2.Channel.items()
    if number and number != enums_pb2.CHANNEL_WEBHOOK
}
CATEGORIES: Final[Mapping[str, int]] = {
    name.removeprefix("CATEGORY_").lower(): number for name, number in enums_pb2.Category.items() if number
}
PRIORITIES: Final[Mapping[str, int]] = {
    name.removeprefix("PRIORITY_").lower(): number for name, number in enums_pb2.Priority.items() if number
}
STAFF_CATEGORIES: Final = frozenset({"staff_alert", "dispute", "billing"})

PEOPLE: Final = frozenset({"person", "from", "to", "organizer", "payee", "seller"})
LISTS: Final = frozenset({"ticket_holders", "affected_tickets", "holders"})
RECIPIENTS: Final = (
    PEOPLE
    | LISTS
    | {"buyer", "buyer in data", "other", "members", "member", "paid_members", "old_email", "audience"}
)
"""Words for those whom a rule tells, beside `cs_team` and `staff …`."""

_NEEDED: Final = ("name", "requirement", "events", "to", "category", "priority", "channels", "template")
_KNOWN: Final = frozenset(
    {
        *_NEEDED,
        *("when", "delay", "before", "until", "expires", "once", "same_as", "correlation", "also_by"),
        *("cancelled_by", "moved_by", "limit", "recall", "remembers", "countdown", "is_off", "variables", "from"),
    }
)  # fmt: skip


class RuleTableError(Exception):
    """A row of the table that cannot be used; the message names it."""

    def __init__(self, row: str, problem: str) -> None:
        super().__init__(f"notification rule {row}: {problem}")


@dataclass(frozen=True, slots=True)
class Table:
    """Every rule, and what templates may be given."""

    rules: tuple[Rule, ...]
    variables: Mapping[str, Mapping[str, Variable]]
    """By rule."""
    staff: Mapping[str, tuple[str, ...]]
    """Roles by what staff look after."""
    headings: Mapping[str, str]
    """Heading of each rule."""

    def named(self, name: str) -> Rule | None:
        """Returns a rule, or None."""
        return next((one for one in self.rules if one.name == name), None)


@cache
def platform() -> Table:
    """Returns the platform's table; RuleTableError names a row that cannot be used."""
    read = {name: _file(name) for name in (*HEADINGS, "variables", "staff")}
    rows = [(heading, row) for heading in HEADINGS for row in read[heading].get("rules", ())]
    return table(rows, read["variables"], read["staff"])


def table(
    rows: list[tuple[str, Mapping[str, Any]]],
    variables: Mapping[str, Mapping[str, Any]],
    staff: Mapping[str, list[str]],
) -> Table:
    """Returns a table of rows with their headings; RuleTableError names one that cannot be used."""
    known = {}
    for name, said in variables.items():
        try:
            known[name] = variable(name, said["kind"], said.get("from", ""), said.get("parts"))
        except (ValueError, KeyError) as error:
            raise RuleTableError(f"variable {name}", str(error)) from error
    rules: list[Rule] = []
    given: dict[str, Mapping[str, Variable]] = {}
    headings: dict[str, str] = {}
    for number, (heading, row) in enumerate(rows, start=1):
        label = f"{row.get('name') or f'number {number}'} ({heading})"
        try:
            rule = _rule(row)
            given[rule.name] = MappingProxyType(_variables(row, known))
            _check(rule, given[rule.name], staff)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RuleTableError(label, str(error)) from error
        if rule.name in headings:
            raise RuleTableError(label, "the name is taken")
        headings[rule.name] = heading
        rules.append(rule)
    for rule in rules:
        try:
            _check_among(rule, given[rule.name], rules)
        except ValueError as error:
            raise RuleTableError(f"{rule.name} ({headings[rule.name]})", str(error)) from error
    return Table(tuple(rules), given, {word: tuple(roles) for word, roles in staff.items()}, headings)


def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _rule(row: Mapping[str, Any]) -> Rule:
    if missing := [name for name in (*_NEEDED, "variables") if not row.get(name)]:
        raise ValueError(f"{missing[0]} is needed")
    if unknown := sorted(row.keys() - _KNOWN):
        raise ValueError(f"{unknown[0]} means nothing here")
    mode, channels = notation.channels(row["channels"])
    limit = row.get("limit")
    return Rule(
        name=row["name"],
        requirement=row["requirement"],
        events=tuple(row["events"]),
        recipients=tuple(row["to"]),
        category=row["category"],
        priority=row["priority"],
        channels=channels,
        mode=mode,
        template=row["template"],
        timing=notation.timing(
            row.get("delay", ""), row.get("before", ""), row.get("until", ""), row.get("expires", "")
        ),
        variables=tuple(row["variables"].split()),
        tests=tuple(map(notation.test, row.get("when", ()))),
        once=tuple(row.get("once", "").split()),
        once_name=row.get("same_as", ""),
        correlation=notation.key(row["correlation"]) if row.get("correlation") else None,
        also_by=tuple(row.get("also_by", "").split()),
        cancelled_by=tuple(row.get("cancelled_by", ())),
        moved_by=tuple(row.get("moved_by", ())),
        limit=notation.limit(**{"shared_with" if k == "with" else k: v for k, v in limit.items()})
        if limit
        else None,
        recall=notation.key(row["recall"]) if row.get("recall") else None,
        remembers=tuple(row.get("remembers", "").split()),
        countdown=row.get("countdown", ""),
        is_enabled=not row.get("is_off", False),
    )


def _variables(row: Mapping[str, Any], known: Mapping[str, Variable]) -> dict[str, Variable]:
    own = row.get("from", {})
    names = row["variables"].split()
    if missing := [name for name in names if name not in known]:
        raise ValueError(f"variable {missing[0]} is not in variables.toml")
    if idle := sorted(own.keys() - set(names)):
        raise ValueError(f"{idle[0]} has a source and is not given")
    return {
        name: variable(name, known[name].kind, own[name]) if name in own else known[name] for name in names
    }


def _check(rule: Rule, variables: Mapping[str, Variable], staff: Mapping[str, Any]) -> None:
    """Raises ValueError for what only all of a row together shows."""
    for word, allowed, named in (
        ("category", CATEGORIES, [rule.category]),
        ("priority", PRIORITIES, [rule.priority]),
        ("channel", CHANNELS, rule.channels),
        ("event", KINDS, (*rule.events, *rule.cancelled_by, *rule.moved_by)),
    ):
        if unknown := [one for one in named if one not in allowed]:
            raise ValueError(f"there is no {word} {unknown[0]}")
    for one in rule.recipients:
        is_staff = one == "cs_team" or one.startswith("staff ")
        if not is_staff and one not in RECIPIENTS:
            raise ValueError(f"nobody is known as {one!r}")
        if one.startswith("staff ") and one != "staff payee" and one.removeprefix("staff ") not in staff:
            raise ValueError(f"no staff looks after {one.removeprefix('staff ')!r}")
        if is_staff != (rule.category in STAFF_CATEGORIES):
            raise ValueError("staff is told in categories of staff, and nobody else is")
    if (rule.cancelled_by or rule.moved_by) and rule.correlation is None:
        raise ValueError("it cannot be cancelled or moved without a correlation")
    if rule.moved_by and not rule.timing.anchor:
        raise ValueError("only what is due before a time is moved with it")
    if rule.countdown and not any(one.is_countdown for one in variables.values()):
        raise ValueError("it counts down and gives no minutesLeft")
    if not rule.countdown and any(one.is_countdown for one in variables.values()):
        raise ValueError("it gives minutesLeft and counts down to nothing")


def _check_among(rule: Rule, variables: Mapping[str, Variable], rules: list[Rule]) -> None:
    """Raises ValueError for rules that are not there, and for fields that none of the rule's events has."""
    names = {one.name for one in rules}
    other = (rule.once_name, rule.limit.shared_with if rule.limit else "")
    if missing := [name for name in other if name and name not in names]:
        raise ValueError(f"there is no rule {missing[0]}")
    has = set(_fields(rule))
    for one in rules:
        if rule.correlation and one.correlation and one.correlation.word == rule.correlation.word:
            has.update(one.remembers)
    asked = [
        *rule.once,
        *rule.remembers,
        *(rule.correlation.fields if rule.correlation else ()),
        *(rule.recall.fields if rule.recall else ()),
        *(one.field for one in rule.tests if one.field not in ("", "type")),
        *filter(None, (rule.timing.anchor, rule.timing.until, rule.countdown)),
        *([rule.limit.by] if rule.limit and rule.limit.by != "type aggregate" else ()),
    ]
    # Members of a group have ids of their own, in the list that names them.
    if missing := [field for field in asked if field.partition(".")[0] not in has | {"member_id"}]:
        raise ValueError(f"none of its events has {missing[0]}")
    for given in variables.values():
        fields = given.fields()
        if fields and not fields & has:
            raise ValueError(f"none of its events has what {given.name} comes from")


def _fields(rule: Rule) -> Iterator[str]:
    for kind in rule.events:
        yield from roots(KINDS[kind].fields)
    if rule.recall:
        for kind, known in KINDS.items():
            if known.fact[:1] == (rule.recall.word,) or kind == rule.recall.word:
                yield from roots(known.fields)
