"""Reading messages: one with its tries and history, pages of them, and whole runs in blocks."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from google.protobuf.struct_pb2 import Struct

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.contact_data import keys as person_keys
from services.common.db.uow import UnitOfWork
from services.common.security.envelope import Envelope, SealedValueError
from services.delivery import columns
from services.delivery.messages import convert, holds, sealing
from services.delivery.messages.domain import CHUNK, WAITING, Channel, State
from services.delivery.messages.holds import Hold
from services.delivery.messages.sealing import aad_of_chunk, aad_of_content

_COLUMNS: Final = """
m.message_id, m.content_id, m.position, m.contact_id, m.campaign_id, m.created_at, m.channel, m.category, m.lane,
m.state, m.attempt_count, m.reason, m.failure_code, m.wake_at, m.last_attempt_at, m.account_id, m.provider,
m.provider_message_id, m.sent_at, m.delivered_at, m.read_at, m.bounced_at, m.failed_at, m.stopped_at, m.opened_at,
m.clicked_at, m.cost, m.currency, c.message_class, c.origin, c.template_version_id, c.branch_id, c.run_id,
c.variant_key, c.correlation_id, coalesce(m.due_at, c.due_at), coalesce(m.expire_at, c.expire_at), c.correlation_key,
c.source, c.created_by, c.batch_id, c.template_name, c.event_id, c.rule, c.trigger_type, c.automation_run_id,
c.attachment_count, c.is_staff, m.segments, m.open_count, m.click_count, m.complained_at, m.unsubscribed_at,
c.cancelled_by, m.due_at IS NOT NULL, m.fallback_of, m.fallback_message_id, m.digest_id
"""

_ONE: Final = f"""
SELECT {_COLUMNS} FROM message m
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = %(message_id)s
  AND (%(branches)s::uuid[] IS NULL OR c.branch_id = ANY (%(branches)s::uuid[]))
"""  # noqa: S608 - constants

_PAGE: Final = f"""
SELECT {_COLUMNS} FROM message m
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE {{}} ORDER BY m.message_id DESC LIMIT %(limit)s
"""  # noqa: S608 - constants

_CHUNKS: Final = """
SELECT c.content_id, c.chunk, c.sealed FROM unnest(%(contents)b::uuid[], %(numbers)b::int2[]) AS r (content_id, chunk)
JOIN message_content c ON c.tenant_id = %(tenant_id)s AND c.content_id = r.content_id AND c.chunk = r.chunk
"""

# Where a waiting message is right now is seen from its block and from the ledger of hand-overs.
_IN_HAND: Final = """
SELECT DISTINCT i, 5 FROM handover h, unnest(h.message_ids) AS i
WHERE h.tenant_id = %(tenant_id)s AND h.finished_at IS NULL AND i = ANY (%(ids)b::uuid[])
UNION ALL
SELECT i, 4 FROM dispatch_block b, unnest(b.message_ids) AS i
WHERE b.tenant_id = %(tenant_id)s AND b.status = 2 AND i = ANY (%(ids)b::uuid[])
"""

_ALL_IN_HAND: Final = """
SELECT DISTINCT i FROM handover h, unnest(h.message_ids) AS i WHERE h.tenant_id = %(tenant_id)s AND h.finished_at IS NULL
UNION
SELECT i FROM dispatch_block b, unnest(b.message_ids) AS i WHERE b.tenant_id = %(tenant_id)s AND b.status = 2
"""

_RUN: Final = """
SELECT (array_agg(first_id ORDER BY first_id))[1], (array_agg(last_id ORDER BY last_id DESC))[1],
    (array_agg(campaign_id))[1]
FROM content WHERE tenant_id = %s AND run_id = %s
"""

_RUN_STATES: Final = """
SELECT m.message_id, m.state, coalesce(m.reason, '') FROM message m
JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE m.tenant_id = %(tenant_id)s AND {} AND m.message_id > %(after)s AND m.message_id <= %(last)s
  AND c.run_id = %(run_id)s
