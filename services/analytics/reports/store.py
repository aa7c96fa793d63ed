"""SQL of the reports, over rollups only."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.analytics.reports.domain import Counts
from services.analytics.rollups.counters import CAMPAIGN_COUNTERS
from services.common.db.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class StatRow:
    """Counters of one run, variant and day of a campaign."""

    variant_key: str
    day: date
    counts: Counts


async def campaign_stats(uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None) -> list[StatRow]:
    """Returns the counters of a campaign, or of one of its runs."""
    rows = await uow.fetch_all(
        f"""
        SELECT variant_key, day, {", ".join(f"sum({name})::bigint" for name in CAMPAIGN_COUNTERS)}
        FROM campaign_stat
        WHERE tenant_id = %(tenant_id)s AND campaign_id = %(campaign_id)s
            AND (%(run_id)s::uuid IS NULL OR run_id = %(run_id)s)
        GROUP BY variant_key, day ORDER BY variant_key, day
        """,
        {"tenant_id": uow.tenant_id, "campaign_id": campaign_id, "run_id": run_id},
    )
    return [
        StatRow(variant, day, Counts(**dict(zip(CAMPAIGN_COUNTERS, counts, strict=True))))
        for variant, day, *counts in rows
    ]


async def engagement(
    uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None
) -> list[tuple[int, int, int, int]]:
    """Returns kind, class, messages and hits of a campaign."""
    rows = await uow.fetch_all(
        """
        SELECT kind, engagement_class, sum(messages)::bigint, sum(hits)::bigint FROM campaign_engagement
        WHERE tenant_id = %(tenant_id)s AND campaign_id = %(campaign_id)s
            AND (%(run_id)s::uuid IS NULL OR run_id = %(run_id)s)
        GROUP BY kind, engagement_class HAVING sum(hits) <> 0 ORDER BY kind, engagement_class
        """,
        {"tenant_id": uow.tenant_id, "campaign_id": campaign_id, "run_id": run_id},
    )
    return [(kind, engagement_class, messages, hits) for kind, engagement_class, messages, hits in rows]


async def reasons(uow: UnitOfWork, campaign_id: UUID, run_id: UUID | None) -> list[tuple[str, str, int]]:
    """Returns kind (`skipped`, `failed`), reason and messages of a campaign, most frequent first."""
    rows = await uow.fetch_all(
        """
        SELECT kind, reason, sum(messages)::bigint AS messages FROM campaign_reason
        WHERE tenant_id = %(tenant_id)s AND campaign_id = %(campaign_id)s
            AND (%(run_id)s::uuid IS NULL OR run_id = %(run_id)s)
        GROUP BY kind, reason HAVING sum(messages) <> 0 ORDER BY 3 DESC, 1, 2
        """,
        {"tenant_id": uow.tenant_id, "campaign_id": campaign_id, "run_id": run_id},
    )
    return [(kind, reason, messages) for kind, reason, messages in rows]


async def send_times(uow: UnitOfWork, campaign_id: UUID) -> tuple[datetime | None, datetime | None]:
    """Returns when the first and the last message of a campaign was taken by a provider."""
    row = await uow.fetch_one(
        "SELECT min(sent_at), max(sent_at) FROM message_fact WHERE tenant_id = %s AND campaign_id = %s",
        (uow.tenant_id, campaign_id),
    )
    return (row[0], row[1]) if row else (None, None)


async def newest_event(uow: UnitOfWork) -> datetime | None:
    """Returns when the newest event of the tenant was folded in."""
    found: datetime | None = await uow.fetch_value(
        "SELECT max(applied_at) FROM inbox WHERE tenant_id = %s", (uow.tenant_id,)
    )
    return found


async def links(uow: UnitOfWork, campaign_id: UUID) -> list[tuple[UUID, str, int, int, int]]:
    """Returns link, url, unique, total and machine clicks, most clicked first."""
    rows = await uow.fetch_all(
        """
        SELECT link_id, url, unique_clicks, total_clicks, machine_clicks FROM link_stat
        WHERE tenant_id = %s AND campaign_id = %s AND total_clicks + machine_clicks <> 0
        ORDER BY unique_clicks DESC, url
        """,
        (uow.tenant_id, campaign_id),
    )
    return [(link_id, url, unique, total, machine) for link_id, url, unique, total, machine in rows]
