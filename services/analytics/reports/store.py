"""SQL of the reports of campaigns, over rollups only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from services.analytics.rollups.store import NAMED_SUMS, NAMES, SUMS, Sums
from services.common.db.uow import UnitOfWork

Branches = Sequence[UUID] | None

_OF_CAMPAIGN: Final = """
tenant_id = %(tenant_id)s AND campaign_id = %(campaign_id)s AND (%(run_id)s::uuid IS NULL OR run_id = %(run_id)s)
    AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class StatRow:
    """Counters of one run, variant, day and currency of a campaign."""

    run_id: UUID
    variant_key: str
    day: date
    currency: str
    sums: Sums
    first_sent: datetime | None
    last_sent: datetime | None


async def campaign_stats(
    uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None, branches: Branches
) -> list[StatRow]:
    """Returns the counters of a campaign, or of one of its runs."""
    rows = await uow.fetch_all(
        f"""
        SELECT run_id, variant_key, day, currency, min(first_sent_at), max(last_sent_at), {SUMS}
        FROM cohort_stat WHERE {_OF_CAMPAIGN}
        GROUP BY run_id, variant_key, day, currency ORDER BY run_id, variant_key, day
        """,
        _params(uow, campaign_id, run_id, branches),
    )
    return [
        StatRow(row[0], row[1], row[2], row[3], dict(zip(NAMES, row[6:], strict=True)), row[4], row[5])
        for row in rows
    ]


async def engagement(
    uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None, branches: Branches
) -> list[tuple[int, int, int, int]]:
    """Returns kind, class, messages and hits of a campaign."""
    rows = await uow.fetch_all(
        f"""
        SELECT kind, engagement_class, sum(messages)::bigint, sum(hits)::bigint FROM campaign_engagement
        WHERE {_OF_CAMPAIGN}
        GROUP BY kind, engagement_class HAVING sum(hits) <> 0 ORDER BY kind, engagement_class
        """,
        _params(uow, campaign_id, run_id, branches),
    )
    return [(kind, engagement_class, messages, hits) for kind, engagement_class, messages, hits in rows]


async def reasons(
    uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None, branches: Branches
) -> list[tuple[str, str, int]]:
    """Returns kind (`skipped`, `failed`), reason and messages of a campaign, most frequent first."""
    rows = await uow.fetch_all(
        f"""
        SELECT kind, reason, sum(messages)::bigint AS messages FROM reason_stat
        WHERE {_OF_CAMPAIGN} AND kind IN ('skipped', 'failed')
        GROUP BY kind, reason HAVING sum(messages) <> 0 ORDER BY 3 DESC, 1, 2
        """,
        _params(uow, campaign_id, run_id, branches),
    )
    return [(kind, reason, messages) for kind, reason, messages in rows]


async def newest_event(uow: UnitOfWork) -> datetime | None:
    """Returns when the newest event of the tenant was folded in."""
    found: datetime | None = await uow.fetch_value(
        "SELECT max(applied_at) FROM inbox WHERE tenant_id = %s", (uow.tenant_id,)
    )
    return found


async def links(
    uow: UnitOfWork, campaign_id: UUID | None, template_name: str, branches: Branches
) -> list[tuple[UUID, str, int, int, int]]:
    """Returns link, url, unique, total and machine clicks of a campaign or a template, most clicked first."""
    rows = await uow.fetch_all(
        """
        SELECT link_id, max(url), sum(unique_clicks)::bigint, sum(total_clicks)::bigint, sum(machine_clicks)::bigint
        FROM link_stat
        WHERE tenant_id = %(tenant_id)s
            AND (%(campaign_id)s::uuid IS NULL OR campaign_id = %(campaign_id)s)
            AND (%(campaign_id)s::uuid IS NOT NULL OR template_name = %(template_name)s)
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        GROUP BY link_id HAVING sum(total_clicks + machine_clicks) <> 0 ORDER BY 3 DESC, 2, 1
        """,
        {
            "tenant_id": uow.tenant_id,
            "campaign_id": campaign_id,
            "template_name": template_name,
            "branches": None if branches is None else list(branches),
        },
    )
    return [(link_id, url, unique, total, machine) for link_id, url, unique, total, machine in rows]


