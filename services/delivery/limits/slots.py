"""Slots of contacts: what they received counts against caps, and the last place is given once (DEL-68, CON-85).

PostgreSQL is the truth. A short transaction holds one lock per tenant while it counts what the contacts of a block
have and takes a slot for each; the consent service then decides with the counts as they were before.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.limits.domain import LONGEST
from services.delivery.messages.domain import Channel

WEEK: Final = timedelta(seconds=LONGEST)
DAY: Final = timedelta(hours=24)
KEPT: Final = timedelta(days=8)

# The lock must be held before the counting statement takes its snapshot, so it is a statement of its own.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('delivery.send_slot', 0) # %s)"

# One probe per contact: as a join, the slots of the whole tenant would be read for every block.
_COUNT = """
SELECT r.n, taken.*
FROM unnest(%(contacts)b::uuid[], %(days)b::timestamptz[]) WITH ORDINALITY AS r (contact_id, day_start, n)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE s.channel = %(channel)s AND s.taken_at >= r.day_start),
        count(*) FILTER (WHERE s.is_marketing AND s.taken_at >= r.day_start),
        count(*) FILTER (WHERE s.is_marketing),
        count(*) FILTER (WHERE s.is_marketing AND s.taken_at > %(day_ago)s){}
    FROM send_slot s
    WHERE s.tenant_id = %(tenant_id)s AND s.contact_id = r.contact_id AND s.taken_at > %(week_ago)s
    HAVING count(*) > 0
) AS taken
"""

# One more for each period of a rate limit; what was forgiven still counts against the caps above.
_RECENT = """,
        count(*) FILTER (WHERE s.channel = %(channel)s AND NOT s.is_forgiven AND s.taken_at > %(since_{0})s),
        min(s.taken_at) FILTER (WHERE s.channel = %(channel)s AND NOT s.is_forgiven AND s.taken_at > %(since_{0})s)"""

_TAKE = """
INSERT INTO send_slot (tenant_id, contact_id, taken_at, message_id, channel, is_marketing)
SELECT %(tenant_id)s, r.contact_id, %(now)s, r.message_id, %(channel)s, %(is_marketing)s
FROM unnest(%(contacts)b::uuid[], %(messages)b::uuid[]) AS r (contact_id, message_id)
ON CONFLICT DO NOTHING
"""

_RELEASE = """
DELETE FROM send_slot s USING unnest(%(contacts)b::uuid[], %(messages)b::uuid[]) AS r (contact_id, message_id)
WHERE s.tenant_id = %(tenant_id)s AND s.contact_id = r.contact_id AND s.message_id = r.message_id
"""


class Usage(NamedTuple):
    """What a contact received before this message."""

    sent_today: int = 0
    marketing_today: int = 0
    marketing_week: int = 0
    marketing_24_hours: int = 0
    recent: tuple[tuple[int, datetime | None], ...] = ()
    """Of each period of a rate limit: how many, and when the oldest of them was taken."""


NOTHING: Final = Usage()


class Wanted(NamedTuple):
    """A message that wants a slot of its contact; `day_start` is midnight in the contact's zone."""

    message_id: bytes
    contact_id: bytes
    day_start: datetime


async def reserve(
    uow: UnitOfWork,
    wanted: Sequence[Wanted],
    channel: Channel,
    *,
    is_marketing: bool,
    now: datetime,
    periods: Sequence[float] = (),
) -> Mapping[bytes, Usage]:
    """Takes a slot for each message and returns what each contact had before, by message id.

    `periods` are those of rate limits, in seconds and at most a week. A contact who stands in the block twice sees the first message counted for the second. Slots a lost worker took for
    the same messages are given up first.
    """
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    contacts = columns.uuids([one.contact_id for one in wanted])
    messages = columns.uuids([one.message_id for one in wanted])
    row = {"tenant_id": uow.tenant_id, "contacts": contacts, "messages": messages, "channel": int(channel)}
    lock = (int.from_bytes(uow.tenant_id.bytes[8:], "big", signed=True),)
    asked = {
        **row,
        "days": columns.instants([one.day_start for one in wanted]),
        "week_ago": now - WEEK,
        "day_ago": now - DAY,
        **_since(periods, now),
    }
    _, found, _ = await uow.run_together(
        (_LOCK, lock),
        (_COUNT.format(_recent(periods)), asked),
        (_TAKE, {**row, "is_marketing": is_marketing, "now": now}),
    )
    counted = {row[0]: Usage(*(*row[1:5], _pairs(row[5:]))) for row in found.rows}
    return _with_own(wanted, counted, now, len(periods), is_marketing=is_marketing)


