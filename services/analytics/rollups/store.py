"""SQL that reads the rollups: sums over ranges and days, cut by what is known here, never by a caller's word."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from services.analytics.rollups.counters import COLUMNS
from services.analytics.rollups.deltas import BUCKET
from services.analytics.rollups.filters import Filters
from services.analytics.rollups.ranges import Span
from services.common.db.uow import UnitOfWork

_WITH_OPENS: Final = "channel IN (1, 4, 5)"
_FIGURES: Final = (
    *COLUMNS,
    # Opens are known of e-mail, push and in-app; of WhatsApp, reads are (ANA-49).
    f"total_delivered FILTER ({_WITH_OPENS} OR channel = 3)",
    f"total_opened FILTER ({_WITH_OPENS})",
    "total_read FILTER (channel = 3)",
    f"total_any_opened FILTER ({_WITH_OPENS})",
)
_EXTRA: Final = ("openable", "seen_opened", "seen_read", "seen_by_any")
NAMES: Final = (*(name.removeprefix("total_") for name in COLUMNS), *_EXTRA)

Sums = Mapping[str, int]


_KEYS: Final = frozenset(
    {
        "channel",
        "branch_id",
        "provider",
        "category",
        "template_name",
        "currency",
        "day",
        "tenant_id",
        "message_class",
    }
)
_CUT: Final = """
    (%(channel)s = 0 OR channel = %(channel)s) AND (%(message_class)s = 0 OR message_class = %(message_class)s)
    AND (%(category)s = 0 OR category = %(category)s)
    AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
"""
_OF_DAYS: Final = "day >= %(first_day)s AND day < %(day_after)s"
_OF_QUARTERS: Final = """
    ((bucket >= %(start)s AND bucket < %(days_start)s) OR (bucket >= %(days_end)s AND bucket < %(end)s))
