"""Giving a message that waits another time (DEL-27): it leaves its block, and waits in one of its own."""

from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, Violation, invalid, invalid_many, not_found
from services.common.idempotency import keyed
from services.common.rpc.context import Caller
from services.delivery.digests import store as digests
from services.delivery.dispatch import handover, recording
from services.delivery.dispatch import store as queue
from services.delivery.dispatch.store import NewBlock
from services.delivery.messages import announce, queries, show, views
from services.delivery.messages.domain import CLOCK_SKEW, LONGEST_SCHEDULE, Lane, State, default_expiry
from services.delivery.messages.handlers import WAKE_DISPATCH, Acceptance

MOVABLE: Final = frozenset({State.PENDING, State.SCHEDULED, State.DEFERRED})

_FIND: Final = """
SELECT m.state, m.lane, m.channel, m.campaign_id, c.run_id, c.message_class, c.group_key,
    coalesce(m.expire_at, c.expire_at), c.has_own_expiry,
    c.cancelled_at IS NOT NULL OR m.digest_id IS NOT NULL
FROM message m JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE m.tenant_id = %(tenant_id)s AND m.message_id = %(message_id)s
  AND (%(branches)s::uuid[] IS NULL OR c.branch_id = ANY (%(branches)s::uuid[]))
FOR UPDATE OF m
"""

# A worker that has the block leased, or is handing the message over, comes first.
_IN_HAND: Final = """
SELECT EXISTS (
    SELECT FROM handover h WHERE h.tenant_id = %(tenant_id)s AND h.finished_at IS NULL
      AND %(message_id)s = ANY (h.message_ids))
"""

# A block that was parted after a fault has a key of its own.
_BLOCK: Final = """
SELECT block_id, status, message_count FROM dispatch_block
WHERE tenant_id = %(tenant_id)s AND (group_key = %(group_key)s OR group_key = block_id)
  AND %(message_id)s = ANY (message_ids)
FOR UPDATE
"""

_LEAVE: Final = """
UPDATE dispatch_block SET message_ids = array_remove(message_ids, %(message_id)s), message_count = message_count - 1
WHERE tenant_id = %(tenant_id)s AND block_id = %(block_id)s
"""

_DROP_BLOCK: Final = "DELETE FROM dispatch_block WHERE tenant_id = %(tenant_id)s AND block_id = %(block_id)s"

_DROP_WAIT: Final = "DELETE FROM message_wait WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s"

_MOVE: Final = """
UPDATE message SET state = %(state)s, due_at = %(due_at)s, expire_at = %(expire_at)s, wake_at = NULL, reason = NULL
WHERE tenant_id = %(tenant_id)s AND message_id = %(message_id)s
"""


class _Waiting(NamedTuple):
    """A message that may be given another time."""

    state: int
    lane: int
    channel: int
    campaign_id: UUID | None
    run_id: UUID | None
    message_class: int
    group_key: UUID
    expire_at: datetime
    has_own_expiry: bool
    is_gone: bool
    """Whether it was cancelled, or is on its way in a digest."""


def expiry_after(one: _Waiting, due_at: datetime) -> datetime:
    """Returns when a message is not worth sending any more, once it is due at another time."""
    return one.expire_at if one.has_own_expiry else default_expiry(Lane(one.lane), due_at)


async def reschedule(
    deps: Acceptance, caller: Caller, tenant_id: UUID, request: pb.RescheduleMessageRequest
) -> pb.RescheduleMessageResponse:
    """Gives a message another time and returns it; a repeat with the same key gives the same answer."""
    message_id = UUID(request.message_id)

    async def effect(uow: UnitOfWork) -> pb.RescheduleMessageResponse:
        await _move(deps, uow, caller, message_id, _instant(request))
        view = await views.find(uow, deps.envelope, message_id, queries.branches_of(caller))
        if view is None:
            raise not_found("message", message_id)
        return pb.RescheduleMessageResponse(message=show.message(view))

    async with deps.database.tenant(tenant_id) as uow:
        return await keyed(
            uow, "MessageService.RescheduleMessage", request, pb.RescheduleMessageResponse, effect
        )


async def _move(
    deps: Acceptance, uow: UnitOfWork, caller: Caller, message_id: UUID, due_at: datetime
) -> None:
    assert uow.tenant_id is not None  # noqa: S101 - a tenant's unit of work has one
    now = uow.now()
    values: dict[str, Any] = {"tenant_id": uow.tenant_id, "message_id": message_id}
    # As cancelling: whoever hands messages over now is waited for, and sees that this one left.
    await handover.fence(uow, cancelling=True)
    branches = queries.branches_of(caller)
    row = await uow.fetch_one(_FIND, {**values, "branches": None if branches is None else list(branches)})
    if row is None:
        raise not_found("message", message_id)
    one = _Waiting(*row)
    expire_at = expiry_after(one, due_at)
    if wrong := _wrong(due_at, expire_at, now):
        raise invalid_many(wrong)
    if one.state not in MOVABLE or one.is_gone or await uow.fetch_value(_IN_HAND, values):
        raise _not_waiting(one.state)
    await _leave(uow, one, values)
    is_later = due_at > now
    state = State.SCHEDULED if is_later else State.PENDING
    await uow.execute(_MOVE, {**values, "state": int(state), "due_at": due_at, "expire_at": expire_at})
    await queue.add_block(
        uow,
        NewBlock(
            tenant_id=uow.tenant_id,
            group_key=one.group_key,
            campaign_id=one.campaign_id,
            run_id=one.run_id,
            lane=one.lane,
            channel=one.channel,
            message_class=one.message_class,
            due_at=due_at,
            expire_at=expire_at,
            message_ids=[message_id.bytes],
        ),
        now=now,
    )
    recording.log(
        uow,
        [(message_id.bytes, "rescheduled", f"for {due_at.isoformat()}")],
        actor=caller.subject,
        now=now,
    )
    campaign = str(one.campaign_id or "")
    if is_later:
        uow.emit(announce.scheduled(uow.tenant_id, campaign, due_at, [message_id.bytes]))
    else:
        uow.after_commit(lambda: deps.database.wake(WAKE_DISPATCH, str(one.lane)))


async def _leave(uow: UnitOfWork, one: _Waiting, values: dict[str, Any]) -> None:
    """Takes a message out of where it waits: its block, or its own row."""
    if await uow.execute(_DROP_WAIT, values):
        if one.state == State.DEFERRED:
            await digests.leave(uow, [values["message_id"].bytes], uow.now())
        return
    row = await uow.fetch_one(_BLOCK, {**values, "group_key": one.group_key})
    if row is None or row[1] == queue.LEASED:
        raise _not_waiting(State.QUEUED)
    block_id, _, count = row
    await uow.execute(_DROP_BLOCK if count == 1 else _LEAVE, {**values, "block_id": block_id})


def _wrong(due_at: datetime, expire_at: datetime, now: datetime) -> list[Violation]:
    rules = (
        (due_at < now - CLOCK_SKEW, "lies in the past"),
        (due_at > now + LONGEST_SCHEDULE, "lies more than a year ahead"),
        (due_at >= expire_at, "must lie before the message expires"),
    )
    return [Violation("schedule_time", text) for is_broken, text in rules if is_broken]


def _not_waiting(state: int) -> ServiceError:
    word = State(state).name.lower()
    return invalid(
        "message_id", f"only pending, scheduled and deferred messages are moved; this one is {word}"
    )


def _instant(request: pb.RescheduleMessageRequest) -> datetime:
    return request.schedule_time.ToDatetime(tzinfo=UTC)
