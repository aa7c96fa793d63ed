"""What a call to another service carries."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.common import telemetry
from services.common.rpc import context
from services.common.rpc.client import Channels, as_tenant
from services.common.rpc.method_config import service_config
from tests.common.given import settings
from tests.common.rpc.conftest import Echo, StartEcho
from tests.common.rpc.echo import EchoRequest
from tests.common.rpc.faults import refusal

HELLO = EchoRequest(text="hello")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_the_tenant_of_the_work_in_hand_goes_along(echo: Echo) -> None:
    stub, own, other = echo.calling("delivery"), uuid4(), uuid4()
    with context.bind(context.Caller.of_service("delivery", own)):
        assert (await stub.Echo(HELLO)).tenant_id == str(own)
        with as_tenant(other):
            assert (await stub.Echo(HELLO)).tenant_id == str(other)
        assert (await stub.Echo(HELLO)).tenant_id == str(own)


async def test_the_callers_own_credential_is_never_forwarded(echo: Echo) -> None:
    person = context.Caller("person", "person-1", uuid4(), frozenset({"super_owner"}))
    with context.bind(person):
        assert (await echo.calling("delivery").Echo(HELLO)).caller == "delivery"


async def test_consequences_share_the_correlation_id(echo: Echo) -> None:
    stub = echo.calling("delivery")
    with context.bind(context.Caller.of_service("delivery"), request_id="r-1", correlation_id="chain-7"):
        assert (await stub.Echo(HELLO)).correlation_id == "chain-7"
    answer = await echo.stub.Echo(HELLO, metadata=echo.metadata(x_request_id="r-2"))
    assert answer.correlation_id == "r-2"


async def test_a_trace_goes_through_even_where_nobody_records_it(echo: Echo) -> None:
    stub = echo.calling("delivery")
    with telemetry.span("provider call", parent=TRACE):
        assert (await stub.Echo(HELLO)).traceparent == TRACE
    assert (await stub.Echo(HELLO)).traceparent == ""
    malformed = await echo.stub.Echo(HELLO, metadata=echo.metadata(traceparent="00-zz-1"))
    assert malformed.traceparent == ""


async def test_the_credential_is_used_for_half_its_life(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("services.common.rpc.client.time.monotonic", lambda: now)
    channels = Channels(settings(), name="delivery")
    first = channels.credential()
    now += 149
    assert channels.credential() is first
    now += 2
    assert channels.credential() is not first


def test_a_process_that_calls_has_a_name() -> None:
    with pytest.raises(ValueError, match="SERVICE_NAME"):
        Channels(settings(service_name=""))


async def test_an_unknown_service_has_no_channel() -> None:
    channels = Channels(settings(), name="delivery")
    with pytest.raises(LookupError):
        channels.stub(lambda channel: channel, "billing")


@pytest.mark.req("GEN-4")
async def test_what_may_be_repeated_is_repeated_while_the_other_side_is_unavailable(
    echo: Echo, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = {
        "maxAttempts": 4,
        "initialBackoff": "0.01s",
        "maxBackoff": "0.1s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    name = {"service": "angarium.testing.v1.EchoService", "method": "Echo"}
    config = {"methodConfig": [{"name": [name], "timeout": "5s", "retryPolicy": policy}]}
    monkeypatch.setattr("services.common.rpc.client.service_config", lambda _service: config)
    stub = echo.calling("delivery")
    assert (await stub.Echo(EchoRequest(text="flaky"))).text == "flaky"
    assert echo.servicer.seen == ["flaky"] * 3

    await refusal(stub.Echo(EchoRequest(text="not found")))
    assert echo.servicer.seen.count("not found") == 1


async def test_calls_go_round_all_replicas(start_echo: StartEcho) -> None:
    one, other = await start_echo(), await start_echo()
    both = f"ipv4:127.0.0.1:{one.server.port},127.0.0.1:{other.server.port}"
    stub = one.calling("delivery", delivery_address=both)
    await until_both(stub, one, other)
    before = len(one.servicer.seen), len(other.servicer.seen)
    for _ in range(20):
        await stub.Echo(HELLO)
    assert len(one.servicer.seen) - before[0] == len(other.servicer.seen) - before[1] == 10

    await one.server.stop(0)
    async with asyncio.timeout(10):
        for _ in range(20):
            await stub.Echo(HELLO)


async def until_both(stub: Any, one: Echo, other: Echo) -> None:
    async with asyncio.timeout(5):
        while not (one.servicer.seen and other.servicer.seen):
            await stub.Echo(HELLO)


@pytest.mark.req("SEC-2", "SEC-47", "API-25")
async def test_with_certificates_both_sides_prove_who_they_are(start_echo: StartEcho, tmp_path: Path) -> None:
    files = certificates(tmp_path)
    echo = await start_echo(**files)
    assert (await echo.calling("delivery").Echo(HELLO)).caller == "delivery"
    for wrong in (
        {"tls_certificate_file": None, "tls_key_file": None},
        {"tls_ca_file": None, "tls_certificate_file": None, "tls_key_file": None},
    ):
        assert (
            await refusal(echo.calling("delivery", **wrong).Echo(HELLO))
        ).reason == "DEPENDENCY_UNAVAILABLE"


def certificates(folder: Path) -> dict[str, Path]:
    """A certificate that is its own authority, for both sides."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "angarium test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "cert.pem", folder / "key.pem"
    chain.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"tls_ca_file": chain, "tls_certificate_file": chain, "tls_key_file": private}


@pytest.mark.req("GEN-4")
@pytest.mark.parametrize("service", ["consent", "campaign", "delivery", "analytics"])
def test_time_outs_and_retries_come_from_the_contract(service: str) -> None:
    methods = service_config(service)["methodConfig"]
    names = {name["service"] for entry in methods for name in entry["name"]}
    assert any(name.startswith(f"angarium.{service}.v1.") for name in names)
    assert "angarium.common.v1.AuditService" in names
