"""The SQL of receipts: their rows and what they make of messages, set-wise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.delivery import columns
from services.delivery.messages.domain import Channel, State
from services.delivery.receipts.bodies import Batch
from services.delivery.receipts.domain import BounceType, Item, Kind, Standing
from services.delivery.receipts.parsed import Row


class ReceiptState(IntEnum):
    """States of a receipt."""

    APPLIED = 1
    WAITING = 2
    GIVEN_UP = 3


_ADD_RECEIPTS = """
INSERT INTO receipt (
    tenant_id, message_id, receipt_id, batch_id, account_id, provider_event_id, provider_message_id, kind, bounce_type,
    code, reason, suppression, link_url, is_machine, occurred_at, received_at, state)
SELECT %(tenant_id)s, r.message_id, r.receipt_id, %(batch_id)s, %(account_id)s, r.event_id, r.provider_id,
    r.numbers & 15, (r.numbers >> 4) & 3, r.code, r.reason, r.suppression, r.link_url, (r.numbers & 256) <> 0, r.at,
    %(received_at)s, (r.numbers >> 6) & 3
FROM unnest(%(messages)b::uuid[], %(ids)b::uuid[], %(events)b::text[], %(provider_ids)b::text[], %(numbers)b::int2[],
    %(codes)b::text[], %(reasons)b::text[], %(suppressions)b::text[], %(urls)b::text[], %(times)b::timestamptz[])
    AS r (message_id, receipt_id, event_id, provider_id, numbers, code, reason, suppression, link_url, at)
ON CONFLICT (tenant_id, message_id, receipt_id) DO NOTHING
RETURNING uuid_send(receipt_id)
"""

# Locked in the order of their ids: whoever else locks messages in that order is waited for, not fought with.
_LOCK = """
SELECT uuid_send(m.message_id), m.state, m.reason, m.failure_code, m.sent_at, m.delivered_at, m.read_at, m.bounced_at,
    m.failed_at, m.complained_at, m.unsubscribed_at, m.attempt_count, m.account_id, m.provider, m.provider_message_id,
    uuid_send(m.contact_id), m.campaign_id, uuid_send(m.content_id), m.position, m.channel
FROM message m
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = ANY (%(ids)b::uuid[])
  AND m.message_id = ANY (%(ids)b::uuid[])
ORDER BY m.message_id FOR NO KEY UPDATE
"""

_TRACES = """
SELECT DISTINCT traceparent FROM content
WHERE tenant_id = %s AND content_id = ANY (%b::uuid[]) AND traceparent IS NOT NULL
"""

_DELIVERED = """
UPDATE message m SET state = 8, delivered_at = r.at
FROM unnest(%(ids)b::uuid[], %(times)b::timestamptz[]) AS r (id, at)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
"""

_SAVE = """
UPDATE message m SET state = r.state, reason = r.reason, failure_code = r.code, sent_at = r.sent_at,
    delivered_at = r.delivered_at, read_at = r.read_at, bounced_at = r.bounced_at, failed_at = r.failed_at,
    complained_at = r.complained_at, unsubscribed_at = r.unsubscribed_at, attempt_count = r.attempts,
    provider = r.provider, account_id = r.account_id,
    wake_at = CASE WHEN r.state = m.state THEN m.wake_at END
FROM unnest(%(ids)b::uuid[], %(states)b::int2[], %(reasons)b::text[], %(codes)b::text[], %(sent)b::timestamptz[],
    %(delivered)b::timestamptz[], %(read)b::timestamptz[], %(bounced)b::timestamptz[], %(failed)b::timestamptz[],
    %(complained)b::timestamptz[], %(unsubscribed)b::timestamptz[], %(attempts)b::int2[], %(providers)b::text[],
    %(accounts)b::uuid[])
    AS r (id, state, reason, code, sent_at, delivered_at, read_at, bounced_at, failed_at, complained_at,
        unsubscribed_at, attempts, provider, account_id)
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = r.id AND m.message_id = ANY (%(ids)b::uuid[])
"""

_DROP_WAITS = (
    "DELETE FROM message_wait WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[])"
)

_SETTLE_ATTEMPTS = """
UPDATE attempt SET outcome = 1, code = '', detail = 'a receipt told' WHERE tenant_id = %(tenant_id)s
  AND message_id = ANY (%(ids)b::uuid[]) AND outcome = 4
