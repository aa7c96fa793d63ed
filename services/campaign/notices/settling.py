"""What becomes of notices that a worker took: told to their sources in the transaction that ends them."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.campaign.notices import cancellations, requests, store
from services.campaign.notices.domain import Listener, Outcome, Source, State
from services.campaign.notices.store import Due
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.retry import backoff

logger = logging.getLogger(__name__)

LONGEST_WAIT: Final = timedelta(minutes=5)
_LATE: Final = "cancelled"


class End(NamedTuple):
    """How a notice ends."""

    state: State
    reason: str = ""
    message_ids: tuple[UUID, ...] = ()


@dataclass(slots=True)
class Work:
    """A tenant's notices, opened: what ends at once, and what delivery is asked."""

    due: Mapping[UUID, Due]
    ends: dict[UUID, End] = field(default_factory=dict)
    items: list[requests.Item] = field(default_factory=list)
    choices: list[tuple[Due, pb.SendMessageRequest]] = field(default_factory=list)
    later: list[UUID] = field(default_factory=list)


class Settling:
    """Ends notices and tells their sources, a block in one transaction."""

    def __init__(self, database: Database, listeners: Mapping[Source, Listener]) -> None:
        self._database = database
        self._listeners = listeners

    async def offer(self, tenant_id: UUID, work: Work) -> None:
        """Tells sources that ask for it under which ids delivery is about to know their messages."""
        told: dict[Source, dict[str, UUID]] = defaultdict(dict)
        for one in work.items:
            told[Source(one.due.source)].setdefault(one.due.key, one.message_id)
        asking = [
            (listener.offer, offered)
            for source, offered in told.items()
            if (listener := self._listeners.get(source)) and listener.offer
        ]
        if asking:
            async with self._database.tenant(tenant_id) as uow:
                for offer, offered in asking:
                    await offer(uow, offered)

    async def settle(self, tenant_id: UUID, work: Work) -> None:
        """Writes down what became of notices; one that cannot be told to its source is tried again alone."""
        await self._write_parts(tenant_id, work, work.ends)
        if work.later:
            attempts = max(work.due[one].attempts for one in work.later)
            wait = backoff(attempts, base=timedelta(seconds=1), cap=LONGEST_WAIT)
            async with self._database.tenant(tenant_id) as uow:
                await store.postpone(uow, work.later, uow.now() + wait)
        for notice_id, end in work.ends.items():
            if end.state is State.FAILED:
                logger.warning("notice %s is not sent: %s", notice_id, end.reason)

    async def _write_parts(self, tenant_id: UUID, work: Work, ends: Mapping[UUID, End]) -> None:
        """Ends notices together, and by halves when that fails, so that a bad one harms no other."""
        try:
            await self._write(tenant_id, work, ends)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("%s notices of tenant %s are not settled", len(ends), tenant_id, exc_info=error)
            if len(ends) == 1:
                work.later += ends
                return
            parts = list(ends.items())
            half = len(parts) // 2
            await self._write_parts(tenant_id, work, dict(parts[:half]))
            await self._write_parts(tenant_id, work, dict(parts[half:]))

    async def _write(self, tenant_id: UUID, work: Work, ends: Mapping[UUID, End]) -> None:
        by_source: dict[Source, list[Outcome]] = defaultdict(list)
        for notice_id, end in ends.items():
            found = _outcome(work.due[notice_id], end)
            by_source[found.source].append(found)
        told = [(self._listeners[one], by_source[one]) for one in by_source if one in self._listeners]
        async with self._database.tenant(tenant_id) as uow:
            for listener, outcomes in told:
                if listener.hold:
                    await listener.hold(uow, [one.key for one in outcomes])
            ended = await store.settle(uow, [(one, *end) for one, end in ends.items()])
            for listener, outcomes in told:
                if heard := [one for one in outcomes if one.notice_id in ended]:
                    await listener.hear(uow, heard)
            # Ended by others while they were on their way: delivery may have been told too early, or not at all.
            late = [end for one, end in ends.items() if one not in ended and end.state is State.SENT]
            await cancellations.add_messages(uow, [one for end in late for one in end.message_ids], _LATE)


def together(ends: Sequence[End]) -> End:
    """Returns what several messages of a notice amount to: one on its way is enough."""
    ids = tuple(one for end in ends for one in end.message_ids)
    for wanted in (State.SENT, State.SKIPPED, State.FAILED):
        for end in ends:
            if end.state is wanted:
                return End(wanted, end.reason, ids)
    return End(State.SKIPPED, "no_address", ids)


def _outcome(due: Due, end: End) -> Outcome:
    return Outcome(due.notice_id, Source(due.source), due.key, due.rule, due.contact_id, *end)
