"""How the supervisor learns that a role is ready, and what it does when a store moves."""

import asyncio
import os
import signal
import socket
import sys
import time
from pathlib import Path

from cli.embedded.ports import free_port
from cli.embedded.valkey import EmbeddedValkey
from cli.supervisor import GrpcHealth, Program, Role, SaysReady, Supervisor, serving
from cli.supervisor.polling import until
from tests.cli.roles import sleeper

_HEALTH = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
server = grpc.server(ThreadPoolExecutor(2))
servicer = health.HealthServicer()
servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
server.add_insecure_port(sys.argv[1])
server.start()
time.sleep(float(sys.argv[2]))
servicer.set("", health_pb2.HealthCheckResponse.SERVING)
time.sleep(600)
"""


async def test_a_service_is_ready_when_its_health_says_serving_not_when_it_listens(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    role = Role(
        "service",
        Program((sys.executable, "-c", _HEALTH, address, "1.0")),
        ready=GrpcHealth(address),
        grace=1,
    )
    assert not await serving(address)
    async with Supervisor([role], tmp_path) as supervisor:
        assert await serving(address)
        [status] = supervisor.status()
        assert status.seconds_to_ready is not None
        assert status.seconds_to_ready > 1.0


async def test_a_worker_is_ready_when_its_log_says_so_in_this_life(tmp_path: Path) -> None:
    code = 'import time; time.sleep(0.6); print(\'{"event":"ready"}\', flush=True); time.sleep(600)'
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "worker.log").write_text('{"event":"ready"}\n')
    role = Role("worker", Program((sys.executable, "-c", code)), ready=SaysReady(or_after=60))
    async with Supervisor([role], tmp_path) as supervisor:
        [status] = supervisor.status()
        assert status.seconds_to_ready is not None
        assert 0.6 < status.seconds_to_ready < 30


async def test_a_worker_that_logs_too_little_counts_as_ready_after_a_while(tmp_path: Path) -> None:
    role = Role(
        "worker",
        Program((sys.executable, "-c", "import time; time.sleep(600)")),
        ready=SaysReady(or_after=0.3),
    )
    began = time.monotonic()
    async with Supervisor([role], tmp_path):
        assert time.monotonic() - began >= 0.3


async def test_roles_are_started_again_when_a_store_comes_back_at_another_port(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey", fast_for_tests=True)
    journal = tmp_path / "journal"
    service = sleeper("service", journal, after=("valkey",))
    assert isinstance(service.start, Program)
    moving = Role(
        "service",
        Program(service.start.command, lambda: {**os.environ, "REDIS_URL": valkey.url}),
        ready=service.ready,
        after=("valkey",),
    )
    async with Supervisor([Role("valkey", valkey), moving], tmp_path) as supervisor:
        before, pid = valkey.port, supervisor.pid("service")
        assert valkey.pid
        os.kill(valkey.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await until(lambda: not valkey.alive(), every=0.001)
        with _held(before):
            async with asyncio.timeout(20):
                await until(lambda: supervisor.pid("service") not in (None, pid))
            assert valkey.port != before


def _held(port: int) -> socket.socket:
    """Takes a port as soon as its dead owner's last thread has let go of it."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > deadline:
                raise
