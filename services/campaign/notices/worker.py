"""The loop that hands notices to delivery in blocks, each once.

Ids of messages follow from the notice and the channel, so a repeat after a kill is known to delivery and sends nothing.
"""

import asyncio
import hashlib
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from grpc import StatusCode

from angarium.delivery.v1 import message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1.message_service_pb2_grpc import MessageServiceStub
from services.campaign.notices import requests, store
from services.campaign.notices.cancellations import Cancellations
from services.campaign.notices.domain import Listener, Source, State
from services.campaign.notices.notices import Notices
from services.campaign.notices.offering import Offering
from services.campaign.notices.settling import End, Settling, Work, together
from services.campaign.notices.store import Due
from services.common.db.database import Database
from services.common.db.outages import is_outage
from services.common.errors import PASSING, ServiceError
from services.common.loops import repeat
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.status import from_status

logger = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
BLOCK: Final = 500
"""Notices taken at once."""
AT_ONCE: Final = 20
"""Calls under way at once of those that are not batched."""
ON_ITS_WAY: Final = frozenset(
    {
        message_pb2.Message.STATE_PENDING,
        message_pb2.Message.STATE_SCHEDULED,
        message_pb2.Message.STATE_DEFERRED,
    }
)


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
        self._settling = Settling(database, listeners)
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
        await self._settling.offer(tenant_id, work)
        with as_tenant(tenant_id):
            for items in requests.calls(work.items):
                await self._send_items(work, items)
            await self._send_choices(work)
        await self._settling.settle(tenant_id, work)

    async def _prepare(self, tenant_id: UUID, due: Sequence[Due]) -> Work:
        """Opens notices of a tenant and looks up where their readers are reached."""
        now = self._database.clock.now()
        work = Work({one.notice_id: one for one in due})
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

    async def _send_items(self, work: Work, items: Sequence[requests.Item]) -> None:
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

    async def _send_choices(self, work: Work) -> None:
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

    def _refused(self, work: Work, due: Iterable[Due], error: ServiceError) -> None:
        """Notes what a refused call means for its notices."""
        for one in due:
            if error.reason == "IDEMPOTENCY_CONFLICT":
                # Delivery has it: it was accepted before, when something of it read otherwise.
                ids = tuple(item.message_id for item in work.items if item.due is one)
                work.ends[one.notice_id] = End(State.SENT, "", ids)
            elif error.reason in PASSING:
                work.later.append(one.notice_id)
            else:
                work.ends[one.notice_id] = End(State.FAILED, _refusal(error))


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


def _key(items: Sequence[requests.Item]) -> str:
    digest = hashlib.sha256(b"".join(sorted(one.message_id.bytes for one in items)))
    return f"notices:{digest.hexdigest()}"
