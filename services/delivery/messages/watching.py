"""Following changes of messages' states as they are committed (DEL-28).

What is told is read from the events of the house, once for all who follow a tenant. What an event does not say of its
messages, whose they are and on which channel, is asked for a block at a time, and only for those who asked by it.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from angarium.common.v1.events_pb2 import EventEnvelope
from angarium.delivery.v1 import delivery_events_pb2 as events
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.db.database import Database
from services.common.events.feeds import Feeds, Row
from services.common.rpc.context import Caller
from services.delivery.enums import wire
from services.delivery.messages.domain import State
from services.delivery.messages.queries import branches_of

NEW_TOKEN_EVERY: Final = timedelta(minutes=10)

STATES: Final[Mapping[str, State]] = MappingProxyType(
    {
        "message.accepted": State.PENDING,
        "message.scheduled": State.SCHEDULED,
        "message.retried": State.PENDING,
        "message.deferred": State.DEFERRED,
        "message.retry_scheduled": State.RETRYING,
        "message.unknown": State.UNKNOWN,
        "message.sent": State.SENT,
        "message.delivered": State.DELIVERED,
        "message.read": State.READ,
        "message.bounced": State.BOUNCED,
        "message.failed": State.FAILED,
        "message.skipped": State.SKIPPED,
        "message.expired": State.EXPIRED,
        "message.cancelled": State.CANCELLED,
    }
)
"""Types of events to the state they tell of."""

_MATCHING: Final = """
SELECT m.message_id::text FROM unnest(%(ids)b::uuid[]) AS r (id)
JOIN message m ON m.tenant_id = %(tenant_id)s AND m.message_id = r.id
LEFT JOIN content c ON c.tenant_id = m.tenant_id AND c.content_id = m.content_id
WHERE m.message_id = ANY (%(ids)b::uuid[])
  AND (%(contact_id)s::uuid IS NULL OR m.contact_id = %(contact_id)s)
  AND (%(channel)s = 0 OR m.channel = %(channel)s)
  AND (%(branches)s::uuid[] IS NULL OR c.branch_id = ANY (%(branches)s::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes somebody follows; None and empty mean all."""

    message_ids: frozenset[str]
    campaign_id: str
    contact_id: UUID | None
    channel: int
    branches: Sequence[UUID] | None

    @property
    def must_ask(self) -> bool:
        """Returns whether an event alone does not say which of its messages are wanted."""
        return self.contact_id is not None or bool(self.channel) or self.branches is not None


class Watching:
    """Serves those who follow messages."""

    def __init__(
        self, database: Database, feeds: Feeds, *, new_token_every: timedelta = NEW_TOKEN_EVERY
    ) -> None:
        self._database = database
        self._feeds = feeds
        self._new_token_seconds = new_token_every.total_seconds()

    async def watch(
        self, caller: Caller, tenant_id: UUID, request: pb.WatchMessagesRequest
    ) -> AsyncGenerator[pb.WatchMessagesResponse, None]:
        """Yields changes in blocks, and a newer token now and then when there are none."""
        wanted = _wanted(caller, request)
        types = {
            type for type, state in STATES.items() if not request.states or wire(state) in request.states
        }
        position = await self._feeds.start(request.resume_token, from_start=request.from_start)
        clock = asyncio.get_running_loop()
        told_at = clock.time()
        async with aclosing(self._feeds.pages(tenant_id, position, types, self._new_token_seconds)) as pages:
            async for page in pages:
                is_told = False
                for row in page.rows:
                    if changes := await self._matching(tenant_id, wanted, _changes(row)):
                        is_told = True
                        yield pb.WatchMessagesResponse(
                            changes=changes, resume_token=self._feeds.token(row.position)
                        )
                # Changes of others alone must not leave a follower with a token that falls out of what is kept.
                if not is_told and (not page.rows or clock.time() - told_at >= self._new_token_seconds):
                    is_told = True
                    yield pb.WatchMessagesResponse(resume_token=self._feeds.token(page.position))
                if is_told:
                    told_at = clock.time()

    async def _matching(
        self, tenant_id: UUID, wanted: Wanted, changes: Iterable[pb.MessageStateChange]
    ) -> list[pb.MessageStateChange]:
        found = [
            one
            for one in changes
            if (not wanted.message_ids or one.message_id in wanted.message_ids)
            and (not wanted.campaign_id or one.campaign_id == wanted.campaign_id)
        ]
        if not found or not wanted.must_ask:
            return found
        async with self._database.tenant(tenant_id) as uow:
            rows = await uow.fetch_all(
                _MATCHING,
                {
                    "tenant_id": tenant_id,
                    "ids": [UUID(one.message_id) for one in found],
                    "contact_id": wanted.contact_id,
                    "channel": wanted.channel,
                    "branches": None if wanted.branches is None else list(wanted.branches),
                },
            )
        matching = {id for (id,) in rows}
        return [one for one in found if one.message_id in matching]


def _wanted(caller: Caller, request: pb.WatchMessagesRequest) -> Wanted:
    return Wanted(
        frozenset(id.lower() for id in request.message_ids),
        request.campaign_id.lower(),
        UUID(request.contact_id) if request.contact_id else None,
        int(request.channel),
        branches_of(caller),
    )


def _changes(row: Row) -> list[pb.MessageStateChange]:
    """Returns what one event tells of its messages."""
    envelope = EventEnvelope.FromString(row.envelope)
    payload, items, campaign_id, at = _payload(row.type, envelope)
    return [
        pb.MessageStateChange(
            message_id=one.message_id,
            state=wire(STATES[row.type]),
            reason=getattr(one, "reason", ""),
            code=getattr(one, "code", ""),
            campaign_id=campaign_id or getattr(one, "campaign_id", ""),
            occur_time=getattr(one, at) if at and one.HasField(at) else envelope.occur_time,
        )
        for one in getattr(payload, items)
    ]


def _payload(type: str, envelope: EventEnvelope) -> tuple[Any, str, str, str]:
    """Returns the payload, the field of its items, the campaign they share, and the field of their instant."""
    value = envelope.payload.value
    match type:
        case "message.accepted":
            accepted = events.MessagesAccepted.FromString(value)
            return accepted, "messages", accepted.dimensions.campaign_id, ""
        case "message.scheduled":
            scheduled = events.MessagesScheduled.FromString(value)
            return scheduled, "messages", scheduled.campaign_id, ""
        case "message.sent":
            sent = events.MessagesSent.FromString(value)
            return sent, "messages", sent.campaign_id, "send_time"
        case "message.delivered" | "message.read":
            return events.MessagesReached.FromString(value), "messages", "", "occur_time"
        case "message.bounced":
            return events.RecipientsReported.FromString(value), "reports", "", "occur_time"
        case "message.retry_scheduled":
            return events.AttemptsFailed.FromString(value), "messages", "", "occur_time"
        case "message.retried":
            return events.MessagesRetried.FromString(value), "messages", "", "occur_time"
    return events.MessagesStopped.FromString(value), "messages", "", "occur_time"
