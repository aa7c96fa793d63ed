"""The loop that hands notices to delivery in blocks, each once.

Ids of messages follow from the notice and the channel, so a repeat after a kill is known to delivery and sends nothing.
"""

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from grpc import StatusCode

from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.notices import cancellations, requests, store
from services.campaign.notices.cancellations import Cancellations
from services.campaign.notices.domain import Listener, Outcome, Source, State
from services.campaign.notices.notices import Notices
from services.campaign.notices.offering import Offering
from services.campaign.notices.store import Due
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import PASSING, ServiceError
from services.common.loops import repeat
from services.common.retry import backoff
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.status import from_status

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
BLOCK: Final = 500
"""Notices taken at once."""
AT_ONCE: Final = 20
"""Calls under way at once of those that are not batched."""
LONGEST_WAIT: Final = timedelta(minutes=5)
ON_ITS_WAY: Final = frozenset(
    {
        message_pb2.Message.STATE_PENDING,
        message_pb2.Message.STATE_SCHEDULED,
        message_pb2.Message.STATE_DEFERRED,
    }
)


class End(NamedTuple):
    """How a notice ends."""

    state: State
    reason: str = ""
    message_ids: tuple[UUID, ...] = ()


@dataclass(slots=True)
class _Work:
    """A tenant's notices, opened: what ends at once, and what delivery is asked."""

    due: Mapping[UUID, Due]
    ends: dict[UUID, End] = field(default_factory=dict)
    items: list[requests.Item] = field(default_factory=list)
    choices: list[tuple[Due, pb.SendMessageRequest]] = field(default_factory=list)
    later: list[UUID] = field(default_factory=list)


