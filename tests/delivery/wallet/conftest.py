"""A box office that signs passes, and the gateway that hands them out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from redis.asyncio import Redis

from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc
from gateway.settings import GatewaySettings
from services.common.settings import read
from tests.common.given import COMPLETE
from tests.delivery.kit import House, open_house
from tests.e2e.city import serve_gateway
from tests.ports import free_ports

PASS = pb.WalletPass
EVENT = datetime(2027, 3, 27, 19, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Authority:
    """Stands where Apple's and Google's keys would."""

    root: bytes
    certificate: bytes
    key: bytes
    google_key: rsa.RSAPrivateKey

    def settings(self) -> dict[str, str]:
        return {
            "apple_pass_type_id": "pass.example.tickets",
            "apple_team_id": "TEAM123456",
            "apple_pass_certificate": self.certificate.decode(),
            "apple_pass_key": self.key.decode(),
            "apple_wwdr_certificate": self.root.decode(),
            "google_issuer_id": "3388000000012345678",
            "google_service_account_email": "wallet@project.iam.gserviceaccount.com",
            "google_service_account_key": _pem(self.google_key).decode(),
        }


def _pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, by: rsa.RSAPrivateKey, *, is_ca: bool
) -> bytes:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(by, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


@pytest.fixture(scope="module")
def authority() -> Authority:
    root, own = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    return Authority(
        _certificate("Developer Relations", root, "Developer Relations", root, is_ca=True),
        _certificate("Pass Type ID", own, "Developer Relations", root, is_ca=False),
        _pem(own),
        rsa.generate_private_key(65537, 2048),
    )


class Desk:
    """Where tickets become passes, and the gateway that hands them out."""

    def __init__(self, house: House, base: str, session: aiohttp.ClientSession) -> None:
        self.house, self.base, self.session = house, base, session
        self.wallets = wallet_service_pb2_grpc.WalletServiceStub(house.channel)
        self.mine = house.as_person()
        house.neighbours.tenants.settings.primary_color = "#102a43"
        house.neighbours.tenants.settings.pass_terms = "No re-entry."

    async def create(self, **fields: Any) -> pb.CreateWalletPassResponse:
        return await self.wallets.CreateWalletPass(request(**fields), metadata=self.mine)

    async def get(self, pass_id: str) -> pb.GetWalletPassResponse:
        return await self.wallets.GetWalletPass(pb.GetWalletPassRequest(pass_id=pass_id), metadata=self.mine)

    async def open(self, url: str) -> tuple[int, str, bytes]:
        async with self.session.get(url, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", answer.content_type), await answer.read()


def request(**fields: Any) -> pb.CreateWalletPassRequest:
    shown = pb.PassFields(
        event_name="Der Rosenkavalier",
        event_ref="rosen-27",
        venue_name="Semperoper",
        venue_address="Theaterplatz 2, 01067 Dresden",
        time_zone="Europe/Berlin",
        seat="Parkett 4, 12",
        attendee_name="Jörg Ümlaut",
    )
    shown.event_time.FromDatetime(EVENT)
    for name in list(fields):
        if name in pb.PassFields.DESCRIPTOR.fields_by_name and name != "fields":
            setattr(shown, name, fields.pop(name))
    values = {
        "contact_id": str(uuid4()),
        "ticket_ref": "T-0042",
        "kind": PASS.KIND_APPLE,
        "idempotency_key": str(uuid4()),
        **fields,
    }
    return pb.CreateWalletPassRequest(fields=shown, **values)


@pytest.fixture
async def desk(
    clone_database: Callable[[Iterable[str]], str], redis_url: str, redis: Redis, authority: Authority
) -> AsyncIterator[Desk]:
    [door] = free_ports(1)
    base = f"http://127.0.0.1:{door}"
    async with AsyncExitStack() as stack:
        house = await stack.enter_async_context(
            open_house(clone_database(["delivery"]), redis_url, public_base_url=base, **authority.settings())
        )
        shared = {**COMPLETE, "redis_url": redis_url, "enable_rate_limiting": False, "public_base_url": base}
        shared["delivery_address"] = f"127.0.0.1:{house.server.port}"
        known = {name: value for name, value in shared.items() if name in GatewaySettings.model_fields}
        settings = read(
            GatewaySettings, **{**known, "service_name": "gateway", "bind_address": f"127.0.0.1:{door}"}
        )
        await serve_gateway(stack, settings, door)
        yield Desk(house, base, await stack.enter_async_context(aiohttp.ClientSession()))


def unpacked(file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}
