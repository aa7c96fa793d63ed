"""SQL of reminders: what was sent, and which purchases the last of them has the credit for (ANA-101)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.analytics.rollups.ranges import Span
from services.common.db.uow import UnitOfWork

_WINDOW: Final = "interval '7 days'"
_PURCHASE: Final = 1


@dataclass(frozen=True, slots=True)
class Credit:
    """Purchases credited to one reminder."""

    name: str
    converted: int
    average_minutes: float


async def sent(
    uow: UnitOfWork, span: Span, branches: Sequence[UUID] | None, *, family: str, rule: str
) -> list[tuple[str, int]]:
    """Returns names that begin as asked, and how many messages were sent by each on the days of a range."""
    column = "rule" if rule else "template_name"
    rows = await uow.fetch_all(
        f"""
        SELECT {column}, sum(total_sent)::bigint FROM cohort_stat
        WHERE tenant_id = %(tenant_id)s AND day >= %(first_day)s AND day < %(day_after)s
            AND starts_with({column}, %(beginning)s)
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        GROUP BY 1 HAVING sum(total_sent) > 0 ORDER BY 1
        """,
        {
            "tenant_id": uow.tenant_id,
            "first_day": span.first_day,
            "day_after": span.day_after,
            "beginning": family or rule,
            "branches": None if branches is None else list(branches),
        },
    )
    return [(name, count) for name, count in rows]


async def credited(
    uow: UnitOfWork, span: Span, branches: Sequence[UUID] | None, names: Sequence[str], *, by_rule: bool
) -> list[Credit]:
    """Returns the purchases within seven days of a reminder, each credited to the last one before it."""
    column = "rule" if by_rule else "template_name"
    rows = await uow.fetch_all(
        f"""
        SELECT name, count(*), avg(extract(epoch FROM bought_at - sent_at) / 60)::float8
        FROM (
            SELECT c.occurred_at AS bought_at, last.name, last.sent_at
            FROM conversion AS c CROSS JOIN LATERAL (
                SELECT f.{column} AS name, f.sent_at, f.branch_id FROM message_fact AS f
                WHERE f.tenant_id = c.tenant_id AND f.contact_id = c.contact_id AND f.is_counted
                    AND f.{column} = ANY (%(names)s::text[])
                    AND f.sent_at <= c.occurred_at AND f.sent_at > c.occurred_at - {_WINDOW}
                ORDER BY f.sent_at DESC, f.message_id DESC LIMIT 1
            ) AS last
            WHERE c.tenant_id = %(tenant_id)s AND c.conversion_type = {_PURCHASE}
                AND c.occurred_at >= %(start)s AND c.occurred_at < %(end)s::timestamptz + {_WINDOW}
                AND last.sent_at >= %(start)s AND last.sent_at < %(end)s
                AND (%(branches)s::uuid[] IS NULL OR last.branch_id = ANY (%(branches)s::uuid[]))
        ) AS credited GROUP BY name ORDER BY name
        """,
        {
            "tenant_id": uow.tenant_id,
            "start": span.start,
            "end": span.end,
            "names": list(names),
            "branches": None if branches is None else list(branches),
        },
    )
    return [Credit(*row) for row in rows]
