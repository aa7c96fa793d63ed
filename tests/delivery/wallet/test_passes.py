"""Passes are signed by whom the deployment says, open by their link only, and die with their ticket."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.protobuf.field_mask_pb2 import FieldMask
from redis.asyncio import Redis

from angarium.common.v1 import jobs_pb2, jobs_pb2_grpc
from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc
from gateway.settings import GatewaySettings
from services.common.rpc.status import from_rpc_error
from services.common.security.jwt import issue_person
from services.common.settings import SettingsError, read
from services.delivery.settings import DeliverySettings
from tests.common.given import COMPLETE
from tests.delivery.kit import House, open_house
from tests.e2e.city import serve_gateway
from tests.privacy.conftest import free_ports

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


async def refused(call: Any) -> Any:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return from_rpc_error(caught.value, "delivery")


def unpacked(file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.req("DEL-17", "DEL-55", "DEL-100", "DEL-146", "GAT-13")
async def test_the_link_gives_an_archive_that_openssl_finds_signed(
    desk: Desk, authority: Authority, tmp_path: Path
) -> None:
    made = (await desk.create()).wallet_pass
    status, content_type, file = await desk.open(made.download_url)
    assert (status, content_type) == (200, "application/vnd.apple.pkpass")
    files = unpacked(file)
    assert set(files) == {
        "pass.json", "manifest.json", "signature", "icon.png", "icon@2x.png", "icon@3x.png",
    }  # fmt: skip
    manifest = json.loads(files["manifest.json"])
    told = {
        name: hashlib.sha1(files[name], usedforsecurity=False).hexdigest()
        for name in files
        if name in manifest
    }
    assert manifest == told
    assert set(files) - set(manifest) == {"manifest.json", "signature"}
    for name in ("manifest.json", "signature"):
        (tmp_path / name).write_bytes(files[name])
    (tmp_path / "root.pem").write_bytes(authority.root)
    checked = subprocess.run(  # noqa: ASYNC221 - milliseconds
        [
            *(
                "openssl",
                "smime",
                "-verify",
                "-inform",
                "DER",
                "-in",
                "signature",
                "-content",
                "manifest.json",
            ),
            *("-CAfile", "root.pem", "-purpose", "any", "-out", "signed"),
        ],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert (tmp_path / "signed").read_bytes() == files["manifest.json"]


@pytest.mark.req("DEL-100")
async def test_a_pass_for_apple_says_what_the_ticket_is_good_for(desk: Desk) -> None:
    made = (await desk.create()).wallet_pass
    shown = json.loads(unpacked((await desk.get(made.pass_id)).apple_file)["pass.json"])
    code = shown.pop("barcodes")[0]
    assert shown.pop("barcode") == code
    assert (code["format"], code["messageEncoding"]) == ("PKBarcodeFormatQR", "iso-8859-1")
    assert shown == {
        "formatVersion": 1,
        "passTypeIdentifier": "pass.example.tickets",
        "teamIdentifier": "TEAM123456",
        "serialNumber": "T-0042",
        "organizationName": "The Salon",
        "description": "Ticket: Der Rosenkavalier",
        "foregroundColor": "rgb(255,255,255)",
        "backgroundColor": "rgb(16,42,67)",
        "labelColor": "rgb(255,255,255)",
        "relevantDate": "2027-03-27T20:30:00+01:00",
        "expirationDate": "2027-03-28T19:30:00+00:00",
        "eventTicket": {
            "primaryFields": [{"key": "event", "label": "EVENT", "value": "Der Rosenkavalier"}],
            "secondaryFields": [
                {"key": "loc", "label": "VENUE", "value": "Semperoper"},
                {
                    "key": "date",
                    "label": "DATE",
                    "value": "2027-03-27T20:30:00+01:00",
                    "dateStyle": "PKDateStyleMedium",
                    "timeStyle": "PKDateStyleShort",
                },
            ],
            "auxiliaryFields": [
                {"key": "seat", "label": "SEAT", "value": "Parkett 4, 12"},
                {"key": "name", "label": "ATTENDEE", "value": "Jörg Ümlaut"},
            ],
            "backFields": [
                {"key": "terms", "label": "TERMS", "value": "No re-entry."},
                {"key": "venue-address", "label": "VENUE ADDRESS", "value": "Theaterplatz 2, 01067 Dresden"},
            ],
        },
    }
    desk.house.neighbours.tenants.settings.primary_color = ""
    seatless = (await desk.create(ticket_ref="T-0043", seat="")).wallet_pass
    plain = json.loads(unpacked((await desk.get(seatless.pass_id)).apple_file)["pass.json"])
    assert plain["backgroundColor"] == "rgb(60,65,76)"
    assert [one["key"] for one in plain["eventTicket"]["auxiliaryFields"]] == ["name"]
    checked = await desk.wallets.ValidateTicketQr(
        pb.ValidateTicketQrRequest(payload=code["message"]), metadata=desk.mine
    )
    assert (checked.is_valid, checked.ticket_ref, checked.event_ref) == (True, "T-0042", "rosen-27")


@pytest.mark.req("DEL-100", "DEL-55", "GAT-13")
async def test_a_pass_for_google_is_a_link_that_its_service_account_signed(
    desk: Desk, authority: Authority
) -> None:
    made = (await desk.create(kind=PASS.KIND_GOOGLE, language_code="de")).wallet_pass
    status, url, _ = await desk.open(made.download_url)
    assert status == 302
    assert url.startswith("https://pay.google.com/gp/v/save/")
    claims = jwt.decode(
        url.rpartition("/")[2], authority.google_key.public_key(), ["RS256"], audience="google"
    )
    assert (claims["iss"], claims["typ"]) == ("wallet@project.iam.gserviceaccount.com", "savetowallet")
    [ticket] = claims["payload"]["eventTicketObjects"]
    assert ticket["id"] == "3388000000012345678.T-0042"
    assert ticket["classId"] == "3388000000012345678.event_ticket_class"
    assert (ticket["state"], ticket["ticketHolderName"]) == ("ACTIVE", "Jörg Ümlaut")
    assert (ticket["ticketNumber"], ticket["barcode"]["type"]) == ("T-0042", "QR_CODE")
    assert ticket["eventName"] == {"defaultValue": {"language": "de", "value": "Der Rosenkavalier"}}
    assert ticket["venue"]["address"]["defaultValue"]["value"].startswith("Theaterplatz")
    assert ticket["dateTime"]["start"] == "2027-03-27T20:30:00+01:00"
    assert ticket["seatInfo"]["seat"]["defaultValue"]["value"] == "Parkett 4, 12"


@pytest.mark.req("DEL-100", "DEL-17", "GAT-13")
async def test_a_ticket_that_changes_hands_takes_its_pass_along(desk: Desk) -> None:
    first = (await desk.create()).wallet_pass
    code = json.loads(unpacked((await desk.get(first.pass_id)).apple_file)["pass.json"])["barcode"]["message"]
    taken = await refused(desk.create())
    assert taken.reason == "ALREADY_EXISTS"
    voided = pb.VoidWalletPassRequest(ticket_ref="T-0042", reason="transferred")
    for count in (1, 0):
        answer = await desk.wallets.VoidWalletPass(voided, metadata=desk.mine)
        assert answer.voided_count == count
    assert (await desk.open(first.download_url))[0] == 404
    checked = await desk.wallets.ValidateTicketQr(
        pb.ValidateTicketQrRequest(payload=code), metadata=desk.mine
    )
    assert (checked.is_valid, checked.reason) == (False, "voided")
    gone = await desk.get(first.pass_id)
    assert (gone.wallet_pass.state, gone.wallet_pass.download_url) == (PASS.STATE_VOIDED, "")
    assert json.loads(unpacked(gone.apple_file)["pass.json"])["voided"] is True

    again = (await desk.create(attendee_name="Somebody Else")).wallet_pass
    assert (again.pass_id, again.pass_version) == (first.pass_id, 2)
    assert (await desk.open(first.download_url))[0] == 404, "the link of the earlier holder"
    assert (await desk.open(again.download_url))[0] == 200
    actions = await desk.house.rows("SELECT action FROM audit ORDER BY audit_id")
    assert [action for (action,) in actions] == [
        "wallet_pass.create", "wallet_pass.void", "wallet_pass.create",
    ]  # fmt: skip


@pytest.mark.req("DEL-55")
async def test_an_update_changes_what_its_mask_names_and_raises_the_version(desk: Desk) -> None:
    made = (await desk.create()).wallet_pass
    update = pb.UpdateWalletPassRequest(
        pass_id=made.pass_id,
        fields=pb.PassFields(seat="Loge 1", venue_name="ignored"),
        update_mask=FieldMask(paths=["seat"]),
        idempotency_key="change-1",
    )
    for repeated in (False, True):
        answer = await desk.wallets.UpdateWalletPass(update, metadata=desk.mine)
        assert answer.deduplicated is repeated
        assert (answer.wallet_pass.pass_version, answer.wallet_pass.fields.seat) == (2, "Loge 1")
        assert answer.wallet_pass.fields.venue_name == "Semperoper"
    clearing = pb.UpdateWalletPassRequest(
        pass_id=made.pass_id, fields=pb.PassFields(), update_mask=FieldMask(paths=["event_name"])
    )
    error = await refused(desk.wallets.UpdateWalletPass(clearing, metadata=desk.mine))
    assert (error.reason, error.violations[0].field) == ("VALIDATION_FAILED", "fields.event_name")


@pytest.mark.req("DEL-100")
async def test_without_a_key_no_pass_is_made(house: House) -> None:
    wallets = wallet_service_pb2_grpc.WalletServiceStub(house.channel)
    for kind in (PASS.KIND_APPLE, PASS.KIND_GOOGLE):
        error = await refused(wallets.CreateWalletPass(request(kind=kind), metadata=house.as_person()))
        assert error.reason == "PROVIDER_NOT_CONFIGURED"
    assert await house.value("SELECT count(*) FROM wallet_pass") == 0


@pytest.mark.req("GEN-43")
def test_half_a_wallet_and_another_ones_key_stop_the_start(house: House, authority: Authority) -> None:
    whole = authority.settings()
    given = {name: value for name, value in house.settings.model_dump().items() if name not in whole}
    half = {name: value for name, value in whole.items() if name != "apple_team_id"}
    with pytest.raises(SettingsError, match="APPLE_TEAM_ID"):
        read(DeliverySettings, **given, **half)
    foreign = {**whole, "apple_pass_key": whole["google_service_account_key"]}
    with pytest.raises(SettingsError, match="does not belong"):
        read(DeliverySettings, **given, **foreign)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ticket_ref": "T 42"}, "ticket_ref"),
        ({"kind": 0}, "kind"),
        ({"event_name": " "}, "fields.event_name"),
        ({"time_zone": "Europe/Dresden"}, "fields.time_zone"),
        ({"barcode_payload": "票"}, "fields.barcode_payload"),
        ({"contact_id": "me"}, "contact_id"),
    ],
)
async def test_bad_input_is_named(desk: Desk, wrong: dict[str, Any], field: str) -> None:
    error = await refused(desk.create(**wrong))
    assert error.reason == "VALIDATION_FAILED"
    assert field in [one.field for one in error.violations]


@pytest.mark.req("JOB-30", "DEL-17")
async def test_a_day_after_the_event_the_pass_is_over(desk: Desk) -> None:
    made = (await desk.create()).wallet_pass
    await desk.house.rows("UPDATE wallet_pass SET expires_at = now() - interval '1 second'")
    await run_job(desk.house, "passes")
    found = await desk.get(made.pass_id)
    assert found.wallet_pass.state == PASS.STATE_EXPIRED
    status, _, page = await desk.open(made.download_url)
    assert status == 410
    assert b"no longer good" in page


@pytest.mark.req("GAT-13", "GEN-38")
async def test_a_link_that_is_not_ours_tells_nothing(desk: Desk) -> None:
    made = (await desk.create()).wallet_pass
    token = made.download_url.rpartition("/")[2]
    for wrong in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), "x", "A" * 600):
        assert (await desk.open(f"{desk.base}/passes/{wrong}"))[0] == 404
    person = await refused(
        desk.wallets.GetWalletPass(pb.GetWalletPassRequest(download_token=token), metadata=desk.mine)
    )
    assert person.reason == "PERMISSION_DENIED"
    other = desk.house.as_person(tenant_id=uuid4())
    foreign = pb.GetWalletPassRequest(pass_id=made.pass_id)
    assert (await refused(desk.wallets.GetWalletPass(foreign, metadata=other))).reason == "NOT_FOUND"


@pytest.mark.req("GEN-36")
async def test_what_a_pass_shows_is_sealed_and_goes_with_its_person(desk: Desk) -> None:
    made = (await desk.create()).wallet_pass
    sealed = bytes(await desk.house.value("SELECT sealed FROM wallet_pass"))
    assert "Ümlaut".encode() not in sealed
    await desk.house.rows("DELETE FROM person_key")
    error = await refused(desk.get(made.pass_id))
    assert error.reason == "NOT_FOUND"


async def run_job(house: House, name: str) -> None:
    """Starts a job as an operator does, and waits for its end."""
    [jobs] = [loop for loop in house.service.loops if loop.name == "jobs"]
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.run(stop))
    token = issue_person(house.settings, None, "operator", ["platform_admin"])
    stub = jobs_pb2_grpc.JobServiceStub(house.channel)
    await stub.RunJob(jobs_pb2.RunJobRequest(name=name), metadata=(("authorization", f"Bearer {token}"),))
    await house.until(
        lambda: house.rows("SELECT 1 FROM job_run WHERE job = %s AND finished_at IS NOT NULL", name)
    )
    stop.set()
    await running
