"""Batches: what calls brought is counted as they come, how their messages stand when somebody asks (DEL-4, DEL-29)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.delivery.messages.domain import WAITING, State

OPEN_FOR: Final = timedelta(hours=24)
"""How long a batch waits for the next call that was announced."""

_OPEN_STATES: Final = frozenset({*WAITING, State.UNKNOWN})

_MAKE: Final = """
INSERT INTO batch (
    tenant_id, batch_id, name, total_count, accepted_count, rejected_count, created_by, created_at, added_at, is_open)
VALUES (%(tenant_id)s, %(batch_id)s, %(name)s, %(total)s, %(accepted)s, %(rejected)s, %(created_by)s, %(now)s, %(now)s,
    %(is_open)s)
"""

_ADD: Final = """
UPDATE batch SET total_count = total_count + %(total)s, accepted_count = accepted_count + %(accepted)s,
    rejected_count = rejected_count + %(rejected)s, added_at = %(now)s, is_open = %(is_open)s
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s AND is_open AND cancelled_at IS NULL AND added_at > %(oldest)s
"""

_CANCEL: Final = """
UPDATE batch SET cancelled_at = %(now)s, cancel_reason = %(reason)s, is_open = false
WHERE tenant_id = %(tenant_id)s AND batch_id = %(batch_id)s AND cancelled_at IS NULL
"""

# Branch-limited callers see batches that are theirs whole.
_VISIBLE: Final = """
(%(branches)s::uuid[] IS NULL OR NOT EXISTS (
    SELECT FROM content c WHERE c.tenant_id = b.tenant_id AND c.batch_id = b.batch_id
      AND NOT coalesce(c.branch_id = ANY (%(branches)s::uuid[]), false)))
"""

_COLUMNS: Final = """
b.batch_id, b.name, b.total_count, b.accepted_count, b.rejected_count, b.created_by, b.created_at, b.added_at, b.is_open,
b.cancelled_at, coalesce(b.cancel_reason, '')
"""

_PAGE: Final = f"""
SELECT {_COLUMNS} FROM batch b
WHERE b.tenant_id = %(tenant_id)s AND {_VISIBLE}
  AND (%(batch_id)s::uuid IS NULL OR b.batch_id = %(batch_id)s)
  AND (%(name)s = '' OR b.name = %(name)s)
  AND (%(start)s::timestamptz IS NULL OR b.created_at >= %(start)s)
  AND (%(end)s::timestamptz IS NULL OR b.created_at < %(end)s)
  AND (%(after)s::uuid IS NULL OR b.batch_id < %(after)s)
ORDER BY b.batch_id DESC LIMIT %(limit)s
"""  # noqa: S608 - constants

_COUNTS: Final = """
SELECT c.batch_id, m.state, count(*) FROM content c
JOIN message m ON m.tenant_id = c.tenant_id AND m.message_id BETWEEN c.first_id AND c.last_id
  AND m.content_id = c.content_id
WHERE c.tenant_id = %(tenant_id)s AND c.batch_id = ANY (%(batches)s::uuid[])
GROUP BY 1, 2
"""

_FORGET: Final = """
DELETE FROM batch WHERE (tenant_id, batch_id) IN (
    SELECT tenant_id, batch_id FROM batch WHERE created_at < %s LIMIT %s)
"""


class Addition(NamedTuple):
    """What one call brings."""

    total: int
    accepted: int
    rejected: int
    is_last: bool


class Row(NamedTuple):
    """A batch as stored."""

    batch_id: UUID
    name: str
    total: int
    accepted: int
    rejected: int
    created_by: str
    created_at: datetime
    added_at: datetime
    is_open: bool
    cancelled_at: datetime | None
    cancel_reason: str


class View(NamedTuple):
    """A batch with how its messages stand."""

    row: Row
    counts: Mapping[int, int]

    def takes_more(self, now: datetime) -> bool:
        """Returns whether further calls may add to it."""
        return self.row.is_open and self.row.added_at > now - OPEN_FOR

    @property
    def has_waiting(self) -> bool:
        """Returns whether some of its messages are still to be handed over."""
        return any(self.counts.get(state) for state in _OPEN_STATES)


class Filter(NamedTuple):
    """Which batches to list; what is None or empty is not asked for."""

    batch_id: UUID | None = None
    name: str = ""
    start: datetime | None = None
    end: datetime | None = None
    branches: Sequence[UUID] | None = None


async def make(uow: UnitOfWork, batch_id: UUID, name: str, created_by: str, first: Addition) -> None:
    """Makes a batch of a first call."""
    uow.defer(
        _MAKE,
        {**_values(uow, batch_id, first), "name": name, "created_by": created_by},
    )


async def add(uow: UnitOfWork, batch_id: UUID, addition: Addition) -> None:
    """Adds a call to a batch that is still open; VALIDATION_FAILED for one that takes no more, NOT_FOUND for none."""
    values = {**_values(uow, batch_id, addition), "oldest": uow.now() - OPEN_FOR}
    if await uow.execute(_ADD, values):
        return
    known = await uow.fetch_value(
        "SELECT count(*) FROM batch WHERE tenant_id = %s AND batch_id = %s", (uow.tenant_id, batch_id)
    )
    if not known:
        raise not_found("batch", batch_id)
    raise invalid("batch_id", "this batch takes no more")


async def cancel(uow: UnitOfWork, batch_id: UUID, reason: str, now: datetime) -> None:
    """Closes a batch as cancelled; a repeat changes nothing."""
    await uow.execute(
        _CANCEL, {"tenant_id": uow.tenant_id, "batch_id": batch_id, "reason": reason, "now": now}
    )


async def page(uow: UnitOfWork, wanted: Filter, after: UUID | None, limit: int) -> list[View]:
    """Returns up to `limit` batches, newest first, with their messages counted in one statement."""
    rows = [
        Row(*row)
        for row in await uow.fetch_all(
            _PAGE,
            {"tenant_id": uow.tenant_id, "after": after, "limit": limit, **_asked(wanted)},
        )
    ]
    if not rows:
        return []
    counts: defaultdict[UUID, dict[int, int]] = defaultdict(dict)
    for batch_id, state, count in await uow.fetch_all(
        _COUNTS, {"tenant_id": uow.tenant_id, "batches": [row.batch_id for row in rows]}
    ):
        counts[batch_id][state] = count
    return [View(row, counts[row.batch_id]) for row in rows]


async def forget(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Removes batches made before an instant; returns how many there were."""
    return await uow.execute(_FORGET, (before, limit))


def _values(uow: UnitOfWork, batch_id: UUID, addition: Addition) -> dict[str, object]:
    return {
        "tenant_id": uow.tenant_id,
        "batch_id": batch_id,
        "total": addition.total,
        "accepted": addition.accepted,
        "rejected": addition.rejected,
        "is_open": not addition.is_last,
        "now": uow.now(),
    }


def _asked(wanted: Filter) -> dict[str, Any]:
    found = wanted._asdict()
    found["branches"] = None if wanted.branches is None else list(wanted.branches)
    return found
