"""HTTP/2 as a client: many requests on one connection, and what is known of those that failed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.settings
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sandbox.apns.server import Connection, Reply, Request
from services.delivery.providers import Account, Code, Result
from services.delivery.providers import http2 as client
from services.delivery.providers.http2 import Http2

Line = h2.connection.H2Connection
Script = Callable[[Line, h2.events.Event], None]


def answer(line: Line, number: int, body: bytes = b"{}") -> None:
    line.send_headers(number, [(":status", "200"), ("x-number", str(number))])
    line.send_data(number, body, end_stream=True)


@asynccontextmanager
async def serving(script: Script, **settings: int) -> AsyncIterator[tuple[Http2, list[int]]]:
    """A server that does what a script says at each event, and a client of it; lists the connections it got."""
    came: list[int] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(1)
        writers.append(writer)
        line = Line(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        line.initiate_connection()
        line.update_settings(
            {getattr(h2.settings.SettingCodes, name): value for name, value in settings.items()}
        )
        writer.write(line.data_to_send())
        while data := await reader.read(65536):
            for event in line.receive_data(data):
                script(line, event)
            writer.write(line.data_to_send())

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    made = Http2(Account(uuid4(), "apns", timeout=timedelta(seconds=0.5)), url)
    try:
        yield made, came
    finally:
        await made.close()
        server.close()
        for writer in writers:
            writer.close()
            await writer.wait_closed()


async def together(count: int, one: Callable[[], Awaitable[object]]) -> list[object]:
    return list(await asyncio.gather(*(one() for _ in range(count))))


async def test_more_requests_than_the_server_takes_at_once_wait_their_turn() -> None:
    most = 0

    def script(line: Line, event: h2.events.Event) -> None:
        nonlocal most
        if isinstance(event, h2.events.StreamEnded):
            most = max(most, line.open_inbound_streams)
            answer(line, event.stream_id)

    async with serving(script, MAX_CONCURRENT_STREAMS=3) as (http, came):
        answers = await together(25, lambda: http.post("/x", b"body", {}))
    assert {one.status for one in answers} == {200}  # type: ignore[attr-defined]
    assert len({one.headers["X-Number"] for one in answers}) == 25  # type: ignore[attr-defined]
    assert most <= 3
    assert came == [1]


async def test_a_body_waits_for_the_room_the_other_side_gives() -> None:
    got = bytearray()

    def script(line: Line, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.DataReceived):
            got.extend(event.data)
            line.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            answer(line, event.stream_id)

    body = bytes(range(256)) * 800
    async with serving(script) as (http, _):
        found = await http.post("/x", body, {})
    assert found.status == 200
    assert bytes(got) == body


async def test_a_body_goes_on_when_the_other_side_gives_all_requests_more_room() -> None:
    got = bytearray()

    def script(line: Line, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.DataReceived):
            if not got:
                line.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 10_000})
            got.extend(event.data)
        elif isinstance(event, h2.events.StreamEnded):
            answer(line, event.stream_id)

    body = bytes(range(256)) * 20
    async with serving(script, INITIAL_WINDOW_SIZE=100) as (http, _):
        found = await http.post("/x", body, {})
    assert found.status == 200
    assert bytes(got) == body


@pytest.mark.req("DEL-78")
async def test_a_refused_stream_was_never_worked_on_and_a_broken_one_may_have_been() -> None:
    codes = [h2.errors.ErrorCodes.REFUSED_STREAM, h2.errors.ErrorCodes.INTERNAL_ERROR]

    def script(line: Line, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.StreamEnded):
            line.reset_stream(event.stream_id, codes.pop(0))

    async with serving(script) as (http, _):
        refused, broken = await http.post("/x", b"body", {}), await http.post("/x", b"body", {})
    assert refused.failure is not None
    assert broken.failure is not None
    assert (refused.failure[0], broken.failure[0]) == (Result.RETRYABLE, Result.UNKNOWN)


@pytest.mark.req("DEL-78")
async def test_a_server_that_leaves_says_which_requests_it_never_looked_at() -> None:
    waiting: list[int] = []

    def script(line: Line, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.StreamEnded):
            waiting.append(event.stream_id)
            if len(waiting) == 3:
                first, *_ = waiting
                answer(line, first)
                line.close_connection(last_stream_id=first)

    async with serving(script) as (http, came):
        answers = await together(3, lambda: http.post("/x", b"body", {}))
        results = sorted(str(one.failure[0]) if one.failure else "answered" for one in answers)  # type: ignore[attr-defined]
        assert results == ["answered", "retryable", "retryable"]
        waiting.clear()
        await together(1, lambda: http.post("/x", b"body", {}))
        assert len(came) == 2


async def test_silence_ends_a_connection_so_that_the_next_request_gets_a_new_one() -> None:
    heard = 0

    def script(line: Line, event: h2.events.Event) -> None:
        nonlocal heard
        if isinstance(event, h2.events.StreamEnded):
            heard += 1
            if heard > 1:
                answer(line, event.stream_id)

    async with serving(script) as (http, came):
        silent = await http.post("/x", b"body", {})
        assert silent.failure is not None
        assert silent.failure[:2] == (Result.UNKNOWN, Code.TIMEOUT)
        assert (await http.post("/x", b"body", {})).status == 200
        assert len(came) == 2


async def test_a_connection_that_was_quiet_for_long_is_asked_before_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pings = 0

    def script(line: Line, event: h2.events.Event) -> None:
        nonlocal pings
        pings += isinstance(event, h2.events.PingReceived)
        if isinstance(event, h2.events.StreamEnded):
            answer(line, event.stream_id)

    monkeypatch.setattr(client, "QUIET", 0.0)
    async with serving(script) as (http, came):
        for _ in range(3):
            assert (await http.post("/x", b"body", {})).status == 200
        assert pings == 2
        assert came == [1]


async def test_a_server_of_another_protocol_is_told_apart() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    found = await Http2(Account(uuid4(), "apns", timeout=timedelta(seconds=0.5)), url).post("/x", b"", {})
    server.close()
    assert found.failure is not None
    assert found.failure[0] is Result.RETRYABLE


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, Path]:
    """A certificate for a host, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


@pytest.mark.parametrize(("offered", "result"), [(["h2"], None), (["http/1.1"], Result.RETRYABLE)])
async def test_over_tls_both_sides_agree_on_the_protocol_first(
    tmp_path: Path, offered: list[str], result: Result | None
) -> None:
    async def reply(request: Request) -> Reply:
        return Reply(200, {"apns-id": "1"})

    cert, key = certificate(tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(cert, key)
    theirs.set_alpn_protocols(offered)
    connections: set[Connection] = set()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(reply, connections), "localhost", 0, ssl=theirs
    )
    ours = ssl.create_default_context(cafile=str(cert))
    account = Account(uuid4(), "apns", timeout=timedelta(seconds=2))
    http = Http2(account, f"https://localhost:{server.sockets[0].getsockname()[1]}", tls=ours)
    found = await http.post("/x", b"body", {})
    strict = Http2(account, f"https://localhost:{server.sockets[0].getsockname()[1]}")
    refused = await strict.post("/x", b"body", {})
    await http.close()
    server.close()
    for one in list(connections):
        one.close()
    assert (found.failure[0] if found.failure else None) == result
    assert refused.failure is not None
    assert refused.failure[:2] == (Result.RETRYABLE, Code.TLS)
