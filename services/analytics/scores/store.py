"""SQL of the scores."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.analytics.scores.domain import WINDOW_DAYS, Engagement, Health
from services.common.db.sets import columns, named_unnest
from services.common.db.uow import UnitOfWork

_FIGURES: Final = tuple(one.name for one in fields(Engagement))
_FIELDS: Final = {"contact_id": "uuid", **dict.fromkeys(_FIGURES, "int4"), "score": "int2"}
_ARRIVED: Final = "delivered_at IS NOT NULL AND bounced_at IS NULL"
_TRACKABLE: Final = f"{_ARRIVED} AND channel IN (1, 3, 4, 5)"
# A WhatsApp message that is read counts as opened (ANA-70).
_COUNTS: Final = f"""
    count(*) FILTER (WHERE sent_at IS NOT NULL), count(*) FILTER (WHERE {_ARRIVED}),
    count(*) FILTER (WHERE first_open_at IS NOT NULL), count(*) FILTER (WHERE first_click_at IS NOT NULL),
    count(*) FILTER (WHERE unsubscribed_at IS NOT NULL AND failed_at IS NULL),
    count(*) FILTER (WHERE {_TRACKABLE}),
    count(*) FILTER (WHERE {_TRACKABLE} AND CASE channel WHEN 3 THEN read_at ELSE first_open_at END IS NOT NULL),
    count(*) FILTER (WHERE {_TRACKABLE} AND first_click_at IS NOT NULL)