async def revenues(
    uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None, branches: Branches
) -> list[tuple[str, str, str, int, int, Decimal | None, Decimal | None]]:
    """Returns variant, coupon, currency, conversions, redemptions, revenue and what came with redemptions.

    Revenue is less what was taken back; a redemption brings none where its invoice was told of as a purchase too.
    """
    rows = await uow.fetch_all(
        f"""
        SELECT variant_key, coupon_code, currency, count(*), count(*) FILTER (WHERE conversion_type = 3),
            sum(value - reversed_value) FILTER (WHERE conversion_type <> 3 OR NOT EXISTS (
                SELECT FROM conversion AS bought WHERE bought.tenant_id = conversion.tenant_id
                    AND bought.conversion_type = 1 AND bought.order_ref = split_part(conversion.order_ref, '#', 1)
            )),
            sum(value - reversed_value) FILTER (WHERE conversion_type = 3)
        FROM conversion
        WHERE {_OF_CAMPAIGN.replace("branch_id =", "COALESCE(branch_id, '00000000-0000-0000-0000-000000000000') =")}
            AND occurred_at IS NOT NULL
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        _params(uow, campaign_id, run_id, branches),
    )
    return [tuple(row) for row in rows]


_SORTS: Final = {
    0: "extract(epoch FROM last_sent)",
    1: "extract(epoch FROM last_sent)",
    2: "sent",
    3: "CASE WHEN openable > 0 THEN (seen_opened + seen_read)::numeric / openable ELSE -1 END",
    4: "CASE WHEN delivered > 0 THEN clicked::numeric / delivered ELSE -1 END",
}


async def campaign_page(  # noqa: PLR0913 - what a page is cut and sorted by
    uow: UnitOfWork,
    first_day: date,
    day_after: date,
    *,
    channel: int,
    branches: Branches,
    sort: int,
    after: tuple[Decimal, UUID] | None,
    limit: int,
    message_class: int = 0,
) -> list[tuple[UUID, int, Decimal, datetime | None, Sums]]:
    """Returns campaigns with messages of some days: id, channel, sort key, last sending and sums, the largest first."""
    rows = await uow.fetch_all(
        f"""
        SELECT campaign_id, channel, sort_key, last_sent, {", ".join(NAMES)} FROM (
            SELECT *, COALESCE({_SORTS[sort]}, 0)::numeric AS sort_key FROM (
                SELECT campaign_id, max(channel) AS channel, max(last_sent_at) AS last_sent, {NAMED_SUMS}
                FROM cohort_stat
                WHERE tenant_id = %(tenant_id)s AND day >= %(first_day)s AND day < %(day_after)s
                    AND campaign_id <> '00000000-0000-0000-0000-000000000000'
                    AND (%(channel)s = 0 OR channel = %(channel)s)
                    AND (%(message_class)s = 0 OR message_class = %(message_class)s)
                    AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
                GROUP BY campaign_id
            ) AS campaigns WHERE sent > 0
        ) AS sorted
        WHERE %(key)s::numeric IS NULL OR (sort_key, campaign_id) < (%(key)s::numeric, %(id)s::uuid)
        ORDER BY sort_key DESC, campaign_id DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "first_day": first_day,
            "day_after": day_after,
            "channel": channel,
            "message_class": message_class,
            "branches": None if branches is None else list(branches),
            "key": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )
    return [(row[0], row[1], row[2], row[3], dict(zip(NAMES, row[4:], strict=True))) for row in rows]


async def costs_of(
    uow: UnitOfWork, campaigns: Sequence[UUID], first_day: date, day_after: date, branches: Branches
) -> list[tuple[UUID, str, Decimal]]:
    """Returns campaign, currency and cost of what was sent on some days."""
    rows = await uow.fetch_all(
        """
        SELECT campaign_id, currency, sum(cost_micros) FROM cohort_stat
        WHERE tenant_id = %(tenant_id)s AND campaign_id = ANY (%(campaigns)s::uuid[])
            AND day >= %(first_day)s AND day < %(day_after)s
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        GROUP BY 1, 2 HAVING sum(cost_micros) <> 0 ORDER BY 1, 2
        """,
        {
            "tenant_id": uow.tenant_id,
            "campaigns": list(campaigns),
            "first_day": first_day,
            "day_after": day_after,
            "branches": None if branches is None else list(branches),
        },
    )
    return [(campaign_id, currency, Decimal(micros).scaleb(-6)) for campaign_id, currency, micros in rows]


def _params(uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None, branches: Branches) -> dict[str, Any]:
    return {
        "tenant_id": uow.tenant_id,
        "campaign_id": campaign_id,
        "run_id": run_id,
        "branches": None if branches is None else list(branches),
    }
