import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angarium.common.v1 import events_pb2, events_pb2_grpc
from services.common.errors import ServiceError
from services.common.events.feeds import Feeds, Row
from services.common.events.outbox import delete_relayed
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.ids import uuid7
from services.common.rpc.context import Caller, bind
from services.common.rpc.server import start_server
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import issue_person, issue_service
from services.common.service import Registration, Service
from tests.common.events.conftest import emit, positions, until
from tests.common.given import settings

Watch = Callable[..., AsyncIterator[events_pb2.WatchEventsResponse]]
Request = events_pb2.WatchEventsRequest


@pytest.fixture
def new_token_every() -> timedelta:
    return timedelta(hours=1)


@pytest.fixture
async def watch(sample, new_token_every) -> AsyncIterator[Watch]:
    """Calls WatchEvents of a real server as the service analytics, or as a person of a tenant."""
    given = settings()
    descriptor = events_pb2.DESCRIPTOR.services_by_name["EventService"]
    registration = Registration(
        descriptor,
        events_pb2_grpc.add_EventServiceServicer_to_server,
        EventServicer(sample, "sample", new_token_every=new_token_every),
    )
    server = await start_server(Service("sample", sample, [registration]), given)
    channel = grpc.aio.insecure_channel(f"127.0.0.1:{server.port}")
    stub = events_pb2_grpc.EventServiceStub(channel)

    def call(person_of: UUID | None = None, **fields):
        token = (
            issue_person(given, person_of, "ada", ("super_owner",))
            if person_of
            else issue_service(given, "analytics")
        )
        return stub.WatchEvents(
            Request(**fields), metadata=[("authorization", f"Bearer {token}")], timeout=30
        )

    yield call
    await channel.close()
    await server.stop(0)


def name_of(response: events_pb2.WatchEventsResponse) -> str:
    payload = StringValue()
    response.event.payload.Unpack(payload)
    return payload.value


async def take(call, count: int) -> list[events_pb2.WatchEventsResponse]:
    async with asyncio.timeout(10):
        return [await call.read() for _ in range(count)]


@pytest.mark.req("EVT-11")
async def test_the_feed_gives_what_is_kept_in_order_then_what_is_new_at_once(sample, redis, run, watch):
    run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, "a", "b")
    await until(lambda: positions(sample), [1, 2])
    call = watch(from_start=True)
    assert [name_of(response) for response in await take(call, 2)] == ["a", "b"]
    await emit(sample, tenant, "c")
    async with asyncio.timeout(0.5):
        assert name_of(await call.read()) == "c"
    call.cancel()


@pytest.mark.req("EVT-11")
async def test_a_resume_token_goes_on_after_its_event(sample, redis, run, watch):
    run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, *"abcd")
    await until(lambda: positions(sample), [1, 2, 3, 4])
    first = watch(from_start=True)
    _, second = await take(first, 2)
    first.cancel()
    call = watch(resume_token=second.resume_token)
    assert [name_of(response) for response in await take(call, 2)] == ["c", "d"]


@pytest.mark.req("EVT-11")
async def test_without_a_token_only_new_events_come(sample, redis, run, watch):
    run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, "old")
    await until(lambda: positions(sample), [1])
    call = watch()
    reading = asyncio.create_task(call.read())
    await asyncio.sleep(0.5)
    await emit(sample, tenant, "new")
    assert name_of(await reading) == "new"


async def test_only_the_types_asked_for_come(sample, redis, run, watch):
    run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, "x", type="thing.other")
    await emit(sample, tenant, "y")
    call = watch(from_start=True, types=["thing.made"])
    assert [name_of(response) for response in await take(call, 1)] == ["y"]


@pytest.mark.req("GEN-8", "EVT-11")
async def test_a_person_sees_only_the_events_of_their_tenant(sample, redis, run, watch):
    run(Relay(sample, redis, "sample").loop)
    mine, theirs = uuid7(), uuid7()
    await emit(sample, theirs, "theirs")
    await emit(sample, mine, "mine")
    call = watch(mine, from_start=True)
    assert [name_of(response) for response in await take(call, 1)] == ["mine"]


