import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from angarium.common.v1 import events_pb2, events_pb2_grpc
from services.common.events.relay import Relay
from services.common.events.watch import EventServicer
from services.common.ids import uuid7
from services.common.rpc.server import start_server
from services.common.security.jwt import issue_person, issue_service
from services.common.service import Registration, Service
from tests.common.events.conftest import emit, positions, until
from tests.common.given import settings

Watch = Callable[..., AsyncIterator[events_pb2.WatchEventsResponse]]
Request = events_pb2.WatchEventsRequest


@pytest.fixture
async def watch(sample) -> AsyncIterator[Watch]:
    """Calls WatchEvents of a real server as the service analytics, or as a person of a tenant."""
    given = settings()
    descriptor = events_pb2.DESCRIPTOR.services_by_name["EventService"]
    registration = Registration(
        descriptor, events_pb2_grpc.add_EventServiceServicer_to_server, EventServicer(sample, "sample")
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