ORDER BY m.message_id LIMIT %(limit)s
"""


class Row(NamedTuple):
    """A message with what it shares, as stored."""

    message_id: UUID
    content_id: UUID
    position: int
    contact_id: UUID | None
    campaign_id: UUID | None
    created_at: datetime
    channel: int
    category: int
    lane: int
    state: int
    attempt_count: int
    reason: str | None
    failure_code: str | None
    wake_at: datetime | None
    last_attempt_at: datetime | None
    account_id: UUID | None
    provider: str | None
    provider_message_id: str | None
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    bounced_at: datetime | None
    failed_at: datetime | None
    stopped_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    cost: Decimal | None
    currency: str | None
    message_class: int
    origin: int
    template_version_id: UUID
    branch_id: UUID | None
    run_id: UUID | None
    variant_key: str
    correlation_id: str
    due_at: datetime
    expire_at: datetime
    correlation_key: str
    source: str
    created_by: str
    batch_id: UUID | None
    template_name: str
    event_id: str
    rule: str
    trigger_type: str
    automation_run_id: UUID | None
    attachment_count: int
    is_staff: bool
    segments: int
    open_count: int
    click_count: int
    complained_at: datetime | None
    unsubscribed_at: datetime | None
    cancelled_by: str | None
    was_rescheduled: bool
    fallback_of: UUID | None
    fallback_message_id: UUID | None
    digest_id: UUID | None


@dataclass(frozen=True, slots=True)
class View:
    """A message as it is shown: its state seen from queue and ledger, its recipient opened."""

    row: Row
    state: State
    recipient: pb.Recipient | None
    """None once its content was removed."""
    hold: Hold | None = None
    """What holds it back."""


_HAND_OVERS: Final = """
SELECT message_id, attempt_count, last_attempt_at, read_at, coalesce(provider_message_id, '') FROM message
WHERE tenant_id = %s AND message_id = ANY (%b::uuid[])
"""


class HandOver(NamedTuple):
    """How a message was handed over."""

    message_id: UUID
    attempts: int
    last_attempt_at: datetime | None
    read_at: datetime | None
    provider_message_id: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to list; what is None is not asked for."""

    contact_ids: Sequence[UUID] | None = None
    """Every id of one person."""
    campaign_id: UUID | None = None
    channel: Channel | None = None
    category: int | None = None
    state: State | None = None
    start: datetime | None = None
    end: datetime | None = None
    branches: Sequence[UUID] | None = None
    batch_id: UUID | None = None
    correlation_key: str | None = None
    run_id: UUID | None = None
    source: str | None = None


async def find(
    uow: UnitOfWork, envelope: Envelope, message_id: UUID, branches: Sequence[UUID] | None
) -> View | None:
    """Returns a message, or None when there is none for this tenant and these branches."""
    params = {"tenant_id": uow.tenant_id, "message_id": message_id, "branches": _list(branches)}
    row = await uow.fetch_one(_ONE, params)
    return None if row is None else (await _views(uow, envelope, [Row(*row)]))[0]


_CONDITIONS: Final = {
    "contact_ids": "m.contact_id = ANY (%(contact_ids)s::uuid[])",
    "campaign_id": "m.campaign_id = %(campaign_id)s",
    "channel": "m.channel = %(channel)s",
    "category": "m.category = %(category)s",
    "start": "m.created_at >= %(start)s",
    "end": "m.created_at < %(end)s",
    "branches": "c.branch_id = ANY (%(branches)s::uuid[])",
    # By the range of their ids, as messages are not listed by content.
    "batch_id": "c.batch_id = %(batch_id)s AND m.message_id BETWEEN c.first_id AND c.last_id",
    "correlation_key": "c.correlation_key = %(correlation_key)s AND m.message_id BETWEEN c.first_id AND c.last_id",
    "run_id": "c.run_id = %(run_id)s AND m.message_id BETWEEN c.first_id AND c.last_id",
    "source": "c.source = %(source)s",
}


def _asked(wanted: Filter) -> list[str]:
    return [name for name in _CONDITIONS if getattr(wanted, name) is not None]


async def page(
    uow: UnitOfWork, envelope: Envelope, wanted: Filter, after: UUID | None, limit: int
) -> list[View]:
    """Returns up to `limit` messages, newest first."""
    conditions = ["m.tenant_id = %(tenant_id)s", *(_CONDITIONS[name] for name in _asked(wanted))]
    params: dict[str, Any] = {"tenant_id": uow.tenant_id, "limit": limit, "after": after}
    params |= {name: getattr(wanted, name) for name in _asked(wanted)}
    if after is not None:
        conditions.append("m.message_id < %(after)s")
    if wanted.state in (State.QUEUED, State.SENDING):
        rows = await uow.fetch_all(_ALL_IN_HAND, params)
        conditions.append("m.message_id = ANY (%(in_hand)s::uuid[]) AND m.state = ANY (%(waiting)s)")
        params |= {"in_hand": [id for (id,) in rows], "waiting": [int(state) for state in WAITING]}
    elif wanted.state is not None:
        conditions.append("m.state = %(state)s")
        params["state"] = int(wanted.state)
    rows = await uow.fetch_all(_PAGE.format(" AND ".join(conditions)), params)
    views = await _views(uow, envelope, [Row(*row) for row in rows])
    if wanted.state in (State.QUEUED, State.SENDING):
        views = [view for view in views if view.state is wanted.state]
    return views


