"""Contacts that changed enter and leave dynamic segments at once, a block of them in one statement."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from google.protobuf.message import Message

from angarium.common.v1.events_pb2 import EventEnvelope
from services.campaign.segments import handlers, members, store
from services.campaign.segments.audience import compiler_of, everybody, membership
from services.campaign.segments.domain import Segment
from services.common.db.uow import UnitOfWork
from services.common.events.consumer import Handler

BLOCK: Final = 1000
_ACTIVITY: Final = "last_activity_days"


async def follow(
    uow: UnitOfWork, contact_ids: Iterable[UUID], which: Callable[[Segment], bool] = lambda _: True
) -> None:
    """Brings the members of dynamic segments up to date for contacts that changed.

    What only time brings about, such as days since a visit, is found by the job that refreshes segments. `which`
    narrows the segments to those that the change can matter to.
    """
    changed = sorted(set(contact_ids), key=attrgetter("int"))
    if not changed:
        return
    segments = [one for one in await store.lock_followed(uow) if which(one)]
    if not segments:
        return
    for start in range(0, len(changed), BLOCK):
        for first in range(0, len(segments), handlers.TOGETHER):
            await _follow_block(
                uow, changed[start : start + BLOCK], segments[first : first + handlers.TOGETHER]
            )


async def follow_behaviour(uow: UnitOfWork, contact_ids: Iterable[UUID]) -> None:
    """Follows contacts that did something, in the segments that ask what people do."""
    await follow(
        uow,
        contact_ids,
        lambda segment: segment.rule.has_behaviours or _ACTIVITY in segment.rule.fields,
    )


async def _follow_block(uow: UnitOfWork, contact_ids: Sequence[UUID], segments: Sequence[Segment]) -> None:
    compiler = await compiler_of(uow, few=True)
    conditions = [f"{everybody(compiler)} AND {membership(one, compiler)}" for one in segments]
    for segment_id, difference in await members.follow(
        uow, contact_ids, segments, conditions, compiler.params
    ):
        handlers.announce(uow, segment_id, difference)


async def contacts_changed(uow: UnitOfWork, _envelope: EventEnvelope, payload: Message) -> None:
    """Follows contacts that were created, changed, or given other addresses."""
    await follow(uow, (UUID(one.contact_id) for one in payload.contacts))  # type: ignore[attr-defined]  # of all three


def followed(handler: Handler, field: str, contacts: Callable[[Any], Iterable[str]]) -> Handler:
    """Returns a handler that also follows the contacts it changed, in the segments that name a field."""

    async def handle(uow: UnitOfWork, envelope: EventEnvelope, payload: Message) -> None:
        await handler(uow, envelope, payload)
        changed = [UUID(one) for one in contacts(payload) if one]
        await follow(uow, changed, lambda segment: field in segment.rule.fields)

    return handle
