"""The SQL of rules."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery.limits.domain import EVERY, Rule, RuleSet, Scope
from services.delivery.messages.domain import Channel

_COLUMNS = """
tenant_id, rule_id, channel, scope, subject_id, coalesce(max_per_minute, 0), coalesce(max_per_hour, 0),
coalesce(max_per_day, 0), coalesce(burst_limit, 0), changed_by, created_at, updated_at
"""

_SET = f"""
INSERT INTO rate_limit_rule (
    tenant_id, rule_id, channel, scope, subject_id, max_per_minute, max_per_hour, max_per_day, burst_limit, changed_by,
    created_at, updated_at)
VALUES (%(tenant_id)s, %(rule_id)s, %(channel)s, %(scope)s, %(subject_id)s, nullif(%(max_per_minute)s, 0),
    nullif(%(max_per_hour)s, 0), nullif(%(max_per_day)s, 0), nullif(%(burst_limit)s, 0), %(changed_by)s, %(now)s, %(now)s)
ON CONFLICT (tenant_id, channel, scope, subject_id) DO UPDATE
SET max_per_minute = excluded.max_per_minute, max_per_hour = excluded.max_per_hour, max_per_day = excluded.max_per_day,
    burst_limit = excluded.burst_limit, changed_by = excluded.changed_by, updated_at = excluded.updated_at
RETURNING {_COLUMNS}
"""

_FIND = f"""
SELECT {_COLUMNS} FROM rate_limit_rule
WHERE tenant_id = %(tenant_id)s AND channel = %(channel)s AND scope = %(scope)s AND subject_id = %(subject_id)s
FOR UPDATE
"""

_DELETE = f"DELETE FROM rate_limit_rule WHERE rule_id = %s RETURNING {_COLUMNS}"

_PAGE = f"""
SELECT {_COLUMNS} FROM rate_limit_rule
WHERE (%(channel)s = 0 OR channel = %(channel)s) AND (%(scope)s = 0 OR scope = %(scope)s) AND rule_id > %(after)s
ORDER BY rule_id LIMIT %(limit)s
"""

_OF_TENANT = f"""
SELECT {_COLUMNS} FROM rate_limit_rule
WHERE tenant_id IN (%(tenant_id)s, %(every)s) AND (scope <> 2 OR subject_id IN (%(tenant_id)s, %(every)s))
"""


async def put(uow: UnitOfWork, rule: Rule) -> tuple[Rule | None, Rule]:
    """Stores a rule and returns the one it replaced, if any, and the one in force."""
    values = {
        name: getattr(rule, name)
        for name in (
            "tenant_id", "rule_id", "subject_id", "max_per_minute", "max_per_hour", "max_per_day", "burst_limit", "changed_by",
        )
    }  # fmt: skip
    values |= {"channel": int(rule.channel), "scope": int(rule.scope), "now": rule.updated_at}
    before = await uow.fetch_one(_FIND, values)
    row = await uow.fetch_one(_SET, values)
    assert row is not None  # noqa: S101 - it returns what it wrote
    return (None if before is None else _rule(before)), _rule(row)


async def delete(uow: UnitOfWork, rule_id: UUID) -> Rule | None:
    """Deletes a rule and returns it; needs a unit of work across tenants."""
    row = await uow.fetch_one(_DELETE, (rule_id,))
    return None if row is None else _rule(row)


async def page(uow: UnitOfWork, channel: int, scope: int, after: UUID | None, limit: int) -> list[Rule]:
    """Returns rules in the order they were made; needs a unit of work across tenants."""
    values = {"channel": channel, "scope": scope, "after": after or EVERY, "limit": limit}
    return [_rule(row) for row in await uow.fetch_all(_PAGE, values)]


async def in_force(uow: UnitOfWork, tenant_id: UUID) -> RuleSet:
    """Returns the rules that concern a tenant; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_OF_TENANT, {"tenant_id": tenant_id, "every": EVERY})
    return RuleSet([_rule(row) for row in rows])


def _rule(row: Sequence[Any]) -> Rule:
    return Rule(row[0], row[1], Channel(row[2]), Scope(row[3]), *row[4:])
