"""SQL of the compliance report."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from services.analytics.compliance.domain import Privacy
from services.analytics.rollups.counters import NO_ID
from services.analytics.rollups.deltas import BUCKET
from services.common.db.sets import named_unnest
from services.common.db.uow import UnitOfWork

_FIELDS: Final = {"branch_id": "uuid", "kind": "text", "detail": "text", "count": "int8"}
_LATE: Final = "interval '30 days'"
_DAYS: Final = "extract(epoch FROM completed_at - created_at) / 86400"

Key = tuple[UUID | None, str, str]


async def add(uow: UnitOfWork, at: datetime, counted: Mapping[Key, int]) -> None:
    """Adds what one event says, by branch, kind and detail."""
    rows = sorted(counted.items(), key=lambda row: (str(row[0][0] or ""), row[0][1], row[0][2]))
    await uow.execute(
        f"""
        INSERT INTO compliance_count AS c (tenant_id, bucket, branch_id, kind, detail, count)
        SELECT %(tenant_id)s, {BUCKET.format(at="%(at)s::timestamptz")}, COALESCE(branch_id, {NO_ID}), kind, detail, count
        FROM {named_unnest(_FIELDS)}
        ON CONFLICT (tenant_id, bucket, branch_id, kind, detail) DO UPDATE SET count = c.count + EXCLUDED.count
        """,
        {
            "tenant_id": uow.tenant_id,
            "at": at,
            "branch_id": [key[0] for key, _ in rows],
            "kind": [key[1] for key, _ in rows],
            "detail": [key[2] for key, _ in rows],
            "count": [count for _, count in rows],
        },
    )


async def counts(
    uow: UnitOfWork, start: datetime, end: datetime, branches: Sequence[UUID] | None
) -> dict[str, list[tuple[str, int]]]:
    """Returns what was counted in a range, by kind: details, most frequent first."""
    rows = await uow.fetch_all(
        """
        SELECT kind, detail, sum(count)::bigint FROM compliance_count
        WHERE tenant_id = %(tenant_id)s AND bucket >= %(start)s AND bucket < %(end)s
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        GROUP BY kind, detail ORDER BY 3 DESC, 2
        """,
        _params(uow, start, end, branches),
    )
    return _by_kind(rows)


async def reasons(
    uow: UnitOfWork, start: datetime, end: datetime, branches: Sequence[UUID] | None
) -> dict[str, list[tuple[str, int]]]:
    """Returns why messages of a range were skipped, failed or came back."""
    rows = await uow.fetch_all(
        """
        SELECT kind, reason, sum(messages)::bigint FROM reason_stat
        WHERE tenant_id = %(tenant_id)s AND bucket >= %(start)s AND bucket < %(end)s
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        GROUP BY kind, reason HAVING sum(messages) <> 0 ORDER BY 3 DESC, 2
        """,
        _params(uow, start, end, branches),
    )
    return _by_kind(rows)


async def total(
    uow: UnitOfWork, kind: str, start: datetime, end: datetime, details: Sequence[str] = ()
) -> int:
    """Returns how much of a kind was counted in a range."""
    found: int = await uow.fetch_value(
        """
        SELECT COALESCE(sum(count), 0)::bigint FROM compliance_count
        WHERE tenant_id = %s AND kind = %s AND bucket >= %s AND bucket < %s AND (%s OR detail = ANY (%s))
        """,
        (uow.tenant_id, kind, start, end, not details, list(details)),
    )
    return found


async def note_request(
    uow: UnitOfWork,
    request_id: UUID,
    kind: str,
    *,
    created_at: datetime | None = None,
    completed_at: datetime | None = None,
) -> None:
    """Keeps when a request about a person's data was made and answered, in whatever order that is told."""
    await uow.execute(
        """
        INSERT INTO privacy_request AS p (tenant_id, privacy_request_id, kind, created_at, completed_at)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (tenant_id, privacy_request_id) DO UPDATE SET
            created_at = LEAST(p.created_at, EXCLUDED.created_at),
            completed_at = GREATEST(p.completed_at, EXCLUDED.completed_at)
        """,
        (uow.tenant_id, request_id, kind, created_at, completed_at),
    )


async def privacy(uow: UnitOfWork, start: datetime, end: datetime) -> list[Privacy]:
    """Returns the requests made or answered in a range, by kind."""
    rows = await uow.fetch_all(
        f"""
        SELECT kind, count(*) FILTER (WHERE made), count(*) FILTER (WHERE answered),
            count(*) FILTER (WHERE answered AND completed_at - created_at > {_LATE}),
            count(*) FILTER (WHERE made AND completed_at IS NULL),
            round(avg({_DAYS}) FILTER (WHERE answered), 2)::float8, round(max({_DAYS}) FILTER (WHERE answered), 2)::float8
        FROM (
            SELECT *, COALESCE(created_at >= %(start)s AND created_at < %(end)s, false) AS made,
                COALESCE(completed_at >= %(start)s AND completed_at < %(end)s, false) AS answered
            FROM privacy_request WHERE tenant_id = %(tenant_id)s
        ) AS requests WHERE made OR answered GROUP BY kind ORDER BY kind
        """,
        {"tenant_id": uow.tenant_id, "start": start, "end": end},
    )
    return [Privacy(*row) for row in rows]


def _params(
    uow: UnitOfWork, start: datetime, end: datetime, branches: Sequence[UUID] | None
) -> dict[str, object]:
    return {
        "tenant_id": uow.tenant_id,
        "start": start,
        "end": end,
        "branches": None if branches is None else list(branches),
    }


def _by_kind(rows: Sequence[tuple[str, str, int]]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for kind, detail, count in rows:
        found.setdefault(kind, []).append((detail, count))
    return found
