import asyncio
import socket
import ssl
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.delivery.providers import Account, Code, ConfigurationError, Outgoing, Result
from services.delivery.providers.smtp.adapter import Smtp
from services.delivery.providers.smtp.codes import judge
from services.delivery.providers.smtp.wire import stuffed
from tests.delivery.providers.blocks import block, message, outcomes
from tests.delivery.providers.fake_smtp import FakeSmtp


@asynccontextmanager
async def adapter(
    port: int, *, concurrency: int = 2, credentials: dict | None = None, **config: object
) -> AsyncIterator[Smtp]:
    config = {"host": "127.0.0.1", "port": port, "security": "none"} | config
    made = Smtp(
        Account(
            uuid.uuid4(),
            "smtp",
            config,
            credentials or {},
            timedelta(seconds=0.5),
            concurrency,
            production=False,
        )
    )
    yield made
    await made.close()


@pytest.mark.parametrize("pipelining", [True, False])
async def test_connections_are_kept_open_and_shared(pipelining: bool) -> None:
    async with FakeSmtp(pipelining=pipelining) as server, adapter(server.port) as smtp:
        for _ in range(3):
            await outcomes(smtp, [message(f"r{n}@example.com") for n in range(40)])
        assert server.connections == 2
        assert len(server.letters) == 120


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_relay_that_closes_after_some_messages_loses_none(pipelining: bool) -> None:
    async with FakeSmtp(pipelining=pipelining, limit=7) as server, adapter(server.port) as smtp:
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(50)])
        assert {one.result for one in results} == {Result.ACCEPTED}
        assert sorted(letter[1] for letter in server.letters) == sorted(
            f"r{n}@example.com" for n in range(50)
        )


@pytest.mark.parametrize("lenient", [True, False])
@pytest.mark.parametrize("pipelining", [True, False])
async def test_refused_recipients_do_not_disturb_the_others(pipelining: bool, lenient: bool) -> None:
    async with (
        FakeSmtp(pipelining=pipelining, lenient=lenient) as server,
        adapter(server.port, concurrency=1) as smtp,
    ):
        for n in range(0, 30, 3):
            server.replies[f"r{n}@example.com"] = "550 5.1.1 unknown"
        server.replies["dot:r1@example.com"] = "554 5.6.0 content refused"
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(30)])
        kinds = [one.result for one in results]
        assert [n for n, kind in enumerate(kinds) if kind is Result.PERMANENT] == sorted(
            [*range(0, 30, 3), 1]
        )
        assert results[1].code == Code.CONTENT_REFUSED
        assert len(server.letters) == 19
        assert server.connections == 1


@pytest.mark.req("DEL-78")
async def test_only_messages_whose_content_went_out_are_unknown_when_a_connection_breaks() -> None:
    async with FakeSmtp() as server, adapter(server.port, concurrency=1) as smtp:
        server.replies["dot:r5@example.com"] = "drop"
        server.replies["r9@example.com"] = "drop"
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(15)])
        assert [n for n, one in enumerate(results) if one.result is Result.UNKNOWN] == [5]
        assert [n for n, one in enumerate(results) if one.result is Result.RETRYABLE] == [9]
        assert len({letter[1] for letter in server.letters}) == len(server.letters) == 14


@pytest.mark.req("DEL-78")
async def test_a_relay_that_falls_silent_is_waited_for_no_longer_than_the_account_allows() -> None:
    async with FakeSmtp() as server, adapter(server.port, concurrency=1) as smtp:
        server.replies["dot:r12@example.com"] = "hang"
        server.replies["r18@example.com"] = "hang"
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(20)])
        assert (results[12].result, results[12].code) == (Result.UNKNOWN, Code.TIMEOUT)
        assert (results[18].result, results[18].code) == (Result.RETRYABLE, Code.TIMEOUT)
        assert results[19].result is Result.ACCEPTED


async def test_a_letter_that_cannot_be_composed_stops_no_other_and_accuses_nobody() -> None:
    bad = message("r7@example.com")

    def path(one: Outgoing) -> str:
        if one.message_id == bad.message_id:
            raise ValueError("no path")
        return "b@bounce.acme.example"

    sent = [*(message(f"r{n}@example.com") for n in range(7)), bad, message("r8@example.com")]
    async with FakeSmtp() as server, adapter(server.port, concurrency=1) as smtp:
        results = await outcomes(smtp, sent, return_path=path)
    assert [n for n, one in enumerate(results) if one.result is not Result.ACCEPTED] == [7]
    assert (results[7].result, results[7].provider_fault) == (Result.RETRYABLE, False)