"""


async def engagement(
    uow: UnitOfWork, person: Sequence[UUID], now: datetime, branches: Sequence[UUID] | None
) -> Engagement | None:
    """Returns what a person, by all their ids, received and did in the 30 days before an instant; None when nothing ever went to it."""
    row = await uow.fetch_one(
        f"""
        SELECT count(*), {_COUNTS.replace("WHERE ", "WHERE sent_at >= %(since)s AND sent_at < %(now)s AND ")}
        FROM message_fact
        WHERE tenant_id = %(tenant_id)s AND contact_id = ANY (%(contact_ids)s::uuid[]) AND is_counted
            AND (%(branches)s::uuid[] IS NULL OR branch_id = ANY (%(branches)s::uuid[]))
        """,
        {
            "tenant_id": uow.tenant_id,
            "contact_ids": list(person),
            "now": now,
            "since": now - timedelta(days=WINDOW_DAYS),
            "branches": None if branches is None else list(branches),
        },
    )
    return Engagement(*row[1:]) if row and row[0] else None


async def engagements(
    uow: UnitOfWork, now: datetime, after: UUID | None, limit: int
) -> list[tuple[UUID, Engagement]]:
    """Returns the next people by their id that something was sent to in 30 days, with what they did."""
    params = {
        "tenant_id": uow.tenant_id,
        "after": after or UUID(int=0),
        "now": now,
        "since": now - timedelta(days=WINDOW_DAYS),
        "limit": limit,
    }
    rows = await uow.fetch_all(
        f"""
        SELECT contact_id, {_COUNTS} FROM message_fact AS f
        WHERE tenant_id = %(tenant_id)s AND is_counted AND contact_id IS NOT NULL
            AND contact_id > %(after)s AND sent_at >= %(since)s AND sent_at < %(now)s
            AND NOT EXISTS (SELECT FROM merged_contact AS m WHERE m.tenant_id = f.tenant_id AND m.merged_id = f.contact_id)
            AND NOT EXISTS (SELECT FROM merged_contact AS m WHERE m.tenant_id = f.tenant_id AND m.kept_id = f.contact_id)
        GROUP BY contact_id ORDER BY contact_id LIMIT %(limit)s
        """,
        params,
    )
    # People of several ids are few, and counted by all of them.
    several = await uow.fetch_all(
        f"""
        SELECT p.kept_id, {_COUNTS} FROM (
            SELECT kept_id, merged_id AS contact_id FROM merged_contact WHERE tenant_id = %(tenant_id)s
            UNION SELECT kept_id, kept_id FROM merged_contact WHERE tenant_id = %(tenant_id)s
        ) AS p JOIN message_fact AS f ON f.tenant_id = %(tenant_id)s AND f.contact_id = p.contact_id
        WHERE p.kept_id > %(after)s AND (%(last)s::uuid IS NULL OR p.kept_id <= %(last)s)
            AND f.is_counted AND f.sent_at >= %(since)s AND f.sent_at < %(now)s
        GROUP BY p.kept_id
        """,
        {**params, "last": rows[-1][0] if len(rows) == limit else None},
    )
    return [(row[0], Engagement(*row[1:])) for row in sorted([*rows, *several], key=lambda row: row[0])]


async def save_engagements(uow: UnitOfWork, found: Sequence[tuple[UUID, Engagement]], now: datetime) -> None:
    """Keeps what contacts did, and their scores."""
    rows = [(contact_id, *(getattr(one, name) for name in _FIGURES), one.score) for contact_id, one in found]
    names = ", ".join(_FIELDS)
    await uow.execute(
        f"""
        INSERT INTO contact_engagement (tenant_id, {names}, computed_at)
        SELECT %(tenant_id)s, {names}, %(now)s FROM {named_unnest(_FIELDS)}
        ON CONFLICT (tenant_id, contact_id) DO UPDATE SET
            {", ".join(f"{name} = EXCLUDED.{name}" for name in (*_FIGURES, "score"))}, computed_at = EXCLUDED.computed_at
        """,
        {
            "tenant_id": uow.tenant_id,
            "now": now,
            **dict(zip(_FIELDS, columns(rows, len(_FIELDS)), strict=True)),
        },
    )


async def drop(uow: UnitOfWork, contact_id: UUID) -> None:
    """Removes what is kept of one contact."""
    await uow.execute(
        "DELETE FROM contact_engagement WHERE tenant_id = %s AND contact_id = %s", (uow.tenant_id, contact_id)
    )


async def forget_idle(uow: UnitOfWork, before: datetime) -> None:
    """Removes contacts that nothing was sent to for 30 days: those that a finished run did not compute."""
    await uow.execute(
        "DELETE FROM contact_engagement WHERE tenant_id = %s AND computed_at < %s", (uow.tenant_id, before)
    )


async def save_health(uow: UnitOfWork, day: date, found: Health) -> None:
    """Keeps the health of a day."""
    await uow.execute(
        """
        INSERT INTO health_score (tenant_id, day, score, inputs, parts, computed_at)
        VALUES (%s, %s, %s, %s::jsonb, %s::jsonb, %s)
        ON CONFLICT (tenant_id, day) DO UPDATE SET score = EXCLUDED.score, inputs = EXCLUDED.inputs,
            parts = EXCLUDED.parts, computed_at = EXCLUDED.computed_at
        """,
        (
            uow.tenant_id,
            day,
            found.score,
            json.dumps(asdict(found.inputs)),
            json.dumps([asdict(part) for part in found.parts]),
            uow.now(),
        ),
    )


async def stored_health(uow: UnitOfWork, day: date) -> tuple[Any, ...] | None:
    """Returns score, inputs and parts of a day."""
    return await uow.fetch_one(
        "SELECT score, inputs, parts FROM health_score WHERE tenant_id = %s AND day = %s",
        (uow.tenant_id, day),
    )


async def history(uow: UnitOfWork, before: date, limit: int) -> list[tuple[date, int | None]]:
    """Returns the scores of days up to one, newest first."""
    rows = await uow.fetch_all(
        "SELECT day, score FROM health_score WHERE tenant_id = %s AND day <= %s ORDER BY day DESC LIMIT %s",
        (uow.tenant_id, before, limit),
    )
    return [(day, score) for day, score in rows]


async def begin(uow: UnitOfWork, day: date) -> tuple[UUID | None, datetime | None]:
    """Begins the scoring of a day, or goes on with it; returns after whom, and when it was finished."""
    row = await uow.fetch_one(
        """
        INSERT INTO scoring AS s (tenant_id, day) VALUES (%s, %s)
        ON CONFLICT (tenant_id) DO UPDATE SET day = EXCLUDED.day,
            after_contact_id = CASE WHEN s.day = EXCLUDED.day THEN s.after_contact_id END,
            finished_at = CASE WHEN s.day = EXCLUDED.day THEN s.finished_at END
        RETURNING after_contact_id, finished_at
        """,
        (uow.tenant_id, day),
    )
    assert row is not None  # noqa: S101 - it returns what it wrote
    return row[0], row[1]


async def advance(uow: UnitOfWork, after: UUID) -> None:
    """Notes how far the scoring came."""
    await uow.execute("UPDATE scoring SET after_contact_id = %s WHERE tenant_id = %s", (after, uow.tenant_id))


async def finish(uow: UnitOfWork) -> None:
    """Notes that a day is scored; nobody is named any more."""
    await uow.execute(
        "UPDATE scoring SET after_contact_id = NULL, finished_at = %s WHERE tenant_id = %s",
        (uow.now(), uow.tenant_id),
    )
