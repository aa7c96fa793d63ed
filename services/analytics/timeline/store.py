"""SQL of the timeline: messages and conversions as they stand, and the entries of everything else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.analytics.rollups.counters import COHORT
from services.analytics.timeline.domain import Entry, Type
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

_FIELDS: Final = {
    "contact_id": "uuid",
    "reference": "text",
    "channel": "int2",
    "status": "text",
    "branch_id": "uuid",
}
_STATUS: Final = """
CASE WHEN complained_at IS NOT NULL THEN 'complained' WHEN unsubscribed_at IS NOT NULL AND failed_at IS NULL
        THEN 'unsubscribed'
    WHEN bounced_at IS NOT NULL THEN 'bounced' WHEN first_conversion_at IS NOT NULL THEN 'converted'
    WHEN first_click_at IS NOT NULL THEN 'clicked' WHEN first_open_at IS NOT NULL THEN 'opened'
    WHEN read_at IS NOT NULL THEN 'read' WHEN delivered_at IS NOT NULL THEN 'delivered'
    WHEN failed_at IS NOT NULL THEN 'failed' WHEN sent_at IS NOT NULL THEN 'sent'
    WHEN skipped_at IS NOT NULL THEN 'skipped' WHEN expired_at IS NOT NULL THEN 'expired'
    WHEN cancelled_at IS NOT NULL THEN 'cancelled' WHEN unknown_at IS NOT NULL THEN 'unknown' ELSE 'accepted' END
"""
_UPDATED: Final = """
GREATEST(accepted_at, sent_at, delivered_at, read_at, bounced_at, failed_at, skipped_at, expired_at, cancelled_at,
    unknown_at, first_open_at, first_click_at, unsubscribed_at, complained_at, first_conversion_at)
"""
_ENTRIES: Final = f"""
SELECT CASE WHEN f.automation_run_id IS NOT NULL THEN 3 WHEN f.trigger_type <> '' THEN 2
        WHEN f.campaign_id IS NOT NULL THEN 1 ELSE 4 END AS type,
    {COHORT} AS date, f.channel, COALESCE(c.name, '') AS campaign_name, f.trigger_type, {_STATUS} AS status,
    '' AS coupon_code, false AS coupon_redeemed, 0 AS rating, f.message_id::text AS reference, {_UPDATED} AS updated_at,
    f.branch_id
FROM message_fact AS f LEFT JOIN campaign_profile AS c USING (tenant_id, campaign_id)
WHERE f.tenant_id = %(tenant_id)s AND f.contact_id = ANY (%(contact_ids)s::uuid[]) AND {COHORT} IS NOT NULL
UNION ALL
SELECT CASE v.conversion_type WHEN 3 THEN 6 WHEN 5 THEN 5 ELSE 9 END, v.occurred_at, COALESCE(c.channel, 0),
    COALESCE(c.name, ''), '',
    CASE WHEN v.reversed_value > 0 THEN 'reversed' ELSE
        (ARRAY['purchased', 'visited', 'redeemed', 'registered', 'rated', 'converted'])[v.conversion_type] END,
    v.coupon_code, v.conversion_type = 3, COALESCE(v.rating, 0), v.order_ref, v.occurred_at, v.branch_id
FROM conversion AS v LEFT JOIN campaign_profile AS c USING (tenant_id, campaign_id)
WHERE v.tenant_id = %(tenant_id)s AND v.contact_id = ANY (%(contact_ids)s::uuid[]) AND v.occurred_at IS NOT NULL
UNION ALL
SELECT type, date, channel, '', '', status, '', false, 0, reference, updated_at, branch_id
FROM timeline_entry WHERE tenant_id = %(tenant_id)s AND contact_id = ANY (%(contact_ids)s::uuid[])
"""


class Row(NamedTuple):
    """An entry to be kept."""

    contact_id: UUID
    reference: str
    channel: int
    status: str
    branch_id: UUID | None = None


async def put(uow: UnitOfWork, type: Type, at: datetime, rows: Sequence[Row]) -> None:
    """Keeps entries, one per type and reference; what is told of one again updates it."""
    if not rows:
        return
    names = ", ".join(_FIELDS)
    await uow.execute(
        f"""
        INSERT INTO timeline_entry AS t (tenant_id, type, date, updated_at, {names})
        SELECT %(tenant_id)s, %(type)s, %(at)s, %(at)s, {names} FROM {named_unnest(_FIELDS)}
        ON CONFLICT (tenant_id, type, reference) DO UPDATE SET
            status = EXCLUDED.status, updated_at = EXCLUDED.updated_at,
            branch_id = COALESCE(EXCLUDED.branch_id, t.branch_id)
        WHERE t.updated_at <= EXCLUDED.updated_at
        """,
        {
            "tenant_id": uow.tenant_id,
            "type": type,
            "at": at,
            **dict(zip(_FIELDS, columns(rows, len(_FIELDS)), strict=True)),
        },
    )


async def page(
    uow: UnitOfWork,
    person: Sequence[UUID],
    *,
    types: Sequence[int],
    start: datetime | None,
    end: datetime | None,
    branches: Sequence[UUID] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Entry]:
    """Returns entries of a person, by all their ids, newest first; those of branches leave out what has none."""
    rows = await uow.fetch_all(
        f"""
        SELECT type, date, channel, campaign_name, trigger_type, status, coupon_code, coupon_redeemed, rating, reference,
            updated_at
        FROM ({_ENTRIES}) AS entries
        WHERE (%(types)s::int[] = '{{}}' OR type = ANY (%(types)s::int[]))
            AND (%(start)s::timestamptz IS NULL OR date >= %(start)s)
            AND (%(end)s::timestamptz IS NULL OR date < %(end)s)
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
            AND (%(date)s::timestamptz IS NULL OR (date, reference) < (%(date)s::timestamptz, %(reference)s::text))
        ORDER BY date DESC, reference DESC LIMIT %(limit)s
        """,
        {
            "tenant_id": uow.tenant_id,
            "contact_ids": list(person),
            "types": list(types),
            "start": start,
            "end": end,
            "branches": None if branches is None else list(branches),
            "date": after[0] if after else None,
            "reference": after[1] if after else "",
            "limit": limit,
        },
    )
    return [Entry(Type(row[0]), *row[1:]) for row in rows]


async def is_known(uow: UnitOfWork, person: Sequence[UUID]) -> bool:
    """Returns whether anything is known of a person."""
    return bool(
        await uow.fetch_value(
            f"SELECT EXISTS ({_ENTRIES})", {"tenant_id": uow.tenant_id, "contact_ids": list(person)}
        )
    )


async def forget_old(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes entries older than an instant; needs a unit of work across tenants."""
    return await uow.execute(
        """
        DELETE FROM timeline_entry WHERE ctid = ANY (ARRAY(SELECT ctid FROM timeline_entry WHERE date < %s LIMIT %s))
        """,
        (before, limit),
    )
