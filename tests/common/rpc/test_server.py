"""A server tells its state, shows its methods where that is allowed, and drains."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import grpc.aio
import pytest
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.common.rpc.health import Health
from services.common.service import MAX_MESSAGE_BYTES
from tests.common.given import ReadyDatabase
from tests.common.rpc.conftest import Echo, StartEcho
from tests.common.rpc.echo import EchoRequest
from tests.common.rpc.faults import details, fault, until

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
PRODUCTION: dict[str, Any] = {"environment": "production"}


async def state(echo: Echo, service: str = "") -> Any:
    stub = health_pb2_grpc.HealthStub(echo.channel)
    return (await stub.Check(health_pb2.HealthCheckRequest(service=service))).status


@pytest.mark.req("API-27")
async def test_health_needs_no_credential_and_knows_every_service(echo: Echo) -> None:
    assert await state(echo) == SERVING
    assert await state(echo, "angarium.testing.v1.EchoService") == SERVING


@pytest.mark.req("GEN-10")
async def test_health_follows_database_and_migrations() -> None:
    database = ReadyDatabase()
    health = Health(database, ["x"])
    assert await health.check()
    database.current = False
    assert not await health.check()
    database.current = True
    assert await health.check()
    database.answers = False
    assert not await health.check()


async def test_a_database_that_raises_is_not_serving() -> None:
    class Broken:
        async def trouble(self) -> str:
            raise OSError("no route to host")

    assert not await Health(Broken(), []).check()


@pytest.mark.req("API-27")
async def test_methods_are_shown_by_reflection(echo: Echo) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(echo.channel)
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    [answer] = [one async for one in stub.ServerReflectionInfo(asked)]
    names = {service.name for service in answer.list_services_response.service}
    assert {"angarium.testing.v1.EchoService", "grpc.health.v1.Health"} <= names


@pytest.mark.req("API-27")
async def test_channelz_counts_calls(echo: Echo) -> None:
    await echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata())
    stub = channelz_pb2_grpc.ChannelzStub(echo.channel)
    answer = await stub.GetServers(channelz_pb2.GetServersRequest(start_server_id=0))
    assert sum(server.data.calls_started for server in answer.server) > 0


@pytest.mark.req("SEC-47")
async def test_nothing_is_shown_in_production(start_echo: StartEcho) -> None:
    echo = await start_echo(**PRODUCTION)
    assert await state(echo) == SERVING
    reflection = reflection_pb2_grpc.ServerReflectionStub(echo.channel)
    channelz = channelz_pb2_grpc.ChannelzStub(echo.channel)

    async def ask() -> None:
        async for _ in reflection.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest()])):
            pass

    assert (await fault(ask())).code() is grpc.StatusCode.UNIMPLEMENTED
    asked = channelz.GetServers(channelz_pb2.GetServersRequest())
    assert (await fault(asked)).code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.req("SEC-47")
async def test_a_message_over_four_megabytes_is_refused(echo: Echo) -> None:
    request = EchoRequest(address="x" * (MAX_MESSAGE_BYTES + 1))
    found = await fault(echo.stub.Echo(request, metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert echo.servicer.seen == []


@pytest.mark.req("API-21")
async def test_calls_beyond_the_limit_are_refused_with_a_time_to_come_back(start_echo: StartEcho) -> None:
    echo = await start_echo(rpc_max_running=2)
    running = [
        asyncio.create_task(_awaited(echo.stub.Echo(EchoRequest(text="sleep"), metadata=echo.metadata())))
        for _ in range(2)
    ]
    await until(lambda: len(echo.servicer.seen) == 2)
    found = await fault(echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert details(found).retry is not None
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    await until(lambda: len(echo.lines()) == 3)
    assert (await echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata())).text == "x"


async def test_draining_says_not_serving_and_lets_calls_in_hand_finish(echo: Echo) -> None:
    watched: set[int] = set()

    async def watch() -> None:
        stub = health_pb2_grpc.HealthStub(echo.channel)
        async for answer in stub.Watch(health_pb2.HealthCheckRequest()):
            watched.add(answer.status)

    async def slow() -> Any:
        async def requests() -> Any:
            yield EchoRequest(text="first")
            await asyncio.sleep(0.3)
            yield EchoRequest(text="last")

        return await echo.stub.Collect(requests(), metadata=echo.metadata())

    watching = asyncio.create_task(watch())
    call = asyncio.create_task(slow())
    await until(lambda: SERVING in watched)
    await asyncio.sleep(0.1)
    stopping = asyncio.create_task(echo.server.stop(5))
    assert (await call).text == "first,last"
    await until(lambda: NOT_SERVING in watched)
    watching.cancel()
    await asyncio.wait([watching])
    await stopping


async def test_a_watching_caller_is_sent_elsewhere_long_before_the_grace_is_over(echo: Echo) -> None:
    call = echo.stub.Watch(EchoRequest(text="first"), metadata=echo.metadata())
    assert (await call.read()).text == "first"
    began = asyncio.get_running_loop().time()
    stopping = asyncio.create_task(echo.server.stop(2))
    found = await fault(call.read())
    assert found.code() is grpc.StatusCode.UNAVAILABLE
    assert details(found).retry is not None
    await stopping
    assert asyncio.get_running_loop().time() - began < 1.5
    assert echo.servicer.cancelled.is_set()


async def test_a_watching_caller_who_leaves_ends_the_watch(echo: Echo) -> None:
    call = echo.stub.Watch(EchoRequest(text="first"), metadata=echo.metadata())
    await call.read()
    call.cancel()
    await asyncio.wait_for(echo.servicer.cancelled.wait(), 5)
    await until(lambda: bool(echo.lines()))
    assert echo.lines()[0]["code"] == "CANCELLED"


async def _awaited(call: Any) -> Any:
    return await call