async def test_nobody_listening_is_retryable_for_all() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    async with adapter(port) as smtp:
        results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(25)])
        assert {(one.result, one.code, one.provider_fault) for one in results} == {
            (Result.RETRYABLE, Code.CONNECTION, True)
        }
        assert not (await smtp.verify()).ok


@pytest.mark.req("DEL-77")
async def test_bad_credentials_mark_the_account() -> None:
    async with FakeSmtp(password="right") as server:
        async with adapter(server.port, credentials={"username": "u", "password": "wrong"}) as smtp:
            (outcome,) = await outcomes(smtp, [message()])
            assert (outcome.result, outcome.code, outcome.provider_fault) == (
                Result.RETRYABLE,
                Code.CREDENTIALS,
                True,
            )
        async with adapter(server.port, credentials={"username": "u", "password": "right"}) as smtp:
            assert (await smtp.verify()).ok
            assert (await outcomes(smtp, [message()]))[0].result is Result.ACCEPTED


@pytest.mark.req("DEL-103")
def test_production_speaks_tls_only() -> None:
    for config in ({"host": "h", "security": "none"}, {"host": "h", "security": "maybe"}, {}):
        with pytest.raises(ConfigurationError):
            Smtp(Account(uuid.uuid4(), "smtp", config))
    Smtp(Account(uuid.uuid4(), "smtp", {"host": "h"}))
    with pytest.raises(ConfigurationError):
        Smtp(
            Account(
                uuid.uuid4(),
                "smtp",
                {"host": "h"},
                {"dkim_private_key": "x", "dkim_domain": "d", "dkim_selector": "s"},
            )
        )


@pytest.mark.req("DEL-103", "REL-13")
async def test_a_relay_without_starttls_gets_nothing_when_tls_is_asked_for() -> None:
    async with FakeSmtp() as server, adapter(server.port, security="starttls") as smtp:
        (outcome,) = await outcomes(smtp, [message()])
        assert outcome.result is Result.RETRYABLE
        assert server.letters == []


async def test_the_return_path_comes_from_the_caller() -> None:
    def path(one: Outgoing) -> str:
        return f"b-{one.message_id.hex}@bounce.acme.example"

    async with FakeSmtp() as server, adapter(server.port) as smtp:
        sent = message()
        await outcomes(smtp, [sent], return_path=path)
        assert server.letters[0][0] == path(sent)
        await outcomes(smtp, [message()])
        assert server.letters[1][0] == "news@acme.example"


async def test_outcomes_come_in_lots_while_others_are_under_way() -> None:
    async with FakeSmtp() as server, adapter(server.port) as smtp:
        lots = [
            len(lot) async for lot in smtp.send(block([message(f"r{n}@example.com") for n in range(450)]))
        ]
        assert sum(lots) == 450
        assert len(lots) >= 3


async def test_a_caller_that_stops_listening_leaves_no_tasks_and_no_half_spoken_connection() -> None:
    async with FakeSmtp() as server, adapter(server.port) as smtp:
        stream = smtp.send(block([message(f"r{n}@example.com") for n in range(400)]))
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        assert {one.result for one in await outcomes(smtp, [message()])} == {Result.ACCEPTED}
        assert len(asyncio.all_tasks()) < 8


class Sink:
    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        self.letters.append(envelope.content)  # type: ignore[attr-defined]
        return "250 ok"


