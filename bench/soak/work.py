"""What is done at once while a soak lasts: each kind of work begins the next piece when the last one is done."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

import aiohttp
import grpc

from angarium.campaign.v1 import campaign_pb2, campaign_service_pb2
from angarium.common.v1 import enums_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from angarium.delivery.v1 import message_service_pb2_grpc as grpc_pb
from bench import given
from bench.soak.tally import Tally
from bench.soak.world import World
from cli.demo.figures import campaign_of, report_of

SINGLES: Final = 12
"""Callers that send one message at a time."""
STREAMS: Final = 2
BLOCK: Final = 500
READERS: Final = 2
VISITORS: Final = 6
_MOST_WAITING: Final = 4_000
"""More messages than these wait for their worker: callers wait too, or the queue would only grow."""
_POLL: Final = 0.25
_DEADLINE: Final = 60.0
_WAITING: Final = """
SELECT (SELECT coalesce(sum(message_count), 0) FROM delivery.dispatch_block WHERE campaign_id IS NULL)
    + (SELECT count(*) FROM delivery.message_wait)
"""


@dataclass
class Accepted:
    """What the product said it had accepted."""

    ids: set[str] = field(default_factory=set)
    twice: int = 0
    """Ids that were given to two messages."""
    campaigns: list[str] = field(default_factory=list)

    def add(self, id: str) -> None:
        """Keeps the id of a message."""
        self.twice += id in self.ids
        self.ids.add(id)


class Work:
    """All kinds of work on one tenant, until they are told to end."""

    def __init__(self, world: World, tally: Tally, accepted: Accepted) -> None:
        self._world = world
        self._tally = tally
        self._accepted = accepted
        self._messages: Any = grpc_pb.MessageServiceStub(world.channel)
        self._room = asyncio.Event()
        self._ends = False
        self._numbers = itertools.count()

    async def until(self, over: Awaitable[Any]) -> None:
        """Works until something is over, and finishes what is in hand."""
        async with asyncio.TaskGroup() as group:
            pieces = (self._singles, self._blocks, self._reads, self._visits, self._campaigns)
            for kind, count in zip(pieces, (SINGLES, STREAMS, READERS, 1, 1), strict=True):
                for _ in range(count):
                    group.create_task(kind())
            watch = group.create_task(self._watch_room())
            try:
                await over
            finally:
                self._ends = True
                self._room.set()
                watch.cancel()

    async def _watch_room(self) -> None:
        while True:
            waiting = await self._world.stack.count(_WAITING)
            (self._room.set if waiting < _MOST_WAITING else self._room.clear)()
            await asyncio.sleep(_POLL)

    async def _while_room(self) -> AsyncIterator[int]:
        """Yields numbers as long as there is work to begin."""
        while not self._ends:
            await self._room.wait()
            if not self._ends:
                yield next(self._numbers)

    async def _timed(self, kind: str, call: Coroutine[Any, Any, Any] | Awaitable[Any], items: int = 1) -> Any:
        """Returns the answer of a call, None of one that failed; counts it in either case."""
        began = time.perf_counter()
        try:
            answer = await call
        except grpc.aio.AioRpcError as error:
            self._tally.faults[f"{kind}: {error.code().name}"] += 1
            return None
        except (aiohttp.ClientError, TimeoutError) as error:
            self._tally.faults[f"{kind}: {type(error).__name__}"] += 1
            return None
        self._tally.took(kind, time.perf_counter() - began, items)
        return answer

    async def _singles(self) -> None:
        async for number in self._while_room():
            call = self._messages.SendMessage(
                single(self._world, number), metadata=self._world.metadata(), timeout=_DEADLINE
            )
            if (answer := await self._timed("single messages", call)) is not None:
                self._accepted.add(answer.message_id)

    async def _blocks(self) -> None:
        """Sends block after block over one stream, each when the last one was answered."""
        call: Any = None
        async for number in self._while_room():
            if call is None or call.done():
                call = self._messages.StreamMessages(metadata=self._world.metadata())
            batch = pb.SendBatchRequest(content=self._world.content(), idempotency_key=uuid4().hex)
            for one in range(BLOCK):
                batch.recipients.add(address=given.ADDRESS.format(one), name=f"Ada Wolf {number}")

            async def sent(call: Any = call, batch: pb.SendBatchRequest = batch) -> Any:
                await call.write(pb.StreamMessagesRequest(batch=batch))
                return await call.read()

            answer = await self._timed("blocks of messages", sent(), BLOCK)
            if answer is None or answer is grpc.aio.EOF or answer.HasField("error"):
                self._tally.faults["blocks of messages: refused"] += 1
                call = None
                continue
            for id in filter(None, answer.result.message_ids):
                self._accepted.add(id)
        if call is not None:
            await call.done_writing()

    async def _reads(self) -> None:
        """Looks at messages and at reports, as a console does."""
        turns = itertools.cycle((self._list, self._report))
        while not self._ends:
            await next(turns)()
            await asyncio.sleep(_POLL / 5)

    async def _list(self) -> None:
        request = pb.ListMessagesRequest(channel=enums_pb2.CHANNEL_EMAIL, page_size=50)
        call = self._messages.ListMessages(request, metadata=self._world.metadata(), timeout=_DEADLINE)
        await self._timed("lists of messages", call)

    async def _report(self) -> None:
        if self._accepted.campaigns:
            id = UUID(self._accepted.campaigns[-1])
            await self._timed("reports", report_of(self._world.cast, id))

    async def _visits(self) -> None:
        paths = itertools.cycle(self._world.paths)
        connector = aiohttp.TCPConnector(limit=VISITORS)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
            for _ in range(VISITORS):
                group.create_task(self._visitor(session, paths))

    async def _visitor(self, session: aiohttp.ClientSession, paths: Iterator[str]) -> None:
        url = self._world.stack.installation.gateway_url
        for path in paths:
            if self._ends:
                return

            async def visit(path: str = path) -> int:
                async with session.get(url + path, allow_redirects=False) as answer:
                    await answer.read()
                    return answer.status

            status = await self._timed("opens and clicks", visit())
            if status is not None and status != (302 if "/click/" in path else 200):
                self._tally.faults[f"opens and clicks: {status}"] += 1

    async def _campaigns(self) -> None:
        """Sends campaign after campaign to everybody."""
        world = self._world
        while not self._ends:
            campaign_id = await given.approved_campaign(world.cast, world.template_id)
            began = time.perf_counter()
            await world.cast.ada.campaigns.SendCampaign(
                campaign_service_pb2.SendCampaignRequest(campaign_id=campaign_id)
            )
            self._accepted.campaigns.append(campaign_id)
            while not self._ends:
                campaign = await campaign_of(world.cast, UUID(campaign_id))
                if campaign.state == campaign_pb2.Campaign.STATE_SENT and not campaign.counts.pending:
                    self._tally.took("campaigns", time.perf_counter() - began, world.contacts)
                    break
                await asyncio.sleep(_POLL)


def single(world: World, number: int) -> pb.SendMessageRequest:
    """Returns one message to one address."""
    recipient = pb.Recipient(address=given.ADDRESS.format(number % world.contacts), name=f"Ada Wolf {number}")
    return pb.SendMessageRequest(content=world.content(), recipient=recipient, idempotency_key=uuid4().hex)
