"""The SQL of accepting messages: a block is a handful of statements, however many recipients it has."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.common.db.uow import UnitOfWork
from services.common.ids import uuid7
from services.delivery import columns
from services.delivery.digests import store as digests
from services.delivery.digests.store import Held
from services.delivery.messages.domain import Channel, Content, Recipients, State, Verdict

_INSERT_MESSAGES = """
INSERT INTO message (
    tenant_id, message_id, content_id, contact_id, campaign_id, created_at, position, channel, category, lane, state)
SELECT %(tenant_id)s, r.id, %(content_id)s, r.contact_id, %(campaign_id)s::uuid, %(now)s,
    (r.n - 1)::smallint, %(channel)s::smallint, %(category)s::smallint, %(lane)s::smallint, %(state)s::smallint
FROM unnest(%(ids)b::uuid[], %(contacts)b::uuid[]) WITH ORDINALITY AS r (id, contact_id, n)
"""

_IGNORE_KNOWN = " ON CONFLICT (tenant_id, message_id) DO NOTHING RETURNING position"

_INSERT_JUDGED_MESSAGES = """
INSERT INTO message (
    tenant_id, message_id, content_id, contact_id, campaign_id, created_at, position, channel, category, lane, state,
    reason, wake_at, stopped_at)
SELECT %(tenant_id)s, r.id, %(content_id)s, r.contact_id, %(campaign_id)s::uuid, %(now)s,
    (r.n - 1)::smallint, %(channel)s::smallint, %(category)s::smallint, %(lane)s::smallint, r.state,
    r.reason, r.wake_at, CASE WHEN r.state = 12 THEN %(now)s END
FROM unnest(%(ids)b::uuid[], %(contacts)b::uuid[], %(states)b::int2[], %(reasons)b::text[], %(wakes)b::timestamptz[])
    WITH ORDINALITY AS r (id, contact_id, state, reason, wake_at, n)
"""

_INSERT_CONTENT = """
WITH chunks AS (
    INSERT INTO message_content (tenant_id, content_id, chunk, sealed)
    SELECT %(tenant_id)s, %(content_id)s, (c.n - 1)::smallint, c.sealed
    FROM unnest(%(chunks)b::bytea[]) WITH ORDINALITY AS c (sealed, n)
), block AS (
    INSERT INTO dispatch_block (
        tenant_id, block_id, group_key, campaign_id, run_id, lane, channel, message_class, status, message_count,
        due_at, expire_at, waiting_since, message_ids)
    SELECT %(tenant_id)s, %(block_id)s, %(group_key)s, %(campaign_id)s::uuid, %(run_id)s::uuid, %(lane)s::smallint,
        %(channel)s::smallint, %(message_class)s::smallint, %(status)s::smallint, cardinality(%(queued)b::uuid[])::smallint,
        %(due_at)s, %(expire_at)s, %(due_at)s, %(queued)b::uuid[]
    WHERE cardinality(%(queued)b::uuid[]) > 0
)
INSERT INTO content (
    tenant_id, content_id, channel, category, message_class, lane, origin, template_version_id, template_name,
    branch_id, campaign_id, run_id, variant_key, correlation_key, correlation_id, is_staff, name, sealed, group_key,
    due_at, expire_at, message_count, first_id, last_id, created_by, created_at,
    traceparent, has_own_expiry, batch_id, source, event_id, rule, trigger_type, automation_run_id, attachment_count,
    fallback_channel, fallback_version_id, fallback_template, fallback_from)
VALUES (
    %(tenant_id)s, %(content_id)s, %(channel)s::smallint, %(category)s::smallint, %(message_class)s::smallint,
    %(lane)s::smallint, %(origin)s::smallint, %(template_version_id)s, %(template_name)s, %(branch_id)s::uuid,
    %(campaign_id)s::uuid, %(run_id)s::uuid, %(variant_key)s, %(correlation_key)s, %(correlation_id)s, %(is_staff)s,
    %(name)s, %(sealed)s::bytea, %(group_key)s, %(due_at)s, %(expire_at)s, %(message_count)s::smallint, %(first_id)s,
    %(last_id)s, %(created_by)s, %(now)s, nullif(%(traceparent)s, ''),
    %(has_own_expiry)s, %(batch_id)s::uuid, %(source)s, %(event_id)s, %(rule)s, %(trigger_type)s,
    %(automation_run_id)s::uuid, %(attachment_count)s::smallint, %(fallback_channel)s::smallint,
    %(fallback_version_id)s::uuid, nullif(%(fallback_template)s, ''), %(fallback_from)s::smallint)
