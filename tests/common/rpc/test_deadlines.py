"""Deadlines are kept, handed down and refused in time."""

from __future__ import annotations

import asyncio

import grpc
import pytest

from services.common.errors import ServiceError
from services.common.rpc import context, deadline
from services.common.rpc.method_config import timeout_of
from tests.common.rpc.conftest import Echo, StartEcho
from tests.common.rpc.echo import EchoRequest
from tests.common.rpc.faults import details, fault, refusal, until


async def test_the_handler_knows_how_long_it_has(echo: Echo) -> None:
    answer = await echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata(), timeout=2)
    assert 1 < answer.remaining < 2.1  # the wire rounds up


@pytest.mark.req("GEN-4")
async def test_a_caller_without_a_deadline_gets_one(echo: Echo) -> None:
    answer = await echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata())
    assert 4 < answer.remaining <= 5


@pytest.mark.req("SEC-131")
async def test_the_deadline_given_to_careless_callers_is_kept(
    start_echo: StartEcho, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "UNARY_SECONDS", 0.1)
    echo = await start_echo()
    found = await fault(echo.stub.Echo(EchoRequest(text="sleep"), metadata=echo.metadata()))
    assert found.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert details(found).info.reason == "DEADLINE_EXCEEDED"
    assert details(found).info.metadata["code"] == "MARKETING_069"
    assert echo.servicer.cancelled.is_set()


async def test_a_stream_without_a_deadline_has_none(echo: Echo) -> None:
    [answer] = [one async for one in echo.stub.Expand(EchoRequest(text="x"), metadata=echo.metadata())]
    assert answer.remaining == float("inf")


@pytest.mark.req("API-26")
async def test_work_with_nearly_no_time_left_is_refused(echo: Echo) -> None:
    found = await fault(echo.stub.Echo(EchoRequest(text="x"), metadata=echo.metadata(), timeout=0.02))
    assert found.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert echo.servicer.seen == []


async def test_a_passed_deadline_stops_the_handler_and_is_told_as_such(echo: Echo) -> None:
    found = await fault(echo.stub.Echo(EchoRequest(text="sleep"), metadata=echo.metadata(), timeout=0.1))
    assert found.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    await asyncio.wait_for(echo.servicer.cancelled.wait(), 5)
    await until(lambda: bool(echo.lines()))
    assert echo.lines()[0]["code"] == "DEADLINE_EXCEEDED"


@pytest.mark.req("API-26")
async def test_outgoing_calls_get_less_than_is_left(echo: Echo) -> None:
    stub = echo.calling("delivery")
    with context.bind(context.Caller.of_service("delivery")):
        deadline.begin(1.0)
        answer = await stub.Echo(EchoRequest(text="x"))
        assert 0.5 < answer.remaining < 1.0  # the wire rounds up by some milliseconds

        deadline.begin(0.04)
        assert (await refusal(stub.Echo(EchoRequest(text="x")))).reason == "DEADLINE_EXCEEDED"
    assert len(echo.lines()) == 1


def test_nearly_nothing_is_not_begun() -> None:
    with pytest.raises(ServiceError, match="deadline"):
        deadline.begin(deadline.LEAST_SECONDS / 2)


def test_the_most_particular_entry_of_a_service_config_wins() -> None:
    config = {
        "methodConfig": [
            {"name": [{}], "timeout": "1s"},
            {"name": [{"service": "a.B", "method": "C"}], "timeout": "3.5s"},
            {"name": [{"service": "a.B"}], "timeout": "2s"},
        ]
    }
    assert timeout_of(config, "/a.B/C") == 3.5
    assert timeout_of(config, "/a.B/D") == 2
    assert timeout_of(config, "/x.Y/Z") == 1
    assert timeout_of({}, "/x.Y/Z") is None