@pytest.mark.parametrize(
    "token", ["b3RoZXIuMw", "nonsense!", "c2FtcGxlLi0x", "c2FtcGxl", "%", "c2FtcGxlLsKy"]
)
async def test_a_token_of_another_service_or_none_at_all_is_refused(watch, token):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await watch(resume_token=token).read()
    assert caught.value.code() == grpc.StatusCode.INVALID_ARGUMENT


async def forget(sample, names: int) -> None:
    """Lets the oldest events grow older than what is kept, and cleans up."""
    async with sample.system() as uow:
        await uow.execute(
            "UPDATE outbox SET created_at = created_at - interval '8 days' WHERE position <= %s", (names,)
        )
        await delete_relayed(uow, uow.now() - timedelta(days=7))


async def refused(call) -> ServiceError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await take(call, 1)
    assert caught.value.code() == grpc.StatusCode.OUT_OF_RANGE
    return from_rpc_error(caught.value, "sample")


@pytest.mark.req("EVT-11", "SEC-132")
async def test_a_token_older_than_what_is_kept_is_told_and_shown_where_to_begin_again(
    sample, redis, run, watch
):
    run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, *"abcde")
    await until(lambda: positions(sample), [1, 2, 3, 4, 5])
    call = watch(from_start=True)
    tokens = [response.resume_token for response in await take(call, 5)]
    call.cancel()
    await forget(sample, 3)
    for caller in (None, tenant):
        error = await refused(watch(caller, resume_token=tokens[1]))
        assert error.reason == "EVENTS_LOST"
        again = watch(caller, resume_token=error.metadata["oldest_resume_token"])
        assert [name_of(response) for response in await take(again, 2)] == ["d", "e"]
        # Whoever had the last one that went has lost nothing.
        rest = watch(caller, resume_token=tokens[2])
        assert [name_of(response) for response in await take(rest, 2)] == ["d", "e"]
        kept = watch(caller, from_start=True)
        assert [name_of(response) for response in await take(kept, 2)] == ["d", "e"]


@pytest.mark.req("EVT-11")
async def test_events_that_all_went_are_told_too(sample, redis, run, watch):
    run(Relay(sample, redis, "sample").loop)
    tenant = uuid7()
    await emit(sample, tenant, *"abc")
    await until(lambda: positions(sample), [1, 2, 3])
    call = watch(from_start=True)
    tokens = [response.resume_token for response in await take(call, 3)]
    call.cancel()
    await forget(sample, 3)
    error = await refused(watch(resume_token=tokens[1]))
    again = watch(resume_token=error.metadata["oldest_resume_token"])
    last = watch(resume_token=tokens[2])
    reading = [asyncio.create_task(take(one, 1)) for one in (again, last)]
    await asyncio.sleep(0.3)
    await emit(sample, tenant, "d")
    for [response] in await asyncio.gather(*reading):
        assert name_of(response) == "d"


async def test_a_token_of_a_newer_state_than_the_database_was_put_back_to_is_refused(
    sample, redis, run, watch
):
    run(Relay(sample, redis, "sample").loop)
    await emit(sample, uuid7(), "a")
    await until(lambda: positions(sample), [1])
    beyond = base64.urlsafe_b64encode(b"sample.7").decode().rstrip("=")
    assert (await refused(watch(resume_token=beyond))).reason == "EVENTS_LOST"


async def test_an_open_stream_whose_events_went_before_it_was_read_ends_instead_of_passing_over_them(
    sample, redis, run, monkeypatch
):
    monkeypatch.setattr("services.common.events.feeds.BLOCK", 2)
    run(Relay(sample, redis, "sample").loop)
    await emit(sample, uuid7(), *"abcdef")
    await until(lambda: positions(sample), [1, 2, 3, 4, 5, 6])
    with bind(Caller.of_service("analytics")):
        # Asked as the server asks: it takes the next response when the caller has room for it.
        feed = EventServicer(sample, "sample").WatchEvents(Request(from_start=True), None)
        assert [name_of(await anext(feed)) for _ in range(2)] == ["a", "b"]
        await forget(sample, 3)
        with pytest.raises(ServiceError) as caught:
            await anext(feed)
    assert caught.value.reason == "EVENTS_LOST"


