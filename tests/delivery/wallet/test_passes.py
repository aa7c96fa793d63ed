"""Passes are signed by whom the deployment says, open by their link only, and die with their ticket."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import jwt
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from angarium.common.v1 import jobs_pb2, jobs_pb2_grpc
from angarium.delivery.v1 import wallet_service_pb2 as pb
from angarium.delivery.v1 import wallet_service_pb2_grpc
from services.common.security.jwt import issue_person
from services.common.settings import SettingsError, read
from services.delivery.settings import DeliverySettings
from tests.delivery.kit import House
from tests.delivery.wallet.conftest import PASS, Authority, Desk, request, unpacked
from tests.refusals import refused


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


@pytest.mark.req("DEL-100", "SEC-54")
async def test_without_a_key_no_pass_is_made(house: House) -> None:
    wallets = wallet_service_pb2_grpc.WalletServiceStub(house.channel)
    for kind in (PASS.KIND_APPLE, PASS.KIND_GOOGLE):
        error = await refused(wallets.CreateWalletPass(request(kind=kind), metadata=house.as_person()))
        assert (error.reason, error.code) == ("PROVIDER_NOT_CONFIGURED", "MARKETING_003")
        assert error.status is grpc.StatusCode.FAILED_PRECONDITION
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
