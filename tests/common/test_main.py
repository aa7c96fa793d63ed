"""A service as a process: it starts, tells, serves on several processes, survives and drains."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import grpc.aio
import pytest

from services.common.security.jwt import issue_person
from tests.common.given import COMPLETE, settings
from tests.common.rpc.echo import EchoRequest, echo_pb2_grpc

ENVIRONMENT = {
    name.upper(): str(value).lower() if isinstance(value, bool) else str(value)
    for name, value in COMPLETE.items()
}


class Running:
    """A process and the lines it wrote."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []

    async def until(self, event: str, *, times: int = 1) -> list[dict[str, Any]]:
        """Reads until `event` was told so many times."""
        assert self.process.stdout is not None
        async with asyncio.timeout(30):
            while len(found := [line for line in self.lines if line["event"] == event]) < times:
                text = await self.process.stdout.readline()
                assert text, f"ended without {event}: {self.lines}"
                self.lines.append(json.loads(text))
        return found

    async def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        async with asyncio.timeout(30):
            return await self.process.wait()


Start = Callable[..., Awaitable[Running]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    running: list[Running] = []

    async def start_one(command: str = "all", **environment: str) -> Running:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.common.rpc.echo_service",
            command,
            env={**os.environ, **ENVIRONMENT, **environment},
            stdout=PIPE,
            stderr=PIPE,
        )
        running.append(Running(process))
        return running[-1]

    yield start_one
    for one in running:
        if one.process.returncode is None:
            one.process.kill()
        await one.process.communicate()


async def call(port: int) -> str:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        token = issue_person(settings(), uuid4(), "p", ["super_owner"])
        stub = echo_pb2_grpc.EchoServiceStub(channel)
        metadata = (("authorization", f"Bearer {token}"),)
        answer = await stub.Echo(EchoRequest(text="hi"), metadata=metadata, timeout=5, wait_for_ready=True)
        return str(answer.text)


@pytest.mark.req("REL-22")
async def test_a_process_serves_works_and_drains(start: Start) -> None:
    running = await start("all")
    [ready] = await running.until("ready")
    assert ready["role"] == "all"
    assert await call(ready["port"]) == "hi"
    [line] = await running.until("loop failed")
    assert "RuntimeError" in line["exception"]
    await running.until("loop works")
    assert await running.end() == 0
    await running.until("stopped")
    events = [line["event"] for line in running.lines]
    assert events.index("loop finished its work") < events.index("closed") < events.index("stopped")


async def test_serve_runs_no_loop_and_work_answers_no_call(start: Start) -> None:
    serving, working = await start("serve"), await start("work")
    [served] = await serving.until("ready")
    [worked] = await working.until("ready")
    assert served["port"] > 0
    assert worked["port"] is None
    await working.until("loop works")
    assert await serving.end(signal.SIGINT) == 0
    assert await working.end(signal.SIGINT) == 0
    assert "loop works" not in [line["event"] for line in serving.lines]


async def test_several_processes_share_a_port_and_a_dead_one_is_replaced(start: Start) -> None:
    running = await start("all", RPC_PROCESSES="2")
    ready = await running.until("ready", times=2)
    [port] = {line["port"] for line in ready}
    assert {line["role"] for line in ready} == {"all", "serve"}
    assert {await call(port) for _ in range(6)} == {"hi"}

    children = _children(running.process.pid)
    assert len(children) == 2
    os.kill(children[0], signal.SIGKILL)
    await running.until("ready", times=3)
    assert await call(port) == "hi"
    assert await running.end() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(children[1], 0)


async def test_a_signal_while_waiting_for_the_database_ends_the_process(start: Start) -> None:
    running = await start("all", WAIT_FOR_DATABASE="1")
    await running.until("waiting")
    assert await running.end() == 0


@pytest.mark.req("GEN-43")
async def test_a_missing_setting_stops_the_start_and_is_named(start: Start) -> None:
    running = await start("all", TOKEN_KEYS="", DB_PORT="many")
    _, told = await running.process.communicate()
    assert running.process.returncode == 1
    assert b"TOKEN_KEYS: is required" in told
    assert b"DB_PORT: must be a valid integer" in told


async def test_an_unknown_command_tells_the_known_ones(start: Start) -> None:
    running = await start("fly")
    _, told = await running.process.communicate()
    assert running.process.returncode == 1
    assert b"serve" in told
    assert b"migrate" in told


async def test_migrate_needs_the_owners_url(start: Start) -> None:
    running = await start("migrate", DATABASE_URL="")
    _, told = await running.process.communicate()
    assert running.process.returncode == 1
    assert b"DATABASE_URL" in told


@pytest.mark.req("GEN-45")
async def test_metrics_are_shown_apart_from_the_rpc_port(start: Start, unused_tcp_port: int) -> None:
    running = await start("serve", ENABLE_METRICS="true", METRICS_PORT=str(unused_tcp_port))
    [ready] = await running.until("ready")
    assert await call(ready["port"]) == "hi"

    def page() -> str:
        with urlopen(f"http://127.0.0.1:{unused_tcp_port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    text = await asyncio.to_thread(page)
    path = "/angarium.testing.v1.EchoService/Echo"
    assert f'angarium_rpc_total{{code="OK",method="{path}"}} 1.0' in text
    assert f'angarium_rpc_seconds_count{{method="{path}"}} 1.0' in text
    assert "angarium_rpc_running 0.0" in text


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]