"""

_INSERT_WAITS = """
INSERT INTO message_wait (tenant_id, message_id, state, due_at)
SELECT %s, r.id, 3, r.due_at FROM unnest(%b::uuid[], %b::timestamptz[]) AS r (id, due_at)
"""


def group_key(content: Content) -> UUID:
    """Returns what blocks share that may be worked on together: everything but times and correlation."""
    words: tuple[object, ...] = (
        content.channel, content.category, content.lane, content.origin, content.template_version_id,
        content.branch_id, content.campaign_id, content.run_id, content.variant_key, content.reply_to,
        content.subject_override, content.is_staff,
    )  # fmt: skip
    if content.fallback_from:
        words = (*words, content.fallback_from)
    if content.attachment_count or content.media_urls:
        # Files are loaded once for a block: those of two contents are two blocks.
        words = (*words, content.content_id)
    return UUID(bytes=hashlib.sha256(repr(words).encode()).digest()[:16])


async def insert_block(
    uow: UnitOfWork,
    content: Content,
    recipients: Recipients,
    chunks: Sequence[bytes],
    *,
    sealed: bytes | None,
    created_by: str,
    now: datetime,
    verdicts: Sequence[Verdict] | None = None,
) -> list[int]:
    """Stores a block and its work, and returns which of its recipients are new, by their place in the block.

    Recipients whose message id is known are left alone; when none is new, nothing is stored.
    """
    waiting = State.SCHEDULED if content.is_scheduled and content.due_at > now else State.PENDING
    row = {
        "tenant_id": uow.tenant_id,
        "content_id": UUID(bytes=content.content_id),
        "campaign_id": content.campaign_id,
        "run_id": content.run_id,
        "now": now,
        "channel": int(content.channel),
        "category": int(content.category),
        "lane": int(content.lane),
        "state": int(waiting),
    }
    new = await _insert_messages(uow, row, recipients, waiting, verdicts)
    if not new:
        return new
    queued = [recipients.ids[place] for place in new]
    if verdicts is not None:
        queued = [recipients.ids[place] for place in new if verdicts[place].state is State.PENDING]
        _insert_waits(uow, content.channel, recipients, new, verdicts)
    uow.defer(
        _INSERT_CONTENT,
        {
            **row,
            "chunks": columns.blobs(chunks),
            "block_id": uuid7(),
            "group_key": group_key(content),
            "status": int(waiting is State.PENDING),
            "queued": columns.uuids(queued),
            "due_at": content.due_at,
            "expire_at": content.expire_at,
            "message_class": int(content.message_class),
            "origin": int(content.origin),
            "template_version_id": content.template_version_id,
            "template_name": content.template_name,
            "branch_id": content.branch_id,
            "variant_key": content.variant_key,
            "correlation_key": content.correlation_key,
            "correlation_id": content.correlation_id,
            "is_staff": content.is_staff,
            "name": content.name,
            "sealed": sealed,
            "message_count": len(recipients.ids),
            "first_id": UUID(bytes=min(recipients.ids)),
            "last_id": UUID(bytes=max(recipients.ids)),
            "created_by": created_by,
            "traceparent": content.traceparent,
            "has_own_expiry": content.has_own_expiry,
            "batch_id": content.batch_id,
            "source": content.source,
            "event_id": content.event_id,
            "rule": content.rule,
            "trigger_type": content.trigger_type,
            "automation_run_id": content.automation_run_id,
            "attachment_count": content.attachment_count,
            "fallback_channel": content.fallback_channel and int(content.fallback_channel),
            "fallback_version_id": content.fallback_version_id,
            "fallback_template": content.fallback_template,
            "fallback_from": content.fallback_from and int(content.fallback_from),
        },
    )
    return new


async def _insert_messages(
    uow: UnitOfWork,
    row: Mapping[str, object],
    recipients: Recipients,
    waiting: State,
    verdicts: Sequence[Verdict] | None,
) -> list[int]:
    query = _INSERT_MESSAGES
    params: dict[str, object] = {
        **row,
        "ids": columns.uuids(recipients.ids),
        "contacts": columns.nullable_uuids(recipients.contacts),
    }
    if verdicts is not None:
        query = _INSERT_JUDGED_MESSAGES
        states = [waiting if verdict.state is State.PENDING else verdict.state for verdict in verdicts]
        params |= {
            "states": columns.smallints(states),
            "reasons": columns.texts([verdict.reason or None for verdict in verdicts]),
            "wakes": columns.instants([verdict.defer_until for verdict in verdicts]),
        }
    if not recipients.caller_ids:
        uow.defer(query, params)
        return list(range(len(recipients.ids)))
    rows = await uow.fetch_all(query + _IGNORE_KNOWN, params)
    return sorted(place for (place,) in rows)


def _insert_waits(
    uow: UnitOfWork,
    channel: Channel,
    recipients: Recipients,
    new: Sequence[int],
    verdicts: Sequence[Verdict],
) -> None:
    deferred = [place for place in new if verdicts[place].state is State.DEFERRED]
    if not deferred:
        return
    uow.defer(
        _INSERT_WAITS,
        (
            uow.tenant_id,
            columns.uuids([recipients.ids[place] for place in deferred]),
            # What waits for a digest is not due by itself before it expires.
            columns.instants(
                [verdicts[place].expire_at or verdicts[place].defer_until for place in deferred]
            ),
        ),
    )
    digests.hold(uow, list(_held(channel, recipients, deferred, verdicts)), uow.now())


def _held(
    channel: Channel, recipients: Recipients, deferred: Sequence[int], verdicts: Sequence[Verdict]
) -> Iterator[Held]:
    """Yields those that wait for a digest."""
    for place in deferred:
        verdict, contact_id = verdicts[place], recipients.contacts[place]
        if verdict.expire_at is not None and verdict.defer_until is not None and contact_id is not None:
            yield Held(
                recipients.ids[place],
                contact_id,
                int(channel),
                verdict.frequency,
                verdict.defer_until,
                verdict.expire_at,
            )
