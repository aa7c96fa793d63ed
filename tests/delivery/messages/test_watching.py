"""Whoever follows messages sees their states change as they do, and resumes where they stopped (DEL-28)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from redis.asyncio import Redis

from angarium.common.v1 import enums_pb2, events_pb2, events_pb2_grpc
from angarium.delivery.v1 import delivery_events_pb2, message_pb2
from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.events.feeds import Page, Row
from services.common.rpc.context import Caller
from services.common.rpc.status import from_rpc_error
from services.delivery.bootstrap import build
from services.delivery.messages.watching import Watching
from tests.delivery.kit import House, open_house, recipient

State = message_pb2.Message.State


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    async with build(house.settings) as service:
        stop = asyncio.Event()
        tasks = [
            asyncio.create_task(one.run(stop)) for one in service.loops if one.name in ("dispatch", "relay")
        ]
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(*tasks), 20)


@pytest.fixture
async def home(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis
) -> AsyncIterator[House]:
    async with open_house(clone_database(["delivery"]), redis_url) as opened:
        await opened.add_account()
        async with working(opened):
            yield opened


def watch(house: House, **fields: Any) -> Any:
    request = pb.WatchMessagesRequest(**fields)
    return house.messages.WatchMessages(request, metadata=house.as_person(), timeout=20)


async def until_state(call: Any, state: Any) -> list[pb.WatchMessagesResponse]:
    """Reads until a message is told to be in a state."""
    seen = []
    while True:
        seen.append(await call.read())
        if any(change.state == state for change in seen[-1].changes):
            return seen


def states(seen: list[pb.WatchMessagesResponse], message_id: str) -> list[str]:
    return [
        State.Name(change.state).removeprefix("STATE_").lower()
        for response in seen
        for change in response.changes
        if change.message_id == message_id
    ]


@pytest.mark.req("DEL-28", "W9")
async def test_changes_come_in_their_order_and_a_token_goes_on_after_them(home: House) -> None:
    call = watch(home)
    await home.until(lambda: _followed(home))
    template = home.template()
    first = await home.send_one(home.content(template), recipient(1))
    seen = await until_state(call, State.STATE_SENT)
    assert states(seen, first.message_id) == ["pending", "sent"]
    call.cancel()

    second = await home.send_one(home.content(template), recipient(2))
    resumed = watch(home, resume_token=seen[-1].resume_token)
    later = await until_state(resumed, State.STATE_SENT)
    assert states(later, second.message_id) == ["pending", "sent"]
    assert states(later, first.message_id) == []
    resumed.cancel()
    again = watch(home, from_start=True)
    everything = await until_state(again, State.STATE_SENT)
    assert states(everything, first.message_id) == ["pending", "sent"]
    again.cancel()


@pytest.mark.req("DEL-28")
async def test_only_what_was_asked_for_is_told(home: House) -> None:
    ada, bert = uuid4(), uuid4()
    template = home.template(category=enums_pb2.CATEGORY_OFFER)
    content = home.campaign_content(template)
    sent = await home.send_block(
        content, [recipient(1, contact_id=str(ada)), recipient(2, contact_id=str(bert))]
    )
    single = await home.send_one(home.content(), recipient(3, contact_id=str(bert)))
    await home.until_states({"sent": 3})

    async def told(**fields: Any) -> set[str]:
        call = watch(home, from_start=True, states=[State.STATE_SENT], **fields)
        found = {change.message_id for change in (await call.read()).changes}
        call.cancel()
        return found

    of_ada, of_bert = sent.message_ids
    assert await told(contact_id=str(ada)) == {of_ada}
    assert await told(campaign_id=content.campaign_id) == {of_ada, of_bert}
    assert await told(message_ids=[single.message_id]) == {single.message_id}
    assert await told(message_ids=[of_bert], channel=enums_pb2.CHANNEL_EMAIL) == {of_bert}


@pytest.mark.req("DEL-28", "EVT-11", "GEN-8", "W9")
async def test_events_are_followed_by_services_and_the_tenants_people_and_by_nobody_else(home: House) -> None:
    sent = await home.send_one(home.content(), recipient(1))
    await home.until_states({"sent": 1})
    feed = events_pb2_grpc.EventServiceStub(home.channel)
    request = events_pb2.WatchEventsRequest(from_start=True, types=["message.sent"])
    for caller in (home.as_person(), home.as_service("analytics")):
        following = feed.WatchEvents(request, metadata=caller, timeout=20)
        told = (await following.read()).event
        assert (told.type, told.source, told.tenant_id) == ("message.sent", "delivery", str(home.tenant_id))
        payload = delivery_events_pb2.MessagesSent.FromString(told.payload.value)
        assert [one.message_id for one in payload.messages] == [sent.message_id]
        following.cancel()
    stranger = home.as_person(tenant_id=uuid4())
    call = home.messages.WatchMessages(
        pb.WatchMessagesRequest(from_start=True), metadata=stranger, timeout=0.3
    )
    with pytest.raises(grpc.aio.AioRpcError) as over:
        await call.read()
    assert over.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await watch(home, resume_token="bm9uZQ").read()
    assert from_rpc_error(refused.value, "delivery").reason == "VALIDATION_FAILED"


async def _followed(home: House) -> bool:
    """Whether the server listens for what is new."""
    return any(task.get_name() == "feeds-delivery" for task in asyncio.all_tasks())


class Busy:
    """A feed in which something happens all the time, of which nothing is what its follower wants."""

    async def start(self, token: str, *, from_start: bool) -> int:
        return 0

    async def pages(self, *_: object) -> AsyncIterator[Page]:
        payload = delivery_events_pb2.MessagesSent(campaign_id=str(uuid4()))
        payload.messages.add(message_id=str(uuid4()))
        envelope = events_pb2.EventEnvelope()
        envelope.payload.Pack(payload)
        for position in (10, 20, 30):
            yield Page([Row(position, "message.sent", envelope.SerializeToString())], position)

    def token(self, position: int) -> str:
        return str(position)


@pytest.mark.req("DEL-28", "W9")
async def test_changes_of_others_alone_leave_nobody_with_an_old_token(house: House) -> None:
    feeds: Any = Busy()
    watching = Watching(house.service.database, feeds, new_token_every=timedelta())
    caller = Caller("person", "person-1", house.tenant_id, frozenset({"super_owner"}))
    request = pb.WatchMessagesRequest(campaign_id=str(uuid4()))
    found = [one async for one in watching.watch(caller, house.tenant_id, request)]
    assert [(list(one.changes), one.resume_token) for one in found] == [([], "10"), ([], "20"), ([], "30")]
