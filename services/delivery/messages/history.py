"""The tries and the history of one message, read from what is stored once for many (DEL-2, DEL-3).

What every message does stands in its own row, who did it in the row of its content or of its hand-over; only what
happens to few, such as a deferral, has lines of its own.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.common.db.partitions import uuid7_floor
from services.common.db.uow import UnitOfWork
from services.delivery.messages import holds
from services.delivery.messages.domain import State
from services.delivery.messages.views import Row, View

_ATTEMPTS: Final = """
SELECT number, provider, account_id, started_at, finished_at, outcome, code, detail, provider_message_id
FROM attempt WHERE tenant_id = %s AND message_id = %s ORDER BY number
"""

_LOG: Final = """
SELECT type, occurred_at, detail, actor FROM message_log WHERE tenant_id = %s AND message_id = %s ORDER BY entry_id
"""

# Hand-overs are not listed by message; the one of a try began with it.
_WORKERS: Final = """
SELECT h.started_at, h.lease_owner FROM unnest(%(lowest)s::uuid[], %(highest)s::uuid[]) AS r (lowest, highest)
JOIN handover h ON h.tenant_id = %(tenant_id)s AND h.handover_id BETWEEN r.lowest AND r.highest
WHERE %(message_id)s = ANY (h.message_ids)
"""

NEAR: Final = timedelta(seconds=5)
DISPATCH: Final = "dispatch"
PROVIDER: Final = "provider"
_AFTER: Final = {1: "sent", 2: "retrying", 3: "failed", 4: "unknown"}
_ENDED: Final = {
    State.SKIPPED: "skipped",
    State.EXPIRED: "expired",
    State.CANCELLED: "cancelled",
}


class Attempt(NamedTuple):
    """One try, as stored."""

    number: int
    provider: str
    account_id: UUID | None
    started_at: datetime
    finished_at: datetime
    outcome: int
    code: str
    detail: str
    provider_message_id: str


class Entry(NamedTuple):
    """One line of a message's history."""

    type: str
    occurred_at: datetime
    detail: str
    actor: str


async def attempts(uow: UnitOfWork, row: Row) -> list[Attempt]:
    """Returns the tries of a message, oldest first; the accepted one is read from the message itself."""
    found = [Attempt(*one) for one in await uow.fetch_all(_ATTEMPTS, (uow.tenant_id, row.message_id))]
    if row.sent_at is not None and not any(one.number == row.attempt_count for one in found):
        started = row.last_attempt_at or row.sent_at
        found.append(
            Attempt(
                row.attempt_count, row.provider or "", row.account_id, started, row.sent_at, 1, "", "",
                row.provider_message_id or "",
            )
        )  # fmt: skip
    return found


async def entries(uow: UnitOfWork, view: View, tries: Sequence[Attempt]) -> list[Entry]:
    """Returns what is known of a message beside its receipts and hits, in no order."""
    row = view.row
    written = [Entry(*one) for one in await uow.fetch_all(_LOG, (uow.tenant_id, row.message_id))]
    workers = await _workers(uow, row, tries)
    known = [*_accepted(row), *_tried(row, tries, workers), *_ended(row), *await _held(uow, row)]
    said = {one.type for one in written}
    # What has a line of its own says more than the row it is seen from.
    return [*written, *(one for one in known if one.type not in said or one.type in _OFTEN)]


_OFTEN: Final = frozenset({"sending", "retrying", "unknown", "held", "released"})


def in_order(lines: Iterable[Entry]) -> list[Entry]:
    """Returns lines of a history, oldest first; of one instant, acceptance comes first and receipts last."""
    return sorted(lines, key=lambda one: (one.occurred_at, one.type != "accepted", "." in one.type))


def _accepted(row: Row) -> list[Entry]:
    lines = [Entry("accepted", row.created_at, "", row.created_by)]
    if row.due_at > row.created_at and not row.was_rescheduled:
        lines.append(Entry("scheduled", row.created_at, f"for {row.due_at.isoformat()}", row.created_by))
    if row.state == State.DEFERRED and row.reason:
        lines.append(Entry("deferred", row.created_at, row.reason, row.created_by))
    return lines


def _tried(row: Row, tries: Sequence[Attempt], workers: dict[datetime, str]) -> list[Entry]:
    lines = []
    for one in tries:
        worker = workers.get(one.started_at, DISPATCH)
        lines.append(Entry("sending", one.started_at, f"try {one.number} by {one.provider}", worker))
        after = _AFTER.get(one.outcome, "")
        if after in ("retrying", "unknown") or (after == "failed" and row.failed_at is None):
            lines.append(Entry(after, one.finished_at, f"{one.code} {one.detail}".strip(), worker))
    last = workers.get(tries[-1].started_at, DISPATCH) if tries else DISPATCH
    if row.sent_at is not None:
        lines.append(Entry("sent", row.sent_at, row.provider or "", last))
    if row.failed_at is not None:
        by = PROVIDER if row.sent_at is not None else last
        lines.append(Entry("failed", row.failed_at, row.failure_code or row.reason or "", by))
    return lines


def _ended(row: Row) -> list[Entry]:
    seen = (
        ("delivered", row.delivered_at, "", PROVIDER),
        ("read", row.read_at, "", PROVIDER),
        ("bounced", row.bounced_at, row.failure_code or "", PROVIDER),
        ("opened", row.opened_at, "", "recipient"),
        ("clicked", row.clicked_at, "", "recipient"),
        ("complained", row.complained_at, "", "recipient"),
        ("unsubscribed", row.unsubscribed_at, "", "recipient"),
        (_ENDED.get(State(row.state), "stopped"), row.stopped_at, row.reason or "", _stopper(row)),
    )
    return [Entry(type, at, detail, actor) for type, at, detail, actor in seen if at is not None]


def _stopper(row: Row) -> str:
    if row.state == State.CANCELLED:
        return row.cancelled_by or DISPATCH
    # A message that was skipped as it came was skipped by its acceptance.
    return row.created_by if row.stopped_at == row.created_at else DISPATCH


async def _held(uow: UnitOfWork, row: Row) -> list[Entry]:
    ends = [at for at in (row.last_attempt_at, row.stopped_at, row.failed_at) if at is not None]
    until = min(ends) if ends else uow.now()
    lines = []
    for one in await holds.were(uow, row, until):
        lines.append(Entry("held", max(one.since, row.created_at), one.reason, one.by))
        if one.until is not None and one.until <= until:
            lines.append(Entry("released", one.until, "", one.released_by))
    return lines


async def _workers(uow: UnitOfWork, row: Row, tries: Sequence[Attempt]) -> dict[datetime, str]:
    """Returns who made each try, by when it began; hand-overs are kept for 90 days."""
    if not tries:
        return {}
    rows = await uow.fetch_all(
        _WORKERS,
        {
            "tenant_id": uow.tenant_id,
            "message_id": row.message_id,
            "lowest": [uuid7_floor(one.started_at - NEAR) for one in tries],
            "highest": [uuid7_floor(one.started_at + NEAR) for one in tries],
        },
    )
    return {started_at: f"worker {owner}" for started_at, owner in rows}
