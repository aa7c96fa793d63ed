"""A container's health check asks the real protocols."""

import asyncio
from collections.abc import AsyncIterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from scripts import healthcheck


@pytest.fixture
async def server() -> AsyncIterator[tuple[int, health.aio.HealthServicer]]:
    servicer = health.aio.HealthServicer()
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port, servicer
    await server.stop(None)


async def test_a_serving_service_is_well(server: tuple[int, health.aio.HealthServicer]) -> None:
    port, servicer = server
    await servicer.set("", health_pb2.HealthCheckResponse.SERVING)
    assert await asyncio.to_thread(healthcheck.main, ["--grpc", f"127.0.0.1:{port}"]) == 0


async def test_a_service_that_waits_for_its_database_is_not(
    server: tuple[int, health.aio.HealthServicer], capsys: pytest.CaptureFixture[str]
) -> None:
    port, servicer = server
    await servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
    assert await asyncio.to_thread(healthcheck.main, ["--grpc", f"127.0.0.1:{port}"]) == 1
    assert "NOT_SERVING" in capsys.readouterr().err


def test_nobody_listening_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert healthcheck.main(["--grpc", "127.0.0.1:1", "--timeout", "1"]) == 1
    assert healthcheck.main(["--http", "http://127.0.0.1:1/", "--timeout", "1"]) == 1
    assert "UNAVAILABLE" in capsys.readouterr().err


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_a_page_is_well_when_it_answers_200(status: int, code: int) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the signature is the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        assert healthcheck.main(["--http", f"http://127.0.0.1:{server.server_port}/metrics"]) == code
        server.shutdown()
