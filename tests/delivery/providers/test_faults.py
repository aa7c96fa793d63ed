"""Every adapter under every fault of its provider: what it says is what happened, and nothing goes out twice for it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from services.delivery.providers import Code, Outgoing, Presence, Result
from tests.delivery.providers.rigs.adapters import ALL, HTTP, Adapters, adapters
from tests.delivery.providers.test_http2 import certificate

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Their answer tells of several messages: of one that cannot be read nobody knows who was taken.
BLOCKS = ("postmark", "ses", "msg91", "wati")
LOOKS_UP = ("sendgrid", "postmark", "twilio")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Adapters]:
    async with adapters(tmp_path_factory.mktemp("sandbox")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(running: Adapters) -> AsyncIterator[Adapters]:
    """The same for all tests here; what one ordered and did not use up is gone for the next."""
    yield running
    async with running.sandbox.session.delete(f"{running.sandbox.url}/faults") as response:
        assert response.status == 200


@pytest.mark.req("DEL-76", "DEL-78", "DEL-82", "DEL-109", "REL-13")
@pytest.mark.parametrize(
    ("fault", "fields", "result", "code"),
    [
        ("timeout_before", {}, Result.UNKNOWN, Code.TIMEOUT),
        ("timeout_after", {}, Result.UNKNOWN, Code.TIMEOUT),
        ("disconnect_before", {}, Result.UNKNOWN, Code.CONNECTION),
        ("disconnect_after", {}, Result.UNKNOWN, Code.CONNECTION),
        ("rate_limit", {"seconds": 9}, Result.RETRYABLE, Code.RATE_LIMITED),
        ("rate_limit", {"reset": False}, Result.RETRYABLE, Code.RATE_LIMITED),
        ("server_error", {"code": 503}, Result.RETRYABLE, Code.UNAVAILABLE),
        ("broken_json", {}, Result.RETRYABLE, Code.UNAVAILABLE),
    ],
    ids=lambda value: value if isinstance(value, str) and value.islower() else "",
)
@pytest.mark.parametrize("name", HTTP)
async def test_every_fault_gets_its_name_and_a_lost_answer_is_unknown(
    sandbox: Adapters, name: str, fault: str, fields: dict[str, Any], result: Result, code: Code
) -> None:
    provider = sandbox.provider(name, seconds=0.5 if fault.startswith("timeout") else 10.0)
    if fault.startswith("timeout"):
        # So that a connection stands, and the short time is all the answer's.
        await sandbox.outcome(name, provider, await sandbox.message(name))
    await sandbox.sandbox.fault(fault, **fields)
    sent = await sandbox.message(name)
    outcome = await sandbox.outcome(name, provider, sent)
    assert (outcome.result, outcome.code) == (result, code)
    assert (outcome.provider_fault, outcome.recipient_fault) == (True, False)
    taken = await sandbox.taken(name, sent)
    assert taken == fault.endswith("_after")
    if name in LOOKS_UP and result is Result.UNKNOWN:
        found = (await provider.look_up([sent.message_id]))[sent.message_id].presence
        assert found is (Presence.FOUND if taken else Presence.NOT_FOUND)
    again = await sandbox.message(name)
    assert (await sandbox.outcome(name, sandbox.provider(name), again)).result is Result.ACCEPTED


@pytest.mark.req("DEL-82", "REL-13")
@pytest.mark.parametrize("name", HTTP)
async def test_a_burst_of_failures_ends_with_it_and_slowness_is_none(sandbox: Adapters, name: str) -> None:
    provider = sandbox.provider(name)
    await sandbox.sandbox.fault("server_error", code=500, count=3)
    await sandbox.sandbox.fault("slow", seconds=0.1)
    results = [await sandbox.outcome(name, provider, await sandbox.message(name)) for _ in range(5)]
    assert [one.result for one in results] == [Result.RETRYABLE] * 3 + [Result.ACCEPTED] * 2
    assert [one.provider_fault for one in results] == [True] * 3 + [False] * 2


@pytest.mark.req("DEL-78", "REL-13")
@pytest.mark.parametrize("name", HTTP)
async def test_an_answer_that_cannot_be_read_after_acceptance_is_never_a_reason_to_send_again(
    sandbox: Adapters, name: str
) -> None:
    provider = sandbox.provider(name)
    await sandbox.sandbox.fault("broken_json", accepted=True)
    sent = await sandbox.message(name)
    outcome = await sandbox.outcome(name, provider, sent)
    assert outcome.result is (Result.UNKNOWN if name in BLOCKS else Result.ACCEPTED)
    assert await sandbox.taken(name, sent) == 1


class Wrong:
    """A server whose TLS goes wrong; counts what clients told it all the same."""

    def __init__(self, port: int) -> None:
        self.port, self.heard = port, bytearray()


@asynccontextmanager
async def wrong(trouble: str, folder: Path) -> AsyncIterator[Wrong]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(folder, "api.provider.example"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    made = Wrong(0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if trouble == "hangs up":
            await reader.read(1)
        elif trouble == "speaks plainly":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await reader.read(65536)
        else:
            while data := await reader.read(65536):
                made.heard += data
        writer.close()

    server = await asyncio.start_server(
        serve, "127.0.0.1", 0, ssl=context if trouble == "nobody vouches for it" else None
    )
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


@pytest.mark.req("DEL-82", "DEL-109", "REL-13")
@pytest.mark.parametrize("trouble", ["nobody vouches for it", "hangs up", "speaks plainly"])
@pytest.mark.parametrize("name", ALL)
async def test_where_tls_fails_nothing_was_said_and_it_may_be_tried_again(
    sandbox: Adapters, name: str, trouble: str, tmp_path: Path
) -> None:
    async with wrong(trouble, tmp_path) as server:
        own: dict[str, Any] = {"port": server.port, "security": "tls"} if name == "smtp" else {}
        url = f"https://127.0.0.1:{server.port}"
        provider = sandbox.provider(name, url, **own)
        sent = _at(await sandbox.message(name), url)
        outcome = await sandbox.outcome(name, provider, sent)
        await provider.close()
    assert (outcome.result, outcome.provider_fault, outcome.recipient_fault) == (
        Result.RETRYABLE,
        True,
        False,
    )
    assert outcome.code is (Code.CONNECTION if trouble == "hangs up" else Code.TLS)
    assert server.heard == b""


def _at(sent: Outgoing, url: str) -> Outgoing:
    """A browser's subscription names its push service itself."""
    device = sent.device
    if device is None or not device.token.startswith("http"):
        return sent
    return replace(sent, device=replace(device, token=f"{url}/{device.token.rpartition('/')[2]}"))