async def taken(
    uow: UnitOfWork, contact_id: UUID, channel: Channel, period: float, now: datetime
) -> list[datetime]:
    """Returns when the slots of a contact within a period were taken, oldest first; what was forgiven is left out."""
    rows = await uow.fetch_all(
        "SELECT taken_at FROM send_slot WHERE tenant_id = %s AND contact_id = %s AND channel = %s AND NOT is_forgiven"
        " AND taken_at > %s ORDER BY taken_at",
        (uow.tenant_id, contact_id, int(channel), now - timedelta(seconds=period)),
    )
    return [at for (at,) in rows]


async def forgive(uow: UnitOfWork, contact_id: UUID, channel: Channel) -> int:
    """Lets the rate limits of a contact begin anew; caps go on counting. Returns how many slots it concerned."""
    return await uow.execute(
        "UPDATE send_slot SET is_forgiven = true WHERE tenant_id = %s AND contact_id = %s AND channel = %s"
        " AND NOT is_forgiven",
        (uow.tenant_id, contact_id, int(channel)),
    )


def release(uow: UnitOfWork, slots: Sequence[tuple[bytes, bytes]]) -> None:
    """Gives the slots of messages back with the commit: (contact id, message id) each."""
    if slots:
        uow.defer(*_release(uow, slots))


async def release_now(uow: UnitOfWork, slots: Sequence[tuple[bytes, bytes]]) -> None:
    """Gives slots back before others are taken in the same transaction."""
    if slots:
        await uow.execute(*_release(uow, slots))


def _release(uow: UnitOfWork, slots: Sequence[tuple[bytes, bytes]]) -> tuple[str, dict[str, object]]:
    return _RELEASE, {
        "tenant_id": uow.tenant_id,
        "contacts": columns.uuids([contact for contact, _ in slots]),
        "messages": columns.uuids([message for _, message in slots]),
    }


async def forget(uow: UnitOfWork, now: datetime, limit: int = 5000) -> int:
    """Removes up to `limit` slots that no count looks at any more; needs a unit of work across tenants."""
    return await uow.execute(
        "DELETE FROM send_slot WHERE (tenant_id, contact_id, taken_at, message_id) IN"
        " (SELECT tenant_id, contact_id, taken_at, message_id FROM send_slot WHERE taken_at < %s LIMIT %s)",
        (now - KEPT, limit),
    )


def _with_own(
    wanted: Sequence[Wanted],
    counted: Mapping[int, Usage],
    now: datetime,
    periods: int,
    *,
    is_marketing: bool,
) -> dict[bytes, Usage]:
    """Adds to each count what earlier messages of the same block take."""
    earlier: dict[bytes, int] = {}
    found: dict[bytes, Usage] = {}
    nothing = Usage(recent=((0, None),) * periods)
    for place, one in enumerate(wanted, 1):
        usage = counted.get(place, nothing)
        if before := earlier.get(one.contact_id, 0):
            marketing = before if is_marketing else 0
            usage = Usage(
                usage.sent_today + before,
                usage.marketing_today + marketing,
                usage.marketing_week + marketing,
                usage.marketing_24_hours + marketing,
                tuple((count + before, oldest or now) for count, oldest in usage.recent),
            )
        earlier[one.contact_id] = before + 1
        found[one.message_id] = usage
    return found


def _recent(periods: Sequence[float]) -> str:
    return "".join(_RECENT.format(number) for number in range(len(periods)))


def _since(periods: Sequence[float], now: datetime) -> dict[str, datetime]:
    return {f"since_{number}": now - timedelta(seconds=period) for number, period in enumerate(periods)}


def _pairs(values: Sequence[Any]) -> tuple[tuple[int, datetime | None], ...]:
    return tuple(zip(values[::2], values[1::2], strict=True))