"""


def _sum(column: str) -> str:
    name, _, condition = column.partition(" FILTER ")
    return f"COALESCE(sum({name}){f' FILTER (WHERE {condition})' if condition else ''}, 0)::bigint"


SUMS: Final = ", ".join(_sum(column) for column in _FIGURES)
NAMED_SUMS: Final = ", ".join(
    f"{_sum(column)} AS {name}" for column, name in zip(_FIGURES, NAMES, strict=True)
)


async def figures(
    uow: UnitOfWork, span: Span, filters: Filters, by: Sequence[str] = ()
) -> list[tuple[tuple[Any, ...], Sums]]:
    """Returns the sums of a range by the time of the event, one row per key that has any.

    `by` names columns of the rollups; nothing means one row. Days are those of the tenant.
    """
    _known(by)
    keys = "".join(f"{name}, " for name in by)
    places = ", ".join(str(place + 1) for place in range(len(by)))
    columns = ", ".join(dict.fromkeys(("channel", *(name for name in by if name != "day"), *COLUMNS)))
    day, of_bucket = (", day", ", (bucket AT TIME ZONE %(zone)s)::date AS day") if "day" in by else ("", "")
    rows = await uow.fetch_all(
        f"""
        SELECT {keys}{SUMS} FROM (
            SELECT {columns}{day} FROM rollup_daily WHERE tenant_id = %(tenant_id)s AND {_OF_DAYS} AND {_CUT}
            UNION ALL
            SELECT {columns}{of_bucket} FROM rollup_fine WHERE tenant_id = %(tenant_id)s AND {_OF_QUARTERS} AND {_CUT}
        ) AS counted
        {f"GROUP BY {places} ORDER BY {places}" if by else ""}
        """,
        _params(uow, span, filters),
    )
    return [_row(row, len(by)) for row in rows]


async def cohorts(
    uow: UnitOfWork, span: Span, filters: Filters, by: Sequence[str] = ()
) -> list[tuple[tuple[Any, ...], Sums]]:
    """Returns the sums of what was sent on the tenant days of a range, one row per key that has any."""
    _known(by)
    keys = "".join(f"{name}, " for name in by)
    places = ", ".join(str(place + 1) for place in range(len(by)))
    rows = await uow.fetch_all(
        f"""
        SELECT {keys}{SUMS} FROM cohort_stat WHERE tenant_id = %(tenant_id)s AND {_OF_DAYS} AND {_CUT}
        {f"GROUP BY {places} ORDER BY {places}" if by else ""}
        """,
        _params(uow, span, filters),
    )
    return [_row(row, len(by)) for row in rows]


async def steps(
    uow: UnitOfWork, span: Span, filters: Filters, *, minutes: int
) -> list[tuple[datetime, int, str, Sums]]:
    """Returns sums per step of some quarter hours since the range's start, channel and currency, by event time."""
    rows = await uow.fetch_all(
        f"""
        SELECT date_bin(make_interval(mins => %(minutes)s), bucket, %(start)s) AS step, channel, currency, {SUMS}
        FROM rollup_fine
        WHERE tenant_id = %(tenant_id)s AND bucket >= %(start)s AND bucket < %(end)s AND {_CUT}
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        {**_params(uow, span, filters), "minutes": minutes},
    )
    return [(row[0], row[1], row[2], dict(zip(NAMES, row[3:], strict=True))) for row in rows]


async def local_days(uow: UnitOfWork, span: Span, filters: Filters) -> list[tuple[date, str, Sums]]:
    """Returns sums per day of the range's own zone and currency, from quarter hours alone."""
    rows = await uow.fetch_all(
        f"""
        SELECT (bucket AT TIME ZONE %(zone)s)::date, currency, {SUMS} FROM rollup_fine
        WHERE tenant_id = %(tenant_id)s AND bucket >= %(start)s AND bucket < %(end)s AND {_CUT}
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        {**_params(uow, span, filters), "zone": span.zone.key},
    )
    return [(row[0], row[1], dict(zip(NAMES, row[2:], strict=True))) for row in rows]


async def costs(
    uow: UnitOfWork, span: Span, filters: Filters, by: Sequence[str] = ()
) -> list[tuple[tuple[Any, ...], str, Decimal]]:
    """Returns what messages sent in a range cost: key, currency, amount. Across tenants in a unit of work that is."""
    _known(by)
    keys = "".join(f"{name}, " for name in by)
    own = "" if uow.tenant_id is None else "tenant_id = %(tenant_id)s AND "
    columns = ", ".join(dict.fromkeys((*by, "currency", "cost_micros")))
    places = ", ".join(str(place + 1) for place in range(len(by) + 1))
    rows = await uow.fetch_all(
        f"""
        SELECT {keys}currency, sum(cost_micros) FROM (
            SELECT {columns} FROM rollup_daily WHERE {own}{_OF_DAYS} AND {_CUT} AND cost_micros <> 0
            UNION ALL
            SELECT {columns} FROM rollup_fine WHERE {own}{_OF_QUARTERS} AND {_CUT} AND cost_micros <> 0
        ) AS counted GROUP BY {places} HAVING sum(cost_micros) <> 0 ORDER BY {places}
        """,
        _params(uow, span, filters),
    )
    return [(tuple(row[: len(by)]), row[-2], Decimal(row[-1]).scaleb(-6)) for row in rows]


async def recipients(uow: UnitOfWork, span: Span, filters: Filters) -> int:
    """Returns how many distinct contacts messages were sent to, from facts."""
    found: int = await uow.fetch_value(
        """
        SELECT count(DISTINCT contact_id) FROM message_fact
        WHERE tenant_id = %(tenant_id)s AND sent_at >= %(start)s AND sent_at < %(end)s AND is_counted
            AND (%(channel)s = 0 OR channel = %(channel)s) AND (%(category)s = 0 OR category = %(category)s)
            AND (%(message_class)s = 0 OR message_class = %(message_class)s)
            AND (%(branches)s::uuid[] IS NULL
                OR COALESCE(branch_id, '00000000-0000-0000-0000-000000000000') = ANY (%(branches)s::uuid[]))
        """,
        _params(uow, span, filters),
    )
    return found


async def bucket_of(uow: UnitOfWork, instant: datetime) -> datetime:
    """Returns the start of the bucket an instant lies in."""
    found: datetime = await uow.fetch_value(f"SELECT {BUCKET.format(at='%s::timestamptz')}", (instant,))
    return found


def _params(uow: UnitOfWork, span: Span, filters: Filters) -> dict[str, Any]:
    return {
        "tenant_id": uow.tenant_id,
        "start": span.start,
        "end": span.end,
        "zone": span.zone.key,
        "first_day": span.first_day,
        "day_after": span.day_after,
        "days_start": span.days_start,
        "days_end": span.days_end,
        "channel": filters.channel,
        "message_class": filters.message_class,
        "category": filters.category,
        "branches": None if filters.branch_ids is None else list(filters.branch_ids),
    }


def _row(row: tuple[Any, ...], keys: int) -> tuple[tuple[Any, ...], Sums]:
    return tuple(row[:keys]), dict(zip(NAMES, row[keys:], strict=True))


def _known(by: Sequence[str]) -> None:
    unknown = set(by) - _KEYS
    if unknown:
        raise ValueError(f"not a column to cut by: {', '.join(sorted(unknown))}")