class NoticeWorker:
    """Hands notices over; any number of processes may."""

    def __init__(
        self,
        database: Database,
        channels: Channels,
        notices: Notices,
        listeners: Mapping[Source, Listener],
    ) -> None:
        self._database = database
        self._delivery = channels.stub(MessageServiceStub, "delivery")
        self._notices = notices
        self._listeners = listeners
        self._cancellations = Cancellations(database, channels)
        self._offering = Offering(database, channels)

    async def loop(self, stop: asyncio.Event) -> None:
        """Works until stop is set and what is in hand is finished."""
        await repeat(self.step, stop, "notices")

    async def step(self) -> bool:
        """Cancels and hands over what is due; False when nothing is."""
        cancelled = await self._cancellations.step()
        async with self._database.system() as uow:
            due = await store.claim(uow, LEASE, BLOCK)
        by_tenant: dict[UUID, list[Due]] = defaultdict(list)
        for one in due:
            by_tenant[one.tenant_id].append(one)
        for tenant_id, some in by_tenant.items():
            try:
                await self._hand_over(tenant_id, some)
            except Exception as error:
                if is_outage(error):
                    raise
                # They come again when their lease ends; other tenants' do not wait for that.
                logger.warning("notices of tenant %s are not handed over", tenant_id, exc_info=error)
        return bool(due) or cancelled

    async def _hand_over(self, tenant_id: UUID, due: Sequence[Due]) -> None:
        work = await self._prepare(tenant_id, due)
        with as_tenant(tenant_id):
            for items in requests.calls(work.items):
                await self._send_items(work, items)
            await self._send_choices(work)
        await self._settle(tenant_id, work)

    async def _prepare(self, tenant_id: UUID, due: Sequence[Due]) -> _Work:
        """Opens notices of a tenant and looks up where their readers are reached."""
        now = self._database.clock.now()
        work = _Work({one.notice_id: one for one in due})
        async with self._database.tenant(tenant_id) as uow:
            opened = await self._notices.opened(uow, due)
            contacts = await requests.contacts(uow, due)
        late = await self._offering.fill(tenant_id, due, opened, contacts)
        for one, content in zip(due, opened, strict=True):
            known = requests.reader(one, content or {}, contacts)
            if one.expires_at <= now:
                work.ends[one.notice_id] = End(State.SKIPPED, "expired")
            elif content is None:
                # Its key may come back: it waits as long as it is worth something.
                logger.warning("notice %s cannot be opened", one.notice_id)
                work.later.append(one.notice_id)
            elif one.notice_id in late:
                work.later.append(one.notice_id)
            elif known is None:
                work.ends[one.notice_id] = End(State.SKIPPED, "contact_erased")
            elif not (channels := requests.reachable(one, known)):
                work.ends[one.notice_id] = End(State.SKIPPED, "no_address")
            elif requests.is_choice(one, channels):
                work.choices.append((one, requests.first(one, known, content, channels, now)))
            else:
                work.items += requests.items(one, known, content, channels, now)
        return work

    async def _send_items(self, work: _Work, items: Sequence[requests.Item]) -> None:
        """Hands over what needs no choice, in one call; what delivery refuses for now is tried again."""
        try:
            answer = await self._ask(items)
        except ServiceError as error:
            due = {one.due.notice_id: one.due for one in items}
            if error.status is not StatusCode.INVALID_ARGUMENT or len(due) == 1:
                self._refused(work, due.values(), error)
                return
            # A call is refused whole for one that is malformed: the others are handed over without it.
            first = set(list(due)[: len(due) // 2])
            await self._send_items(work, [one for one in items if one.due.notice_id in first])
            await self._send_items(work, [one for one in items if one.due.notice_id not in first])
            return
        stopped = {one.index: one for one in answer.stopped}
        refused = {one.index: _error(one) for one in answer.errors}
        told: dict[UUID, list[End]] = defaultdict(list)
        for index, one in enumerate(items):
            told[one.due.notice_id].append(_item_end(one.message_id, stopped.get(index), refused.get(index)))
        for notice_id, ends in told.items():
            if any(end.state is State.WAITING for end in ends):
                # The other channels are known to delivery by their ids when it comes again.
                work.later.append(notice_id)
            else:
                work.ends[notice_id] = together(ends)

    async def _ask(self, items: Sequence[requests.Item]) -> pb.SendBatchResponse:
        """Returns what delivery says of items, never what it said of them while something was away.

        A repeat under another key sends nothing twice: delivery knows messages by their ids.
        """
        key = _key(items)
        request = pb.SendBatchRequest(items=[one.item for one in items], name="notices", idempotency_key=key)
        try:
            answer: pb.SendBatchResponse = await self._delivery.SendBatch(request)
        except ServiceError as error:
            if error.reason != "IDEMPOTENCY_CONFLICT":
                raise
        else:
            if not answer.deduplicated or not any(_is_passing(one) for one in answer.errors):
                return answer
        request.idempotency_key = f"{key}:{max(one.due.attempts for one in items)}"
        again: pb.SendBatchResponse = await self._delivery.SendBatch(request)
        return again

    async def _send_choices(self, work: _Work) -> None:
        limit = asyncio.Semaphore(AT_ONCE)

        async def send(due: Due, request: pb.SendMessageRequest) -> None:
            async with limit:
                try:
                    answer = await self._delivery.SendMessage(request)
                except ServiceError as error:
                    self._refused(work, [due], error)
                    return
            made = [
                End(State.SENT, "", (UUID(one.message_id),))
                if one.state in ON_ITS_WAY
                else End(State.SKIPPED, one.reason or "skipped", (UUID(one.message_id),))
                for one in answer.messages
            ]
            work.ends[due.notice_id] = together(made)

        await asyncio.gather(*(send(due, request) for due, request in work.choices))

    def _refused(self, work: _Work, due: Iterable[Due], error: ServiceError) -> None:
        """Notes what a refused call means for its notices."""
        for one in due:
            if error.reason == "IDEMPOTENCY_CONFLICT":
                # Delivery has it: it was accepted before, when something of it read otherwise.
                work.ends[one.notice_id] = End(State.SENT)
            elif error.reason in PASSING:
                work.later.append(one.notice_id)
            else:
                work.ends[one.notice_id] = End(State.FAILED, _refusal(error))

    async def _settle(self, tenant_id: UUID, work: _Work) -> None:
        """Writes down what became of notices; one that cannot be told to its source is tried again alone."""
        try:
            await self._write(tenant_id, work, work.ends)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("notices of tenant %s are settled one by one", tenant_id, exc_info=error)
            for notice_id, end in work.ends.items():
                try:
                    await self._write(tenant_id, work, {notice_id: end})
                except Exception as reason:
                    if is_outage(reason):
                        raise
                    work.later.append(notice_id)
        if work.later:
            attempts = max(work.due[one].attempts for one in work.later)
            wait = backoff(attempts, base=timedelta(seconds=1), cap=LONGEST_WAIT)
            async with self._database.tenant(tenant_id) as uow:
                await store.postpone(uow, work.later, uow.now() + wait)
        for notice_id, end in work.ends.items():
            if end.state is State.FAILED:
                logger.warning("notice %s is not sent: %s", notice_id, end.reason)

    async def _write(self, tenant_id: UUID, work: _Work, ends: Mapping[UUID, End]) -> None:
        """Ends notices and tells their sources, in one transaction."""
        async with self._database.tenant(tenant_id) as uow:
            ended = await store.settle(uow, [(one, *_row(end)) for one, end in ends.items()])
            for notice_id, end in ends.items():
                due = work.due[notice_id]
                if notice_id in ended:
                    await self._tell(uow, due, end)
                elif end.state is State.SENT and due.correlation_key:
                    # Cancelled while it was on its way: delivery may have been told too early.
                    await cancellations.add(uow, due.correlation_key, "cancelled")

    async def _tell(self, uow: Any, due: Due, end: End) -> None:
        source = Source(due.source)
        if listener := self._listeners.get(source):
            await listener(
                uow,
                Outcome(
                    due.notice_id,
                    source,
                    due.key,
                    due.rule,
                    due.contact_id,
                    end.state,
                    end.reason,
                    end.message_ids,
                ),
            )


def together(ends: Sequence[End]) -> End:
    """Returns what several messages of a notice amount to: one on its way is enough."""
    ids = tuple(one for end in ends for one in end.message_ids)
    for wanted in (State.SENT, State.SKIPPED, State.FAILED):
        for end in ends:
            if end.state is wanted:
                return End(wanted, end.reason, ids)
    return End(State.SKIPPED, "no_address", ids)


def _refusal(error: ServiceError) -> str:
    return _named(error.reason, error.metadata.get("resource_type", ""))


def _named(reason: str, kind: str) -> str:
    """Returns a reason as histories show it: without a template there is nothing to say."""
    return "no_template" if reason == "NOT_FOUND" and kind.startswith("template") else reason.lower()


def _error(one: pb.RecipientError) -> ServiceError:
    return from_status(one.status, "delivery")


def _is_passing(one: pb.RecipientError) -> bool:
    return _error(one).reason in PASSING


def _item_end(message_id: UUID, stopped: pb.StoppedItem | None, error: ServiceError | None) -> End:
    if error is not None:
        return End(State.WAITING) if error.reason in PASSING else End(State.FAILED, _refusal(error))
    if stopped is not None and stopped.state not in ON_ITS_WAY:
        return End(State.SKIPPED, stopped.reason or "skipped", (message_id,))
    return End(State.SENT, "", (message_id,))


def _row(end: End) -> tuple[State, str, Sequence[UUID]]:
    return end.state, end.reason, end.message_ids


def _key(items: Sequence[requests.Item]) -> str:
    digest = hashlib.sha256(b"".join(sorted(one.message_id.bytes for one in items)))
    return f"notices:{digest.hexdigest()}"