@pytest.mark.req("DEL-103")
@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_travels_over_tls_to_another_implementation(security: str, tmp_path: Path) -> None:
    certificate, context = _certificate(tmp_path)
    sink = Sink()
    secure = (
        {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
    )
    controller = Controller(sink, hostname="127.0.0.1", port=0, **secure)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    await asyncio.to_thread(controller.start)
    try:
        async with adapter(controller.port, security=security, ca_file=str(certificate)) as smtp:
            results = await outcomes(smtp, [message(f"r{n}@example.com") for n in range(30)])
            assert {one.result for one in results} == {Result.ACCEPTED}
        assert len(sink.letters) == 30
        async with adapter(
            controller.port, security=security
        ) as stranger:  # an unknown authority is not trusted
            (outcome,) = await outcomes(stranger, [message()])
            assert (outcome.result, outcome.code) in (
                (Result.RETRYABLE, Code.TLS),
                (Result.RETRYABLE, Code.CONNECTION),
            )
        assert len(sink.letters) == 30
    finally:
        await asyncio.to_thread(controller.stop)


def _certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    import ipaddress

    key = generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return certificate, context


@pytest.mark.req("DEL-82", "DEL-83")
@pytest.mark.parametrize(
    ("code", "text", "result", "word", "recipient_fault", "provider_fault"),
    [
        (250, "2.0.0 queued", Result.ACCEPTED, "", False, False),
        (421, "4.3.2 shutting down", Result.RETRYABLE, Code.UNAVAILABLE, False, True),
        (450, "4.2.1 mailbox busy", Result.RETRYABLE, Code.MAILBOX_UNAVAILABLE, False, False),
        (451, "4.7.1 greylisted", Result.RETRYABLE, Code.RATE_LIMITED, False, True),
        (451, "4.3.0 local error", Result.RETRYABLE, Code.UNAVAILABLE, False, True),
        (452, "4.2.2 over quota", Result.RETRYABLE, Code.MAILBOX_FULL, False, False),
        (552, "5.2.2 over quota", Result.RETRYABLE, Code.MAILBOX_FULL, False, False),
        (550, "5.1.1 no such user", Result.PERMANENT, Code.INVALID_RECIPIENT, True, False),
        (550, "5.1.2 no such domain", Result.PERMANENT, Code.INVALID_RECIPIENT, True, False),
        (556, "5.1.10 null mx", Result.PERMANENT, Code.INVALID_RECIPIENT, True, False),
        (550, "5.2.1 disabled", Result.PERMANENT, Code.INVALID_RECIPIENT, True, False),
        (550, "no such user here", Result.PERMANENT, "smtp_550", False, False),
        (550, "5.7.1 invalid user words do not count", Result.PERMANENT, Code.POLICY, False, True),
        (553, "5.1.8 bad sender", Result.PERMANENT, Code.SENDER_REFUSED, False, True),
        (552, "5.3.4 too big", Result.PERMANENT, Code.TOO_LARGE, False, False),
        (554, "5.6.0 bad content", Result.PERMANENT, Code.CONTENT_REFUSED, False, False),
        (535, "5.7.8 credentials", Result.RETRYABLE, Code.CREDENTIALS, False, True),
        (503, "5.5.1 bad sequence", Result.PERMANENT, Code.REQUEST_REFUSED, False, True),
        (550, "4.1.1 contradictory", Result.PERMANENT, "smtp_550", False, False),
    ],
)
def test_replies_are_judged_by_codes(
    code: int, text: str, result: Result, word: str, recipient_fault: bool, provider_fault: bool
) -> None:
    found = judge(code, text)
    assert (found.result, found.code) == (result, word)
    assert (found.recipient_fault, found.provider_fault) == (recipient_fault, provider_fault)


def test_it_runs_on_uvloop_as_well() -> None:
    async def send() -> set[Result]:
        async with FakeSmtp() as server, adapter(server.port) as smtp:
            return {
                one.result for one in await outcomes(smtp, [message(f"r{n}@example.com") for n in range(30)])
            }

    assert uvloop.run(send()) == {Result.ACCEPTED}


def test_dots_are_stuffed_and_the_end_is_one_dot() -> None:
    assert stuffed(b".a\r\n..b\r\nc") == b"..a\r\n...b\r\nc\r\n.\r\n"
    assert stuffed(b"a\r\n.\r\n") == b"a\r\n..\r\n.\r\n"


async def test_sending_says_what_it_costs() -> None:
    async with FakeSmtp() as server, adapter(server.port, concurrency=4) as smtp:
        sent = [message(f"r{n}@example.com") for n in range(500)]
        started = time.process_time()
        await outcomes(smtp, sent)
        print(
            f"\n{(time.process_time() - started) / len(sent) * 1e6:.0f} µs per message, client and server together"
        )