async def metadata(uow: UnitOfWork, envelope: Envelope, content_id: UUID) -> Struct | None:
    """Returns the caller's notes of a content; None when there are none, or they are gone."""
    sealed = await uow.fetch_value(
        "SELECT sealed FROM content WHERE tenant_id = %s AND content_id = %s", (uow.tenant_id, content_id)
    )
    if sealed is None:
        return None
    try:
        return convert.metadata_of(await envelope.open(uow, sealed, aad_of_content(content_id.bytes)))
    except SealedValueError:
        return None


async def hand_overs(uow: UnitOfWork, message_ids: Sequence[UUID]) -> list[HandOver]:
    """Returns how messages were handed over; ids that are none are left out."""
    rows = await uow.fetch_all(_HAND_OVERS, (uow.tenant_id, list(message_ids)))
    return [HandOver(*row) for row in rows]


async def run_states(uow: UnitOfWork, run_id: UUID, size: int) -> AsyncIterator[list[tuple[UUID, int, str]]]:
    """Yields (message id, state, reason) of a run's messages in blocks, by id."""
    row = await uow.fetch_one(_RUN, (uow.tenant_id, run_id))
    if row is None or row[0] is None:
        return
    first, last, campaign_id = row
    scope = "m.campaign_id = %(campaign_id)s" if campaign_id else "m.campaign_id IS NULL"
    query = _RUN_STATES.format(scope)
    params = {
        "tenant_id": uow.tenant_id,
        "run_id": run_id,
        "campaign_id": campaign_id,
        "last": last,
        "limit": size,
    }
    after = UUID(int=first.int - 1)
    while True:
        rows = await uow.fetch_all(query, {**params, "after": after})
        if rows:
            yield [(id, state, reason) for id, state, reason in rows]
        if len(rows) < size:
            return
        after = rows[-1][0]


async def _views(uow: UnitOfWork, envelope: Envelope, rows: Sequence[Row]) -> list[View]:
    if not rows:
        return []
    recipients = await _recipients(uow, envelope, rows)
    waiting = [row.message_id.bytes for row in rows if row.state in WAITING]
    in_hand: dict[UUID, int] = {}
    if waiting:
        for id, state in await uow.fetch_all(
            _IN_HAND, {"tenant_id": uow.tenant_id, "ids": columns.uuids(waiting)}
        ):
            in_hand[id] = max(state, in_hand.get(id, 0))
    holding = await holds.now(uow) if waiting else []
    return [
        View(
            row,
            State(in_hand.get(row.message_id, row.state)),
            recipients.get((row.content_id, row.position)),
            holds.of(holding, row) if row.state in WAITING and row.message_id not in in_hand else None,
        )
        for row in rows
    ]


async def _recipients(
    uow: UnitOfWork, envelope: Envelope, rows: Sequence[Row]
) -> Mapping[tuple[UUID, int], pb.Recipient]:
    wanted = sorted({(row.content_id, row.position // CHUNK) for row in rows})
    found = await uow.fetch_all(
        _CHUNKS,
        {
            "tenant_id": uow.tenant_id,
            "contents": columns.uuids([id.bytes for id, _ in wanted]),
            "numbers": columns.smallints([number for _, number in wanted]),
        },
    )
    people = {(row.content_id, row.position): row.contact_id for row in rows}
    secrets = await person_keys.secrets_of(uow, [one for one in set(people.values()) if one])
    opened: dict[tuple[UUID, int], pb.Recipient] = {}
    for content_id, number, sealed in found:
        try:
            plain = await envelope.open(uow, sealed, aad_of_chunk(content_id.bytes, number))
        except SealedValueError:
            # Its key is gone: what it held is erased.
            continue
        for place, record in enumerate(sealing.records(plain), number * CHUNK):
            if (content_id, place) in people:
                contact = people[content_id, place]
                secret = secrets.get(contact) if contact else None
                recipient = sealing.recipient(record, secret, content_id.bytes, place)
                if recipient is not None:
                    opened[content_id, place] = recipient
    return opened


def _list(ids: Sequence[UUID] | None) -> list[UUID] | None:
    return None if ids is None else list(ids)
