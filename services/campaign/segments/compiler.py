"""A rule as SQL: columns come from the catalogue, everything the rule says travels as a parameter (CAM-84).

A field without value matches no condition, `ne` included (CAM-83): every comparison with NULL is NULL, and `OR` of
NULL and false is not true. Days are compared as instants at which they begin, so that indexes on instants find them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.segments.behaviours import behaviour_sql
from services.campaign.segments.catalogue import ATTRIBUTES, CURRENT, DAYS, Field, Kind, Op, field_of
from services.campaign.segments.checks import type_of
from services.campaign.segments.days import begin, bounds, mirrored
from services.campaign.segments.domain import BUCKETS, Condition, Join, Rule, Split

_COMPARISONS = {Op.EQ: "=", Op.NE: "<>", Op.GT: ">", Op.GTE: ">=", Op.LT: "<", Op.LTE: "<="}
_CASTS = {Kind.NUMBER: "bigint", Kind.MONEY: "bigint", Kind.UUID: "uuid", Kind.TEXT: "text"}
_PACKAGES = (
    "(c.packages <> '[]'::jsonb AND EXISTS (SELECT FROM jsonb_to_recordset(c.packages) AS p"
    " (remaining integer, expires_at timestamptz) WHERE p.remaining > 0 AND {}))"
)


class Compiler:
    """Compiles rules that have no problems; the parameters of all of them are in `params`.

    Args:
        tenant_id: The tenant.
        now: The instant of the evaluation.
        zone: The tenant's zone, in which instants become days.
        few: Whether the statement looks at few contacts, so that what each of them did is looked up one by one.
    """

    def __init__(self, *, tenant_id: UUID, now: datetime, zone: ZoneInfo, few: bool = False) -> None:
        self.params: dict[str, Any] = {"a_tenant": tenant_id, "a_now": now}
        self._today = now.astimezone(zone).date()
        self._zone = zone
        self._few = few
        self._names: dict[datetime, str] = {}

    def rule(self, rule: Rule) -> str:
        """Returns a rule as a condition over the alias `c` of table contact."""
        parts = [self._condition(one) for one in rule.conditions]
        parts += [behaviour_sql(one, self, few=self._few) for one in rule.behaviours]
        parts += [self.split(one) for one in rule.splits]
        parts += [self.rule(group) for group in rule.groups]
        return "(" + (" AND " if rule.join is Join.AND else " OR ").join(parts) + ")" if parts else "false"

    def split(self, split: Split) -> str:
        """Returns whether a contact is in a share; the range asks for its bucket once."""
        if split.first == 0 and split.end == BUCKETS:
            return "true"
        salt, first, end = self.param(split.salt), self.param(split.first), self.param(split.end)
        return f"(split_bucket({salt}::text, c.contact_id) <@ int4range({first}::int4, {end}::int4))"

    def param(self, value: Any) -> str:
        """Returns the placeholder of a value."""
        name = f"a_{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def begin(self, days_ago: int) -> datetime:
        """Returns when the day began that is so many days before today."""
        return begin(self._today - timedelta(days=days_ago), self._zone)

    def _condition(self, condition: Condition) -> str:
        entry = field_of(condition.field)
        assert entry is not None  # noqa: S101 - rules are checked before they are compiled
        if entry.kind in DAYS:
            return self._days(entry, condition)
        if entry.kind in (Kind.FLAG, Kind.FLAG_OF_CHANNEL):
            flag = entry.sql.replace("{}", condition.channel.name.lower()) if condition.channel else entry.sql
            return flag if condition.value else f"({flag} IS NOT TRUE)"
        if entry.kind is Kind.SET:
            wanted = condition.value if condition.op is Op.IN else [condition.value]
            return f"({entry.sql} <> '{{}}'::text[] AND {entry.sql} && {self.param(list(wanted))}::text[])"
        if entry.kind is Kind.MONTH:
            return self._month(entry, condition)
        if entry.kind is Kind.FOLDED:
            return self._folded(entry, condition)
        if entry.kind is Kind.ATTRIBUTE:
            return self._attribute(condition)
        return self._compared(entry.sql, condition.op, condition.value, _CASTS[entry.kind])

    def _days(self, entry: Field, condition: Condition) -> str:
        is_since = entry.kind is Kind.DAYS_SINCE
        days = -condition.value if is_since else condition.value
        op = mirrored(condition.op) if is_since else condition.op
        start, end, outside = bounds(op, self._today + timedelta(days=days))
        if entry.kind is Kind.DAYS_UNTIL_DATE:
            return self._between(entry.sql, start, end, outside)
        low, high = (self._begin_of(day) if day else None for day in (start, end))
        if entry.kind is Kind.DAYS_UNTIL_PACKAGE:
            return _PACKAGES.format(self._between("p.expires_at", low, high, outside))
        return self._between(entry.sql, low, high, outside)

    def _begin_of(self, day: date) -> datetime:
        return begin(day, self._zone)

    def _between(self, column: str, low: date | None, high: date | None, outside: bool) -> str:
        cast = "timestamptz" if isinstance(low or high, datetime) else "date"
        signs = ("<", ">=", " OR ") if outside else (">=", "<", " AND ")
        parts = [
            f"{column} {sign} {self.param(value)}::{cast}"
            for sign, value in zip(signs, (low, high), strict=False)
            if value is not None
        ]
        return "(" + signs[2].join(parts) + ")"

    def _compared(self, column: str, op: Op, value: Any, cast: str) -> str:
        if cast == "uuid":
            value = [UUID(one) for one in value] if op is Op.IN else UUID(value)
        if op is Op.IN:
            return f"({column} = ANY({self.param(list(value))}::{cast}[]))"
        return f"({column} {_COMPARISONS[op]} {self.param(value)}::{cast})"

    def _month(self, entry: Field, condition: Condition) -> str:
        values: Sequence[Any] = condition.value if condition.op is Op.IN else [condition.value]
        months = [self._today.month if value == CURRENT else value for value in values]
        return f"({entry.sql} = ANY({self.param(months)}::int2[]))"

    def _folded(self, entry: Field, condition: Condition) -> str:
        wanted = f"lower({self.param(condition.value)}::text)"
        if condition.op is Op.CONTAINS:
            return f"(position({wanted} IN {entry.sql}) > 0)"
        return f"({entry.sql} = {wanted})"

    def _attribute(self, condition: Condition) -> str:
        """Compares one attribute with a value of its own type; a value of another type does not match."""
        key = self.param(condition.field.removeprefix(ATTRIBUTES))
        value, text = f"(c.attributes -> {key}::text)", f"(c.attributes ->> {key}::text)"
        # CASE keeps a cast away from values of another type.
        if condition.op is Op.CONTAINS:
            wanted = self.param(condition.value)
            return (
                f"(CASE WHEN jsonb_typeof({value}) = 'string'"
                f" THEN position(lower({wanted}::text) IN lower({text})) > 0 END)"
            )
        sample = condition.value[0] if condition.op is Op.IN else condition.value
        kind = type_of(sample)
        if kind is bool:
            test = self._compared(f"({value})::boolean", condition.op, condition.value, "boolean")
            return f"(CASE WHEN jsonb_typeof({value}) = 'boolean' THEN {test} END)"
        if kind is float:
            exact = list(map(_exact, condition.value)) if condition.op is Op.IN else _exact(condition.value)
            test = self._compared(f"({value})::numeric", condition.op, exact, "numeric")
            return f"(CASE WHEN jsonb_typeof({value}) = 'number' THEN {test} END)"
        test = self._compared(f'{text} COLLATE "C"', condition.op, condition.value, "text")
        # Dates in this form are in the order of their letters.
        of_type = "~" if kind is date else "!~"
        return (
            f"(CASE WHEN jsonb_typeof({value}) = 'string' AND {text} {of_type} '^\\d{{4}}-\\d{{2}}-\\d{{2}}$'"
            f" THEN {test} END)"
        )


def _exact(number: float) -> Decimal:
    """Returns a number as it is written, which is how attributes keep it."""
    return Decimal(str(number))