"""

_CLOSE_DEAD_LETTERS = """
UPDATE dead_letter SET resolution = 'discarded', resolved_by = 'receipt', resolved_at = %(now)s
WHERE tenant_id = %(tenant_id)s AND message_id = ANY (%(ids)b::uuid[]) AND resolution IS NULL
"""

_CHUNKS = """
SELECT uuid_send(c.content_id), c.chunk, c.sealed
FROM unnest(%(contents)b::uuid[], %(numbers)b::int2[]) AS r (content_id, chunk)
JOIN message_content c ON c.tenant_id = %(tenant_id)s AND c.content_id = r.content_id AND c.chunk = r.chunk
"""

_MATCHABLE = """
SELECT r.tenant_id, uuid_send(r.receipt_id), uuid_send(r.message_id), r.kind, r.bounce_type, r.code, r.suppression,
    r.occurred_at, r.account_id, b.provider
FROM receipt r
JOIN message m ON m.tenant_id = r.tenant_id AND m.message_id = r.message_id
LEFT JOIN receipt_batch b ON b.tenant_id = r.tenant_id AND b.batch_id = r.batch_id
WHERE r.state = 2 ORDER BY r.received_at LIMIT %s
"""

_MATCHED = """
UPDATE receipt r SET state = 1 FROM unnest(%(messages)b::uuid[], %(ids)b::uuid[]) AS k (message_id, receipt_id)
WHERE r.tenant_id = %(tenant_id)s AND r.message_id = k.message_id AND r.receipt_id = k.receipt_id AND r.state = 2
RETURNING uuid_send(r.receipt_id)
"""

_GIVE_UP = "UPDATE receipt SET state = 3 WHERE state = 2 AND received_at < %s"

_HISTORY = """
SELECT kind, occurred_at, code, reason FROM receipt
WHERE tenant_id = %s AND message_id = %s ORDER BY occurred_at, receipt_id LIMIT 1000
"""


async def add_receipts(
    uow: UnitOfWork, batch: Batch, rows: Sequence[Row], known: Mapping[bytes, Standing]
) -> set[bytes]:
    """Stores receipts and returns the ids of those that are new; the message of the others is not known yet."""
    numbers = []
    for row in rows:
        state = ReceiptState.APPLIED if row.message_id in known else ReceiptState.WAITING
        item = row.item
        numbers.append(item.kind | item.bounce_type << 4 | state << 6 | row.is_machine << 8)
    found = await uow.fetch_all(
        _ADD_RECEIPTS,
        {
            "tenant_id": uow.tenant_id,
            "batch_id": batch.batch_id,
            "account_id": batch.account_id,
            "received_at": batch.received_at,
            "messages": columns.uuids([row.message_id for row in rows]),
            "ids": columns.uuids([row.receipt_id for row in rows]),
            "events": columns.texts([row.provider_event_id for row in rows]),
            "provider_ids": columns.texts([row.provider_message_id for row in rows]),
            "numbers": columns.smallints(numbers),
            "codes": columns.texts([row.item.code for row in rows]),
            "reasons": columns.texts([row.reason for row in rows]),
            "suppressions": columns.texts([row.item.suppression for row in rows]),
            "urls": columns.texts([row.link_url for row in rows]),
            "times": columns.instants([row.item.at for row in rows]),
        },
    )
    return {id for (id,) in found}


async def lock(uow: UnitOfWork, ids: Sequence[bytes]) -> dict[bytes, Standing]:
    """Locks messages and returns where they stand; those nobody knows are left out."""
    if not ids:
        return {}
    rows = await uow.fetch_all(_LOCK, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids)})
    return {row[0]: Standing(*(row[0], State(row[1]), *row[2:19], Channel(row[19]))) for row in rows}


async def traces(uow: UnitOfWork, contents: Sequence[bytes]) -> list[str]:
    """Returns the traces in which messages of these contents were accepted."""
    rows = await uow.fetch_all(_TRACES, (uow.tenant_id, columns.uuids(contents)))
    return [traceparent for (traceparent,) in rows]


async def save_delivered(uow: UnitOfWork, delivered: Sequence[tuple[bytes, datetime]]) -> None:
    """Makes sent messages delivered ones: what most receipts say."""
    ids = [id for id, _ in delivered]
    await uow.execute(
        _DELIVERED,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(ids),
            "times": columns.instants([at for _, at in delivered]),
        },
    )


async def save(uow: UnitOfWork, standings: Sequence[Standing]) -> None:
    """Writes where messages stand now."""
    ids = [one.message_id for one in standings]
    await uow.execute(
        _SAVE,
        {
            "tenant_id": uow.tenant_id,
            "ids": columns.uuids(ids),
            "states": columns.smallints([one.state for one in standings]),
            "reasons": columns.texts([one.reason for one in standings]),
            "codes": columns.texts([one.failure_code for one in standings]),
            "sent": columns.instants([one.sent_at for one in standings]),
            "delivered": columns.instants([one.delivered_at for one in standings]),
            "read": columns.instants([one.read_at for one in standings]),
            "bounced": columns.instants([one.bounced_at for one in standings]),
            "failed": columns.instants([one.failed_at for one in standings]),
            "complained": columns.instants([one.complained_at for one in standings]),
            "unsubscribed": columns.instants([one.unsubscribed_at for one in standings]),
            "attempts": columns.smallints([one.attempt_count for one in standings]),
            "providers": columns.texts([one.provider for one in standings]),
            "accounts": columns.nullable_uuids(
                [one.account_id.bytes if one.account_id else None for one in standings]
            ),
        },
    )


async def leave_waiting(uow: UnitOfWork, ids: Sequence[bytes]) -> None:
    """Ends the waiting of messages that are settled."""
    await uow.execute(_DROP_WAITS, {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids)})


async def settle_unknown(uow: UnitOfWork, ids: Sequence[bytes], now: datetime) -> None:
    """Corrects what was written about messages while their outcome was unknown."""
    row = {"tenant_id": uow.tenant_id, "ids": columns.uuids(ids), "now": now}
    await uow.execute(_SETTLE_ATTEMPTS, row)
    await uow.execute(_CLOSE_DEAD_LETTERS, row)


async def chunks(uow: UnitOfWork, wanted: Sequence[tuple[bytes, int]]) -> list[tuple[bytes, int, bytes]]:
    """Returns the sealed recipients of contents by chunk; those removed by retention are left out."""
    rows = await uow.fetch_all(
        _CHUNKS,
        {
            "tenant_id": uow.tenant_id,
            "contents": columns.uuids([content_id for content_id, _ in wanted]),
            "numbers": columns.smallints([number for _, number in wanted]),
        },
    )
    return [(content_id, number, sealed) for content_id, number, sealed in rows]


@dataclass(frozen=True, slots=True)
class Matchable:
    """A receipt that waited for its message, which is known now."""

    tenant_id: UUID
    receipt_id: bytes
    message_id: bytes
    item: Item
    account_id: UUID
    provider: str


async def matchable(uow: UnitOfWork, limit: int) -> list[Matchable]:
    """Returns waiting receipts whose messages are known now; needs a unit of work across tenants."""
    rows = await uow.fetch_all(_MATCHABLE, (limit,))
    return [
        Matchable(tenant, id, message, Item(Kind(kind), at, BounceType(bounce), code, suppression), account, provider or "")
        for tenant, id, message, kind, bounce, code, suppression, at, account, provider in rows
    ]  # fmt: skip


async def mark_matched(uow: UnitOfWork, receipts: Sequence[Matchable]) -> set[bytes]:
    """Notes that receipts are applied; returns those that nobody else applied meanwhile."""
    rows = await uow.fetch_all(
        _MATCHED,
        {
            "tenant_id": uow.tenant_id,
            "messages": columns.uuids([one.message_id for one in receipts]),
            "ids": columns.uuids([one.receipt_id for one in receipts]),
        },
    )
    return {id for (id,) in rows}


async def give_up(uow: UnitOfWork, before: datetime) -> int:
    """Ends the waiting of receipts heard before an instant; needs a unit of work across tenants."""
    return await uow.execute(_GIVE_UP, (before,))


async def history(uow: UnitOfWork, message_id: UUID) -> list[tuple[Kind, datetime, str, str]]:
    """Returns what was heard of a message: kind, time, code, reason; oldest first."""
    rows = await uow.fetch_all(_HISTORY, (uow.tenant_id, message_id))
    return [(Kind(kind), at, code, reason) for kind, at, code, reason in rows]