@pytest.mark.parametrize("new_token_every", [timedelta(seconds=0.2)])
async def test_a_stream_in_which_nothing_happens_gives_newer_tokens_and_loses_nothing(
    sample, redis, run, watch, new_token_every
):
    run(Relay(sample, redis, "sample").loop)
    mine, theirs = uuid7(), uuid7()
    await emit(sample, mine, "mine")
    await until(lambda: positions(sample), [1])
    call = watch(mine, from_start=True)
    [first] = await take(call, 1)
    await emit(sample, theirs, *"abc")
    await until(lambda: positions(sample), [1, 2, 3, 4])
    await asyncio.sleep(1.5)
    quiet = await take(call, 2)
    assert not any(response.HasField("event") for response in quiet)
    await forget(sample, 4)
    await emit(sample, mine, "again")
    async with asyncio.timeout(10):
        while not (response := await call.read()).HasField("event"):
            pass
    assert name_of(response) == "again"
    await refused(watch(mine, resume_token=first.resume_token))
    resumed = watch(mine, resume_token=quiet[-1].resume_token)
    while not (response := (await take(resumed, 1))[0]).HasField("event"):
        pass
    assert name_of(response) == "again"


async def test_a_row_that_is_older_than_one_before_it_waits_for_that_one(sample, redis, run):
    run(Relay(sample, redis, "sample").loop)
    await emit(sample, uuid7(), *"abc")
    await until(lambda: positions(sample), [1, 2, 3])
    async with sample.system() as uow:
        await uow.execute("UPDATE outbox SET created_at = created_at - interval '8 days' WHERE position <> 2")
        assert await delete_relayed(uow, uow.now() - timedelta(days=7)) == 1
    assert await positions(sample) == [2, 3]


@pytest.mark.req("DEL-28", "EVT-11")
async def test_many_readers_of_a_tenant_cost_one_look_and_those_of_others_none(
    sample, redis, run, monkeypatch
):
    run(Relay(sample, redis, "sample").loop)
    mine, theirs = uuid7(), uuid7()
    looks: list[UUID | None] = []
    read = Feeds._read

    async def counted(feeds, tenant_id, *more):
        looks.append(tenant_id)
        return await read(feeds, tenant_id, *more)

    monkeypatch.setattr(Feeds, "_read", counted)
    feeds = Feeds(sample, "sample")

    async def first_of(tenant_id: UUID) -> Row:
        async with aclosing(feeds.pages(tenant_id, await feeds.start("", from_start=False), (), 60)) as pages:
            return (await anext(pages)).rows[0]

    readers = [asyncio.create_task(first_of(mine)) for _ in range(30)]
    other = asyncio.create_task(first_of(theirs))
    await until(lambda: _following(feeds), 31)
    await emit(sample, mine, "a")
    async with asyncio.timeout(10):
        assert len({row.position for row in await asyncio.gather(*readers)}) == 1
    assert looks == [mine]
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    assert feeds._task is None, "nobody follows, so nobody looks"


async def _following(feeds: Feeds) -> int:
    return sum(tail.followers for tail in feeds._tails.values())


@pytest.mark.req("DEL-28", "EVT-11")
async def test_a_slow_reader_holds_nobody_back_and_misses_nothing(sample, redis, run, monkeypatch):
    monkeypatch.setattr("services.common.events.feeds.BLOCK", 2)
    monkeypatch.setattr("services.common.events.feeds._KEPT", 3)
    run(Relay(sample, redis, "sample").loop)
    tenant, feeds = uuid7(), Feeds(sample, "sample")
    begin = await feeds.start("", from_start=False)
    async with (
        aclosing(feeds.pages(tenant, begin, (), 60)) as slow,
        aclosing(feeds.pages(tenant, begin, (), 60)) as quick,
    ):
        first = asyncio.create_task(anext(slow))
        seen: list[int] = []
        waiting = asyncio.create_task(anext(quick))
        await until(lambda: _following(feeds), 2)
        await emit(sample, tenant, *"abcdefghij")
        async with asyncio.timeout(10):
            while len(seen) < 10:
                seen += [row.position for row in (await waiting).rows]
                waiting = asyncio.create_task(anext(quick))
            late = [row.position for row in (await first).rows]
            while len(late) < 10:
                late += [row.position for row in (await anext(slow)).rows]
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert seen == late == list(range(1, 11))
