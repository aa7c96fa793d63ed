"""A rule as SQL: columns come from a table of our own, everything the rule says travels as a parameter (CAM-84).

A field without value matches no condition, `ne` included (CAM-83): every comparison with NULL is NULL, and `OR` of
NULL and false is not true.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from services.campaign.segments.domain import ATTRIBUTES, CURRENT, Condition, Join, Kind, Op, Rule, field_of

_COMPARISONS = {Op.EQ: "=", Op.NE: "<>", Op.GT: ">", Op.GTE: ">=", Op.LT: "<", Op.LTE: "<="}

# Fields whose value is a plain column of the contact, over the alias `c`.
_COLUMNS: Mapping[str, str] = {
    "visit_count": "c.visit_count",
    "purchase_count": "c.purchase_count",
    "loyalty_points": "c.loyalty_points",
    "engagement_score": "c.engagement_score",
    "total_spend": "c.total_spend_minor",
    "membership_status": "COALESCE(c.membership_status, 'none')",
    "customer_type": "c.customer_type",
    "source": "c.source",
    "language": "c.language_code",
    "branch_id": "c.branch_id",
    "birthday_month": "c.birth_month",
    "anniversary_month": "c.anniversary_month",
    "name": "c.name",
    "email": "c.email_canonical",
    "phone": "c.phone",
}
_SINCE: Mapping[str, str] = {
    "last_visit_days": "c.last_visit_at",
    "first_visit_days": "c.first_visit_at",
    "last_purchase_days": "c.last_purchase_at",
    "last_activity_days": "c.last_activity_at",
}


@dataclass(slots=True)
class Compiled:
    """A condition over the alias `c` of table contact, and its named parameters."""

    where: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def compile_rule(rule: Rule, *, today: date, zone: str) -> Compiled:
    """Returns the SQL of a rule that has no problems.

    Args:
        rule: The rule.
        today: The tenant's day: what `days since` counts to, and what `current` month means.
        zone: The tenant's zone, in which instants become days.
    """
    compiled = Compiled(params={"a_today": today, "a_zone": zone})
    compiled.where = _rule(rule, compiled)
    return compiled


def _rule(rule: Rule, compiled: Compiled) -> str:
    parts = [_condition(condition, compiled) for condition in rule.conditions]
    parts += [_rule(group, compiled) for group in rule.groups]
    return "(" + (" AND " if rule.join is Join.AND else " OR ").join(parts) + ")"


def _condition(condition: Condition, compiled: Compiled) -> str:
    entry = field_of(condition.field)
    assert entry is not None  # noqa: S101 - rules are checked before they are compiled
    if entry.kind is Kind.ATTRIBUTE:
        return _attribute(condition, compiled)
    if entry.kind is Kind.DAYS:
        return _compare(_days(condition.field), condition, compiled, "bigint")
    if entry.kind is Kind.FLAG:
        active = "(c.membership_status = 'active' AND COALESCE(c.membership_expires_at > now(), true))"
        return f"(COALESCE({active}, false) = {_param(compiled, condition.value)}::boolean)"
    if entry.kind is Kind.SET:
        wanted = condition.value if condition.op is Op.IN else [condition.value]
        return f"(c.tags && {_param(compiled, list(wanted))}::text[])"
    if entry.kind is Kind.MONTH:
        return _month(condition, compiled)
    if entry.kind is Kind.FOLDED:
        return _folded(condition, compiled)
    cast = {Kind.NUMBER: "bigint", Kind.UUID: "uuid", Kind.TEXT: "text"}[entry.kind]
    return _compare(_COLUMNS[condition.field], condition, compiled, cast)


def _days(name: str) -> str:
    """Returns whole days as an expression: since an instant, or until the membership ends."""
    if name == "membership_expires_in_days":
        return "((c.membership_expires_at AT TIME ZONE %(a_zone)s)::date - %(a_today)s::date)"
    return f"(%(a_today)s::date - ({_SINCE[name]} AT TIME ZONE %(a_zone)s)::date)"


def _compare(column: str, condition: Condition, compiled: Compiled, cast: str) -> str:
    value = condition.value
    if cast == "uuid":
        value = [UUID(one) for one in value] if condition.op is Op.IN else UUID(value)
    if condition.op is Op.IN:
        return f"({column} = ANY({_param(compiled, list(value))}::{cast}[]))"
    return f"({column} {_COMPARISONS[condition.op]} {_param(compiled, value)}::{cast})"


def _month(condition: Condition, compiled: Compiled) -> str:
    today: date = compiled.params["a_today"]
    values = condition.value if condition.op is Op.IN else [condition.value]
    months = [today.month if value == CURRENT else value for value in values]
    return f"({_COLUMNS[condition.field]} = ANY({_param(compiled, months)}::int2[]))"


def _folded(condition: Condition, compiled: Compiled) -> str:
    column = f"lower({_COLUMNS[condition.field]})"
    wanted = _param(compiled, condition.value)
    if condition.op is Op.CONTAINS:
        return f"(position(lower({wanted}::text) IN {column}) > 0)"
    return f"({column} = lower({wanted}::text))"


def _attribute(condition: Condition, compiled: Compiled) -> str:
    """Compares one attribute with a value of its own type; a value of another type does not match."""
    key = _param(compiled, condition.field.removeprefix(ATTRIBUTES))
    value = f"(c.attributes -> {key}::text)"
    sample = condition.value[0] if condition.op is Op.IN else condition.value
    if isinstance(sample, bool):
        kind, column, cast = "boolean", f"({value})::boolean", "boolean"
    elif isinstance(sample, (int, float)):
        kind, column, cast = "number", f"({value})::numeric", "numeric"
    else:
        kind, column, cast = "string", f"(c.attributes ->> {key}::text)", "text"
    if condition.op is Op.CONTAINS:
        wanted = _param(compiled, condition.value)
        test = f"position(lower({wanted}::text) IN lower({column})) > 0"
    elif condition.op is Op.IN:
        test = f"{column} = ANY({_param(compiled, list(condition.value))}::{cast}[])"
    else:
        collate = ' COLLATE "C"' if cast == "text" else ""
        test = f"{column}{collate} {_COMPARISONS[condition.op]} {_param(compiled, condition.value)}::{cast}"
    # CASE keeps a cast away from values of another type.
    return f"(CASE WHEN jsonb_typeof({value}) = '{kind}' THEN {test} END)"


def _param(compiled: Compiled, value: Any) -> str:
    name = f"a_{len(compiled.params)}"
    compiled.params[name] = value
    return f"%({name})s"
